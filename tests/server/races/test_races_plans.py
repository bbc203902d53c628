"""Two planners at one plan, and a phone that two people decide about, at once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from nyckelfri.care.policy import Policy, Scope
from nyckelfri.server.access import actions_absence, actions_plan, actions_policy, versions
from nyckelfri.server.access.actions_absence import Share, TakenOver
from nyckelfri.server.access.models import Absence, AccessPolicy, Takeover
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.people.models import Employee, Phone, PhoneState, Role
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.errors import PhoneStateError
from nyckelfri.server.stale import StaleError
from raceworld import at_once, meet_after
from serverworld import Handset

HOUR = timedelta(hours=1)


@pytest.fixture
def planner(cast: Any) -> Viewer:
    row = Employee.objects.create(
        number="20001", name="Planerare", role=Role.PLANNER, employed_from=date(2024, 1, 1)
    )
    found = viewer(row)
    assert found is not None
    return found


def told(found: list[Any]) -> list[Problem]:
    return [each.problem for each in found if isinstance(each, PlanError)]


def test_one_visit_given_to_two_people_at_once_has_one_and_the_other_planner_is_told(
    planner: Viewer, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = Employee.objects.create(
        number="10009", name="Dora", role=Role.SUBSTITUTE, employed_from=date(2024, 1, 1)
    )
    meet_after(monkeypatch, actions_absence, "_require_possible")
    found = at_once(
        *[
            partial(
                actions_absence.take_over,
                planner,
                [Share(cast.visit, person)],
                instead_of=cast.alice,
                reason="x",
                now=moment,
                with_shifts=True,
            )
            for person in (cast.bob, dora)
        ]
    )
    assert told(found) == [Problem.DONE_ALREADY], found
    assert sum(isinstance(each, TakenOver) for each in found) == 1
    assert Takeover.objects.count() == 1


def test_one_absence_reported_twice_at_once_is_one(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    report = partial(
        actions_absence.report_absence,
        planner,
        cast.alice,
        start=moment,
        end=moment + HOUR,
        reason="borta",
        now=moment,
    )
    assert told(at_once(report, report)) == [Problem.DONE_ALREADY]
    assert Absence.objects.count() == 1


def test_two_shifts_added_at_once_for_one_person_do_not_overlap_by_mistake(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    Shift.objects.all().delete()
    add = partial(
        actions_plan.add_shift,
        planner,
        cast.bob,
        start=moment,
        end=moment + HOUR,
        reason="saknas",
        now=moment,
    )
    assert told(at_once(add, add)) == [Problem.BUSY]
    assert Shift.objects.count() == 1


def test_phone_blocked_while_it_changes_hands_is_blocked(
    keys: Any, cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    row = alices_phone.row
    found = at_once(
        partial(phones.block, row, reason="lost", actor="test", now=moment),
        partial(phones.hand_over, row, cast.bob, reason="byte", actor="test", now=moment),
    )
    assert all(isinstance(each, Phone | PhoneStateError) for each in found), found
    assert Phone.objects.get(pk=row.pk).state == PhoneState.BLOCKED


def test_two_sets_of_rules_decided_on_at_once_are_one_and_the_second_is_told(
    cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Employee.objects.create(
        number="20002", name="Systemet", role=Role.SYSTEM_MANAGER, employed_from=date(2024, 1, 1)
    )
    manager = viewer(row)
    assert manager is not None
    seen = versions.of_policies()
    meet_after(monkeypatch, versions, "of_policies")
    found = at_once(
        *[
            partial(
                actions_policy.decide,
                manager,
                Policy(valid_from=date(2026, 12, day), scope=Scope.VISITS),
                reason="x",
                seen=seen,
                now=moment,
            )
            for day in (1, 2)
        ]
    )
    assert [type(each) for each in found if isinstance(each, Exception)] == [StaleError]
    assert AccessPolicy.objects.count() == 1
