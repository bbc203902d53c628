"""A morning in Björkvik that the app's tests share, and phones that are made ready in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Playwright

import appworld
from appworld import Morning, WorkPhone

Ready = Callable[..., WorkPhone]


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory, driver: Playwright) -> Iterator[Morning]:
    """The morning, for all tests of a process: what one does, the next one finds done."""
    with appworld.morning(tmp_path_factory.mktemp("morning"), driver) as made:
        yield made


@pytest.fixture
def phone(here: Morning) -> Iterator[Ready]:
    """`phone(number, radio=…, …)`: a new phone with this person signed in; no number: as new."""
    with ExitStack() as open_ones:

        def ready(number: str = "", radio: str = "web", **options: Any) -> WorkPhone:
            made = open_ones.enter_context(here.phone(radio, **options))
            here.move(appworld.NEAR, radio)
            made.tell("answer first")
            made.open()
            if number:
                made.enrol(here.code(made.label, number))
                made.sign_in(number, here.secret(number))
            return made

        yield ready
