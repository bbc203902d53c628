"""When the rota is wrong at 06:55: a visit or a shift by hand, what it opens, and its end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from nyckelfri.server.access import actions_plan, explain, plans, rights
from nyckelfri.server.access.models import Absence
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import CareTeam, PlannedVisit, ProviderChoice, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.people.models import Employee, Role
from serverworld import Handset

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def looks(number: str, role: Role, team: CareTeam | None = None) -> Viewer:
    row = Employee.objects.create(
        number=number, name="Planerare", role=role, care_team=team, employed_from=date(2024, 1, 1)
    )
    found = viewer(row)
    assert found is not None
    return found


@pytest.fixture
def planner(cast: Any) -> Viewer:
    """A planner of the municipality, who sees every provider."""
    return looks("20001", Role.PLANNER)


@pytest.fixture
def companys_planner(cast: Any) -> Viewer:
    """A planner of the company's team, who sees the company's only."""
    return looks("20002", Role.PLANNER, cast.other_team)


def add_visit(who: Viewer, cast: Any, now: datetime, **other: Any) -> PlannedVisit:
    said: dict[str, Any] = {
        "start": now,
        "end": now + HOUR,
        "services": ["care"],
        "reason": "Passet saknades",
        **other,
    }
    client, employee = said.pop("client", cast.client), said.pop("employee", cast.bob)
    return actions_plan.add_visit(who, client, employee, now=now, **said)


def add_shift(who: Viewer, employee: Employee, now: datetime, **other: Any) -> Shift:
    said: dict[str, Any] = {"start": now, "end": now + 8 * HOUR, "reason": "Passet saknades"}
    return actions_plan.add_shift(who, employee, now=now, **{**said, **other})


def problem(caught: pytest.ExceptionInfo[PlanError]) -> Problem:
    return caught.value.problem


@pytest.mark.sentence(14)
def test_shift_by_hand_at_0655_opens_the_team_s_doors_until_it_ends_or_is_taken_back(
    planner: Viewer, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    now = moment - 5 * MINUTE
    Shift.objects.filter(employee=cast.alice).delete()
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=now) == []
    row = add_shift(planner, cast.alice, now)
    assert (row.ad_hoc, row.reason, row.external_id[:3]) == (True, "Passet saknades", "AH-")
    held = actions_issue.issue_for(cast.alice, alices_phone.row, now=now)
    assert {grant.installation for grant in held} == {locks.at_home, locks.at_entrance}
    assert max(grant.not_after for grant in held) <= row.end + HOUR / 2
    actions_plan.cancel_ad_hoc(planner, row, reason="Fel person", now=now + HOUR)
    assert set(Issued.objects.values_list("revoked_at", flat=True)) == {now + HOUR}
    assert Revocation.objects.count() == len(held), "locks hear of it by any phone"
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=now + HOUR) == []


@pytest.mark.sentence(14)
def test_visit_by_hand_lets_a_substitute_in_to_that_home_and_no_other(
    planner: Viewer, cast: Any, locks: Any, bobs_phone: Handset, moment: datetime
) -> None:
    Employee.objects.filter(pk=cast.bob.pk).update(role=Role.SUBSTITUTE, care_team=None)
    cast.bob.refresh_from_db()
    assert actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment) == []
    row = add_visit(planner, cast, moment)
    held = actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)
    assert {grant.installation for grant in held} == {locks.at_home, locks.at_entrance}
    actions_plan.cancel_ad_hoc(planner, row, reason="Kunden är bortrest", now=moment + MINUTE)
    assert not Issued.objects.filter(revoked_at=None).exists()


@pytest.fixture
def borrowed(cast: Any) -> Employee:
    """Bob is of another of the municipality's teams, and the client's rota names Alice's."""
    other = CareTeam.objects.create(
        external_id="G9",
        name="G9",
        kind=CareTeam.Kind.HOME_CARE,
        provider=cast.team.provider,
        area=cast.team.area,
    )
    ProviderChoice.objects.filter(client=cast.client).update(care_team=cast.team)
    Employee.objects.filter(pk=cast.bob.pk).update(care_team=other)
    cast.bob.refresh_from_db()
    found: Employee = cast.bob
    return found


def can_open(cast: Any, moment: datetime) -> list[str]:
    door = explain.who_can_open(cast.client, moment, moment).home
    assert door is not None
    return [row.person.number for row in door.can]


