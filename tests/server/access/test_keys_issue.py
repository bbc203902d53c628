"""What is issued: exactly what follows from the plans, to the phone in the hand."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import grants
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import MAX_WINDOW, Scope
from nyckelfri.door.keyset import Purpose
from nyckelfri.server.access import rights
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import (
    CareDecision,
    Client,
    PlannedVisit,
    ProviderChoice,
    Service,
    Shift,
)
from nyckelfri.server.keys import actions_bulletin, actions_issue, actions_keyset
from nyckelfri.server.keys import queries as keys_queries
from nyckelfri.server.keys.errors import NotReadyError
from nyckelfri.server.keys.models import Issued, SignedKeySet
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.models import LockUnit
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones import actions_signin
from nyckelfri.server.phones.errors import PhoneStateError
from serverworld import PASSWORD, Handset, Holders, Lock

HOUR = timedelta(hours=1)


def doors(rows: list[Issued]) -> set[str]:
    return {row.installation.lock_unit.external_id for row in rows}


@pytest.mark.sentence(2)
@pytest.mark.sentence(3)
def test_each_provider_s_staff_get_their_own_clients_doors_and_no_others(
    cast: Any, locks: Any, alices_phone: Handset, charlies_phone: Handset, moment: datetime
) -> None:
    hers = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    others = actions_issue.issue_for(cast.charlie, charlies_phone.row, now=moment)
    assert doors(hers) == {"LB0001", "L0001"}
    assert doors(others) == {"LB0002"}


@pytest.mark.sentence(6)
@pytest.mark.sentence(10)
@pytest.mark.sentence(11)
@pytest.mark.threat(12)
def test_grant_is_bound_to_phone_door_and_shift_and_only_unlocks_and_locks(
    cast: Any, keys: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    shift = Shift.objects.get(employee=cast.alice)
    for row in rows:
        grant = grants.verify(bytes(row.data), keys.key_set)
        assert grant.phone == alices_phone.public_key
        assert grant.installation == row.installation.identifier
        assert grant.serial == row.serial
        assert grant.scope == Scope.UNLOCK | Scope.LOCK
        assert grant.not_after == (shift.end + HOUR / 2).timestamp()
        assert shift.start.timestamp() - 900 <= grant.not_before <= shift.start.timestamp()
        assert grant.not_after - grant.not_before <= MAX_WINDOW


@pytest.mark.threat(7)
def test_server_never_issues_for_a_lock_that_is_not_in_service(
    cast: Any, keys: Any, alices_phone: Handset, moment: datetime
) -> None:
    """Not before it is commissioned, not when it is declined, not after it is retired."""
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=moment) == []
    lock = Lock.make("home", keys.holders.root, int(moment.timestamp()))
    lock.put_in_service(cast.front_door, moment)
    assert doors(actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)) == {"LB0001"}
    LockUnit.objects.filter(pk=cast.front_door.pk).update(status=LockUnit.Status.DECLINED)
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=moment) == []
    LockUnit.objects.filter(pk=cast.front_door.pk).update(status=LockUnit.Status.MOUNTED)
    actions_commission.retire("LB0001", reason="stolen", actor="test", now=moment)
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=moment) == []


def test_grants_of_a_stolen_lock_s_installation_are_revoked(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    held = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    actions_commission.retire("LB0001", reason="stolen", actor="test", now=moment)
    fresh = Lock.make("home, anew", keys_queries.root(), int(moment.timestamp()))
    fresh.put_in_service(cast.front_door, moment)
    anew = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    old = next(row for row in held if row.installation == locks.at_home)
    old.refresh_from_db()
    assert old.revoked_at == moment
    assert old.serial not in {row.serial for row in anew}
    assert fresh.installation in {row.installation.identifier for row in anew}


def test_what_is_still_due_is_not_signed_twice(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    first = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    second = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment + 3 * HOUR)
    assert [row.serial for row in first] == [row.serial for row in second]
    assert Issued.objects.count() == len(first) == 2


def test_a_new_reason_makes_a_new_grant_so_that_each_explains_itself(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    first = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    CareDecision.objects.create(
        external_id="D2",
        client=cast.client,
        service=Service.HOUSEHOLD,
        amount=2,
        unit=CareDecision.Unit.HOURS_A_WEEK,
        ground=CareDecision.Ground.DECISION,
        valid_from=date(2024, 1, 1),
    )
    ProviderChoice.objects.create(
        client=cast.client,
        service=Service.HOUSEHOLD,
        provider=cast.municipality,
        valid_from=date(2024, 1, 1),
    )
    second = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    home = next(row for row in second if row.installation == locks.at_home)
    assert {reason["decision_id"] for reason in home.reasons} == {"DB0001", "D2"}
    assert home.serial not in {row.serial for row in first}


@pytest.mark.sentence(24)
def test_home_s_grant_names_client_and_plan_and_entrance_s_grant_names_no_client(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    home, entrance = (
        next(row for row in rows if row.installation == at)
        for at in (locks.at_home, locks.at_entrance)
    )
    assert home.reasons == [
        {
            "rule": "chosen_team",
            "client_id": "B0001",
            "team_id": "G1",
            "shift_id": "P10001",
            "decision_id": "DB0001",
            "choice_id": "B0001/care/2024-01-01",
        }
    ]
    assert "B0001" not in str(entrance.reasons)
    assert entrance.reasons[0]["entrance_id"] == "F001-A"


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_change_of_provider_moves_access_without_a_further_step(
    cast: Any, locks: Any, alices_phone: Handset, charlies_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    ProviderChoice.objects.filter(client=cast.client).update(valid_till=date(2026, 11, 22))
    ProviderChoice.objects.create(
        client=cast.client,
        service=Service.CARE,
        provider=cast.company,
        valid_from=date(2026, 11, 23),
    )
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=moment) == []
    assert Issued.objects.filter(employee=cast.alice, revoked_at=None).count() == 0
    theirs = actions_issue.issue_for(cast.charlie, charlies_phone.row, now=moment)
    assert "LB0001" in doors(theirs)


@pytest.mark.sentence(14)
def test_substitute_gets_exactly_the_doors_of_the_visits_assigned(
    cast: Any, locks: Any, bobs_phone: Handset, moment: datetime
) -> None:
    Employee.objects.filter(pk=cast.bob.pk).update(role=Role.SUBSTITUTE, care_team=None)
    cast.bob.refresh_from_db()
    assert actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment) == []
    PlannedVisit.objects.create(
        external_id="V2",
        client=cast.other_client,
        employee=cast.bob,
        start=moment + HOUR,
        end=moment + 2 * HOUR,
        services=["care"],
    )
    assert doors(actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)) == {"LB0002"}


@pytest.mark.threat(59)
def test_employee_who_has_left_gets_nothing_and_loses_what_was_issued(
    cast: Any, keys: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    held = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    Employee.objects.filter(pk=cast.alice.pk).update(employed_till=date(2026, 11, 22))
    done = actions_issue.derive_and_issue(moment)
    assert done.revoked == len(held) == 2
    said = bulletins.read(actions_bulletin.current(moment), keys.key_set)
    assert said.serials == {row.serial for row in held}


@pytest.mark.threat(59)
def test_shift_that_is_taken_back_takes_its_grants_back(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    Shift.objects.filter(employee=cast.alice).update(withdrawn_at=moment)
    assert actions_issue.withdraw(moment) == 2
    assert actions_issue.withdraw(moment) == 0


@pytest.mark.sentence(9)
@pytest.mark.sentence(11)
def test_grants_come_up_to_36_hours_ahead_and_no_further(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    far = moment - 37 * HOUR
    assert actions_issue.issue_for(cast.alice, alices_phone.row, now=far) == []
    near = moment - 36 * HOUR
    assert len(actions_issue.issue_for(cast.alice, alices_phone.row, now=near)) == 2


def test_every_open_session_gets_what_is_due_by_one_call(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime, passwords: None
) -> None:
    actions_signin.sign_in(alices_phone.row, username="10001", password=PASSWORD, now=moment)
    assert actions_issue.derive_and_issue(moment) == actions_issue.Derived(2, 0, 0)
    assert actions_issue.derive_and_issue(moment) == actions_issue.Derived(0, 2, 0)


@pytest.mark.sentence(12)
@pytest.mark.threat(35)
def test_blocked_phone_is_given_nothing_even_by_a_call_already_on_its_way(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    stale = alices_phone.row
    phones.block(stale, reason="lost", actor="test", now=moment)
    with pytest.raises(PhoneStateError):
        actions_issue.issue_for(cast.alice, stale, now=moment)
    assert not Issued.objects.exists()


def test_two_phones_of_one_person_hold_different_grants(
    cast: Any, locks: Any, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    one = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    two = actions_issue.issue_for(cast.alice, bobs_phone.row, now=moment)
    assert not {row.serial for row in one} & {row.serial for row in two}
    subjects = {
        grants.verify(bytes(row.data), keys_queries.key_set()).subject for row in (*one, *two)
    }
    assert len(subjects) == 1, "the same person is the same subject at every lock"


def test_grants_are_signed_anew_when_the_grant_key_has_been_rotated(
    cast: Any, keys: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    before = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    request = actions_keyset.request(new=[Purpose.GRANT], actor="test", now=moment)
    newer = actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)
    after = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    assert not {row.serial for row in before} & {row.serial for row in after}
    for row in (*before, *after):
        assert grants.verify(bytes(row.data), newer), "with overlap, old grants still hold"


def test_server_without_a_key_set_gives_no_access(
    cast: Any, keys: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    SignedKeySet.objects.all().delete()
    with pytest.raises(NotReadyError, match="install-key-set"):
        actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)


def test_audit_log_tells_who_got_which_serials(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    (event,) = audit.of_kind(Verb.GRANT_ISSUE)
    assert event.actor == "employee:10001"
    assert set(event.details["serials"]) == {row.serial.hex() for row in rows}


@pytest.mark.usefixtures("bjorkvik")
def test_one_employee_s_access_is_the_same_as_in_the_derivation_of_all(
    moment: datetime, tmp_path: Path, settings: Settings
) -> None:
    """In a whole imported municipality with every lock in service, for every employee."""
    settings.DATA = tmp_path
    holders = Holders.make()
    holders.install_first(moment)
    for unit in LockUnit.objects.filter(status=LockUnit.Status.MOUNTED):
        kind = Kind.ENTRANCE_UNIT if unit.kind == LockUnit.Kind.ENTRANCE_UNIT else Kind.THUMB_TURN
        lock = Lock.make(unit.external_id, holders.root, int(moment.timestamp()), kind)
        lock.put_in_service(unit, moment)
    together = rights.of_all(moment)
    alone = [
        right
        for employee in Employee.objects.select_related("care_team").order_by("number")
        for right in rights.of_employee(employee, moment)
    ]
    by_team = [
        right
        for group in rights.in_turn(Employee.objects.select_related("care_team"))
        for right in rights.of_staff(group, moment)
    ]
    assert set(by_team) == set(together)
    assert len(together) > 500
    assert len(alone) == len(together)
    assert set(alone) == set(together)
    assert Client.objects.count() == 120

    patrol = Employee.objects.select_related("care_team").filter(
        care_team__kind="night_patrol", shifts__start__date=moment.date()
    )
    night = Handset.enrol("N", patrol[0], 900, moment)
    began = time.perf_counter()
    rows = actions_issue.issue_for(patrol[0], night.row, now=moment)
    spent = time.perf_counter() - began
    assert len(rows) > 90
    assert spent < 1.0
