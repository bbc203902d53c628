"""Fixtures that every room's tests share, and the rule for marks."""

from __future__ import annotations

import asyncio
import os
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from typing import Any

import scratch

# Before Django is loaded: no test leaves anything in the working directory.
os.environ["NYCKELFRI_DATA"] = scratch.begin()

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import HOUR, NOON, Door, Municipality, identifier, private_key

import databases
from databases import Stores
from nyckelfri.door import grants, signed
from nyckelfri.door.grants import Grant

_DEAR = ("tests/system/", "tests/simulate/")
_BROWSERS = "tests/web/"


def pytest_addoption(parser: pytest.Parser) -> None:
    databases.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.add_cleanup(scratch.end)
    databases.configure(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    databases.configure_worker(node)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, stores: Stores) -> bool:
    """The whole PostgreSQL is thrown away at the end: to drop its databases first takes longer."""
    return django_db_keepdb or stores.cluster is not None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, stores: Stores
) -> Iterator[None]:
    """Django finds that all migrations have run: only what is new would take its time."""
    with stores.in_memory():
        yield


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest) -> Stores:
    """Databases for processes that a test starts."""
    return databases.stores(request.config)


@pytest.fixture(scope="session")
def municipality() -> Municipality:
    return Municipality.make()


@pytest.fixture(scope="session")
def door() -> Door:
    return Door(identifier("front door"), private_key(200), private_key(201))


@pytest.fixture(scope="session")
def phone_key() -> ec.EllipticCurvePrivateKey:
    return private_key(300)


@pytest.fixture(scope="session")
def grant(door: Door, phone_key: ec.EllipticCurvePrivateKey) -> Grant:
    """A care worker's right to `door`, this shift."""
    return Grant(
        subject=identifier("Alice"),
        installation=door.installation,
        not_before=NOON - 4 * HOUR,
        not_after=NOON + 4 * HOUR,
        issued=NOON - 12 * HOUR,
        serial=identifier("serial 1"),
        phone=signed.coordinate(phone_key.public_key()),
        scope=grants.CARE,
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """What runs, in which order; a mark without a number would silently count for nothing.

    The dear ones begin, so that in the end processes share what is cheap, and not the browser's
    tests, which would build their morning in each.
    """
    databases.select(config, items)
    items.sort(key=lambda item: not item.nodeid.startswith(_DEAR))
    for item in items:
        for name in ("threat", "sentence"):
            for mark in item.iter_markers(name):
                if len(mark.args) != 1 or not isinstance(mark.args[0], int):
                    raise pytest.UsageError(f"{item.nodeid}: @{name} takes one number")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """No loop runs around a test, though what drives a browser leaves its own running.

    A process may get tests of other rooms after those of browsers, and in a running loop neither
    Django nor asyncio would begin anything.
    """
    loop = asyncio._get_running_loop()
    if loop is None or item.nodeid.startswith(_BROWSERS):
        return (yield)
    asyncio._set_running_loop(None)
    if nextitem is None:
        item.session.addfinalizer(lambda: _goes_on(loop))
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(None if loop.is_closed() else loop)


def _goes_on(loop: AbstractEventLoop) -> None:
    """Browsers are closed in their driver's loop; databases may be let go before it ends."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    asyncio._set_running_loop(loop)
