"""Service identification, and staff who are employed for certain clients only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from nyckelfri.server.access import actions_staff
from nyckelfri.server.access.actions_staff import version
from nyckelfri.server.access.models import OwnClient
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import Client, ProviderChoice
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.stale import StaleError
from serverworld import Handset


def looker(number: str, role: Role, team: Any = None) -> Viewer:
    row = Employee.objects.create(
        number=number, name="Chef", role=role, care_team=team, employed_from=date(2024, 1, 1)
    )
    found = viewer(row)
    assert found is not None
    return found


@pytest.fixture
def manager(cast: Any) -> Viewer:
    return looker("20001", Role.SYSTEM_MANAGER)


def record(who: Viewer, employee: Employee, now: datetime, **other: Any) -> Employee:
    said: dict[str, Any] = {
        "number": "SE-123 456",
        "till": date(2028, 1, 31),
        "seen": version(employee),
        **other,
    }
    return actions_staff.record_identification(who, employee, now=now, **said)


@pytest.mark.sentence(94)
def test_service_identification_is_recorded_for_each_employee_and_audited(
    manager: Viewer, cast: Any, moment: datetime
) -> None:
    row = record(manager, cast.alice, moment, number=" SE-123 456 ")
    assert (row.identification, row.identification_till) == ("SE-123 456", date(2028, 1, 31))
    said = AuditEvent.objects.get(verb="staff:identification:record")
    assert (said.object_id, said.actor) == ("employee:10001", "employee:20001")
    gone = record(manager, row, moment, number="")
    assert (gone.identification, gone.identification_till) == ("", None)


def test_two_managers_record_one_card_and_the_second_is_told(
    manager: Viewer, cast: Any, moment: datetime
) -> None:
    seen = version(cast.alice)
    record(manager, cast.alice, moment, seen=seen)
    with pytest.raises(StaleError):
        record(manager, cast.alice, moment, number="SE-9", seen=seen)
    cast.alice.refresh_from_db()
    assert cast.alice.identification == "SE-123 456"


@pytest.mark.parametrize(
    "said", [{"till": None}, {"number": "<b>"}, {"number": "1" * 33}, {"number": "a\x00b"}]
)
def test_card_without_an_end_or_with_a_senseless_number_is_not_recorded(
    manager: Viewer, cast: Any, moment: datetime, said: dict[str, Any]
) -> None:
    with pytest.raises(PlanError) as caught:
        record(manager, cast.alice, moment, **said)
    assert caught.value.problem == Problem.BAD_NUMBER


@pytest.mark.threat(50)
def test_provider_s_manager_records_for_their_own_staff_only(cast: Any, moment: datetime) -> None:
    theirs = looker("20002", Role.PROVIDER_MANAGER, cast.other_team)
    assert record(theirs, cast.charlie, moment)
    with pytest.raises(PlanError) as caught:
        record(theirs, cast.alice, moment)
    assert caught.value.problem == Problem.NOT_YOURS
    planner = looker("20003", Role.PLANNER)
    with pytest.raises(PlanError) as caught:
        record(planner, cast.alice, moment)
    assert caught.value.problem == Problem.NOT_ALLOWED


def limit(who: Viewer, employee: Employee, clients: list[Client], now: datetime) -> None:
    actions_staff.limit_to_clients(who, employee, clients, reason="anhörig", now=now)


@pytest.mark.sentence(3)
def test_relative_who_works_as_a_carer_opens_their_own_client_s_door_and_no_other(
    manager: Viewer, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    ProviderChoice.objects.filter(client=cast.other_client).update(provider=cast.municipality)
    before = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    assert {row.installation for row in before} >= {locks.at_home, locks.at_other_home}
    limit(manager, cast.alice, [cast.other_client], moment)
    after = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    assert {row.installation for row in after} == {locks.at_other_home}
    lost = Issued.objects.filter(installation=locks.at_home)
    assert all(row.revoked_at == moment for row in lost), "at once, not at the next sync"


def test_limit_is_a_whole_list_that_may_change_and_be_lifted(
    manager: Viewer, cast: Any, moment: datetime
) -> None:
    limit(manager, cast.alice, [cast.client], moment)
    with pytest.raises(PlanError) as caught:
        limit(manager, cast.alice, [cast.client], moment)
    assert caught.value.problem == Problem.DONE_ALREADY
    limit(manager, cast.alice, [cast.client, cast.other_client], moment)
    limit(manager, cast.alice, [], moment)
    assert not OwnClient.objects.filter(ended_at=None).exists()
    assert OwnClient.objects.count() == 2, "history stays"
    said = AuditEvent.objects.filter(verb="staff:own-clients:set").order_by("pk")
    assert [row.details["clients"] for row in said] == [["B0001"], ["B0001", "B0002"], []]


@pytest.mark.threat(50)
def test_provider_s_manager_names_their_own_clients_only(cast: Any, moment: datetime) -> None:
    theirs = looker("20002", Role.PROVIDER_MANAGER, cast.other_team)
    with pytest.raises(PlanError) as caught:
        limit(theirs, cast.charlie, [cast.client], moment)
    assert caught.value.problem == Problem.NOT_YOURS
    limit(theirs, cast.charlie, [cast.other_client], moment)
