"""The server with Björkvik's morning, a browser, and somebody in front of it.

House rules: what is missing fails the tests and says how to install it; nothing is skipped.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

import webtown
import webworld
from webworld import Site, Visitor

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A copy of the data, which is made once a run however many processes share it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "webtown"
    with shared.with_suffix(".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / webtown.ROLES).exists():
            webworld.build(shared)
    return Path(shutil.copytree(shared, tmp_path_factory.mktemp("town") / "data"))


@pytest.fixture(scope="session")
def site(town: Path) -> Iterator[Site]:
    """The real server, for all tests of a process: what one changes, the next one sees."""
    with webworld.running(town) as running:
        yield running


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What starts browsers: one a process."""
    with webworld.driver() as running:
        yield running


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Chromium, started once."""
    with webworld.chromium(driver) as running:
        yield running


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    """`visit(role, width=…, language=…)`: somebody with a fresh browser profile."""
    with ExitStack() as open_ones:

        def begin(role: str = "", **options: Any) -> Visitor:
            return open_ones.enter_context(webworld.visitor(browser, site, role, **options))

        yield begin
