"""The holders of the root of a simulated municipality: two of three sign.

House rules: the keys are made here and die with the process; they sign what the real tool of the
holders signs, in its own form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import signed
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.root import parts, requests, signing


@dataclass(frozen=True, slots=True)
class Holders:
    """Three parts, of which two sign."""

    root: Root
    _keys: tuple[ec.EllipticCurvePrivateKey, ...] = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Three new parts."""
        keys = tuple(parts.generate() for _ in range(3))
        points = sorted(signed.compressed(key.public_key()) for key in keys)
        return cls(Root(2, tuple(points)), keys)

    def sign(self, asked: KeySet) -> bytes:
        """The key set that was asked for, signed by two."""
        request = requests.read_request(asked.payload)
        return signing.sign_whole(request, self.root, self._keys[:2])
