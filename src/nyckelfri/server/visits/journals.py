"""How locks' journals stand at the server, many at once.

House rules: reads only. Whoever is going to add to a journal has locked its installation before
it is read here, so that what is read stays true until the commit; what is added counts at once
(`Journal.took`), though its rows may be written last, all together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from nyckelfri.door import journal
from nyckelfri.door.delivery import Batch
from nyckelfri.server import bulk
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.questions import Among, Question, Values, ask
from nyckelfri.server.visits.models import Kept, LostStretch, OpeningRecord, StoredEntry

PLACE: Final = ("installation", "number")
"""The columns that say which entry of which lock's."""
NUMBERED: Final = Q(number__isnull=False, head__isnull=False)
"""Opening records that say which entry they saw."""


@dataclass(slots=True)
class Journal:
    """One lock's journal: how far it is stored, what is lost of it, what waits for its place.

    `seen` is the newest entry that a phone saw, 0 for none; `waiting` was kept because something
    before it is missing, by its first entry.
    """

    installation: Installation
    stored: tuple[int, bytes]
    seen: int = 0
    lost: list[LostStretch] = field(default_factory=list)
    waiting: list[Kept] = field(default_factory=list)
    _heads: dict[int, bytes | None] = field(default_factory=dict)
    _taken: list[Batch] = field(default_factory=list)

    @property
    def position(self) -> tuple[int, bytes]:
        """Number and head of the newest entry before which all is stored or known to be lost."""
        if not self.lost:
            return self.stored
        return max([self.stored, *((stretch.last, stretch.head) for stretch in self.lost)])

    @property
    def number(self) -> int:
        """The number of the position."""
        return self.position[0]

    def head_at(self, number: int) -> bytes | None:
        """The chain head at `number`, 0 for the genesis; None where it is lost.

        LookupError if it has not come.
        """
        if number == 0:
            return journal.genesis(self.installation.identifier)
        if number == self.stored[0]:
            return self.stored[1]
        for batch in self._taken:
            if batch.first <= number <= batch.last:
                return batch.head_at(number)
        if number not in self._heads:
            read_heads({self.installation.pk: self}, [(self.installation.pk, number)])
        found = self._heads[number]
        if found is not None:
            return found
        stretch = next((one for one in self.lost if one.first <= number <= one.last), None)
        if stretch is None:
            raise LookupError(f"entry {number} has not come")
        return stretch.head if stretch.last == number else None

    @property
    def is_awaited(self) -> bool:
        """Whether a phone saw an entry that has not come."""
        return self.seen > self.number

    def knows(self, number: int) -> bool:
        """Whether the head there can be told without asking the database."""
        return (
            number in self._heads
            or number in {0, self.stored[0]}
            or any(batch.first <= number <= batch.last for batch in self._taken)
        )

    def took(self, batch: Batch) -> None:
        """A batch has its place here: from now on all its entries are stored."""
        self._taken.append(batch)
        self.stored = max(self.stored, (batch.last, batch.heads[-1]))

    def saw(self, number: int) -> None:
        """A phone tells of an entry."""
        self.seen = max(self.seen, number)

    def is_done(self) -> None:
        """How it stands stays; what was read and what came, which is much more, is let go."""
        self._taken.clear()
        self._heads.clear()

    def waits(self, row: Kept) -> None:
        """This was kept, since something before it is missing."""
        self.waiting = [each for each in self.waiting if each.pk != row.pk]
        if row.resolved_at is None:
            self.waiting.append(row)
            self.waiting.sort(key=lambda each: (each.first or 0, each.pk))

    def next_waiting(self, tried: set[int]) -> Kept | None:
        """What may have its place now, of what has not been tried."""
        most = self.number + 1
        return next(
            (row for row in self.waiting if (row.first or 0) <= most and row.pk not in tried), None
        )

    @property
    def behind(self) -> int | None:
        """Where it goes on that was brought from behind what is missing next; None: nothing is."""
        return next((first for first, _ in self.ahead), None)

    @property
    def ahead(self) -> list[tuple[int, int]]:
        """First and last of each batch that was brought from behind what is missing next."""
        number = self.number
        return [
            (row.first, row.last)
            for row in self.waiting
            if row.first is not None and row.last is not None and row.first > number + 1
        ]

    def came_twice(self, first: int) -> bool:
        """Whether the lock, asked again, has begun there again."""
        return sum(row.times for row in self.waiting if row.first == first) > 1


