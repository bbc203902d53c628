"""What the holders are asked to sign, and what has been signed.

House rules: a request is the bare payload, and what it is shows from its fields; what is
not wholly one of the kinds below is none of them. The same bytes are shown, signed and
compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from nyckelfri import cbor
from nyckelfri.door import keyset, ownership, signed, update
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.door.ownership import Release
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.update import Manifest
from nyckelfri.root.errors import RootError
from nyckelfri.root.files import MAX_FILE

Content = KeySet | Release | Manifest

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without letters that look like figures or like each other."""


class Kind(Enum):
    """What the root signs; the value is the `typ` of the signed object."""

    KEY_SET = keyset.TYP
    RELEASE = ownership.RELEASE_TYP
    UPDATE = update.TYP


_PAYLOADS: Final[dict[Kind, Callable[[bytes], Content]]] = {
    Kind.KEY_SET: keyset.from_payload,
    Kind.RELEASE: Release.from_payload,
    Kind.UPDATE: update.from_payload,
}
_OBJECTS: Final[dict[Kind, Callable[[bytes, Root], Content]]] = {
    Kind.KEY_SET: keyset.read,
    Kind.RELEASE: Release.read,
    Kind.UPDATE: update.read,
}
"""As locks read them, with every signature."""


def check_code(data: bytes) -> str:
    """Four groups of four characters, to be compared aloud: 80 bits of SHA-256."""
    number = int.from_bytes(hashlib.sha256(data).digest()[:10], "big")
    text = "".join(_LETTERS[number >> shift & 31] for shift in range(75, -1, -5))
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))


@dataclass(frozen=True)
class Request:
    """A payload for the root to sign, and what it says."""

    kind: Kind
    payload: bytes
    content: Content

    @property
    def municipality(self) -> bytes:
        """The 8-byte id of the municipality that it is for."""
        return self.content.municipality

    @cached_property
    def code(self) -> str:
        """The check code that holders compare."""
        return check_code(self.payload)

    def check(self, root: Root) -> None:
        """Raise RootError for what no lock of this root would take."""
        if self.municipality != root.municipality:
            raise RootError("This is for another municipality than this root's")
        if isinstance(self.content, KeySet) and any(
            key.point in root.keys for key in self.content.keys
        ):
            raise RootError("A part of the root stands in the key set: it must never serve there")


@dataclass(frozen=True)
class Signed:
    """An object with signatures of the root that nobody has verified yet.

    `signatures` holds (index in the root, 64 bytes) each.
    """

    request: Request
    data: bytes
    signatures: tuple[tuple[int, bytes], ...]

    def verify(self, root: Root) -> None:
        """Raise RootError unless every lock of this root would take it."""
        self.request.check(root)
        try:
            _OBJECTS[self.request.kind](self.data, root)
        except (ObjectError, SignatureError) as error:
            raise RootError(f"It is not signed by this root: {error}") from None

    def verify_some(self, root: Root) -> None:
        """Raise RootError unless its signatures hold, however few they are."""
        self.request.check(root)
        try:
            signed.verify_parts(self.data, keys=root.keys, threshold=1, typ=self.request.kind.value)
        except SignatureError as error:
            raise RootError(f"It is not signed by this root: {error}") from None


def read_request(payload: bytes, kind: Kind | None = None) -> Request:
    """The request in these bytes, of `kind` if it is given; RootError says why it is none."""
    faults = []
    for candidate, reader in _PAYLOADS.items():
        if kind is None or candidate is kind:
            try:
                return Request(candidate, payload, reader(payload))
            except (ObjectError, SignatureError) as error:
                faults.append(f"as {candidate.value}: {error}")
    raise RootError(
        f"This is nothing that a root signs, or it is damaged ({'; '.join(faults)}): "
        "fetch it again from where it was made"
    )


def read_signed(data: bytes) -> Signed:
    """The root-signed object in these bytes, with one signature or more, none verified."""
    match _decode(data):
        case [bytes(header), dict() as unprotected, bytes(payload), list(parts)] if (
            not unprotected and parts
        ):
            request = read_request(payload, _kind(header))
            return Signed(request, data, tuple(_signature(part) for part in parts))
    raise RootError("This is not signed by a root, or it is damaged: fetch it again")


def read_any(data: bytes) -> Request | Signed:
    """The request or the signed object in these bytes."""
    return read_signed(data) if isinstance(_decode(data), list) else read_request(data)


def _kind(header: bytes) -> Kind:
    match _decode(header):
        case {16: str(typ)} if typ in {kind.value for kind in Kind}:
            return Kind(typ)
    raise RootError("This was not signed as anything that a root signs")


def _signature(part: cbor.Value) -> tuple[int, bytes]:
    match part:
        case [bytes(header), dict() as unprotected, bytes(signature)] if not unprotected:
            match _decode(header):
                case {1: -7, 4: bytes(index)} if len(index) == 1:
                    return index[0], signature
    raise RootError("A signature in it is damaged: have it made again")


def _decode(data: bytes) -> cbor.Value:
    try:
        return cbor.decode(data, max_size=MAX_FILE)
    except cbor.CborError as error:
        raise RootError(f"This is damaged or cut short ({error}): fetch it again") from None
