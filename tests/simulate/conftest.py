"""What the tests of the simulation share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from weekworld import Week


@pytest.fixture(scope="session")
def week() -> Iterator[Week]:
    """A day of a village, lived once."""
    with Week() as lived:
        yield lived
