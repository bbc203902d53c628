"""An administrator takes access away: at once, with a reason, and never gives any."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import nyckelfri.server
from deciding import decider
from nyckelfri.door import bulletin as bulletins
from nyckelfri.server.access import actions_withdraw, rights
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_bulletin, actions_issue
from nyckelfri.server.people.models import Employee, Role
from serverworld import Handset

HOUR = timedelta(hours=1)


@pytest.fixture
def manager(cast: Any) -> Viewer:
    return decider(Role.SYSTEM_MANAGER)


def withdraw(
    who: Viewer, employee: Employee, client: Client | None, now: datetime, **other: Any
) -> Any:
    asked = {"end": None, "reason": "utredning", **other}
    return actions_withdraw.withdraw(who, employee, client, now=now, **asked)


def opens(cast: Any, employee: Employee, now: datetime) -> set[str]:
    return {right.lock_id for right in rights.of_employee(employee, now)}


@pytest.mark.threat(59)
def test_withdrawal_is_in_the_bulletin_at_once_for_exactly_what_it_takes(
    cast: Any,
    keys: Any,
    locks: Any,
    manager: Viewer,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    held = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)
    withdraw(manager, cast.alice, None, moment + HOUR)
    said = bulletins.read(actions_bulletin.current(moment + HOUR), keys.key_set)
    assert said.serials == {row.serial for row in held}
    assert actions_issue.withdraw(moment + HOUR) == 0, "nothing was overlooked elsewhere"
    # What she has now ends when the withdrawal began, and so opens nothing.
    again = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment + HOUR)
    assert [row for row in again if row.not_after > moment + HOUR] == []


def test_withdrawal_until_a_time_ends_by_itself(
    cast: Any, locks: Any, manager: Viewer, moment: datetime
) -> None:
    withdraw(manager, cast.alice, cast.client, moment, end=moment + 2 * HOUR)
    found = [row for row in rights.of_employee(cast.alice, moment) if row.lock_id == "LB0001"]
    assert [row.not_before for row in found] == [moment + 2 * HOUR]


def test_giving_back_lets_the_rules_decide_again_and_only_them(
    cast: Any, locks: Any, manager: Viewer, moment: datetime
) -> None:
    row = withdraw(manager, cast.charlie, cast.client, moment)
    mine = withdraw(manager, cast.alice, cast.client, moment)
    for each in (row, mine):
        actions_withdraw.give_back(manager, each, reason="klart", now=moment + HOUR)
    assert "LB0001" in opens(cast, cast.alice, moment + HOUR)
    assert "LB0001" not in opens(cast, cast.charlie, moment + HOUR), "it never was theirs"
    with pytest.raises(AccessError) as caught:
        actions_withdraw.give_back(manager, mine, reason="igen", now=moment + HOUR)
    assert caught.value.refusal is Refusal.ALREADY_ENDED


def test_withdrawal_says_who_why_and_from_what(
    cast: Any, locks: Any, manager: Viewer, moment: datetime
) -> None:
    with pytest.raises(AccessError) as caught:
        withdraw(manager, cast.alice, cast.client, moment, reason="  ")
    assert caught.value.refusal is Refusal.NO_REASON
    withdraw(manager, cast.alice, cast.client, moment)
    (row,) = audit.of_kind(Verb.ACCESS_WITHDRAW)
    assert (row.actor, row.object_id, row.reason) == (
        manager.actor,
        "employee:10001",
        "utredning",
    )
    assert row.details["client"] == "B0001"


def test_same_withdrawal_is_not_recorded_twice(
    cast: Any, manager: Viewer, moment: datetime
) -> None:
    withdraw(manager, cast.alice, None, moment)
    with pytest.raises(AccessError) as caught:
        withdraw(manager, cast.alice, None, moment, end=moment + HOUR)
    assert caught.value.refusal is Refusal.ALREADY_GIVEN
    withdraw(manager, cast.alice, cast.client, moment)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.CARE_ASSESSOR, Role.AUDITOR])
def test_only_managers_withdraw(cast: Any, moment: datetime, role: Role) -> None:
    with pytest.raises(AccessError) as caught:
        withdraw(decider(role), cast.alice, None, moment)
    assert caught.value.refusal is Refusal.NOT_ALLOWED


@pytest.mark.threat(67)
def test_provider_s_manager_withdraws_its_own_staff_only(cast: Any, moment: datetime) -> None:
    theirs = decider(Role.PROVIDER_MANAGER, cast.other_team)
    for employee, client in ((cast.alice, None), (cast.charlie, cast.client)):
        with pytest.raises(AccessError) as caught:
            withdraw(theirs, employee, client, moment)
        assert caught.value.refusal is Refusal.NOT_ALLOWED
    withdraw(theirs, cast.charlie, cast.other_client, moment)


@pytest.mark.sentence(3)
def test_no_program_makes_a_grant_but_the_one_that_derives_it() -> None:
    """Rows of issued grants and signatures of grants have one author in the server."""
    root = Path(nyckelfri.server.__file__).parent
    makers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _makes_a_grant(node)
    }
    # The signer is handed what minting derived, and the action stores it; nobody else does either.
    assert makers == {"keys/actions_issue.py", "keys/minting.py", "keys/signer.py"}


def _makes_a_grant(call: ast.Call) -> bool:
    called = call.func
    if isinstance(called, ast.Name):
        return called.id == "Issued"
    if not isinstance(called, ast.Attribute):
        return False
    if called.attr == "mint":
        return True
    if called.attr == "insert":
        return any(ast.unparse(each) == "Issued" for each in call.args)
    creates = called.attr in {"create", "bulk_create", "get_or_create", "update_or_create"}
    return creates and ast.unparse(called.value).startswith("Issued.objects")
