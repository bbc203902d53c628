"""What phone tests share: a server that is reached over HTTP, a phone, a front door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doorworld import Door, Municipality
from lockworld import make_store

from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone import vault
from phoneserver import SmallServer
from phoneworld import Phone


@pytest.fixture(autouse=True)
def cheap_stretching(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real scrypt with less work: these tests are about what happens around it."""
    monkeypatch.setattr(vault, "COST", 10)


@pytest.fixture
def server(municipality: Municipality) -> Iterator[SmallServer]:
    with SmallServer(municipality) as running:
        yield running


@pytest.fixture
def phone(tmp_path: Path, server: SmallServer) -> Iterator[Phone]:
    """Enrolled; nobody is signed in."""
    enrolled = Phone.enrol(tmp_path / "phone", server)
    with enrolled.store:
        yield enrolled


@pytest.fixture
def lock_store(tmp_path: Path, municipality: Municipality, door: Door) -> Iterator[LockStore]:
    with make_store(tmp_path / "lock.db", municipality, door) as made:
        yield made
