"""Which program a unit may run next: the root-signed update (docs/protocol.md, 10).

House rules: the manifest is judged before a byte of the image is written, and the image against
the manifest before a unit starts it. Versions only rise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from nyckelfri import cbor
from nyckelfri.door import fields, signed

if TYPE_CHECKING:
    from nyckelfri.door.keyset import Root

TYP: Final = "nyckelfri/update"
MAX_IMAGE: Final = 67_108_864
"""Bytes of an image."""
MAX_MANIFEST: Final = 2_048
"""Bytes of a root-signed update, with every signature a root can have."""
DIGEST_BYTES: Final = 32
_MODEL: Final = re.compile(r"[!-~]{1,32}")


class Unfit(Enum):
    """Why a manifest that holds is not for this unit; the values say what to do."""

    OTHER_MODEL = "the update is for another model: choose the one for this unit"
    NOT_NEWER = "the unit runs this version or a newer one: nothing to do"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image for one model: `size` in bytes, `digest` its SHA-256."""

    municipality: bytes
    model: str
    version: int
    size: int
    digest: bytes

    @property
    def payload(self) -> bytes:
        """What the holders of the root sign."""
        return cbor.encode(
            {1: self.municipality, 2: self.model, 3: self.version, 4: self.size, 5: self.digest}
        )

    def join(self, parts: Sequence[tuple[int, bytes]]) -> bytes:
        """The root-signed manifest, from signatures made with `signed.sign_part`."""
        return signed.join_parts(self.payload, typ=TYP, parts=parts)


def from_payload(payload: bytes) -> Manifest:
    """The manifest that these bytes describe; its signatures are not looked at here."""
    found = fields.record(payload, (1, 2, 3, 4, 5))
    model = found[2]
    if not isinstance(model, str) or not _MODEL.fullmatch(model):
        raise fields.ObjectError("the model must be 1 to 32 printable characters of ASCII")
    return Manifest(
        municipality=fields.identifier(found[1], "the municipality"),
        model=model,
        version=fields.integer(found[3], "the version", least=1),
        size=fields.integer(found[4], "the size", least=1, most=MAX_IMAGE),
        digest=fields.byte_string(found[5], DIGEST_BYTES, "the digest"),
    )


def read(data: bytes, root: Root) -> Manifest:
    """The manifest in `data`, signed by `root` and for its municipality.

    Raises SignatureError or ObjectError.
    """
    if len(data) > MAX_MANIFEST:
        raise fields.ObjectError(f"a manifest has at most {MAX_MANIFEST} bytes")
    payload = signed.verify_parts(data, keys=root.keys, threshold=root.threshold, typ=TYP)
    manifest = from_payload(payload)
    if manifest.municipality != root.municipality:
        raise fields.ObjectError("an update of another municipality")
    return manifest


def judge(manifest: Manifest, *, model: str, running: int) -> Unfit | None:
    """Why a unit of this model that runs this version may not take it; None: it may."""
    if manifest.model != model:
        return Unfit.OTHER_MODEL
    if manifest.version <= running:
        return Unfit.NOT_NEWER
    return None
