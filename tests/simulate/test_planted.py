"""Three defects that would cost somebody their safety are each found within ten seeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import Stores
from plantworld import Hunt, Hunter

_HUNTS = {
    "forgotten_revocation": Hunt("forgotten_revocation", {"stolen_offline": 60}),
    "acknowledged_before_commit": Hunt("acknowledged_before_commit", {"server_killed": 600}),
    "clock_below_its_floor": Hunt("clock_below_its_floor", {"chip_wrong": 60}),
}
_FOUND = {
    "forgotten_revocation": {"nobody_without_a_right_opens"},
    "acknowledged_before_commit": {
        "nothing_is_acknowledged_before_it_is_committed",
        # The bulletin's watermark notices the lost commit too, and the server signs no more.
        "what_is_in_force_arrives",
    },
    "clock_below_its_floor": {"clocks_never_fall_below_the_floor"},
}


@pytest.fixture(scope="module")
def hunter(stores: Stores) -> Iterator[Hunter]:
    with Hunter(stores.migrated()) as started:
        yield started


@pytest.mark.parametrize("plant", _HUNTS)
def test_a_planted_defect_is_found_within_ten_seeds(plant: str, hunter: Hunter) -> None:
    catch = hunter.hunt(_HUNTS[plant])
    assert catch is not None
    assert catch.rule in _FOUND[plant], catch.text


def test_without_a_defect_the_same_mishaps_break_nothing(hunter: Hunter) -> None:
    everything = {
        name: often for each in _HUNTS.values() for name, often in (each.mishaps or {}).items()
    }
    assert hunter.hunt(Hunt("nothing", everything)) is None
