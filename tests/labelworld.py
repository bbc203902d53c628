"""An NTAG 424 DNA chip, as far as a phone can tell: it counts its taps and signs them.

Written from NXP's AN12196, the other way round from the server's: what it makes is compared
with the published examples in `test_taps.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC


def _cmac(key: bytes, data: bytes) -> bytes:
    made = CMAC(algorithms.AES(key))
    made.update(data)
    return made.finalize()


@dataclass
class Chip:
    """A chip with the keys that were written to it."""

    uid: bytes
    meta: bytes
    file: bytes
    counter: int = 0
    padding: bytes = bytes(5)

    def tap(self) -> dict[str, str]:
        """What stands in its address at the next tap, upper-case hex as the chip writes it."""
        self.counter += 1
        who = self.uid + self.counter.to_bytes(3, "little")
        encryptor = Cipher(algorithms.AES(self.meta), modes.CBC(bytes(16))).encryptor()
        picc = encryptor.update(b"\xc7" + who + self.padding) + encryptor.finalize()
        session = _cmac(self.file, bytes.fromhex("3CC300010080") + who)
        mac = bytes(byte for at, byte in enumerate(_cmac(session, b"")) if at % 2)
        return {"picc": picc.hex().upper(), "mac": mac.hex().upper()}
