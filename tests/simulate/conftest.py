"""What the tests of the simulation share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import Stores
from weekworld import Week


@pytest.fixture(scope="session")
def week(stores: Stores) -> Iterator[Week]:
    """A day of a village, lived once."""
    with Week(stores.migrated()) as lived:
        yield lived
