"""Employees who sign in to the console."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from accountsworld import Person, Surfer, activated
from nyckelfri.server.people.models import Employee, Role
from serverfixtures import set_clock

__all__ = ["set_clock"]

Hire = Callable[..., Employee]


@pytest.fixture(autouse=True)
def plain_cookies(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


@pytest.fixture
def surfer(db: None) -> Surfer:
    return Surfer()


@pytest.fixture
def hire(db: None, set_clock: Any) -> Hire:
    """`hire(role, number, team)`: an employee without an account."""

    def one(role: str = Role.PLANNER, number: str = "20001", team: Any = None) -> Employee:
        return Employee.objects.create(
            number=number, name="Pia", role=role, care_team=team, employed_from="2024-01-01"
        )

    return one


@pytest.fixture
def pia(hire: Hire, moment: datetime) -> Person:
    """A planner with an app and recovery codes, logged in nowhere."""
    browser = Surfer()
    person = activated(browser, hire(), moment)
    browser.post("/logga-ut/")
    return person
