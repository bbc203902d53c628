"""November in Björkvik: what the server derives from the files is what the rules say of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import bjorkvikvisits
from nyckelfri.care.derive import derive, local_day
from nyckelfri.care.performed import VisitPolicy
from nyckelfri.server.visits import actions_derive
from nyckelfri.server.visits.models import LooseSign, TouchedDay, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIRST, LAST = date(2026, 10, 31), date(2026, 11, 30)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


@pytest.mark.threat(54)
@pytest.mark.threat(55)
def test_the_month_derived_in_the_database_is_the_month_derived_by_the_rules(
    bjorkvik: None,
) -> None:
    assert TouchedDay.objects.exists()
    # In another order than time's, as late evidence has it; then once more.
    for days in (DAYS[20:], DAYS[:7], DAYS[7:20], DAYS):
        found = actions_derive.derive_days(days, now=bjorkvikvisits.NOW)
    assert (found.made, found.changed, found.gone, found.contested) == (0, 0, 0, 0)
    assert _stored() == _ruled()
    assert not TouchedDay.objects.filter(day__in=DAYS).exists()
    assert not LooseSign.objects.exclude(flag="wrong_door").exists()


def _stored() -> list[Any]:
    rows: Any = Visit.objects.values_list(
        "day", "client__external_id", "employee__number", "planned__external_id", "outcome",
        "grade", "entry", "exit", "closed_by_rule", "services", "flags",
    )  # fmt: skip
    # What others at the home did is no word of the evidence.
    told = ((*row[:-1], [flag for flag in row[-1] if flag != "pattern"]) for row in rows)
    return sorted(told, key=str)


def _ruled() -> list[Any]:
    signs = bjorkvikvisits.read_signs()
    starts = {plan.planned_id: plan.start for plan in signs.plans}
    words = {"omvardnad": "care", "service": "household"}
    found = derive(signs, VisitPolicy(), bjorkvikvisits.NOW)
    rows = [
        (
            local_day(visit, starts),
            visit.client_id,
            visit.employee_id,
            visit.planned_id,
            visit.outcome.value,
            visit.grade.value,
            visit.entry,
            visit.exit,
            visit.closed_by_rule,
            [words[service] for service in visit.services],
            [flag.value for flag in visit.flags],
        )
        for visit in found.visits
    ]
    return sorted(rows, key=str)
