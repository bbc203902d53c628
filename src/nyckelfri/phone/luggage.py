"""What the phone brings to a lock, and what it remembers of it.

House rules: the choice of a grant never asks this phone's clock for permission, only for order;
what a lock was seen to have only spares messages, it decides nothing.
"""

from __future__ import annotations

from dataclasses import replace

from nyckelfri.door import grants
from nyckelfri.door.grants import Command
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.trust import Taken
from nyckelfri.phone.book import Book
from nyckelfri.phone.errand import Load, Result
from nyckelfri.phone.opening import Carried
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import Door, HeldGrant, Seen, Trusted, choose


class NoGrantError(Exception):
    """This phone holds no key for that door."""


class Luggage:
    """Grants, news and receipts for locks, out of one phone's store."""

    def __init__(self, store: Store, book: Book) -> None:
        self._store = store
        self._book = book

    def grant(self, door: Door, command: Command, now: int) -> HeldGrant:
        """The grant to show; NoGrantError.

        One that our own bulletin revokes opens nothing more, though the lock may not have heard;
        whether it still locks behind its holder, the lock says. One whose key the root has dropped
        is shown only where there is no other: no lock takes it that has heard, from us for one.
        """
        trusted = self._store.trusted()
        held = self._book.grants(door.installation)
        held = [grant for grant in held if _stands(grant, trusted)] or held
        bulletin = trusted.bulletin
        if bulletin is not None and command is not Command.LOCK:
            held = [grant for grant in held if grant.serial not in bulletin.serials]
        grant = choose(held, command, now, self._store.stay(door.installation))
        if grant is None:
            raise NoGrantError("this phone holds no key for that door: sync, or call your planner")
        return grant

    def everything(self) -> Carried:
        """Key set and bulletin for message 3."""
        trusted = self._store.trusted()
        return Carried(trusted.signed_key_set, trusted.signed_bulletin)

    def for_lost(self, installation: bytes) -> Carried:
        """What a lock needs that says it has lost the time; a key set that it has stays here."""
        seen, trusted = self._store.seen(installation), self._store.trusted()
        if seen is None or trusted.key_set is None or trusted.key_set.number > seen.key_set:
            return self.everything()
        return Carried(None, trusted.signed_bulletin)

    def load(self, installation: bytes, now: int) -> Load:
        """What a courier session begins with."""
        seen = self._store.seen(installation)
        return Load(
            self._store.trusted(),
            self._store.receipt(installation),
            seen.carried if seen is not None else 0,
            self._store.wanted(installation),
            now,
        )

    def has_news(self, door: Door) -> bool:
        """Whether this phone may bring something that the lock did not have when last met."""
        installation = door.installation
        if not self._book.grants(installation):
            return False
        seen, trusted = self._store.seen(installation), self._store.trusted()
        if seen is None or self._store.wanted(installation) is not None:
            return True
        key_set, bulletin = trusted.key_set, trusted.bulletin
        receipt = self._store.receipt(installation)
        return (
            (key_set is not None and key_set.number > seen.key_set)
            or (bulletin is not None and bulletin.number > (seen.epoch, seen.bulletin))
            or (receipt is not None and receipt[0] > seen.acknowledged)
        )

    def remember(self, installation: bytes, errand: Result) -> None:
        """What the lock has now."""
        if errand.status is None:
            return
        has = {name for name, taken in errand.delivered.items() if taken is not Taken.REFUSED}
        seen = Seen.of(installation, errand.status, errand.carried)
        trusted, receipt = self._store.trusted(), self._store.receipt(installation)
        if "key_set" in has and trusted.key_set is not None:
            seen = replace(seen, key_set=trusted.key_set.number)
        if "bulletin" in has and trusted.bulletin is not None:
            seen = replace(seen, epoch=trusted.bulletin.epoch, bulletin=trusted.bulletin.issued)
        if "receipt" in has and receipt is not None:
            seen = replace(seen, acknowledged=receipt[0])
        self._store.keep_seen(seen)


def _stands(grant: HeldGrant, trusted: Trusted) -> bool:
    """Whether a key that is in force has signed it."""
    if trusted.key_set is None:
        return False
    try:
        grants.verify(grant.data, trusted.key_set)
    except SignatureError:
        return False
    return True
