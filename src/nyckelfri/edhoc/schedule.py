"""The key schedule and the transcript (RFC 9528 sections 4 and 5), the same for both roles.

House rules: a stage holds what both ends know at one point of the handshake and yields the next.
Stages are values without identity, and their reprs show nothing. The numbers in `expand` calls are
the info labels of RFC 9528 section 4.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nyckelfri.cbor import encode
from nyckelfri.edhoc.crypto import HASH, KEY, NONCE, digest, expand, extract, seal, unseal, xor

if TYPE_CHECKING:
    from nyckelfri.edhoc.credentials import Credential
    from nyckelfri.edhoc.suites import Suite


@dataclass(frozen=True, slots=True, repr=False)
class Stage2:
    """Both ephemeral keys are mixed; nobody is authenticated."""

    suite: Suite
    th_2: bytes
    prk_2e: bytes

    @classmethod
    def begin(cls, suite: Suite, message_1: bytes, g_y: bytes, g_xy: bytes) -> Stage2:
        """Hash G_Y and message_1 into TH_2 and extract PRK_2e from the shared secret G_XY."""
        th_2 = digest(encode(g_y) + encode(digest(message_1)))
        return cls(suite, th_2, extract(th_2, g_xy))

    def crypt(self, text: bytes) -> bytes:
        """Encrypt PLAINTEXT_2 or decrypt CIPHERTEXT_2: a keystream, and no integrity."""
        return xor(text, expand(self.prk_2e, 0, self.th_2, len(text))) if text else b""

    def mix(self, g_rx: bytes) -> bytes:
        """Mix the Responder's static key in and return PRK_3e2m."""
        return extract(expand(self.prk_2e, 1, self.th_2, HASH), g_rx)

    def mac(self, prk_3e2m: bytes, c_r: bytes, credential: Credential, ead_2: bytes) -> bytes:
        """Compute MAC_2; `c_r` and `ead_2` as encoded in PLAINTEXT_2."""
        context = c_r + credential.id_cred.encoded + encode(self.th_2) + credential.cred + ead_2
        return expand(prk_3e2m, 2, context, self.suite.mac_length)

    def next(self, prk_3e2m: bytes, plaintext_2: bytes, credential: Credential) -> Stage3:
        """Hash PLAINTEXT_2 and CRED_R into TH_3."""
        th_3 = digest(encode(self.th_2) + plaintext_2 + credential.cred)
        return Stage3(self.suite, th_3, prk_3e2m)


@dataclass(frozen=True, slots=True, repr=False)
class Stage3:
    """The Responder is authenticated to the Initiator."""

    suite: Suite
    th_3: bytes
    prk_3e2m: bytes

    def mix(self, g_iy: bytes) -> bytes:
        """Mix the Initiator's static key in and return PRK_4e3m."""
        return extract(expand(self.prk_3e2m, 5, self.th_3, HASH), g_iy)

    def mac(self, prk_4e3m: bytes, credential: Credential, ead_3: bytes) -> bytes:
        """Compute MAC_3; `ead_3` as encoded in PLAINTEXT_3."""
        context = credential.id_cred.encoded + encode(self.th_3) + credential.cred + ead_3
        return expand(prk_4e3m, 6, context, self.suite.mac_length)

    def seal(self, plaintext_3: bytes) -> bytes:
        """Encrypt PLAINTEXT_3."""
        key, nonce = self._keys()
        return seal(key, nonce, plaintext_3, _aad(self.th_3), self.suite.mac_length)

    def unseal(self, ciphertext_3: bytes) -> bytes:
        """Decrypt CIPHERTEXT_3, or raise `EdhocError`."""
        key, nonce = self._keys()
        return unseal(key, nonce, ciphertext_3, _aad(self.th_3), self.suite.mac_length)

    def next(self, prk_4e3m: bytes, plaintext_3: bytes, credential: Credential) -> Stage4:
        """Hash PLAINTEXT_3 and CRED_I into TH_4."""
        th_4 = digest(encode(self.th_3) + plaintext_3 + credential.cred)
        return Stage4(self.suite, th_4, prk_4e3m)

    def _keys(self) -> tuple[bytes, bytes]:
        return (
            expand(self.prk_3e2m, 3, self.th_3, KEY),
            expand(self.prk_3e2m, 4, self.th_3, NONCE),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Stage4:
    """Both are authenticated; message_4 and exported keys follow."""

    suite: Suite
    th_4: bytes
    prk_4e3m: bytes

    def seal(self, plaintext_4: bytes) -> bytes:
        """Encrypt PLAINTEXT_4."""
        key, nonce = self._keys()
        return seal(key, nonce, plaintext_4, _aad(self.th_4), self.suite.mac_length)

    def unseal(self, ciphertext_4: bytes) -> bytes:
        """Decrypt CIPHERTEXT_4, or raise `EdhocError`."""
        key, nonce = self._keys()
        return unseal(key, nonce, ciphertext_4, _aad(self.th_4), self.suite.mac_length)

    def prk_exporter(self) -> bytes:
        """Derive the key that all exported keys come from."""
        prk_out = expand(self.prk_4e3m, 7, self.th_4, HASH)
        return expand(prk_out, 10, b"", HASH)

    def _keys(self) -> tuple[bytes, bytes]:
        return (
            expand(self.prk_4e3m, 8, self.th_4, KEY),
            expand(self.prk_4e3m, 9, self.th_4, NONCE),
        )


def _aad(transcript_hash: bytes) -> bytes:
    """Build the Enc_structure of a COSE_Encrypt0 without headers (RFC 9052 section 5.3)."""
    return encode(["Encrypt0", b"", transcript_hash])
