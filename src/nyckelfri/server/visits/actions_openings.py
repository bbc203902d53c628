"""What phones say of openings, held against the locks' journals.

House rules: a phone's word adds nothing to the journal; it can only show that the
journal which came home is not the one that the phone saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from nyckelfri import cbor
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits import queries
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
    with transaction.atomic():
        installation = (
            Installation.objects.select_for_update(no_key=True)
            .filter(identifier=opening.installation)
            .first()
        )
        said = _columns(opening)
        row, created = OpeningRecord.objects.get_or_create(
            phone=phone,
            uuid=opening.uuid,
            defaults={
                **said,
                "installation": installation,
                "received_at": now,
                "standing": _standing(opening, installation),
            },
        )
        if not created:
            if all(getattr(row, name) == value for name, value in said.items()):
                return "known"
            _keep(Kept.Reason.CHANGED, opening, installation, phone, now)
            return "kept"
        if row.standing == _Standing.CONTRADICTED:
            _keep(Kept.Reason.CUT_TAIL, opening, installation, phone, now)
            return "kept"
        if row.standing == _Standing.UNKNOWN:
            _keep(Kept.Reason.UNKNOWN_LOCK, opening, None, phone, now)
            return "kept"
    return "stored"


def judge_waiting(installation: Installation, *, now: datetime) -> None:
    """Judge the records that waited for the journal which has just been stored."""
    number, _ = queries.position(installation)
    waiting = OpeningRecord.objects.filter(
        installation=installation,
        standing__in=(_Standing.PENDING, _Standing.LOST),
        number__lte=number,
    ).select_related("phone")
    for row in waiting:
        opening = Opening(
            row.uuid,
            row.claimed,
            row.serial,
            row.command,
            row.reason,
            row.number,
            row.head,
            row.phone_time,
        )
        row.standing = _standing(opening, installation)
        row.save(update_fields=["standing"])
        if row.standing == _Standing.CONTRADICTED:
            _keep(Kept.Reason.CUT_TAIL, opening, installation, row.phone, now)


def _standing(opening: Opening, installation: Installation | None) -> str:
    if installation is None:
        return _Standing.UNKNOWN
    if opening.number is None or opening.head is None:
        return _Standing.UNNUMBERED
    stored, _ = queries.position(installation)
    if opening.number > stored:
        return _Standing.PENDING
    head = queries.head_at(installation, opening.number)
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
