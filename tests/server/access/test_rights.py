"""What is stored becomes what the rules read: three shapes, one answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nyckelfri.care import explain as care
from nyckelfri.care.grants import AccessGrant, Rule
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import ZONE
from nyckelfri.care.world import PhoneStanding
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import rights
from nyckelfri.server.access.models import (
    Absence,
    AccessPolicy,
    HealthAssignment,
    OwnClient,
    Takeover,
    Withdrawal,
)
from nyckelfri.server.homes.models import CareDecision, CareTeam, Client, PlannedVisit, Shift
from nyckelfri.server.people.models import Employee, Phone, PhoneState, Role
from rightsworld import put_in_service

HOUR = timedelta(hours=1)


@pytest.fixture
def mounted(cast: Any, moment: datetime) -> None:
    put_in_service(moment)


def doors(found: list[AccessGrant]) -> set[str]:
    return {right.lock_id for right in found}


def windows(found: list[AccessGrant], lock: str) -> list[tuple[datetime, datetime]]:
    return [(right.not_before, right.not_after) for right in found if right.lock_id == lock]


@pytest.mark.usefixtures("bjorkvik")
@pytest.mark.parametrize(("scope", "every"), [(Scope.TEAM, 1), (Scope.VISITS, 3)])
def test_world_of_one_client_gives_what_the_whole_world_gives_at_that_client_s_doors(
    moment: datetime, scope: Scope, every: int
) -> None:
    put_in_service(moment)
    if scope is not Scope.TEAM:
        record(moment.date(), scope=scope.value)
    rules = policies.near(moment)
    everybody = rights.world_of_all(rules, moment)
    by_lock = defaultdict(list)
    for right in rights.derive(everybody, rules, moment):
        by_lock[right.lock_id].append(right)
    assert sum(map(len, by_lock.values())) > 500
    compared = 0
    for client in Client.objects.select_related("front_door", "entrance")[::every]:
        alone = rights.world_of_client(client, rules, moment)
        locks = rights.locks_of(everybody, client.external_id)
        assert rights.locks_of(alone, client.external_id) == locks
        due = [right for lock in sorted(locks) for right in by_lock[lock]]
        assert set(rights.of_client(client, moment)) == set(due)
        compared += len(due)
        policy = policies.on(moment.date())
        one, all_of_them = (
            care.explain(with_phones(world), policy, client.external_id, moment)
            for world in (alone, everybody)
        )
        assert one == all_of_them
    assert compared > 300


def with_phones(world: Any) -> Any:
    staff = (replace(row, phone=PhoneStanding.IN_USE) for row in world.employees)
    return replace(world, employees=tuple(staff))


@pytest.mark.usefixtures("bjorkvik")
def test_world_of_one_client_asks_as_many_questions_in_a_larger_municipality(
    moment: datetime,
) -> None:
    put_in_service(moment)
    client = Client.objects.select_related("front_door", "entrance").get(external_id="B0001")
    rights.of_client(client, moment)
    before = asked(client, moment)
    template = list(Client.objects.all())
    for row in template:
        row.external_id, row.personal_number = f"{row.external_id}x", f"~{row.pk}"
        row.pk, row.front_door, row.partner, row.entrance = None, None, None, None
    Client.objects.bulk_create(template)
    assert asked(client, moment) == before


def asked(client: Client, moment: datetime) -> tuple[int, int]:
    with CaptureQueriesContext(
        connection,
    ) as questions:
        world = rights.world_of_client(client, policies.near(moment), moment)
    return len(questions), len(world.clients)


def test_absence_takes_the_shift_and_its_margins_with_it(
    cast: Any, mounted: None, moment: datetime
) -> None:
    away(cast.alice, moment, moment + 8 * HOUR, moment)
    assert rights.of_employee(cast.alice, moment) == []
    assert doors(rights.of_employee(cast.bob, moment)) == {"LB0001", "L0001"}


def test_absence_from_noon_leaves_the_morning_and_time_to_lock(
    cast: Any, mounted: None, moment: datetime
) -> None:
    away(cast.alice, moment + 5 * HOUR, moment + 8 * HOUR, moment)
    found = windows(rights.of_employee(cast.alice, moment), "LB0001")
    assert found == [(moment, moment + 5.5 * HOUR)]


def test_absence_that_was_ended_counts_no_longer_than_it_held(
    cast: Any, mounted: None, moment: datetime
) -> None:
    row = away(cast.alice, moment - HOUR, moment + 8 * HOUR, moment)
    row.ended_at = moment + HOUR
    row.save()
    found = windows(rights.of_employee(cast.alice, moment + 2 * HOUR), "LB0001")
    assert found == [(moment + HOUR - HOUR / 4, moment + 8.5 * HOUR)]


def away(employee: Employee, start: datetime, end: datetime, now: datetime) -> Absence:
    return Absence.objects.create(
        employee=employee, start=start, end=end, reason="sjuk", recorded_at=now
    )


@pytest.mark.sentence(14)
def test_substitute_who_takes_a_visit_over_gets_its_door_and_the_absent_loses_it(
    cast: Any, mounted: None, moment: datetime
) -> None:
    substitute(cast.charlie)
    assert rights.of_employee(cast.charlie, moment) == []
    Takeover.objects.create(
        visit=cast.visit,
        employee=cast.charlie,
        instead_of=cast.alice,
        reason="sjukdom",
        recorded_at=moment,
    )
    away(cast.alice, moment, moment + 8 * HOUR, moment)
    assert rights.of_employee(cast.alice, moment) == []
    found = rights.of_employee(cast.charlie, moment)
    assert doors(found) == {"LB0001", "L0001"}
    assert {reason.rule for right in found for reason in right.reasons} == {Rule.ASSIGNED_VISIT}
    assert set(found) <= set(rights.of_client(cast.client, moment))


@pytest.mark.sentence(14)
def test_takeover_counts_only_while_the_plan_still_names_whom_it_replaces(
    cast: Any, mounted: None, moment: datetime
) -> None:
    substitute(cast.charlie)
    Takeover.objects.create(
        visit=cast.visit,
        employee=cast.charlie,
        instead_of=cast.alice,
        reason="sjukdom",
        recorded_at=moment,
    )
    PlannedVisit.objects.filter(pk=cast.visit.pk).update(employee=cast.bob)
    assert rights.of_employee(cast.charlie, moment) == []


def substitute(employee: Employee) -> None:
    employee.role, employee.care_team = Role.SUBSTITUTE, None
    employee.save()


@pytest.mark.threat(59)
def test_withdrawal_of_one_client_leaves_the_others_and_of_all_leaves_nothing(
    cast: Any, mounted: None, moment: datetime
) -> None:
    row = Withdrawal.objects.create(
        employee=cast.alice, client=cast.client, start=moment, reason="x", recorded_at=moment
    )
    # The entrance serves the whole building, so it is not one client's to withdraw.
    assert "LB0001" not in doors(rights.of_employee(cast.alice, moment + HOUR))
    assert "LB0001" in doors(rights.of_employee(cast.bob, moment + HOUR))
    Withdrawal.objects.filter(pk=row.pk).update(client=None)
    assert rights.of_employee(cast.alice, moment + HOUR) == []
    assert doors(rights.of_client(cast.client, moment)) == {"LB0001", "L0001"}


def test_withdrawal_in_the_middle_of_a_shift_cuts_it_in_two(
    cast: Any, mounted: None, moment: datetime
) -> None:
    Withdrawal.objects.create(
        employee=cast.alice,
        start=moment + HOUR,
        end=moment + 5 * HOUR,
        ended_at=moment + 2 * HOUR,
        reason="x",
        recorded_at=moment,
    )
    found = windows(rights.of_employee(cast.alice, moment), "LB0001")
    assert found == [
        (moment, moment + HOUR),
        (moment + 2 * HOUR, moment + 8.5 * HOUR),
    ]


@pytest.mark.sentence(93)
def test_licensed_staff_come_by_an_assigned_client_s_door_within_their_shift(
    cast: Any, mounted: None, moment: datetime
) -> None:
    cast.charlie.role = Role.NURSE
    cast.charlie.save()
    assert rights.of_employee(cast.charlie, moment) == []
    HealthAssignment.objects.create(
        employee=cast.charlie,
        client=cast.client,
        valid_from=date(2026, 11, 1),
        reason="sår",
        recorded_at=moment,
    )
    found = rights.of_employee(cast.charlie, moment)
    assert doors(found) == {"LB0001", "L0001"}
    assert set(found) <= set(rights.of_client(cast.client, moment))


@pytest.mark.threat(67)
def test_relative_who_is_employed_for_one_client_comes_by_no_other_door(
    cast: Any, mounted: None, moment: datetime
) -> None:
    OwnClient.objects.create(
        employee=cast.alice, client=cast.other_client, reason="anhörig", recorded_at=moment
    )
    assert rights.of_employee(cast.alice, moment) == []


@pytest.mark.sentence(12)
@pytest.mark.parametrize(
    ("states", "given"),
    [
        ((), True),
        ((PhoneState.BLOCKED,), False),
        ((PhoneState.BLOCKED, PhoneState.REGISTERED), True),
        ((PhoneState.BLOCKED, PhoneState.RETIRED), False),
        ((PhoneState.RETIRED,), True),
    ],
)
def test_nothing_is_given_to_whom_every_phone_is_blocked(
    cast: Any, mounted: None, moment: datetime, states: tuple[str, ...], given: bool
) -> None:
    for number, state in enumerate(states):
        Phone.objects.create(
            identifier=bytes([number]) * 8,
            label=str(number),
            state=state,
            holder=cast.alice,
            registered_at=moment,
        )
    assert bool(rights.of_employee(cast.alice, moment)) == given


def test_what_a_planner_added_by_hand_says_so_in_its_reasons(
    cast: Any, mounted: None, moment: datetime
) -> None:
    Shift.objects.filter(employee=cast.alice).update(ad_hoc=True, reason="sjukdom")
    found = rights.of_employee(cast.alice, moment)
    assert all(reason.ad_hoc for right in found for reason in right.reasons)


def record(day: date, **settings: Any) -> AccessPolicy:
    return AccessPolicy.objects.create(
        valid_from=day,
        settings=settings,
        reason="beslut",
        recorded_at=datetime(2026, 11, 1, tzinfo=ZONE),
    )


def test_policy_of_tomorrow_shortens_what_reaches_past_midnight_already_today(
    cast: Any, mounted: None, moment: datetime
) -> None:
    """Alice's shift runs from 20 on Monday to 6 on Tuesday; from Tuesday the night is later."""
    evening = datetime(2026, 11, 23, 20, tzinfo=ZONE)
    Shift.objects.filter(employee=cast.alice).update(start=evening, end=evening + 10 * HOUR)
    CareTeam.objects.filter(pk=cast.team.pk).update(kind=CareTeam.Kind.NIGHT_PATROL)
    cast.alice.refresh_from_db()
    ordinary = windows(rights.of_employee(cast.alice, moment), "LB0001")
    assert ordinary == [(evening + 2 * HOUR, evening + 10.5 * HOUR)]
    record(date(2026, 11, 24), night_ends="05:00")
    changed = windows(rights.of_employee(cast.alice, moment), "LB0001")
    assert changed == [(evening + 2 * HOUR, evening + 9 * HOUR)], "one grant, over midnight"
    at_three = evening + 7 * HOUR
    assert windows(rights.of_employee(cast.alice, at_three), "LB0001") == changed


