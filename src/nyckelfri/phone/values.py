"""What the phone holds, as plain values.

House rules: no I/O and no clock; whatever is secret, or says where somebody lives, hides from
`repr`, so that no log and no traceback shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.courier import Status
from nyckelfri.door.grants import Command, Scope
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.door.opening import DoorRecord
from nyckelfri.door.policy import STAY
from nyckelfri.door.reasons import Reason

SERVICE_SCOPE: Final = Scope.SERVICE


@dataclass(frozen=True, slots=True)
class Door:
    """A door as the phone knows it; label and address are for the carer's eyes only."""

    record: DoorRecord
    kind: str
    label: str = field(repr=False)
    address: str = field(repr=False)

    @property
    def installation(self) -> bytes:
        """The 8-byte id under which everybody knows this door."""
        return self.record.installation


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant with the claims the phone needs of it; times in Unix seconds."""

    data: bytes = field(repr=False)
    serial: bytes
    installation: bytes
    not_before: int
    not_after: int
    scope: Scope

    def distance(self, now: int) -> tuple[int, int]:
        """How unfit this grant is at `now`, least first: (seconds outside the window, expiry)."""
        outside = max(self.not_before - now, now - self.not_after + 1, 0)
        return outside, -self.not_after


@dataclass(frozen=True, slots=True)
class Stay:
    """This phone has opened that door with that grant, at `opened` (Unix seconds)."""

    installation: bytes
    serial: bytes
    opened: int


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, until when; `token` is None after a sign-in without the server."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    until: int
    token: str | None = field(repr=False)
    salt: bytes = field(repr=False)
    verifier: bytes = field(repr=False)
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the phone believes of the municipality, each thing also as signed bytes."""

    root: Root
    key_set: KeySet | None = None
    signed_key_set: bytes | None = None
    bulletin: Bulletin | None = None
    signed_bulletin: bytes | None = None


@dataclass(frozen=True, slots=True)
class OpeningRecord:
    """What a lock answered; number and head let the server notice a cut journal."""

    id: str
    installation: bytes
    serial: bytes
    command: Command
    reason: Reason
    number: int
    head: bytes
    phone_time: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a lock said of itself at the last visit, and how far its journal was carried."""

    installation: bytes
    key_set: int
    epoch: int
    bulletin: int
    acknowledged: int
    carried: int

    @classmethod
    def of(cls, installation: bytes, status: Status, carried: int) -> Seen:
        """From the status record of a visit."""
        return cls(
            installation,
            status.key_set,
            status.epoch,
            status.bulletin,
            status.acknowledged,
            carried,
        )


def choose(
    grants: list[HeldGrant], command: Command, now: int, stay: Stay | None = None
) -> HeldGrant | None:
    """The grant to show for `command` at `now`; None without any for this door.

    The grant that opened a running stay comes first for locking. Otherwise the one whose window
    is nearest: the lock judges, because this phone's clock may be wrong.
    """
    if command is Command.LOCK and stay is not None and 0 <= now - stay.opened <= STAY:
        for grant in grants:
            if grant.serial == stay.serial:
                return grant
    fit = [grant for grant in grants if command.scope in grant.scope]
    return min(fit or grants, key=lambda grant: grant.distance(now), default=None)
