"""Somebody who works for one provider writes the other's numbers into every address.

House rules: the addresses are the server's own; what each part of one is called decides what
is put there, and a part that nobody has thought of fails the test.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

import permissionrows as table
import permissionworld
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.locks.models import LockUnit
from permissionworld import World
from serverfixtures import (
    alices_phone,
    charlies_phone,
    keys,
    password_hash,
    passwords,
    set_clock,
)
from serverworld import Api, Handset

__all__ = ["alices_phone", "charlies_phone", "keys", "password_hash", "passwords", "set_clock"]
pytestmark = pytest.mark.threat(50)

BOUND: Final = (table.COMPANY_PLANNER, table.COMPANY_MANAGER, table.TEAM_PLANNER)
OTHERS: Final = {
    table.COMPANY_PLANNER: table.TEAM_PLANNER,
    table.COMPANY_MANAGER: table.TEAM_PLANNER,
    table.TEAM_PLANNER: table.COMPANY_PLANNER,
}
WHOLE_MUNICIPALITY: Final = {
    "rules_draft", "rules_edit",
    "rules_cancel", "waiting", "delivery", "import_job", "log_review", "openings_export",
    "audit_export", "statistics_measure", "statistics_table", "openid_connect_login",
    "openid_connect_callback", "app_label", "app_file",
}  # fmt: skip
"""Addresses with a part that names nobody's own, or that these people never reach."""
OWN_ACCOUNT: Final = {"account_end_session", "mfa_remove_webauthn"}
"""Of one's own account only: `accounts/test_sessions.py` and `test_second_steps.py`."""


@pytest.fixture
def world(
    cast: Any, alices_phone: Handset, charlies_phone: Handset, set_clock: Any,
    settings: Settings, moment: Any,
) -> World:  # fmt: skip
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    homes = ((cast.client, cast.alice, cast.bob), (cast.other_client, cast.charlie, cast.charlie))
    for at, (client, employee, substitute) in enumerate(homes):
        times = {"start": moment, "end": moment + timedelta(hours=1)}
        added = {**times, "ad_hoc": True, "reason": "Extra"}
        Shift.objects.create(external_id=f"AH-S{at}", employee=employee, **added)
        visit = PlannedVisit.objects.create(
            external_id=f"AH-V{at}", client=client, employee=employee, services=["care"], **added
        )
        noted = {"reason": "Sjuk", "recorded_at": moment}
        Absence.objects.create(employee=employee, **times, **noted)
        Takeover.objects.create(visit=visit, employee=substitute, instead_of=employee, **noted)
    return World(cast, moment)


def foreign(world: World, name: str, part: str, persona: str) -> Any:
    """What the other provider has that this part of an address could name."""
    other, company = OTHERS[persona], OTHERS[persona] == table.COMPANY_PLANNER
    employee = world.cast.charlie if company else world.cast.alice
    special = {
        ("cancel_shift", "key"): f"AH-S{int(company)}",
        ("cancel_visit", "key"): f"AH-V{int(company)}",
        ("end_absence", "row"): Absence.objects.get(employee=employee).pk,
        ("end_takeover", "row"): Takeover.objects.get(instead_of=employee).pk,
    }
    if (name, part) in special:
        return special[name, part]
    what = table.ROWS[name].of[part]
    return world.value(what, other)


def addresses() -> dict[str, list[str]]:
    """Every address of the console that has a part to change: its name, and its parts."""
    found = {}
    for name, pattern in permissionworld.addresses():
        parts = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        if parts and name not in WHOLE_MUNICIPALITY | OWN_ACCOUNT:
            found[name] = parts
    return found


def test_every_address_with_a_number_in_it_is_tried() -> None:
    found = addresses()
    assert {"client", "employee", "phone", "team", "letter", "looks_at"} <= set(found)
    for name, parts in found.items():
        assert set(parts) == set(table.ROWS[name].of), name


@pytest.mark.parametrize("persona", BOUND)
def test_the_other_provider_s_number_in_any_address_is_not_found(
    world: World, persona: str
) -> None:
    browser = permissionworld.browser_of(persona, world)
    wrong = []
    for name, parts in addresses().items():
        of = {part: foreign(world, name, part, persona) for part in parts}
        row = table.ROWS[name]
        numbers = {f"client:{of.get('number')}", f"employee:{of.get('number')}"}
        before = AuditEvent.objects.filter(object_id__in=numbers).count()
        for method in row.methods.split():
            answer = _asked(browser, method, reverse(name, kwargs=of))
            allowed = {404} if persona in row.who else {403, 404}
            if answer.status_code not in allowed:
                wrong.append(f"{persona}: {method} {name} {of} answers {answer.status_code}")
        if AuditEvent.objects.filter(object_id__in=numbers).count() != before:
            wrong.append(f"{persona}: {name} noted a look at somebody it did not show")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("persona", BOUND)
def test_one_s_own_number_in_the_same_address_is_found(world: World, persona: str) -> None:
    browser = permissionworld.browser_of(persona, world)
    for name in ("client", "employee", "phone", "team"):
        row = table.ROWS[name]
        of = {part: world.value(what, persona) for part, what in row.of.items()}
        assert browser.get(reverse(name, kwargs=of)).status_code == 200, name


@pytest.mark.parametrize("persona", BOUND)
@pytest.mark.parametrize(
    "query", ["kund={client}", "personal={employee}", "grupp={team}", "kund={client}&fran=x"]
)
def test_the_other_provider_s_number_in_a_query_finds_nothing(
    world: World, persona: str, query: str
) -> None:
    browser = permissionworld.browser_of(persona, world)
    other = OTHERS[persona]
    names = {name: world.value(name, other) for name in ("client", "employee", "team")}
    answer = browser.get(f"/oppningar/?{query.format(**names)}")
    assert answer.status_code == 200
    name = "Charlie" if other == table.COMPANY_PLANNER else "Alice"
    assert name not in answer.content.decode()


def test_phone_gets_nothing_with_another_phone_s_session(
    world: World, alices_phone: Handset, charlies_phone: Handset, passwords: None
) -> None:
    alices, charlies = Api(alices_phone.token), Api(charlies_phone.token)
    assert alices.sign_in("10001").status == 200
    assert charlies.sign_in("10003").status == 200
    charlies.session = alices.session
    said = charlies.post("sync", {"batches": [], "openings": []})
    assert not said.body.get("doors")
    assert not said.body.get("grants")
    assert "Kyrkogatan" not in str(said.body)


def test_label_and_record_of_another_s_unit_change_nothing(
    world: World, alices_phone: Handset, passwords: None
) -> None:
    api = Api(alices_phone.token)
    assert api.sign_in("10001").status == 200
    before = list(LockUnit.objects.order_by("pk").values())
    for lock in ("LB0002", "L0001", "LB0001"):
        answer = api.post("installations", {"lock": lock, "record": "AAAA"})
        assert answer.status in {403, 409, 422}
    assert list(LockUnit.objects.order_by("pk").values()) == before


def _asked(browser: Browser, method: str, path: str) -> Any:
    return browser.get(path) if method == "GET" else browser.post(path, {})
