"""Björkvik's visits of some days, reviewed a little: one of each kind, by the actions.

House rules: called by `webtown` when everything else is there; Django is set up.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

DAY: Final = date(2026, 11, 20)
"""A Friday with visits of every kind."""


def review(now: datetime) -> None:
    """Visits derived, one approved, one corrected, one contested, one entered, one sign loose."""
    from nyckelfri.care.performed import Outcome
    from nyckelfri.server.visits import actions_derive, actions_office, actions_review
    from nyckelfri.server.visits.actions_office import Entered
    from nyckelfri.server.visits.actions_review import Corrected, version
    from nyckelfri.server.visits.models import LooseSign, OfficeEntry, Visit

    actions_derive.derive_days([DAY, DAY + timedelta(days=2)], now=now)
    planner = _planner()
    visits = Visit.objects.filter(day=DAY, outcome="performed", flags=[]).order_by("pk")
    approved, contested, corrected = visits[:3]
    for visit in (approved, contested):
        actions_review.approve(planner, visit, reason="", seen=version(visit), now=now)
    said = Corrected(Outcome.PERFORMED, corrected.entry, corrected.exit, ("care", "household"))
    actions_review.correct(
        planner, corrected, said, reason="Städade också, enligt kunden",
        seen=version(corrected), now=now,
    )  # fmt: skip
    missing = Visit.objects.filter(outcome="not_made", planned__isnull=False).order_by("pk")[0]
    assert missing.planned is not None
    entered = Entered(
        client=missing.client, employee=missing.employee, planned=missing.planned,
        kind=OfficeEntry.Kind.VISIT, entry=missing.planned.start, exit=missing.planned.end,
        services=("care",),
    )  # fmt: skip
    actions_office.enter(planner, entered, reason="Telefonen låg kvar i bilen", now=now)
    contested.newer = {**_told(contested), "outcome": "declined", "flags": ["by_hand_against"]}
    contested.save(update_fields=["newer"])
    LooseSign.objects.create(
        key="loose", day=DAY, flag="wrong_door", employee=approved.employee,
        client=approved.client, at=approved.entry or now, refs=[approved.signs[0][0]],
    )  # fmt: skip


def _told(visit: Any) -> dict[str, Any]:
    """What newer evidence says of a visit: for now, what the row says."""
    from nyckelfri.server.visits import newer

    return newer.of(tuple(getattr(visit, name) for name in newer.TOLD))


def _planner() -> Any:
    from nyckelfri.server.access.viewers import viewer
    from nyckelfri.server.people.models import Employee

    found = viewer(Employee.objects.filter(role="planner", care_team=None).order_by("number")[0])
    assert found is not None
    return found
