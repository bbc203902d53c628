"""What phones say of openings, held against the locks' journals.

House rules: a phone's word adds nothing to the journal; it can only show that the
journal which came home is not the one that the phone saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from nyckelfri import cbor
from nyckelfri.server import bulk
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.questions import Among, Blank, Question, Values, ask
from nyckelfri.server.visits import journals
from nyckelfri.server.visits.journals import NUMBERED, PLACE, Journal
from nyckelfri.server.visits.keep import Rejected, keep
from nyckelfri.server.visits.models import Kept, OpeningRecord


class Opening(NamedTuple):
    """What a phone noted: `number` and `head` (8 bytes) of message 4, None where none came."""

    uuid: UUID
    claimed: bytes
    serial: bytes
    command: int
    reason: int
    number: int | None
    head: bytes | None
    phone_time: int


_SAID: Final = Opening._fields


def record(
    openings: Sequence[Opening], found: Mapping[int, Journal], *, phone: Phone, now: datetime
) -> list[str]:
    """Store each of these once: `stored`, `known`, or `kept` where something is wrong.

    In a transaction that has locked the phone and the locks that they name, whose journals
    were `found`. What became of each is as if it had come alone and in this order.
    """
    of_lock = {journal.installation.identifier: journal for journal in found.values()}
    journals.read_heads(found, _places(openings, of_lock))
    held = _held(openings, phone)
    received, rows, statuses = bulk.as_moment(now), [], []
    for opening in openings:
        before = held.get(opening.uuid)
        if before is None:
            journal = of_lock.get(opening.claimed)
            installation = None if journal is None else journal.installation.pk
            held[opening.uuid] = installation, opening
            rows.append((*opening, phone.pk, installation, received))
            wrong = _wrong(opening, journal)
            if journal is not None and opening.number and opening.head:
                journal.saw(opening.number)
        elif before[1] == opening:
            statuses.append("known")
            continue
        else:
            installation, wrong = before[0], Kept.Reason.CHANGED
        if wrong is not None:
            _keep(wrong, opening, installation, phone, now)
        statuses.append("stored" if wrong is None else "kept")
    bulk.insert(OpeningRecord, (*_SAID, "phone", "installation", "received_at"), rows)
    return statuses


def _places(
    openings: Iterable[Opening], of_lock: Mapping[bytes, Journal]
) -> Iterator[tuple[int, int]]:
    """Where the heads are stored that these are held against."""
    for opening in openings:
        journal = of_lock.get(opening.claimed)
        if journal is not None and opening.number and opening.number <= journal.number:
            yield journal.installation.pk, opening.number


def _held(openings: Sequence[Opening], phone: Phone) -> dict[UUID, tuple[int | None, Opening]]:
    """What has come under these numbers before, by number: the lock's key, and what was said."""
    (rows,) = ask(_come, phone=phone.pk, named=[opening.uuid.hex for opening in openings])
    return {said[0]: (installation, Opening(*said)) for installation, *said in rows}


@Question
def _come() -> Values:
    """Ask for what a `phone` has told under the numbers that are `named`."""
    rows = OpeningRecord.objects.filter(Among("uuid", "named"), phone=Blank("phone"))
    return rows.order_by().values_list("installation", *_SAID)


def judge(came: Iterable[tuple[int, int]], found: Mapping[int, Journal], *, now: datetime) -> None:
    """Hold what phones saw of entries against these, which have just come.

    Each by its lock's key and number; of journals that were `found`.
    """
    places = [(lock, number) for lock, number in came if number <= found[lock].seen]
    rows = OpeningRecord.objects.filter(NUMBERED, bulk.OneOf(PLACE, places)).order_by()
    wrong = [
        pk
        for pk, lock, number, head in rows.values_list("pk", *PLACE, "head")
        if _contradicts(number, head, found[lock])
    ]
    for row in OpeningRecord.objects.filter(pk__in=wrong).select_related("phone"):
        said = Opening(*(getattr(row, name) for name in _SAID))
        _keep(Kept.Reason.CUT_TAIL, said, row.installation_id, row.phone, now)


def _wrong(opening: Opening, journal: Journal | None) -> Kept.Reason | None:
    """Why it is kept, if it is; what tells of an entry that has not come waits for that."""
    if journal is None:
        return Kept.Reason.UNKNOWN_LOCK
    number, head = opening.number, opening.head
    if number is None or head is None or number > journal.number:
        return None
    return Kept.Reason.CUT_TAIL if _contradicts(number, head, journal) else None


def _contradicts(number: int, head: bytes, journal: Journal) -> bool:
    """Whether an entry that came, and is not lost, is not the one that a phone saw."""
    stored = journal.head_at(number)
    return stored is not None and stored[:8] != head


def _keep(
    reason: Kept.Reason,
    opening: Opening,
    lock: int | None,
    phone: Phone,
    now: datetime,
) -> None:
    data = cbor.encode(
        [
            phone.identifier,
            opening.uuid.bytes,
            opening.serial,
            opening.command,
            opening.reason,
            opening.number,
            opening.head,
            opening.phone_time,
        ]
    )
    installation = None if lock is None else Installation.objects.get(pk=lock)
    rejected = Rejected(reason, data, opening.claimed, installation, opening.number, opening.number)
    keep(rejected, phone=phone, now=now)
