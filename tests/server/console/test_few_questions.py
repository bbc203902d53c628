"""No page asks the database more than twelve times.

House rules: what is counted are questions and changes, not how transactions begin and end. That
the number does not grow with the rows is asked where each page is tested, and by the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

import permissionworld
from nyckelfri.server.access.models import (
    Absence,
    HealthAssignment,
    NamedStaff,
    Takeover,
    Withdrawal,
)
from nyckelfri.server.homes.models import Client, PlannedVisit, Shift
from nyckelfri.server.people.models import Employee, Role
from permissionrows import NOBODY, ROWS, SYSTEM
from serverworld import Handset

MOST = 12
_NO_QUESTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET")


@pytest.fixture
def eventful(cast: Any, visited: None, moment: datetime) -> None:
    """Everything that a client's page can show, and every way to a door."""
    client, partner = cast.client, cast.other_client
    client.partner, partner.partner = partner, client
    client.protected_identity = True
    client.save()
    partner.save()
    note = {"reason": "x", "recorded_at": moment}
    nurse = Employee.objects.create(
        number="10009", name="Nils", role="nurse", employed_from="2024-01-01"
    )
    HealthAssignment.objects.create(employee=nurse, client=client, valid_from=moment.date(), **note)
    Absence.objects.create(employee=cast.bob, start=moment, end=moment.replace(hour=12), **note)
    Withdrawal.objects.create(employee=cast.bob, client=client, start=moment, **note)
    Takeover.objects.create(visit=cast.visit, employee=cast.bob, instead_of=cast.alice, **note)
    Shift.objects.filter(employee=cast.alice).update(ad_hoc=True, reason="x")
    PlannedVisit.objects.update(ad_hoc=True, reason="x")


@pytest.fixture
def questions() -> Callable[..., list[str]]:
    """`questions(browser, path, status, **posted)`: what a page asks when it is looked at again."""

    def of(browser: Browser, path: str, status: int | None = None, **posted: str) -> list[str]:
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                answer = browser.post(path, posted) if posted else browser.get(path)
        assert status in {None, answer.status_code}, f"{path}: {answer.status_code}"
        return [each["sql"] for each in asked if not each["sql"].startswith(_NO_QUESTION)]

    return of


def test_no_page_asks_more_than_twelve_questions(
    cast: Any,
    eventful: None,
    charlies_phone: Handset,
    set_clock: Any,
    settings: Settings,
    moment: datetime,
    questions: Callable[..., list[str]],
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    world = permissionworld.World(cast, moment)
    browsers: dict[str, Browser] = {}
    for name, row in ROWS.items():
        who = SYSTEM if SYSTEM in row.who else min(row.who - {NOBODY}, default="")
        if "GET" not in row.methods or not who or None in row.of.values():
            continue
        if who not in browsers:
            browsers[who] = permissionworld.browser_of(who, world)
        of = {part: world.value(what, who) for part, what in row.of.items()}
        asked = questions(browsers[who], reverse(name, kwargs=of))
        assert len(asked) <= MOST, f"{name}: " + "\n".join(asked)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.CARE_ASSESSOR, ""),
        (Role.PLANNER, ""),
        (Role.PLANNER, "vem/?dag=2026-11-23&tid=12:00"),
        (Role.PLANNER, "vem/?dag=2026-12-24&tid=12:00"),
        (Role.SYSTEM_MANAGER, "varfor-inte/?anst=10001"),
        (Role.SYSTEM_MANAGER, "varfor-inte/?anst=10002"),
        (Role.SYSTEM_MANAGER, "varfor-inte/?anst=10003"),
        (Role.CARE_ASSESSOR, "beslut/DB0001/avsluta/"),
    ],
)
def test_no_page_of_a_client_does_whoever_looks_and_whatever_there_is(
    cast: Any,
    eventful: None,
    log_in: Any,
    moment: datetime,
    questions: Callable[..., list[str]],
    role: Role,
    path: str,
) -> None:
    browser = named(log_in(role), cast.client, moment)
    asked = questions(browser, f"/kunder/B0001/{path}", 200)
    assert len(asked) <= MOST, "\n".join(asked)


def test_what_a_change_of_provider_does_is_shown_with_as_few(
    cast: Any, eventful: None, log_in: Any, moment: datetime, questions: Callable[..., list[str]]
) -> None:
    browser = named(log_in(Role.CARE_ASSESSOR), cast.client, moment)
    choice = {
        "service": "care", "provider": cast.company.org_number, "team": "",
        "first_day": "2026-12-14", "reason": "x",
    }  # fmt: skip
    asked = questions(browser, "/kunder/B0001/utforare/", 200, **choice)
    assert len(asked) <= MOST, "\n".join(asked)


def test_a_letter_is_written_with_as_few(
    cast: Any,
    eventful: None,
    log_in: Any,
    settings: Settings,
    moment: datetime,
    questions: Callable[..., list[str]],
) -> None:
    settings.MUNICIPALITY, settings.TELEPHONE = "Björkviks kommun", "0123-400 00"
    browser = named(log_in(Role.PLANNER), cast.client, moment)
    asked = questions(browser, "/brev/B0001/", 200)
    assert len(asked) <= MOST, "\n".join(asked)


def named(browser: Browser, client: Client, moment: datetime) -> Browser:
    """Let whoever is logged in see the client's name and address."""
    employee = Employee.objects.get(user_id=browser.session["_auth_user_id"])
    NamedStaff.objects.create(employee=employee, client=client, reason="x", recorded_at=moment)
    return browser