def test_policy_of_tomorrow_changes_nothing_today(
    cast: Any, mounted: None, moment: datetime
) -> None:
    today = rights.of_employee(cast.alice, moment)
    record(date(2026, 11, 24), after_shift=0)
    assert rights.of_employee(cast.alice, moment) == today
    record(date(2026, 11, 23), after_shift=0)
    assert rights.of_employee(cast.alice, moment) != today


def test_policy_that_was_cancelled_never_holds(cast: Any, mounted: None, moment: datetime) -> None:
    today = rights.of_employee(cast.alice, moment)
    row = record(date(2026, 11, 23), after_shift=0)
    row.cancelled_at = moment
    row.save()
    assert rights.of_employee(cast.alice, moment) == today
    assert policies.in_force(moment) == Policy()


def test_decision_that_ends_tonight_ends_the_night_shift_s_grant_at_midnight(
    cast: Any, mounted: None, moment: datetime
) -> None:
    CareTeam.objects.filter(pk=cast.team.pk).update(kind=CareTeam.Kind.NIGHT_PATROL)
    cast.alice.refresh_from_db()
    evening = datetime(2026, 11, 23, 22, tzinfo=ZONE)
    Shift.objects.filter(employee=cast.alice).update(start=evening, end=evening + 9 * HOUR)
    CareDecision.objects.filter(client=cast.client).update(valid_till=date(2026, 11, 23))
    found = windows(rights.of_employee(cast.alice, moment), "LB0001")
    assert found == [(evening, evening + 2 * HOUR)]