@pytest.mark.sentence(3)
@pytest.mark.sentence(14)
def test_visit_by_hand_lends_a_colleague_of_another_team_that_door_for_that_time(
    planner: Viewer,
    cast: Any,
    locks: Any,
    borrowed: Employee,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    now = moment - 5 * MINUTE
    assert actions_issue.issue_for(borrowed, bobs_phone.row, now=now) == []
    assert [row.fact for row in explain.why_not(cast.client, borrowed, moment, now)] == [
        "other_team"
    ]
    row = add_visit(planner, cast, now)
    held = actions_issue.issue_for(borrowed, bobs_phone.row, now=now)
    assert {grant.installation for grant in held} == {locks.at_home, locks.at_entrance}
    assert {(grant.not_before, grant.not_after) for grant in held} == {
        (moment, row.end + HOUR / 2)
    }, "the day begins at seven"
    assert can_open(cast, moment) == ["10001", "10002"]
    assert explain.why_not(cast.client, borrowed, moment, moment) == ()
    assert can_open(cast, row.end + HOUR / 2) == ["10001"]
    alone = set(rights.of_employee(borrowed, now))
    here = {one for one in rights.of_client(cast.client, now) if one.employee_id == "10002"}
    everywhere = {one for one in rights.of_all(now) if one.employee_id == "10002"}
    assert alone == here == everywhere
    actions_plan.cancel_ad_hoc(planner, row, reason="Fel person", now=moment + MINUTE)
    assert set(Issued.objects.values_list("revoked_at", flat=True)) == {moment + MINUTE}
    assert Revocation.objects.count() == len(held), "locks hear of it by any phone"
    assert can_open(cast, moment + MINUTE) == ["10001"]


@pytest.mark.sentence(47)
@pytest.mark.threat(59)
def test_visit_by_hand_opens_nothing_to_a_colleague_of_another_provider(
    planner: Viewer, cast: Any, locks: Any, charlies_phone: Handset, moment: datetime
) -> None:
    before = rights.of_all(moment)
    add_visit(planner, cast, moment, employee=cast.charlie)
    assert rights.of_all(moment) == before
    held = actions_issue.issue_for(cast.charlie, charlies_phone.row, now=moment)
    assert {grant.installation for grant in held} == {locks.at_other_home}
    assert [row.fact for row in explain.why_not(cast.client, cast.charlie, moment, moment)] == [
        "other_provider_chosen"
    ]


def test_visit_by_hand_leads_a_patrol_of_another_area_to_its_home_by_night(
    planner: Viewer, cast: Any, locks: Any, borrowed: Employee, moment: datetime
) -> None:
    CareTeam.objects.filter(external_id="G9").update(
        kind=CareTeam.Kind.NIGHT_PATROL, area="Någon annanstans"
    )
    night = moment + 16 * HOUR
    Shift.objects.filter(employee=borrowed).update(start=night - HOUR, end=night + 7 * HOUR)
    borrowed.refresh_from_db()
    assert rights.of_employee(borrowed, night) == []
    row = add_visit(planner, cast, moment, start=night, end=night + HOUR)
    found = rights.of_employee(borrowed, night)
    assert {(one.not_before, one.not_after) for one in found} == {
        (row.start - HOUR / 4, row.end + HOUR / 2)
    }
    assert set(found) == set(rights.of_client(cast.client, night))


def test_both_are_audited_with_who_what_when_and_why(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    visit = add_visit(planner, cast, moment, second=cast.alice, busy_too=True)
    shift = add_shift(planner, cast.bob, moment, busy_too=True)
    rows = {row.verb: row for row in AuditEvent.objects.all()}
    said = rows["staff:visit:add"]
    assert (said.actor, said.reason) == ("employee:20001", "Passet saknades")
    assert said.object_id == f"visit:{visit.external_id}"
    assert said.details == {
        "client": "B0001",
        "employee": "10002",
        "second": "10001",
        "start": "2026-11-23T06:00:00+00:00",
        "end": "2026-11-23T07:00:00+00:00",
    }
    assert rows["staff:shift:add"].object_id == f"shift:{shift.external_id}"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (-61 * MINUTE, HOUR, Problem.TOO_EARLY),
        (24 * HOUR + MINUTE, 25 * HOUR, Problem.TOO_FAR_AHEAD),
        (0 * HOUR, 24 * HOUR + MINUTE, Problem.TOO_LONG),
        (HOUR, HOUR, Problem.WRONG_ORDER),
        (2 * HOUR, HOUR, Problem.WRONG_ORDER),
        (-HOUR, 0 * HOUR, Problem.OVER),
        (-HOUR, 23 * HOUR, None),
        (24 * HOUR, 48 * HOUR, None),
    ],
)
def test_what_is_added_by_hand_is_for_now_and_never_longer_than_a_day(
    moment: datetime, start: timedelta, end: timedelta, expected: Problem | None
) -> None:
    try:
        plans.require_ad_hoc(moment + start, moment + end, moment)
        found = None
    except PlanError as error:
        found = error.problem
    assert found == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", Problem.NO_REASON),
        (" \n\x00 ", Problem.NO_REASON),
        ("x" * 201, Problem.LONG_REASON),
    ],
)
def test_nothing_is_added_without_a_short_reason(
    planner: Viewer, cast: Any, moment: datetime, said: str, expected: Problem
) -> None:
    for deed in (
        lambda: add_visit(planner, cast, moment, reason=said),
        lambda: add_shift(planner, cast.bob, moment, reason=said),
    ):
        with pytest.raises(PlanError) as caught:
            deed()
        assert problem(caught) == expected
    assert not AuditEvent.objects.exists()


