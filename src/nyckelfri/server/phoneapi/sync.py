"""What a sync answers with.

House rules: the journal comes first and is committed before anything is signed, and what
people entered with it; what the phone gets is what it may open now, what is due to the
locks on its way, and the day that it asks for. When much else is taken in, what a phone
brings waits (`backlog`), never what it gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from nyckelfri.server.keys import actions_bulletin, actions_issue, orders
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.phoneapi import backlog, day, entries
from nyckelfri.server.phoneapi import doors as phone_doors
from nyckelfri.server.phoneapi.schemas import Carried, OpeningIn, SyncIn, encode
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.visits import actions as visits
from nyckelfri.server.visits import actions_entries, journals, queries, wanted
from nyckelfri.server.visits.actions import Taken
from nyckelfri.server.visits.actions_openings import Opening

PROTOCOL = 1
_LONGEST_ID = 64


def run(
    body: SyncIn, *, phone: Phone, session: PersonalSession | None, now: datetime
) -> dict[str, Any]:
    """Take in what the phone brings; give what it needs."""
    with backlog.place(body) as later:
        carried = Carried() if later else Carried.of(body)
        seen = [_opening(each) for each in carried.openings]
        taken = visits.take_in(carried.batches, seen, phone=phone, now=now)
        entered = actions_entries.store(entries.read(carried.entries), phone=phone, now=now)
    grants = []
    if session is not None:
        employee = session.employee
        grants = actions_issue.issue_for(employee, phone, session=session, now=now)
    doors = _doors(grants)
    touched = _touched(taken, doors)
    known = journals.of(touched, taken.journals)
    return {
        "server_time": int(now.timestamp()),
        "later": later,
        "key_set": encode(bytes(keys.signed_key_set().data)),
        "bulletin": encode(actions_bulletin.current(now)),
        "doors": _told(doors, session),
        "grants": [_grant(row) for row in grants],
        "orders": [] if session is None else _orders(session, now),
        "day": _day(body, grants, session, now),
        "receipts": [encode(receipt) for receipt in queries.receipts(touched, known)],
        "results": {
            "batches": [
                {"status": found.status, "number": found.number} for found in taken.batches
            ],
            "openings": [
                {"id": str(opening.id), "status": status}
                for opening, status in zip(carried.openings, taken.openings, strict=True)
            ],
            "entries": [
                {"id": _id(sent), "status": status}
                for sent, status in zip(carried.entries, entered, strict=True)
            ],
        },
        "wanted": [
            {"installation": installation.identifier.hex(), "first": first}
            for installation, first in wanted.wanted(touched, known)
        ],
    }


def _day(
    body: SyncIn, grants: Iterable[Issued], session: PersonalSession | None, now: datetime
) -> dict[str, Any] | None:
    if session is None or body.day is None:
        return None
    return day.of(session.employee, grants, held=body.day, now=now)


def _id(sent: Any) -> str | None:
    """The number of an entry as it was sent; None where it had none."""
    found = sent.get("id") if isinstance(sent, dict) else None
    return found if isinstance(found, str) and len(found) <= _LONGEST_ID else None


def _orders(session: PersonalSession, now: datetime) -> list[dict[str, str]]:
    return [
        {
            "installation": order.installation.identifier.hex(),
            "release": encode(bytes(order.release)),
        }
        for order in orders.open_for(session.employee, now)
    ]


def _opening(body: OpeningIn) -> Opening:
    return Opening(
        body.id,
        body.installation,
        body.serial,
        body.command,
        body.reason,
        body.number or None,
        body.head,
        body.phone_time,
    )


def _doors(grants: Iterable[Issued]) -> list[Installation]:
    found = {row.installation_id: row.installation for row in grants}
    return [found[key] for key in sorted(found)]


def _touched(taken: Taken, doors: Iterable[Installation]) -> list[Installation]:
    """List the locks that this phone was at or will come to: receipts go where it goes."""
    found = {row.installation.pk: row.installation for row in taken.batches if row.installation}
    found.update((pk, journal.installation) for pk, journal in taken.journals.items())
    found.update((row.pk, row) for row in doors)
    return [found[key] for key in sorted(found)]


def _told(
    installations: Sequence[Installation], session: PersonalSession | None
) -> list[dict[str, Any]]:
    if not installations:
        return []
    shown = phone_doors.shown(installations, None if session is None else session.employee)
    return [
        {
            "installation": installation.identifier.hex(),
            "lock_key": encode(installation.lock_key_x),
            "radio_key": encode(installation.radio_key),
            "kind": installation.lock_unit.kind,
            "label": door.label,
            "address": door.address,
            "protocol": PROTOCOL,
        }
        for installation, door in zip(installations, shown, strict=True)
    ]


def _grant(row: Issued) -> dict[str, Any]:
    return {
        "grant": encode(bytes(row.data)),
        "installation": row.installation.identifier.hex(),
        "not_before": int(row.not_before.timestamp()),
        "not_after": int(row.not_after.timestamp()),
    }
