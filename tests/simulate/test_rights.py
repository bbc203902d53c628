"""The server's rights against the second opinion: every carer, every door, every edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

import rightsworld as world
from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.simulate.rights import Rights, Scope

DAY = timedelta(days=1)


@pytest.mark.parametrize("weeks", world.SUNDAYS)
@pytest.mark.parametrize("scope", ["team", "visits", "area"])
def test_server_and_opinion_say_the_same_of_every_door(
    db: None, tmp_path: Path, weeks: int, scope: Scope
) -> None:
    """From Saturday evening over the night of the change until Monday morning."""
    town = world.moved(tmp_path, weeks)
    sunday = world.SUNDAYS[weeks]
    at = world.moment(sunday - DAY, time(20))
    world.bring_in(tmp_path, at - 7 * 86_400)
    AccessPolicy.objects.create(
        valid_from=date(2026, 1, 1),
        settings={"scope": scope},
        reason="beslut",
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    opinion = Rights(town, scope=scope)
    found = world.differences(opinion, world.pairs_of(town), at)
    assert not found, "\n".join(map(str, found))
    assert len(world.of_server(at)) > 500
