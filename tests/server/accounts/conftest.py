"""A municipality's people who sign in, and a browser that remembers nothing.

House rules: nobody is logged in by force here: every session is begun by the pages.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client as Browser
from pytest_django import Settings

from nyckelfri.server.accounts import actions
from nyckelfri.server.people.models import Employee, Role
from serverfixtures import set_clock
from serverworld import PASSWORD

__all__ = ["set_clock"]


@dataclass
class Person:
    """Somebody with an account, and what they know."""

    employee: Employee
    password: str = PASSWORD
    secret: str = ""
    recovery: list[str] = field(default_factory=list)
    _step: int = 0

    def code(self) -> str:
        """A one-time code that was not used yet, of this half minute or the next."""
        self._step = max(self._step + 1, int(time.time()) // 30)
        return format_hotp_value(hotp_value(self.secret, self._step))


class Surfer(Browser):
    """A browser that reads Swedish, and tells what a page says."""

    def __init__(self, **more: Any) -> None:
        super().__init__(headers={"accept-language": "sv"}, **more)

    def says(self, path: str, status: int = 200, **posted: Any) -> str:
        """Give the page's HTML as one line."""
        answer = self.post(path, posted) if posted else self.get(path)
        assert answer.status_code == status, (answer.status_code, answer.content.decode()[-2000:])
        return re.sub(r"\s+", " ", answer.content.decode())

    def leads(self, path: str, **posted: Any) -> str:
        """Give the address that the answer leads to."""
        answer = self.post(path, posted) if posted else self.get(path)
        assert answer.status_code in {302, 204}, answer.content.decode()[-2000:]
        return str(answer.headers.get("Location") or answer.headers["HX-Redirect"])


@pytest.fixture(autouse=True)
def plain_cookies(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


@pytest.fixture
def surfer(db: None) -> Surfer:
    return Surfer()


Hire = Callable[..., Employee]


@pytest.fixture
def hire(db: None, set_clock: Any) -> Hire:
    """`hire(role, number, team)`: an employee without an account."""

    def one(role: str = Role.PLANNER, number: str = "20001", team: Any = None) -> Employee:
        return Employee.objects.create(
            number=number, name="Pia", role=role, care_team=team, employed_from="2024-01-01"
        )

    return one


def activate(surfer: Browser, employee: Employee, now: datetime) -> Person:
    """Take an account over with a code, and set up the app."""
    code = actions.show(actions.invite(employee, actor="employee:9", now=now))
    employee.refresh_from_db()
    assert employee.user is not None
    said = {
        "username": employee.user.username,
        "code": code,
        "new": PASSWORD,
        "again": PASSWORD,
    }
    assert surfer.post("/aktivera/", said).headers["Location"] == "/konto/borja/"
    page = surfer.get("/konto/app/")
    person = Person(employee, secret=page.context["form"].secret)
    answer = surfer.post("/konto/app/", {"code": person.code()})
    assert answer.headers["Location"] == "/konto/reservkoder/"
    person.recovery = surfer.get("/konto/reservkoder/").context["unused_codes"]
    return person


@pytest.fixture
def pia(hire: Hire, moment: datetime) -> Person:
    """A planner with an app and recovery codes, logged in nowhere."""
    browser = Surfer()
    person = activate(browser, hire(), moment)
    browser.post("/logga-ut/")
    return person


def log_in(surfer: Browser, person: Person) -> None:
    """Go the whole way."""
    said = {"login": person.employee.number, "password": person.password}
    assert surfer.post("/logga-in/", said).headers["Location"] == "/logga-in/steg-2/"
    assert surfer.post("/logga-in/steg-2/", {"code": person.code()}).headers["Location"] == "/"
