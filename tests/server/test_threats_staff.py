"""Nobody who works here is counted, ranked or followed, and whoever looks at them is noted.

House rules: the pages are the server's own, every one that answers GET; what is asked of
them is asked of all of them.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from django.urls import reverse
from pytest_django import Settings

import permissionrows as table
import permissionworld
from auditworld import settle
from nyckelfri.server.audit import queries
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.visits.models import DoorEvent, OpeningRecord
from permissionworld import World
from serverfixtures import alices_phone, bobs_phone, charlies_phone, keys, locks, set_clock
from serverworld import Handset

__all__ = ["alices_phone", "bobs_phone", "charlies_phone", "keys", "locks", "set_clock"]
pytestmark = pytest.mark.threat(65)

PERSONAS: Final = sorted(table.STAFF)
ALICES, BOBS = 1747, 1193
"""How many times they have opened: numbers that stand for nothing else."""
OF_THE_CLIENT: Final = {"letter"}
"""Whom the client has a right to count: those who came home to them."""


@pytest.fixture
def world(
    cast: Any, locks: Any, alices_phone: Handset, bobs_phone: Handset, charlies_phone: Handset,
    set_clock: Any, settings: Settings, moment: Any,
) -> World:  # fmt: skip
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.MUNICIPALITY, settings.TELEPHONE = "Björkviks kommun", "0123-400 00"
    return World(cast, moment)


def pages(world: World, persona: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every page that this persona may open: name, address, and what stands in the address."""
    found = []
    for name, row in table.ROWS.items():
        if persona in row.who and "GET" in row.methods and None not in row.of.values():
            of = {part: world.value(what, persona) for part, what in row.of.items()}
            found.append((name, reverse(name, kwargs=of), of))
    return found


def opened(world: World, home: Installation) -> None:
    """Alice and Bob have opened so many times during the last day."""
    people = [(world.cast.alice, ALICES), (world.cast.bob, BOBS)]
    number, start = 100_000, world.moment - timedelta(hours=23)
    events = []
    for employee, times in people:
        for at in range(times):
            events.append(
                DoorEvent(
                    installation=home, number=number, at=start + timedelta(seconds=20 * at),
                    mark=0, command=DoorEvent.Command.UNLOCK, result=DoorEvent.Result.DONE,
                    employee=employee, serial=bytes(8), received_at=world.moment,
                )
            )  # fmt: skip
            number += 1
    DoorEvent.objects.bulk_create(events, batch_size=500)


@pytest.mark.parametrize("persona", PERSONAS)
def test_no_page_tells_how_often_anybody_has_opened(world: World, locks: Any, persona: str) -> None:
    opened(world, locks.at_home)
    browser = permissionworld.browser_of(persona, world)
    told = []
    for name, address, _ in pages(world, persona):
        if name in OF_THE_CLIENT or name.endswith("_export"):
            continue
        shown = browser.get(address).getvalue().decode(errors="replace")
        if re.search(rf"\b(?:{ALICES}|{BOBS}|{ALICES + BOBS})\b", shown.replace("\xa0", "")):
            told.append(f"{name} {address}")
    assert not told


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_about_somebody_is_noted_before_it_is_shown(world: World, persona: str) -> None:
    browser = permissionworld.browser_of(persona, world)
    missing = []
    for name, address, of in pages(world, persona):
        about = _about(of)
        if about is None:
            continue
        before = AuditEvent.objects.count()
        answer = browser.get(address)
        assert answer.status_code == 200, address
        rows = AuditEvent.objects.order_by("pk")[before:]
        noted = {row.object_id for row in rows if row.verb.endswith(":look")}
        if not noted & {about, "audit"}:
            missing.append(f"{persona}: {name} shows {about} and notes {sorted(noted)}")
    assert not missing, "\n".join(missing)


def _about(of: dict[str, Any]) -> str | None:
    """Whose record a page shows, by its address; None for lists and the log itself."""
    if "phone" in of:
        return f"phone:{of['phone']}"
    number = str(of.get("number", ""))
    if re.fullmatch(r"B\d{4}", number):
        return f"client:{number}"
    if re.fullmatch(r"\d{5}", number):
        return f"employee:{number}"
    return None


def test_look_says_who_when_from_where_and_their_unit(world: World) -> None:
    browser = permissionworld.browser_of(table.TEAM_PLANNER, world)
    assert browser.get("/kunder/B0001/").status_code == 200
    settle()
    row = queries.looks_at("client:B0001").get(verb=Verb.CLIENT_LOOK)
    assert row.actor.startswith("employee:3")
    assert row.at == world.moment
    assert row.origin.startswith("web 127.0.0.1 session ")
    assert row.details["unit"] == "team:G1"


def test_openings_of_one_person_are_shown_for_a_month_at_most_and_that_is_noted(
    world: World,
) -> None:
    browser = permissionworld.browser_of(table.PLANNER, world)
    said = browser.get("/oppningar/?personal=10001&fran=2026-10-01&till=2026-11-23")
    assert "högst 31 dagar" in said.content.decode()
    browser.get("/oppningar/?personal=10001")
    settle()
    found = queries.looks_at("employee:10001")
    assert {row.reason for row in found} == {"openings"}


def test_nobody_is_followed_by_the_phone() -> None:
    columns = [
        field.name
        for model in (DoorEvent, OpeningRecord, Employee, Phone, PersonalSession)
        for field in model._meta.get_fields()
    ]
    assert columns
    assert not [name for name in columns if re.search(r"latitude|longitude|position|gps", name)]
