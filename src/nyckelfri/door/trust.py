"""What a lock believes and how signed objects change it (docs/protocol.md, 3 and 5).

House rules: numbers only rise; an object that is not taken changes nothing; the same functions
serve message 3 and the courier. Only the root, with a new epoch, lowers the clock's floor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import keyset
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.clock import Clock, Mark, begun
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.door.signed import SignatureError


class Taken(IntEnum):
    """What became of a signed object; the number goes back to the phone."""

    TAKEN = 0
    KNOWN = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class Trust:
    """Pinned root, newest key set, newest bulletin, clock."""

    root: Root
    key_set: KeySet
    bulletin: Bulletin | None
    clock: Clock

    def with_key_set(self, data: bytes, ticks: int) -> tuple[Trust, Taken]:
        """Take a root-signed key set if its number is higher and its epoch not lower.

        A higher epoch is a new beginning: the clock starts anew, and what is revoked stays so
        until the first bulletin of that epoch, which is newer whatever its second.
        """
        try:
            offered = keyset.read(data, self.root)
        except (SignatureError, ObjectError):
            return self, Taken.REFUSED
        if offered.number <= self.key_set.number:
            return self, Taken.KNOWN
        if offered.epoch < self.key_set.epoch:
            return self, Taken.REFUSED
        clock = self.clock
        if offered.epoch > self.key_set.epoch:
            clock = begun(offered.issued, ticks)
        return replace(self, key_set=offered, clock=clock), Taken.TAKEN

    def with_bulletin(self, data: bytes, ticks: int) -> tuple[Trust, Taken]:
        """Take a signed bulletin if its number is higher.

        While the clock is lost an equal one counts too: it is the time that is wanted.
        """
        try:
            offered = bulletins.read(data, self.key_set)
            held = self.bulletin.number if self.bulletin else (-1, -1)
            wanted_for_time = self.clock.mark is Mark.LOST and offered.number == held
            if offered.number <= held and not wanted_for_time:
                return self, Taken.KNOWN
            clock = self.clock.with_bulletin(offered.issued, ticks)
        except (SignatureError, ObjectError):
            return self, Taken.REFUSED
        return replace(self, bulletin=offered, clock=clock), Taken.TAKEN

    def with_time(
        self, data: bytes, *, installation: bytes, nonce: bytes, ticks: int
    ) -> tuple[Trust, Taken]:
        """Take a time token that answers the nonce of this session."""
        try:
            time = bulletins.read_time(data, self.key_set, installation=installation, nonce=nonce)
        except (SignatureError, ObjectError):
            return self, Taken.REFUSED
        return replace(self, clock=self.clock.with_signed_time(time, ticks)), Taken.TAKEN
