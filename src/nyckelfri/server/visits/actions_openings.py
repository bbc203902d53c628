"""What phones say of openings, held against the locks' journals.

House rules: a phone's word adds nothing to the journal; it can only show that the
journal which came home is not the one that the phone saw.
"""

from __future__ import annotations

from collections import defaultdict
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
from nyckelfri.server.visits.journals import Journal
from nyckelfri.server.visits.keep import Rejected, keep
from nyckelfri.server.visits.models import Kept, OpeningRecord

_Standing = OpeningRecord.Standing


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
            standing = _standing(opening, journal)
            rows.append((*opening, phone.pk, installation, received, standing))
            wrong = _WRONG.get(standing)
        elif before[1] == opening:
            statuses.append("known")
            continue
        else:
            installation, wrong = before[0], Kept.Reason.CHANGED
        if wrong is not None:
            _keep(wrong, opening, installation, phone, now)
        statuses.append("stored" if wrong is None else "kept")
    bulk.insert(OpeningRecord, (*_SAID, "phone", "installation", "received_at", "standing"), rows)
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


@Question
def _waiting() -> Values:
    """Ask for the records that wait for entries of `locks`."""
    rows = OpeningRecord.objects.filter(
        Among("installation", "locks"),
        standing__in=(_Standing.PENDING, _Standing.LOST),
        number__isnull=False,
    )
    return rows.order_by().values_list("pk", "standing", "phone", "installation", "number", *_SAID)


_WRONG: Final[dict[str, Kept.Reason]] = {
    _Standing.CONTRADICTED: Kept.Reason.CUT_TAIL,
    _Standing.UNKNOWN: Kept.Reason.UNKNOWN_LOCK,
}


def judge_waiting(found: Mapping[int, Journal], *, now: datetime) -> None:
    """Judge the records that waited for what has just been stored of these journals."""
    (rows,) = ask(_waiting, locks=sorted(found))
    waiting = [
        (pk, standing, phone, found[lock], Opening(*said))
        for pk, standing, phone, lock, number, *said in rows
        if number <= found[lock].number
    ]
    of_lock = {journal.installation.identifier: journal for journal in found.values()}
    journals.read_heads(found, _places([opening for *_, opening in waiting], of_lock))
    judged: dict[str, list[tuple[int]]] = defaultdict(list)
    for pk, before, phone, journal, opening in waiting:
        standing = _standing(opening, journal)
        if standing != before:
            judged[standing].append((pk,))
        if standing == _Standing.CONTRADICTED:
            carrier = Phone.objects.get(pk=phone)
            _keep(Kept.Reason.CUT_TAIL, opening, journal.installation.pk, carrier, now)
    for standing, keys in judged.items():
        OpeningRecord.objects.filter(bulk.OneOf(("pk",), keys)).update(standing=standing)


def _standing(opening: Opening, journal: Journal | None) -> str:
    if journal is None:
        return _Standing.UNKNOWN
    if opening.number is None or opening.head is None:
        return _Standing.UNNUMBERED
    if opening.number > journal.number:
        return _Standing.PENDING
    head = journal.head_at(opening.number)
    if head is None:
        return _Standing.LOST
    return _Standing.CONFIRMED if head[:8] == opening.head else _Standing.CONTRADICTED


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
