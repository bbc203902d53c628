"""What the plan said around an opening: shifts, visits behind the door, the grant's reasons.

House rules: reads only. Plans are read as they are now; clients are named by number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from nyckelfri.server.console.log_reviews.texts import text
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.visits.models import DoorEvent

AROUND: Final = timedelta(hours=4)
_PARTS: Final = ("client", "team", "shift", "visit", "decision", "choice")


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift or a visit; `client` is the number of whom a visit is to."""

    start: datetime
    end: datetime
    by_hand: str
    client: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that was planned around an opening, and why the key opened."""

    shifts: tuple[Planned, ...]
    visits: tuple[Planned, ...]
    reasons: tuple[str, ...]


def around(event: DoorEvent) -> Plan:
    """Give the plan of whoever opened, for the door that was opened."""
    near = {
        "start__lt": event.at + AROUND,
        "end__gt": event.at - AROUND,
        "withdrawn_at": None,
    }
    door = event.installation.door
    behind = Q(client__front_door=door)
    if door.entrance_id is not None:
        behind |= Q(client__entrance=door.entrance_id)
    theirs = Q(employee=event.employee) | Q(second_employee=event.employee)
    shifts = Shift.objects.filter(employee=event.employee, **near)
    visits = PlannedVisit.objects.filter(theirs, behind, **near).select_related("client")
    return Plan(
        shifts=tuple(Planned(row.start, row.end, _by_hand(row)) for row in shifts),
        visits=tuple(
            Planned(row.start, row.end, _by_hand(row), row.client.external_id) for row in visits
        ),
        reasons=tuple(_reason(each) for each in (event.issued.reasons if event.issued else [])),
    )


def _by_hand(row: Shift | PlannedVisit) -> str:
    return text("by_hand", reason=row.reason) if row.ad_hoc else ""


def _reason(reason: Mapping[str, Any]) -> str:
    parts = [
        f"{text(f'part_{part}')} {reason[f'{part}_id']}"
        for part in _PARTS
        if reason.get(f"{part}_id")
    ]
    rule = text(f"rule_{reason['rule']}")
    return f"{rule} ({', '.join(parts)})" if parts else rule
