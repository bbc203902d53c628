"""What tests of the root's tool share: a root made by it, key sets to sign, a way to call it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from doorworld import NOON, private_key

from nyckelfri.door import signed
from nyckelfri.door.keyset import COMMISSIONING, Key, KeySet, Purpose, Root

PASSPHRASE = "nio små hästar går"


@dataclass(frozen=True)
class Told:
    """How a call ended, and what it said."""

    status: int
    out: str
    err: str


class Call(Protocol):
    """`nyckelfri root` with these arguments."""

    def __call__(self, *arguments: str | Path) -> Told: ...


@dataclass(frozen=True)
class Held:
    """A root of three holders, two of whom sign; part 1 is number 1 in the root."""

    folder: Path
    root: Root

    @property
    def root_path(self) -> Path:
        return self.folder / "root.cbor"

    def part(self, number: int) -> Path:
        return self.folder / f"holder-{number}.pem"


def key_of(number: int, purpose: Purpose, kid: int) -> Key:
    return Key(bytes([kid]), purpose, signed.compressed(private_key(number).public_key()))


def needed_keys() -> tuple[Key, ...]:
    """One key for each purpose that units need, ids 1 to 4."""
    purposes = enumerate(sorted(COMMISSIONING), 1)
    return tuple(key_of(5000 + kid, purpose, kid) for kid, purpose in purposes)


def key_set_of(
    root: Root,
    number: int = 1,
    *,
    epoch: int = 1,
    issued: int = NOON,
    keys: tuple[Key, ...] | None = None,
) -> KeySet:
    return KeySet(root.municipality, number, epoch, issued, needed_keys() if keys is None else keys)
