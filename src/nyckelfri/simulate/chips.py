"""The chips of visit labels: what one signs when a phone is held to it (NXP AN12196).

House rules: written from the chip's side, and owes nothing to the server's reading of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

_TAG: Final = b"\xc7"
_SESSION: Final = bytes.fromhex("3CC300010080")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written to a counting label: its chip's number and two keys."""

    uid: bytes
    meta: bytes = field(repr=False)
    file: bytes = field(repr=False)


@dataclass(slots=True)
class Label:
    """A label on its wall; one without a chip (`written` None) holds only its address."""

    id: str
    written: Written | None
    counter: int = 0
    last: dict[str, str] = field(default_factory=dict)
    """What the last reading brought, as somebody has it who copied that."""
    original: str | None = None
    """The id of the entry that this reading was kept as."""

    def read(self) -> dict[str, str]:
        """What a reading brings: `label`, and from a chip `picc` and `mac`."""
        self.last = {"label": self.id}
        if self.written is not None:
            self.counter += 1
            who = self.written.uid + self.counter.to_bytes(3, "little")
            encryptor = Cipher(algorithms.AES(self.written.meta), modes.CBC(bytes(16))).encryptor()
            picc = encryptor.update(_TAG + who + bytes(5)) + encryptor.finalize()
            mac = _cmac(_cmac(self.written.file, _SESSION + who), b"")[1::2]
            self.last |= {"picc": picc.hex(), "mac": mac.hex()}
        return self.last


def _cmac(key: bytes, data: bytes) -> bytes:
    made = CMAC(algorithms.AES(key))
    made.update(data)
    return made.finalize()
