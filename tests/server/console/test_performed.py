"""A day of visits: planned beside performed, what stands out, all that fit approved at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.server.visits.models import Visit
from performedworld import not_made, performed, planned

PAGE = "/besok/"
DAY = f"{PAGE}?dag=2026-11-23"
HOUR = timedelta(hours=1)


@pytest.fixture
def day(cast: Any, moment: datetime) -> dict[str, Visit]:
    """Monday: one that fits, one with two flags, one not made, and one of the company's."""
    noon = moment + 5 * HOUR
    return {
        "fits": performed(cast.visit),
        "short": performed(
            planned(cast.client, cast.alice, noon, services=["care", "household"]),
            length=5, flags=["too_short", "no_exit"], closed_by_rule=True,
        ),
        "not_made": not_made(planned(cast.client, cast.bob, noon + HOUR)),
        "company": performed(planned(cast.other_client, cast.charlie, noon)),
    }  # fmt: skip


@pytest.mark.sentence(68)
@pytest.mark.sentence(70)
@pytest.mark.sentence(21)
def test_day_shows_planned_beside_performed_what_was_done_and_what_proves_it(
    planner: Browser, day: dict[str, Visit], read: Any
) -> None:
    shown = read(planner, f"{DAY}&visa=alla")
    for words in (
        "07:30–08:00",
        "07:32–08:00",
        "28 av 30 min",
        "Alice",
        "B0001",
        "Dörr",
        "Stämmer",
    ):
        assert words in shown
