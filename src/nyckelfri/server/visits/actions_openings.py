"""What phones say of openings, held against the locks' journals.

House rules: a phone's word adds nothing to the journal; it can only show that the
journal which came home is not the one that the phone saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from nyckelfri import cbor
from nyckelfri.server import bulk
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits import journals
from nyckelfri.server.visits.journals import Journal
from nyckelfri.server.visits.keep import Rejected, keep
from nyckelfri.server.visits.models import Kept, OpeningRecord

_Standing = OpeningRecord.Standing


@dataclass(frozen=True, slots=True)
class Opening:
    """What a phone noted: `number` and `head` (8 bytes) of message 4, None where none came."""

    uuid: UUID
    installation: bytes
    serial: bytes
    command: int
    reason: int
    number: int | None
    head: bytes | None
    phone_time: int


def record_opening(opening: Opening, *, phone: Phone, now: datetime) -> str:
    """Store an opening record once: `stored`, `known`, or `kept` where something is wrong."""
    (status,) = record_openings([opening], phone=phone, now=now)
    return status


def record_openings(openings: Sequence[Opening], *, phone: Phone, now: datetime) -> list[str]:
    """Store each of these once; what became of each, as if it had come alone and in this order."""
    statuses = []
    for some in bulk.portions(openings):
        with transaction.atomic():
            statuses += _record(some, phone, now)
    return statuses


def _record(openings: Sequence[Opening], phone: Phone, now: datetime) -> list[str]:
    # Two syncs of one phone may tell the same.
    Phone.objects.select_for_update(no_key=True).get(pk=phone.pk)
    named = {opening.installation for opening in openings}
    locks = Installation.objects.select_for_update(no_key=True).order_by("pk")
    found = journals.of(locks.filter(identifier__in=named))
    of_lock = {each.installation.identifier: each for each in found.values()}
    journals.read_heads(
        found,
        [
            (of_lock[each.installation].installation.pk, each.number)
            for each in openings
            if each.installation in of_lock and each.number
        ],
    )
    uuids = [opening.uuid for opening in openings]
    held = {row.uuid: row for row in OpeningRecord.objects.filter(phone=phone, uuid__in=uuids)}
    new, statuses = [], []
    for opening in openings:
        journal = of_lock.get(opening.installation)
        said = _columns(opening)
        row = held.get(opening.uuid)
        if row is None:
            row = OpeningRecord(
                **said,
                phone=phone,
                uuid=opening.uuid,
                installation=None if journal is None else journal.installation,
                received_at=now,
                standing=_standing(opening, journal),
            )
            held[opening.uuid] = row
            new.append(row)
            wrong = _WRONG.get(row.standing)
        elif all(getattr(row, name) == value for name, value in said.items()):
            statuses.append("known")
            continue
        else:
            wrong = Kept.Reason.CHANGED
        if wrong is not None:
            _keep(wrong, opening, row.installation, phone, now)
        statuses.append("stored" if wrong is None else "kept")
    bulk.insert(
        OpeningRecord,
        ("phone", "installation", *_NAMES),
        (
            [row.phone_id, row.installation_id, *(getattr(row, name) for name in _NAMES)]
            for row in new
        ),
    )
    return statuses


_NAMES: Final = (
    "uuid",
    "claimed",
    "serial",
    "command",
    "reason",
    "number",
    "head",
    "phone_time",
    "received_at",
    "standing",
)


_WRONG: Final[dict[str, Kept.Reason]] = {
    _Standing.CONTRADICTED: Kept.Reason.CUT_TAIL,
    _Standing.UNKNOWN: Kept.Reason.UNKNOWN_LOCK,
}


def judge_waiting(found: Mapping[int, Journal], *, now: datetime) -> None:
    """Judge the records that waited for what has just been stored of these journals."""
    rows = OpeningRecord.objects.filter(
        installation__in=found, standing__in=(_Standing.PENDING, _Standing.LOST)
    )
    waiting = [
        (row, found[pk], number)
        for row in rows.select_related("phone")
        if (pk := row.installation_id) is not None
        and (number := row.number) is not None
        and number <= found[pk].number
    ]
    journals.read_heads(found, [(each.installation.pk, number) for _, each, number in waiting])
    judged: dict[str, list[int]] = defaultdict(list)
    for row, journal, number in waiting:
        opening = Opening(
            row.uuid,
            row.claimed,
            row.serial,
            row.command,
            row.reason,
            number,
            row.head,
            row.phone_time,
        )
        standing = _standing(opening, journal)
        if standing != row.standing:
            judged[standing].append(row.pk)
        if standing == _Standing.CONTRADICTED:
            _keep(Kept.Reason.CUT_TAIL, opening, journal.installation, row.phone, now)
    for standing, keys in judged.items():
        for some in bulk.portions(keys):
            OpeningRecord.objects.filter(pk__in=some).update(standing=standing)


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


def _columns(opening: Opening) -> dict[str, Any]:
    return {
        "claimed": opening.installation,
        "serial": opening.serial,
        "command": opening.command,
        "reason": opening.reason,
        "number": opening.number,
        "head": opening.head,
        "phone_time": opening.phone_time,
    }


def _keep(
    reason: Kept.Reason,
    opening: Opening,
    installation: Installation | None,
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
    rejected = Rejected(
        reason, data, opening.installation, installation, opening.number, opening.number
    )
    keep(rejected, phone=phone, now=now)
