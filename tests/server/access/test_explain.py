"""Who can open a client's doors and why: by the rules, and by what lies on phones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nyckelfri.care.grants import Rule
from nyckelfri.care.world import PhoneStanding
from nyckelfri.server.access import explain
from nyckelfri.server.access.explain import DoorSays
from nyckelfri.server.access.models import Absence, Withdrawal
from nyckelfri.server.homes.models import CareTeam, Client, ProviderChoice, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones import actions as phones
from serverworld import Handset

HOUR = timedelta(hours=1)


def at_home(client: Client, moment: datetime, now: datetime | None = None) -> DoorSays:
    found = explain.who_can_open(client, moment, now or moment).home
    assert found is not None
    return found


def numbers(door: DoorSays) -> list[str]:
    return [one.person.number for one in door.can]


def change_to_company(cast: Any, first: date) -> None:
    rows = ProviderChoice.objects.filter(client=cast.client)
    rows.update(valid_till=first - timedelta(days=1))
    ProviderChoice.objects.create(
        client=cast.client, service="care", provider=cast.company, valid_from=first
    )


@pytest.mark.sentence(3)
def test_each_person_who_can_open_is_told_with_the_rows_it_rests_on(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    door = at_home(cast.client, moment)
    assert door.lock == "LB0001"
    assert numbers(door) == ["10001", "10002"]
    alice, bob = door.can
    assert (alice.person.name, alice.person.team_name) == ("Alice", "G1")
    assert alice.until == moment + 8.5 * HOUR
    (because,) = alice.because
    assert because.rule is Rule.CHOSEN_TEAM
    assert because.provider_name == "Kommunens hemtjänst"
    assert because.shift is not None
    assert (because.shift.id, because.shift.start) == ("P10001", moment)
    assert because.decision is not None
    assert because.decision.id == "DB0001"
    assert because.choice is not None
    assert because.choice.first == date(2024, 1, 1)
    assert (alice.phone, bob.phone) == (PhoneStanding.IN_USE, PhoneStanding.NONE)


def test_nobody_can_open_at_night_when_nobody_is_on_shift(
    cast: Any, locks: Any, moment: datetime
) -> None:
    assert at_home(cast.client, moment - 5 * HOUR).can == ()


def test_client_without_a_lock_in_service_is_told_so(cast: Any, moment: datetime) -> None:
    found = explain.who_can_open(cast.client, moment, moment)
    assert (found.home, found.entrance) == (None, None)


def test_whoever_holds_a_signed_grant_is_told_with_its_phone(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    assert at_home(cast.client, moment).can[0].grant is None
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    alice, bob = at_home(cast.client, moment + HOUR).can
    assert alice.grant is not None
    assert (alice.grant.phone, alice.grant.until) == ("A", alice.until)
    assert bob.grant is None


@pytest.mark.sentence(47)
def test_grant_that_was_withdrawn_is_shown_until_the_last_moment_it_could_open(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    change_to_company(cast, moment.date())
    not_yet = at_home(cast.client, moment)
    assert numbers(not_yet) == ["10003"]
    assert [(row.person.name, row.grant.revoked_at) for row in not_yet.left] == [("Alice", None)]
    actions_issue.withdraw(moment)
    (left,) = at_home(cast.client, moment + HOUR).left
    assert (left.person.name, left.grant.revoked_at) == ("Alice", moment)
    assert left.grant.until == moment + 8.5 * HOUR
    assert at_home(cast.client, moment + 9 * HOUR).left == ()


def test_past_moment_tells_what_the_plans_gave_and_what_was_issued_then(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment + HOUR)
    now = moment + timedelta(days=2)
    Shift.objects.filter(employee=cast.bob).update(withdrawn_at=now - HOUR)
    phones.block(alices_phone.row, reason="lost", actor="test", now=now - HOUR)
    then = at_home(cast.client, moment + 2 * HOUR, now)
    assert numbers(then) == ["10001", "10002"], "what was withdrawn later still held"
    assert [one.grant is not None for one in then.can] == [True, False]
    before = at_home(cast.client, moment, now)
    assert before.can[0].grant is None, "the grant was issued an hour later"


def test_moment_to_come_tells_what_the_rota_will_give(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    assert numbers(at_home(cast.client, moment + HOUR, moment - 24 * HOUR)) == ["10001", "10002"]


@pytest.mark.sentence(50)
def test_entrance_tells_who_can_open_and_names_no_client(
    cast: Any, locks: Any, moment: datetime
) -> None:
    found = explain.who_can_open(cast.client, moment, moment).entrance
    assert found is not None
    assert numbers(found) == ["10001", "10002"]
    assert all(
        because.decision is None and because.choice is None
        for one in found.can
        for because in one.because
    )


def facts(client: Client, employee: Employee, moment: datetime) -> list[str]:
    return [row.fact for row in explain.why_not(client, employee, moment, moment)]


def test_why_not_is_empty_for_whoever_can_open(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    assert facts(cast.client, cast.alice, moment) == []
    assert facts(cast.client, cast.bob, moment) == ["no_phone"]


def test_why_not_names_the_provider_whom_the_client_has_chosen_instead(
    cast: Any, locks: Any, charlies_phone: Handset, moment: datetime
) -> None:
    (row,) = explain.why_not(cast.client, cast.charlie, moment, moment)
    assert (row.fact, row.provider_name) == ("other_provider_chosen", "Kommunens hemtjänst")


def test_why_not_tells_of_absence_and_of_withdrawal_with_its_reason(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.alice, start=moment, end=moment + HOUR, reason="sjuk", recorded_at=moment
    )
    assert facts(cast.client, cast.alice, moment)[:1] == ["absent"]
    Withdrawal.objects.create(
        employee=cast.alice, start=moment, reason="utredning", recorded_at=moment
    )
    absent, withdrawn, *_ = explain.why_not(cast.client, cast.alice, moment, moment)
    assert absent.at == moment + HOUR
    assert (withdrawn.fact, withdrawn.reason) == ("withdrawn", "utredning")


def test_why_not_for_a_patrol_by_day_and_a_shift_that_is_over(
    cast: Any, locks: Any, alices_phone: Handset, charlies_phone: Handset, moment: datetime
) -> None:
    assert "night_is_the_patrols" in facts(cast.client, cast.alice, moment - 5 * HOUR)
    over = explain.why_not(cast.client, cast.alice, moment + 10 * HOUR, moment + 10 * HOUR)
    assert [(row.fact, row.shift and row.shift.id) for row in over] == [("shift_ended", "P10001")]
    CareTeam.objects.filter(pk=cast.other_team.pk).update(kind=CareTeam.Kind.NIGHT_PATROL)
    assert "day_is_not_the_patrols" in facts(cast.client, cast.charlie, moment)


def test_blocked_phone_is_why_not(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    assert facts(cast.client, cast.alice, moment) == ["phone_blocked"]
    assert numbers(at_home(cast.client, moment)) == ["10002"]


def test_explaining_asks_four_questions(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    client = Client.objects.get(pk=cast.client.pk)
    with CaptureQueriesContext(connection) as questions:
        explain.who_can_open(client, moment, moment)
    assert len(questions) == 4, "what is near the doors, what is planned, the staff, their names"
