"""The municipality's rules for access: dated, previewed, never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from deciding import decider
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import ZONE
from nyckelfri.server.access import actions_policy, asif, rights, versions
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Role
from nyckelfri.server.stale import StaleError
from serverworld import Handset

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
HOUR = timedelta(hours=1)


@pytest.fixture
def manager(cast: Any) -> Viewer:
    return decider(Role.SYSTEM_MANAGER)


def record(who: Viewer, policy: Policy, now: datetime, seen: str = "") -> AccessPolicy:
    return actions_policy.record_policy(
        who, policy, reason="nämndens beslut", seen=seen or versions.of_policies(), now=now
    )


def visits_from(day: date) -> Policy:
    return Policy(valid_from=day, scope=Scope.VISITS)


@pytest.mark.sentence(3)
def test_policy_of_today_revokes_at_once_what_it_no_longer_gives(
    cast: Any,
    locks: Any,
    manager: Viewer,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    for employee, phone in ((cast.alice, alices_phone), (cast.bob, bobs_phone)):
        actions_issue.issue_for(employee, phone.row, now=moment)
    record(manager, visits_from(TODAY), moment)
    assert not Issued.objects.filter(revoked_at=None).exists()
    (home,) = (
        right for right in rights.of_employee(cast.alice, moment) if right.lock_id == "LB0001"
    )
    assert (home.not_before, home.not_after) == (moment + HOUR / 4, moment + 1.5 * HOUR)
    assert rights.of_employee(cast.bob, moment) == []


def test_policy_of_tomorrow_leaves_today_and_begins_at_midnight_by_itself(
    cast: Any, locks: Any, manager: Viewer, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    record(manager, visits_from(TOMORROW), moment)
    assert Issued.objects.filter(revoked_at=None).count() == 2
    midnight = datetime.combine(TOMORROW, time.min, ZONE)
    assert policies.in_force(midnight - HOUR / 60).scope is Scope.TEAM
    assert policies.in_force(midnight).scope is Scope.VISITS


def test_policy_in_force_is_never_edited(cast: Any, manager: Viewer, moment: datetime) -> None:
    row = record(manager, visits_from(TODAY), moment)
    with pytest.raises(AccessError) as caught:
        record(manager, Policy(valid_from=TODAY), moment)
    assert caught.value.refusal is Refusal.TAKEN_DAY
    with pytest.raises(AccessError) as caught:
        cancel(manager, row, moment)
    assert caught.value.refusal is Refusal.ALREADY_BEGUN
    with pytest.raises(AccessError) as caught:
        record(manager, Policy(valid_from=TODAY - timedelta(days=1)), moment)
    assert caught.value.refusal is Refusal.PAST_DAY


def cancel(who: Viewer, row: AccessPolicy, now: datetime) -> None:
    actions_policy.cancel_policy(who, row, reason="fel", seen=versions.of_policies(), now=now)


def test_policy_that_has_not_begun_is_replaced_or_cancelled(
    cast: Any, manager: Viewer, moment: datetime
) -> None:
    record(manager, visits_from(TOMORROW), moment)
    row = record(manager, Policy(valid_from=TOMORROW, scope=Scope.AREA), moment)
    assert policies.on(TOMORROW).scope is Scope.AREA
    cancel(manager, row, moment)
    assert policies.on(TOMORROW) == Policy()
    with pytest.raises(AccessError) as caught:
        cancel(manager, row, moment)
    assert caught.value.refusal is Refusal.ALREADY_ENDED


def test_of_two_managers_the_second_is_told(cast: Any, manager: Viewer, moment: datetime) -> None:
    seen = versions.of_policies()
    record(manager, visits_from(TOMORROW), moment, seen)
    with pytest.raises(StaleError):
        record(manager, Policy(valid_from=TOMORROW), moment, seen)


def test_every_setting_comes_back_as_it_was_recorded(
    cast: Any, manager: Viewer, moment: datetime
) -> None:
    said = Policy(
        valid_from=TOMORROW,
        scope=Scope.AREA,
        night_starts=time(21, 30),
        night_ends=time(6, 30),
        horizon=timedelta(hours=24),
        before_shift=timedelta(minutes=5),
        after_visit=timedelta(minutes=10),
        longest_grant=timedelta(hours=12),
        alarm_group_standing=False,
        alarm_access=timedelta(hours=1),
    )
    record(manager, said, moment)
    assert policies.on(TOMORROW) == said


@pytest.mark.parametrize("role", [Role.PLANNER, Role.CARE_ASSESSOR, Role.AUDITOR])
def test_only_the_system_manager_sets_the_rules(cast: Any, moment: datetime, role: Role) -> None:
    with pytest.raises(AccessError) as caught:
        record(decider(role), visits_from(TOMORROW), moment)
    assert caught.value.refusal is Refusal.NOT_ALLOWED


@pytest.mark.sentence(3)
def test_preview_counts_whose_doors_open_and_close(cast: Any, locks: Any, moment: datetime) -> None:
    seen = asif.policy_change(visits_from(TOMORROW), now=moment)
    assert not seen.planned, "no shift is planned tomorrow: today's are looked at"
    assert (seen.doors_gained, seen.doors_lost) == (0, 3)
    by_name = {row.person.name: row for row in seen.people}
    assert by_name["Bob"].doors_lost == 2
    assert by_name["Bob"].time_lost == 2 * 8.5 * HOUR
    assert by_name["Alice"].time_lost == 2 * (8.5 - 1.25) * HOUR
    assert AccessPolicy.objects.count() == 0


def test_preview_of_the_same_rules_changes_nothing(cast: Any, locks: Any, moment: datetime) -> None:
    seen = asif.policy_change(replace(Policy(), valid_from=TODAY), now=moment)
    assert (seen.people, seen.grants_before) == ((), seen.grants_after)
    assert seen.planned
