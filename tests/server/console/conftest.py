"""A browser for each role, and a morning of openings."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Intent, MotorResult, Refusal
from nyckelfri.door.reasons import Reason
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.accounts import sessions
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Role, User
from nyckelfri.server.visits.actions import ingest
from serverfixtures import (
    alices_phone,
    bobs_phone,
    charlies_phone,
    keys,
    locks,
    password_hash,
    passwords,
    set_clock,
)
from serverworld import Handset

__all__ = [
    "alices_phone",
    "bobs_phone",
    "charlies_phone",
    "keys",
    "locks",
    "password_hash",
    "passwords",
    "set_clock",
]

LogIn = Callable[..., Browser]


@pytest.fixture
def log_in(db: None, set_clock: Any, settings: Settings) -> LogIn:
    """`log_in(role, team=None, number="", name="Planerare")`: their browser, in Swedish.

    An employee with that number is used as they are; else one is made.
    """
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False

    def into(
        role: str = Role.PLANNER, team: Any = None, number: str = "", name: str = "Planerare"
    ) -> Browser:
        number = number or f"2{Employee.objects.count():04}"
        user = User.objects.create(username=number)
        employee, _ = Employee.objects.get_or_create(
            number=number,
            defaults={
                "name": name,
                "role": role,
                "care_team": team,
                "employed_from": "2024-01-01",
            },
        )
        employee.user = user
        employee.save()
        browser = Browser(headers={"accept-language": "sv"})
        browser.force_login(user)
        session = browser.session
        sessions.begin(session, sessions.Worth.FULL, time.time())
        session.save()
        return browser

    return into


@pytest.fixture
def planner(cast: Any, log_in: LogIn) -> Browser:
    """A planner of the municipality, logged in, reading Swedish."""
    return log_in()


@pytest.fixture
def visited(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> None:
    """Alice's visit of 40 minutes, a refusal, a jam, an entrance, and something unreadable."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    grants = {row.installation: row for row in rows}
    home, entrance = grants[locks.at_home], grants[locks.at_entrance]
    locks.entrance.use(entrance)
    locks.home.use(home, Command.UNLOCK, after=120)
    locks.home.use(home, Command.LOCK, after=40 * 60)
    subject = home.employee.subject.identifier
    refusal = Refusal(Reason.TOO_FAR, home.serial, subject, home.thumbprint, Command.UNLOCK)
    locks.home.write(refusal, after=60, mark=Mark.APPROXIMATE)
    locks.home.use(home, Command.LOCK, after=60, result=MotorResult.JAMMED)
    locks.home.write(Intent(bytes(8), bytes(8), bytes(8), Command.UNLOCK), after=60)
    for batch in (locks.entrance.batch(), locks.home.batch(), b"rubbish"):
        ingest(batch, phone=alices_phone.row, now=moment + timedelta(hours=2))


@pytest.fixture
def read() -> Callable[..., str]:
    """`read(browser, path, status=200, **posted)`: the page as one line of HTML."""

    def of(browser: Browser, path: str, status: int = 200, **posted: str) -> str:
        answer = browser.post(path, posted) if posted else browser.get(path)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return re.sub(r"\s+", " ", answer.content.decode())

    return of


@pytest.fixture
def viewer_of() -> Callable[[str], Viewer]:
    """`viewer_of(name)`: what this employee may see and do, to call actions with."""

    def of(name: str) -> Viewer:
        found = viewer(Employee.objects.get(name=name))
        assert found is not None
        return found

    return of
