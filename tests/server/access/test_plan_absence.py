"""Somebody is ill: who makes their visits, and what each of the two can open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from nyckelfri.server.access import actions_absence, actions_plan, plans
from nyckelfri.server.access.actions_absence import Share, TakenOver
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import PlannedVisit, ProviderChoice, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Employee, Role
from serverworld import Handset

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def planner(cast: Any) -> Viewer:
    row = Employee.objects.create(
        number="20001", name="Planerare", role=Role.PLANNER, employed_from=date(2024, 1, 1)
    )
    found = viewer(row)
    assert found is not None
    return found


@pytest.fixture
def dora(cast: Any) -> Employee:
    """A substitute without a team or a shift."""
    return Employee.objects.create(
        number="10009", name="Dora", role=Role.SUBSTITUTE, employed_from=date(2024, 1, 1)
    )


def report(who: Viewer, employee: Employee, now: datetime, **other: Any) -> Absence:
    said: dict[str, Any] = {"start": now, "end": now + 24 * HOUR, "reason": "borta"}
    return actions_absence.report_absence(who, employee, now=now, **{**said, **other})


def take_over(
    who: Viewer, visit: PlannedVisit, by: Employee, cast: Any, now: datetime, **other: Any
) -> TakenOver:
    said = {"with_shifts": True, **other}
    return actions_absence.take_over(
        who, [Share(visit, by)], instead_of=cast.alice, reason="sjukdom", now=now, **said
    )


def test_absence_is_noted_once_and_ended_by_hand(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    row = report(planner, cast.alice, moment)
    with pytest.raises(PlanError) as caught:
        report(planner, cast.alice, moment, start=moment + HOUR)
    assert caught.value.problem == Problem.DONE_ALREADY
    actions_absence.end_absence(planner, row, now=moment + HOUR)
    with pytest.raises(PlanError) as caught:
        actions_absence.end_absence(planner, row, now=moment + HOUR)
    assert caught.value.problem == Problem.DONE_ALREADY
    assert report(planner, cast.alice, moment + HOUR)
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["staff:absence:report", "staff:absence:end", "staff:absence:report"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0 * HOUR, 0 * HOUR, Problem.WRONG_ORDER),
        (-2 * HOUR, -HOUR, Problem.OVER),
        (-8 * 24 * HOUR, HOUR, Problem.TOO_EARLY),
        (0 * HOUR, 367 * 24 * HOUR, Problem.TOO_LONG),
        (-7 * 24 * HOUR, HOUR, None),
        (300 * 24 * HOUR, 301 * 24 * HOUR, None),
    ],
)
def test_absence_has_an_end_that_is_still_to_come(
    moment: datetime, start: timedelta, end: timedelta, expected: Problem | None
) -> None:
    try:
        plans.require_absence(moment + start, moment + end, moment)
        found = None
    except PlanError as error:
        found = error.problem
    assert found == expected


@pytest.mark.sentence(14)
def test_substitute_who_is_not_at_work_gets_a_shift_for_those_visits(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    with pytest.raises(PlanError) as caught:
        take_over(planner, cast.visit, dora, cast, moment, with_shifts=False)
    assert caught.value.problem == Problem.NO_SHIFT
    assert not Takeover.objects.exists(), "nothing half done"
    done = take_over(planner, cast.visit, dora, cast, moment)
    (shift,) = done.shifts
    assert (shift.employee, shift.start, shift.end) == (dora, cast.visit.start, cast.visit.end)
    assert shift.ad_hoc


def test_a_day_goes_to_several_people_together_or_not_at_all(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    later = PlannedVisit.objects.create(
        external_id="V000002",
        client=cast.client,
        employee=cast.alice,
        start=moment + 3 * HOUR,
        end=moment + 4 * HOUR,
        services=["care"],
    )
    shares = [Share(cast.visit, dora), Share(later, cast.charlie)]
    with pytest.raises(PlanError) as caught:
        actions_absence.take_over(
            planner, shares, instead_of=cast.alice, reason="x", now=moment, with_shifts=True
        )
    assert caught.value.problem == Problem.COULD_NOT_OPEN, "Charlie is of another team"
    assert not Takeover.objects.exists()
    assert not AuditEvent.objects.exists()
    shares[1] = Share(later, cast.bob)
    done = actions_absence.take_over(
        planner, shares, instead_of=cast.alice, reason="x", now=moment, with_shifts=True
    )
    assert [row.employee for row in done.takeovers] == [dora, cast.bob]
    assert len(done.shifts) == 1, "Bob is at work"
    assert AuditEvent.objects.count() == 3


def test_two_planners_give_one_visit_away_and_the_second_is_told(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    take_over(planner, cast.visit, dora, cast, moment)
    with pytest.raises(PlanError) as caught:
        take_over(planner, cast.visit, cast.bob, cast, moment)
    assert caught.value.problem == Problem.DONE_ALREADY


def test_visit_that_the_rota_has_given_to_somebody_else_meanwhile_is_not_taken_over(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    PlannedVisit.objects.filter(pk=cast.visit.pk).update(employee=cast.bob)
    with pytest.raises(PlanError) as caught:
        take_over(planner, cast.visit, dora, cast, moment)
    assert caught.value.problem == Problem.NOT_THEIR_VISIT
    PlannedVisit.objects.filter(pk=cast.visit.pk).update(employee=cast.alice, withdrawn_at=moment)
    with pytest.raises(PlanError) as caught:
        take_over(planner, cast.visit, dora, cast, moment)
    assert caught.value.problem == Problem.NOT_THEIR_VISIT


def test_of_two_on_a_visit_nobody_takes_both_seats(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    PlannedVisit.objects.filter(pk=cast.visit.pk).update(second_employee=cast.bob)
    with pytest.raises(PlanError) as caught:
        take_over(planner, cast.visit, cast.bob, cast, moment)
    assert caught.value.problem == Problem.SAME_PERSON
    take_over(planner, cast.visit, dora, cast, moment)
    with pytest.raises(PlanError) as caught:
        actions_absence.take_over(
            planner, [Share(cast.visit, dora)], instead_of=cast.bob, reason="x", now=moment
        )
    assert caught.value.problem == Problem.SAME_PERSON


def test_substitute_is_not_in_two_homes_at_once_unless_that_is_meant(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    other = PlannedVisit.objects.create(
        external_id="V000002",
        client=cast.client,
        employee=cast.alice,
        start=cast.visit.start + 5 * MINUTE,
        end=cast.visit.end,
        services=["care"],
    )
    take_over(planner, cast.visit, dora, cast, moment)
    with pytest.raises(PlanError) as caught:
        take_over(planner, other, dora, cast, moment)
    assert caught.value.problem == Problem.BUSY
    assert take_over(planner, other, dora, cast, moment, busy_too=True)


def test_whoever_gave_a_visit_away_is_free_for_another(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    take_over(planner, cast.visit, dora, cast, moment)
    assert actions_plan.add_visit(
        planner,
        cast.client,
        cast.alice,
        start=cast.visit.start,
        end=cast.visit.end,
        services=["care"],
        reason="x",
        now=moment,
    )


def test_whoever_is_away_takes_over_nothing(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    report(planner, dora, moment)
    with pytest.raises(PlanError) as caught:
        take_over(planner, cast.visit, dora, cast, moment)
    assert caught.value.problem == Problem.AWAY


@pytest.mark.parametrize(
    ("substitute", "former", "can"),
    [
        (Role.SUBSTITUTE, Role.ASSISTANT_NURSE, True),
        (Role.SUBSTITUTE, Role.NURSE, False),
        (Role.NURSE, Role.PHYSIOTHERAPIST, True),
        (Role.NURSE, Role.ASSISTANT_NURSE, False),
        (Role.CARE_ASSISTANT, Role.ASSISTANT_NURSE, False),
    ],
)
def test_only_those_step_in_whom_the_rules_would_let_in(
    substitute: Role, former: Role, *, can: bool
) -> None:
    first = Employee(role=substitute, care_team_id=1)
    second = Employee(role=former, care_team_id=2)
    assert plans.can_step_in(first, second) == can


def test_carers_step_in_for_their_own_team(cast: Any) -> None:
    assert plans.can_step_in(cast.bob, cast.alice)
    assert not plans.can_step_in(cast.charlie, cast.alice)


def test_takeover_is_given_back_once_and_not_when_the_visit_is_over(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    (row,) = take_over(planner, cast.visit, dora, cast, moment).takeovers
    with pytest.raises(PlanError) as caught:
        actions_absence.end_takeover(planner, row, reason="x", now=cast.visit.end)
    assert caught.value.problem == Problem.OVER
    actions_absence.end_takeover(planner, row, reason="Alice kom", now=moment)
    with pytest.raises(PlanError) as caught:
        actions_absence.end_takeover(planner, row, reason="x", now=moment)
    assert caught.value.problem == Problem.DONE_ALREADY
    assert take_over(planner, cast.visit, cast.bob, cast, moment), "now somebody else may"


@pytest.mark.threat(50)
def test_planner_of_a_provider_touches_nobody_else_s_people(
    cast: Any, planner: Viewer, dora: Employee, moment: datetime
) -> None:
    row = Employee.objects.create(
        number="20002",
        name="Planerare",
        role=Role.PLANNER,
        care_team=cast.other_team,
        employed_from=date(2024, 1, 1),
    )
    theirs = viewer(row)
    assert theirs is not None
    absence = report(planner, cast.alice, moment)
    (takeover,) = take_over(planner, cast.visit, dora, cast, moment).takeovers
    for deed in (
        lambda: report(theirs, cast.bob, moment),
        lambda: actions_absence.end_absence(theirs, absence, now=moment),
        lambda: take_over(theirs, cast.visit, cast.charlie, cast, moment),
        lambda: actions_absence.end_takeover(theirs, takeover, reason="x", now=moment),
    ):
        with pytest.raises(PlanError) as caught:
            deed()
        assert caught.value.problem == Problem.NOT_YOURS


def test_shift_added_for_a_visit_that_has_begun_begins_now(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    now = cast.visit.start + 10 * MINUTE
    (shift,) = take_over(planner, cast.visit, dora, cast, now).shifts
    assert shift.start == now
    assert Shift.objects.filter(employee=dora).count() == 1


# What each of them can open.


@pytest.mark.sentence(14)
def test_whoever_is_reported_absent_from_the_start_loses_every_door_at_once(
    planner: Viewer, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    now = moment - 10 * MINUTE
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=now)
    row = report(planner, cast.alice, now, start=moment)
    assert set(Issued.objects.values_list("revoked_at", flat=True)) == {now}
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=now) == []
    actions_absence.end_absence(planner, row, now=moment + HOUR)
    back = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment + HOUR)
    assert doors(back) == {"LB0001", "L0001"}, "whoever is back works on"


def test_whoever_goes_home_ill_keeps_only_the_time_after_a_shift_to_lock_behind_them(
    planner: Viewer, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    now = moment + 2 * HOUR
    report(planner, cast.alice, now)
    assert set(Issued.objects.values_list("revoked_at", flat=True)) == {now}
    left = actions_issue.issue_for(cast.alice, alices_phone.row, now=now)
    assert {row.not_after for row in left} == {now + HOUR / 2}


@pytest.mark.sentence(14)
def test_substitute_opens_exactly_the_doors_of_the_visits_taken_over(
    planner: Viewer, cast: Any, locks: Any, dora: Employee, keys: Any, moment: datetime
) -> None:
    phone = Handset.enrol("D", dora, 810, moment)
    ProviderChoice.objects.filter(client=cast.other_client).update(provider=cast.municipality)
    report(planner, cast.alice, moment)
    assert actions_issue.issue_for(dora, phone.row, now=moment) == []
    (row,) = take_over(planner, cast.visit, dora, cast, moment).takeovers
    assert doors(actions_issue.issue_for(dora, phone.row, now=moment)) == {"LB0001", "L0001"}
    actions_absence.end_takeover(planner, row, reason="fel", now=moment + MINUTE)
    assert not Issued.objects.filter(employee=dora, revoked_at=None).exists()
    assert actions_issue.issue_for(dora, phone.row, now=moment + MINUTE) == []


def doors(rows: list[Issued]) -> set[str]:
    return {row.installation.lock_unit.external_id for row in rows}