def of(
    installations: Iterable[Installation], known: Mapping[int, Journal] = MappingProxyType({})
) -> dict[int, Journal]:
    """The journals of these locks, by the installation's key; what is `known` is not read again."""
    rows = {row.pk: row for row in installations}
    found = {pk: known[pk] for pk in rows if pk in known}
    if len(found) < len(rows):
        found.update(_read({pk: row for pk, row in rows.items() if pk not in found}))
    return found


@Question
def _ends() -> Values:
    """Ask for number and head of the newest entries of `locks`, and whether all before came.

    And for the newest that a phone saw.
    """
    mine = {"installation": OuterRef("pk")}
    newest = StoredEntry.objects.filter(**mine).order_by("-number")
    seen = OpeningRecord.objects.filter(NUMBERED, **mine).order_by("-number")
    return (
        Installation.objects.filter(Among("pk", "locks"))
        .order_by()
        .annotate(
            number=Subquery(newest.values("number")[:1]),
            head=Subquery(newest.values("head")[:1]),
            seen=Subquery(seen.values("number")[:1]),
            is_broken=Exists(LostStretch.objects.filter(**mine))
            | Exists(_waiting().filter(**mine)),
        )
        .values_list("pk", "number", "head", "seen", "is_broken")
    )


def _read(rows: Mapping[int, Installation]) -> dict[int, Journal]:
    found: dict[int, Journal] = {}
    broken = []
    for pk, number, head, seen, is_broken in ask(_ends, locks=sorted(rows))[0]:
        start = journal.genesis(rows[pk].identifier)
        stored = (0, start) if number is None else (number, head)
        found[pk] = Journal(rows[pk], stored, seen or 0)
        if is_broken:
            broken.append(pk)
    if broken:
        for stretch in LostStretch.objects.filter(installation__in=broken):
            found[stretch.installation_id].lost.append(stretch)
        waiting = _waiting().filter(installation__in=broken).select_related("phone").defer("data")
        for kept in waiting.order_by("first", "pk"):
            if kept.installation_id is not None:
                found[kept.installation_id].waiting.append(kept)
    return found


def reaches() -> Any:
    """As an expression over installations: the number of each journal's position, 0 for none."""
    mine = {"installation": OuterRef("pk")}
    stored = StoredEntry.objects.filter(**mine).order_by("-number").values("number")
    lost = LostStretch.objects.filter(**mine).order_by("-last").values("last")
    return Greatest(Coalesce(Subquery(stored[:1]), 0), Coalesce(Subquery(lost[:1]), 0))


def _waiting() -> QuerySet[Kept]:
    return Kept.objects.filter(reason=Kept.Reason.GAP, resolved_at=None)


def one(installation: Installation) -> Journal:
    """The journal of this lock."""
    return of([installation])[installation.pk]


def read_heads(found: Mapping[int, Journal], asked: Iterable[tuple[int, int]]) -> None:
    """Read the stored heads at these numbers (installation's key, number) that are not known."""
    places = sorted({(pk, number) for pk, number in asked if not found[pk].knows(number)})
    if not places:
        return
    for pk, number in places:
        found[pk]._heads[number] = None  # noqa: SLF001 -- our own
    rows = StoredEntry.objects.filter(bulk.OneOf(PLACE, places)).order_by()
    for pk, number, head in rows.values_list("installation", "number", "head"):
        found[pk]._heads[number] = bytes(head)  # noqa: SLF001 -- our own
