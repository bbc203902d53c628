"""A database of the test's own, with real commits, for threads that meet in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from databases import Stores
from serverfixtures import (
    alices_phone,
    bobs_phone,
    charlies_phone,
    keys,
    locks,
    password_hash,
    passwords,
)

__all__ = [
    "alices_phone",
    "bobs_phone",
    "charlies_phone",
    "keys",
    "locks",
    "password_hash",
    "passwords",
]


@pytest.fixture
def db(
    stores: Stores, tmp_path: Path, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Instead of a transaction that is rolled back: a database that is thrown away."""
    directory = tmp_path / "store"
    directory.mkdir()
    settings.DATA = directory
    with django_db_blocker.unblock(), stores.in_this_process(directory):
        yield
