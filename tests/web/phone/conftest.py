"""A page that is a phone, its server, and a front door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doorworld import Door, Municipality
from lockworld import make_store
from playwright.sync_api import Browser

from nyckelfri.lock.store import Store as LockStore
from webphone import DAY, Doors, PagePhone, PageServer


@pytest.fixture
def server(municipality: Municipality) -> Iterator[PageServer]:
    with PageServer(municipality) as running:
        yield running


@pytest.fixture
def phone(browser: Browser, server: PageServer) -> Iterator[PagePhone]:
    """Enrolled; nobody is signed in."""
    context = browser.new_context()
    opened = PagePhone.open(context, server).enrol()
    yield opened
    context.close()
    assert opened.complaints == []


@pytest.fixture
def full(phone: PagePhone, server: PageServer, door: Door) -> PagePhone:
    """Signed in, with a door, its grant, and a day."""
    server.allow(door)
    server.day = DAY
    phone.sign_in()
    return phone


@pytest.fixture
def lock_store(tmp_path: Path, municipality: Municipality, door: Door) -> Iterator[LockStore]:
    with make_store(tmp_path / "lock.db", municipality, door) as made:
        yield made


@pytest.fixture
def doors(server: PageServer) -> Iterator[Doors]:
    """The air around the phone; nothing is on it yet."""
    with Doors() as near:
        server.doors_near = near
        yield near
