"""October, to be invoiced."""

from __future__ import annotations

from typing import Any

import pytest

import moneyworld
from moneyworld import Money


@pytest.fixture
def money(db: None, cast: Any) -> Money:
    """A closed October without visits, with a tariff and a sender.

    The cast's two clients have a decision on care each.
    """
    return moneyworld.set_up(cast.alice)
