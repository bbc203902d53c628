"""Whether a lock does what it is asked (docs/protocol.md, 7).

House rule: this is the only place that decides. Signature, audience and proof of possession
hold before anybody asks here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.grants import MAX_WINDOW, Command, Grant
from nyckelfri.door.reasons import Reason

STAY: Final = 4 * 3600
"""Seconds after an opening in which the grant that opened may still lock."""
_DIGEST_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Stay:
    """The last opening: which grant opened (a digest of its serial), and when (Unix seconds).

    A digest, because a lock keeps this over a power cut, and its storage shall tell nobody
    who was here.
    """

    grant: bytes
    opened: int

    @classmethod
    def of(cls, serial: bytes, opened: int) -> Stay:
        """The stay that the grant with this serial begins."""
        return cls(_digest(serial), opened)

    def may_lock(self, grant: Grant, time: int) -> bool:
        """Whether this grant may lock behind itself at `time`, expired or not."""
        return _digest(grant.serial) == self.grant and 0 <= time - self.opened <= STAY


@dataclass(frozen=True, slots=True)
class Situation:
    """What a lock knows when it decides: strengths in dBm, None where not measured."""

    clock: Reading
    bulletin: Bulletin | None
    stay: Stay | None
    strength: int | None
    threshold: int


def decide(grant: Grant, command: Command, now: Situation) -> Reason:
    """The first rule that applies, in the order of the protocol's table."""
    if not 0 < grant.not_after - grant.not_before <= MAX_WINDOW:
        return Reason.WINDOW_TOO_LONG
    if command.scope not in grant.scope:
        return Reason.NOT_PERMITTED
    if now.bulletin is not None and grant.phone_thumbprint in now.bulletin.phones:
        return Reason.PHONE_BLOCKED
    if now.bulletin is not None and grant.serial in now.bulletin.serials:
        return Reason.GRANT_REVOKED
    if command is not Command.SERVICE and (now.strength is None or now.strength < now.threshold):
        return Reason.TOO_FAR
    if command is Command.LOCK and now.stay and now.stay.may_lock(grant, now.clock.time):
        return Reason.GRANTED
    return _by_time(grant, now.clock)


def _digest(serial: bytes) -> bytes:
    return hashlib.sha256(b"nyckelfri/stay" + serial).digest()[:_DIGEST_BYTES]


def _by_time(grant: Grant, clock: Reading) -> Reason:
    if clock.mark is Mark.LOST:
        return Reason.BULLETIN_NEEDED
    if clock.is_early(grant.not_before):
        return Reason.NOT_YET_VALID
    if clock.is_late(grant.not_after):
        return Reason.EXPIRED
    return Reason.GRANTED