def test_reason_is_stored_on_one_line_without_what_a_database_refuses(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    row = add_visit(planner, cast, moment, reason="  Passet\n saknades\x00 ")
    assert row.reason == "Passet saknades"


@pytest.mark.threat(50)
def test_planner_of_a_provider_adds_for_their_own_staff_and_clients_only(
    companys_planner: Viewer, cast: Any, moment: datetime
) -> None:
    for deed in (
        lambda: add_shift(companys_planner, cast.alice, moment),
        lambda: add_visit(companys_planner, cast, moment),
        lambda: add_visit(companys_planner, cast, moment, employee=cast.charlie),
        lambda: add_visit(companys_planner, cast, moment, client=cast.other_client),
        lambda: add_visit(
            companys_planner,
            cast,
            moment,
            client=cast.other_client,
            employee=cast.charlie,
            second=cast.bob,
        ),
    ):
        with pytest.raises(PlanError) as caught:
            deed()
        assert problem(caught) == Problem.NOT_YOURS
    assert add_visit(
        companys_planner, cast, moment, client=cast.other_client, employee=cast.charlie
    )


@pytest.mark.threat(50)
def test_planner_of_a_provider_cannot_take_back_what_others_added(
    planner: Viewer, companys_planner: Viewer, cast: Any, moment: datetime
) -> None:
    row = add_visit(planner, cast, moment)
    with pytest.raises(PlanError) as caught:
        actions_plan.cancel_ad_hoc(companys_planner, row, reason="x", now=moment)
    assert problem(caught) == Problem.NOT_YOURS


def test_roles_that_do_not_plan_are_refused_whatever_page_they_come_from(
    cast: Any, moment: datetime
) -> None:
    auditor = looks("20003", Role.AUDITOR)
    with pytest.raises(PlanError) as caught:
        add_shift(auditor, cast.bob, moment)
    assert problem(caught) == Problem.NOT_ALLOWED


def test_overlap_with_another_shift_or_visit_must_be_meant(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    for deed in (
        lambda busy: add_shift(planner, cast.alice, moment, busy_too=busy),
        lambda busy: add_visit(planner, cast, moment, employee=cast.alice, busy_too=busy),
    ):
        with pytest.raises(PlanError) as caught:
            deed(False)
        assert problem(caught) == Problem.BUSY
        assert deed(True)


@pytest.mark.threat(59)
def test_nobody_who_has_left_or_is_away_gets_a_shift_or_visit(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.bob,
        start=moment,
        end=moment + HOUR,
        reason="borta",
        recorded_at=moment,
    )
    Employee.objects.filter(pk=cast.alice.pk).update(employed_till=date(2026, 11, 22))
    for employee, expected in ((cast.bob, Problem.AWAY), (cast.alice, Problem.NOT_EMPLOYED)):
        for deed in (
            lambda who: add_shift(planner, who, moment, busy_too=True),
            lambda who: add_visit(planner, cast, moment, employee=who, busy_too=True),
        ):
            with pytest.raises(PlanError) as caught:
                deed(employee)
            assert problem(caught) == expected


@pytest.mark.parametrize("services", [[], ["night"], ["care", "anything"]])
def test_visit_is_for_services_that_exist(
    planner: Viewer, cast: Any, moment: datetime, services: list[str]
) -> None:
    with pytest.raises(PlanError) as caught:
        add_visit(planner, cast, moment, services=services)
    assert problem(caught) == Problem.NO_SERVICE


def test_two_on_one_visit_are_two_people(planner: Viewer, cast: Any, moment: datetime) -> None:
    with pytest.raises(PlanError) as caught:
        add_visit(planner, cast, moment, second=cast.bob)
    assert problem(caught) == Problem.SAME_PERSON


def test_rota_s_own_rows_and_what_is_over_or_taken_back_cannot_be_taken_back(
    planner: Viewer, cast: Any, moment: datetime
) -> None:
    row = add_visit(planner, cast, moment)
    with pytest.raises(PlanError) as caught:
        actions_plan.cancel_ad_hoc(planner, row, reason="x", now=row.end)
    assert problem(caught) == Problem.OVER
    actions_plan.cancel_ad_hoc(planner, row, reason="x", now=moment)
    with pytest.raises(PlanError) as caught:
        actions_plan.cancel_ad_hoc(planner, row, reason="x", now=moment)
    assert problem(caught) == Problem.DONE_ALREADY
    with pytest.raises(PlanError) as caught:
        actions_plan.cancel_ad_hoc(planner, cast.visit, reason="x", now=moment)
    assert problem(caught) == Problem.NOT_BY_HAND


def test_every_problem_says_what_to_do() -> None:
    for each in Problem:
        assert str(PlanError(each))
