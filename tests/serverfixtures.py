"""Fixtures of rooms that need keys: keys in force, the cast's locks in service, their phones.

A room's conftest.py imports those that its tests ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import DjangoDbBlocker, Settings

from databases import Stores
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.keyset import KeySet
from nyckelfri.server.keys import signer
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import User
from serverworld import PASSWORD, Api, Handset, Holders, Lock

if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True)
class Keys:
    """The root's holders, the first key set, and where the private keys are."""

    holders: Holders
    key_set: KeySet
    directory: Path


@pytest.fixture
def keys(db: None, tmp_path: Path, settings: Settings, moment: datetime) -> Iterator[Keys]:
    """A server that may sign."""
    settings.DATA = tmp_path / "data"
    signer.of.cache_clear()
    holders = Holders.make()
    yield Keys(holders, holders.install_first(moment), tmp_path / "data" / "keys")
    signer.of.cache_clear()


@dataclass(frozen=True)
class Locks:
    """The cast's locks, as they are and as the server knows them."""

    home: Lock
    entrance: Lock
    other_home: Lock
    at_home: Installation
    at_entrance: Installation
    at_other_home: Installation


@pytest.fixture
def locks(keys: Keys, cast: Any, moment: datetime) -> Locks:
    """The cast's three locks, commissioned."""
    root, clock = keys.holders.root, int(moment.timestamp())
    home = Lock.make("home", root, clock)
    entrance = Lock.make("entrance", root, clock, Kind.ENTRANCE_UNIT)
    other_home = Lock.make("other home", root, clock)
    return Locks(
        home,
        entrance,
        other_home,
        home.put_in_service(cast.front_door, moment),
        entrance.put_in_service(cast.entrance_unit, moment),
        other_home.put_in_service(cast.other_front_door, moment),
    )


@pytest.fixture
def alices_phone(keys: Keys, cast: Any, moment: datetime) -> Handset:
    return Handset.enrol("A", cast.alice, 800, moment)


@pytest.fixture
def bobs_phone(keys: Keys, cast: Any, moment: datetime) -> Handset:
    return Handset.enrol("B", cast.bob, 801, moment)


@pytest.fixture
def charlies_phone(keys: Keys, cast: Any, moment: datetime) -> Handset:
    return Handset.enrol("C", cast.charlie, 802, moment)


SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> SetClock:
    """Stop the declared clock at a moment; it starts at `moment`."""

    def set_to(now: datetime) -> None:
        monkeypatch.setenv("NYCKELFRI_CLOCK", f"{now.timestamp():.0f}@0*0")

    set_to(moment)
    return set_to


@pytest.fixture(scope="session")
def password_hash() -> str:
    """`PASSWORD`, hashed as it is in use; once, since it is slow on purpose."""
    return make_password(PASSWORD)


@pytest.fixture
def passwords(cast: Any, password_hash: str) -> None:
    """Alice, Bob and Charlie sign in with their numbers and `PASSWORD`."""
    for employee in (cast.alice, cast.bob, cast.charlie):
        employee.user = User.objects.create(username=employee.number, password=password_hash)
        employee.save()


@pytest.fixture
def api(set_clock: SetClock, alices_phone: Handset, passwords: None) -> Api:
    """Alice's phone at the API, nobody signed in."""
    return Api(alices_phone.token)


@pytest.fixture(name="db")
def committed_db(
    stores: Stores, tmp_path: Path, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Instead of a transaction that is rolled back: a database that is thrown away."""
    directory = tmp_path / "store"
    directory.mkdir()
    settings.DATA = directory
    with django_db_blocker.unblock(), stores.in_this_process(directory):
        yield
