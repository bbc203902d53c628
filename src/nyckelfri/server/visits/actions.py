"""Taking in locks' journals, whoever carried them.

House rules: a batch is verified and opened before the database is asked to wait. Many are judged
and stored in one transaction, each as if it had come alone and in this order; each entry is
stored exactly once. Nothing that came is dropped: what does not fit is kept, and fits perhaps
when the missing part has come, or when the lock has said that it never will.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import transaction

from nyckelfri.door import delivery
from nyckelfri.door.delivery import Relation
from nyckelfri.door.sealing import SealError
from nyckelfri.server import bulk
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.questions import Among, Question, Values, ask
from nyckelfri.server.visits import actions_openings, delivered, events, journals, lost
from nyckelfri.server.visits.actions_openings import Opening
from nyckelfri.server.visits.delivered import Delivered
from nyckelfri.server.visits.events import Arrival
from nyckelfri.server.visits.journals import Journal
from nyckelfri.server.visits.keep import Rejected, keep
from nyckelfri.server.visits.models import Kept, StoredEntry

MOST: Final = 2_000
"""Entries in one transaction, about: whoever comes with one of its locks waits no longer."""
_COLUMNS: Final = (
    "installation",
    "number",
    "salt",
    "body",
    "leaf",
    "head",
    "received_at",
    "received_from",
)


class Status(StrEnum):
    """What became of something that a phone delivered."""

    STORED = "stored"
    KNOWN = "known"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Ingested:
    """Status, the entry it turns on (0: none), and the lock, where it is known."""

    status: Status
    number: int
    installation: Installation | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of each batch and of each opening record, and how the journals stand now."""

    batches: list[Ingested]
    openings: list[str]
    journals: dict[int, Journal]
    """Of all locks that were named, by the installation's key."""


def ingest(data: bytes, *, phone: Phone, now: datetime) -> Ingested:
    """Store what is new in a signed batch, or keep it with the reason why not."""
    (done,) = ingest_all([data], phone=phone, now=now)
    return done


def ingest_all(batches: Sequence[bytes], *, phone: Phone, now: datetime) -> list[Ingested]:
    """Store what is new in each of these, or keep it; a bad one does not hinder the others."""
    return take_in(batches, (), phone=phone, now=now).batches


@bulk.unsearched()
def take_in(
    batches: Sequence[bytes], openings: Sequence[Opening], *, phone: Phone, now: datetime
) -> Taken:
    """Store what is new in each of these batches, then in these opening records, or keep it.

    What became of each is as if it had come alone and in this order.
    """
    taken = Taken([], [], {})
    for some, seen in _portions(batches, openings):
        with transaction.atomic():
            intake = _Intake.of(some, seen, phone, now)
            came = intake.take_in(some)
            recorded = intake.record(seen) if seen else []
        taken.batches.extend(came)
        taken.openings.extend(recorded)
        for pk, journal in intake.journals.items():
            journal.is_done()
            taken.journals[pk] = journal
    return taken


def _portions(
    batches: Sequence[bytes], openings: Sequence[Opening]
) -> Iterator[tuple[Sequence[Delivered | Rejected], Sequence[Opening]]]:
    """What is taken in together; what was seen of openings with the last that there is."""
    last: Sequence[Delivered | Rejected] = ()
    for some in delivered.portions(delivered.read(batches), MOST):
        if last:
            yield last, ()
        last = some
    if last or openings:
        yield last, openings


