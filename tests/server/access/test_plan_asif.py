"""What an absence takes and a takeover gives, told before it is done, and then exactly so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from nyckelfri.server.access import actions_absence, asif_staff, seats
from nyckelfri.server.access.actions_absence import Share
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Role
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


@pytest.fixture
def dora(cast: Any) -> Employee:
    return Employee.objects.create(
        number="10009", name="Dora", role=Role.SUBSTITUTE, employed_from=date(2024, 1, 1)
    )


@pytest.mark.sentence(14)
def test_absence_takes_the_doors_that_it_said_it_would(
    planner: Viewer, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    held = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    end = moment + 24 * HOUR
    lost = asif_staff.absence(cast.alice, moment, end, now=moment)
    assert {row.lock_id for row in lost} == {"LB0001", "L0001"}
    actions_absence.report_absence(
        planner, cast.alice, start=moment, end=end, reason="borta", now=moment
    )
    for row in held:
        row.refresh_from_db()
        assert row.revoked_at == moment
    assert asif_staff.absence(cast.alice, moment, end, now=moment) == ()


@pytest.mark.sentence(14)
def test_takeover_gives_the_doors_that_it_said_it_would_and_no_others(
    planner: Viewer, cast: Any, locks: Any, keys: Any, dora: Employee, moment: datetime
) -> None:
    phone = Handset.enrol("D", dora, 811, moment)
    actions_absence.report_absence(
        planner, cast.alice, start=moment, end=moment + 24 * HOUR, reason="borta", now=moment
    )
    gained = asif_staff.takeover([cast.visit], cast.alice, dora, with_shift=True, now=moment)
    actions_absence.take_over(
        planner,
        [Share(cast.visit, dora)],
        instead_of=cast.alice,
        reason="x",
        now=moment,
        with_shifts=True,
    )
    held = actions_issue.issue_for(dora, phone.row, now=moment)
    assert {(row.lock_id, row.window.start, row.window.end) for row in gained} == {
        (row.installation.lock_unit.external_id, row.not_before, row.not_after) for row in held
    }
    assert len(held) == 2


def test_substitute_without_a_shift_would_gain_nothing(
    cast: Any, locks: Any, dora: Employee, moment: datetime
) -> None:
    gained = asif_staff.takeover([cast.visit], cast.alice, dora, with_shift=False, now=moment)
    assert gained == ()


def test_seats_of_the_absent_are_found_with_who_has_taken_them(
    planner: Viewer, cast: Any, dora: Employee, moment: datetime
) -> None:
    PlannedVisit.objects.create(
        external_id="V000002",
        client=cast.client,
        employee=cast.bob,
        second_employee=cast.alice,
        start=moment + 3 * HOUR,
        end=moment + 4 * HOUR,
        services=["care"],
    )
    team = Employee.objects.filter(care_team=cast.team)
    span = moment, moment + 24 * HOUR
    assert seats.of_the_absent(team, *span) == []
    actions_absence.report_absence(
        planner, cast.alice, start=moment, end=moment + 24 * HOUR, reason="borta", now=moment
    )
    actions_absence.take_over(
        planner,
        [Share(cast.visit, cast.bob)],
        instead_of=cast.alice,
        reason="x",
        now=moment,
    )
    found = seats.of_the_absent(team, *span)
    assert [(seat.visit.external_id, seat.former.name) for seat in found] == [
        ("V000001", "Alice"),
        ("V000002", "Alice"),
    ]
    assert [seat.takeover and seat.takeover.employee.name for seat in found] == ["Bob", None]
    others = Employee.objects.filter(care_team=cast.other_team)
    assert seats.of_the_absent(others, *span) == []
