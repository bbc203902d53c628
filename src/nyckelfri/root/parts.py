"""The parts of a root: a private half for its holder, a public half for everybody.

House rule: the public half is signed with the private one, so that a holder who is joined
into a root has a key that works.

    public part = COSE_Sign1, typ "nyckelfri/root-part", payload { 1: bstr .size 33 }
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.door import fields, signed
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import MAX_ROOT_KEYS, Root
from nyckelfri.door.signed import SignatureError
from nyckelfri.root import envelope
from nyckelfri.root.errors import RootError

TYP: Final = "nyckelfri/root-part"


def generate() -> ec.EllipticCurvePrivateKey:
    """A new part, from this machine's randomness."""
    return ec.generate_private_key(ec.SECP256R1())


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The 33 bytes by which the root knows this part."""
    return signed.compressed(key.public_key())


def private_file(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None) -> bytes:
    """The holder's file; without a passphrase only for demonstrations."""
    if passphrase is None:
        return envelope.unprotected(key)
    return envelope.close(
        key,
        passphrase,
        salt=secrets.token_bytes(envelope.SALT_BYTES),
        initial=secrets.token_bytes(envelope.IV_BYTES),
    )


def public_file(key: ec.EllipticCurvePrivateKey) -> bytes:
    """What the holder sends to those who put the root together."""
    return signed.sign(cbor.encode({1: point(key)}), key=key, typ=TYP, kid=None)


def read_public(data: bytes, name: str) -> bytes:
    """The 33-byte key in the public part called `name`; RootError says what is wrong."""
    try:
        content = fields.record(signed.unverified_payload(data), (1,))
        key = fields.byte_string(content[1], 33, "a root key")
        signed.verify(data, key=key, typ=TYP, kid=None)
    except (ObjectError, SignatureError) as error:
        raise RootError(
            f"{name} is no public part of a root ({error}): have the holder send it again"
        ) from None
    return key


def join(public: Mapping[str, bytes], threshold: int) -> Root:
    """The root of these parts (name → 33-byte key), of which `threshold` must sign."""
    if not 1 <= threshold <= len(public) <= MAX_ROOT_KEYS:
        raise RootError(f"Choose 1 to {MAX_ROOT_KEYS} parts and a threshold from 1 to all of them")
    seen: dict[bytes, str] = {}
    for name, key in public.items():
        if key in seen:
            raise RootError(f"{name} and {seen[key]} are the same part: each holder has their own")
        seen[key] = name
    return Root(threshold, tuple(sorted(seen)))