@dataclass(slots=True)
class _Intake:
    """One transaction, which has locked the installations that it takes in entries of."""

    phone: Phone
    now: datetime
    journals: dict[int, Journal]
    arrivals: list[Arrival] = field(default_factory=list)
    placed: list[int] = field(default_factory=list)
    """Keys of what had been kept and has its place now."""

    @classmethod
    def of(
        cls,
        some: Sequence[Delivered | Rejected],
        seen: Sequence[Opening],
        phone: Phone,
        now: datetime,
    ) -> _Intake:
        """Lock the installations, in one order, and read how their journals stand."""
        if seen:
            # Two syncs of one phone may tell the same.
            Phone.objects.select_for_update(no_key=True).get(pk=phone.pk)
        batches = [each for each in some if isinstance(each, Delivered)]
        named = {each.installation.identifier for each in batches}
        named.update(opening.claimed for opening in seen)
        rows = Installation.objects.select_for_update(no_key=True).order_by("pk")
        found = journals.of(rows.filter(identifier__in=named))
        numbers = {pk: each.number for pk, each in found.items()}
        ends = ((each.installation.pk, each.batch.last) for each in batches)
        journals.read_heads(found, [(pk, last) for pk, last in ends if last < numbers[pk]])
        return cls(phone, now, found)

    def record(self, openings: Sequence[Opening]) -> list[str]:
        """Hold what the phone saw of openings against the journals; then store what is new."""
        return actions_openings.record(openings, self.journals, phone=self.phone, now=self.now)

    def take_in(self, some: Sequence[Delivered | Rejected]) -> list[Ingested]:
        """Judge each in this order; then store what is new."""
        before = {pk: each.position for pk, each in self.journals.items()}
        # In one order, whoever brings them: two who keep the same do not wait for each other.
        rejected = (each for each in some if isinstance(each, Rejected))
        kept = {
            each.data: self._keep(each, self.phone)
            for each in sorted(rejected, key=lambda each: each.data)
        }
        done = [
            kept[each.data] if isinstance(each, Rejected) else self._take(each) for each in some
        ]
        came = (
            (arrival.lock, entry.number)
            for arrival in self.arrivals
            for entry, _, _ in arrival.rows
        )
        actions_openings.judge(came, self.journals, now=self.now)
        self._store()
        grown = {arrival.delivered.installation.pk for arrival in self.arrivals} | {
            pk for pk, each in self.journals.items() if each.position != before[pk]
        }
        if grown:
            _settle_unopened({pk: self.journals[pk] for pk in grown}, self.now)
        return done

    def _take(self, brought: Delivered) -> Ingested:
        journal = self.journals[brought.installation.pk]
        ingested = self._place(brought, journal, self.phone)
        self._fill_in(journal)
        return ingested

    def _place(self, brought: Delivered, journal: Journal, phone: Phone) -> Ingested:
        batch, number = brought.batch, journal.number
        found = delivery.connect(batch, number=number, head_at=journal.head_at)
        if found.relation is not Relation.FORK:
            lost.note(batch, brought.installation)
        match found.relation:
            case Relation.CONTINUES | Relation.KNOWN:
                again = lost.found_again(batch, journal)
                new = batch.after(number)
                if again:
                    new = [
                        row
                        for row in batch.after(0)
                        if row[0].number > number or row[0].number in again
                    ]
                    lost.shrink(batch, again, journal, phone=phone, now=self.now)
                if new:
                    self.arrivals.append(Arrival(brought, phone, new, late=bool(again)))
                journal.took(batch)
                status = Status.STORED if new else Status.KNOWN
                return Ingested(status, batch.last, brought.installation)
            case Relation.GAP:
                reason = Kept.Reason.GAP
            case Relation.FORK:
                reason = Kept.Reason.FORK
        return self._keep(brought.rejected(reason, found.number), phone)

    def _keep(self, what: Rejected, phone: Phone) -> Ingested:
        row = keep(what, phone=phone, now=self.now)
        if row.reason == Kept.Reason.GAP and what.installation is not None:
            self.journals[what.installation.pk].waits(row)
        return Ingested(Status.KEPT, what.number or 0, what.installation)

    def _fill_in(self, journal: Journal) -> None:
        """Place what was kept because something before it was missing, or is lost."""
        tried: set[int] = set()
        while journal.waiting:
            waiting = journal.next_waiting(tried)
            if waiting is None:
                if not lost.go_on(journal, phone=self.phone, now=self.now):
                    return
                continue
            tried.add(waiting.pk)
            try:
                brought = delivered.opened(bytes(waiting.data), journal.installation)
            except SealError:
                # It opened when it came: its key's file is gone, and may come back.
                continue
            self._place(brought, journal, waiting.phone or self.phone)
            if not lost.is_adrift(brought.batch, journal):
                journal.waiting.remove(waiting)
                self.placed.append(waiting.pk)

    def _store(self) -> None:
        """Write all that is new; entries under grants that are not ours are kept for a person."""
        if self.arrivals:
            self._add()
        if self.placed:
            placed = bulk.OneOf(("pk",), [(pk,) for pk in self.placed])
            Kept.objects.filter(placed).update(resolved_at=self.now)

    def _add(self) -> None:
        received = bulk.as_moment(self.now)
        bulk.insert(
            StoredEntry,
            _COLUMNS,
            (
                (
                    arrival.delivered.installation.pk,
                    entry.number,
                    record.salt,
                    record.body,
                    record.leaf,
                    head,
                    received,
                    arrival.phone.pk,
                )
                for arrival in self.arrivals
                for entry, record, head in arrival.rows
            ),
        )
        for arrival, number in events.store(self.arrivals, now=self.now):
            flagged = arrival.delivered.rejected(Kept.Reason.UNKNOWN_GRANT, number)
            keep(flagged, phone=arrival.phone, now=self.now)


def _settle_unopened(found: dict[int, Journal], now: datetime) -> None:
    """What did not open has come again and did, or is known to be lost."""
    (rows,) = ask(_unopened, locks=sorted(found))
    settled = [
        pk
        for pk, installation, last in rows
        if installation is not None and last is not None and last <= found[installation].number
    ]
    if settled:
        Kept.objects.filter(pk__in=settled).update(resolved_at=now)


@Question
def _unopened() -> Values:
    """Ask for what of these `locks` did not open and waits."""
    rows = Kept.objects.filter(
        Among("installation", "locks"), reason=Kept.Reason.UNOPENED, resolved_at=None
    )
    return rows.order_by().values_list("pk", "installation", "last")
