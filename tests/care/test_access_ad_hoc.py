"""When the rota is wrong, a planner adds a shift or a visit by hand, and access follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.policy import Policy
from nyckelfri.care.world import PlannedVisit, Service, Shift, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nyckelfri.care.grants import AccessGrant

    At = Callable[[str], datetime]
    Shown = Callable[[list[AccessGrant]], list[str]]

POLICY = Policy()
CARE = frozenset({Service.CARE})


def added(village: World, at: At, *, ad_hoc: bool) -> World:
    """At 06:55 a planner adds a shift and a visit for a substitute."""
    return replace(
        village,
        shifts=(Shift("s", "vera", at("2026-11-23 06:55"), at("2026-11-23 09:00"), ad_hoc=ad_hoc),),
        visits=(
            PlannedVisit(
                "v",
                "ada",
                ("vera",),
                at("2026-11-23 06:55"),
                at("2026-11-23 07:25"),
                CARE,
                ad_hoc=ad_hoc,
            ),
        ),
    )


def test_what_a_planner_adds_at_5_to_7_opens_at_once_and_says_so(
    village: World, at: At, shown: Shown
) -> None:
    now = at("2026-11-23 06:55")
    grants = derive(added(village, at, ad_hoc=True), POLICY, now)
    assert shown(grants) == [
        "vera lock-ada 23 06:40-23 09:30",
        "vera lock-entrance 23 06:40-23 09:30",
    ]
    assert {reason.as_data()["ad_hoc"] for grant in grants for reason in grant.reasons} == {"yes"}
    planned = derive(added(village, at, ad_hoc=False), POLICY, now)
    assert shown(planned) == shown(grants)
    for grant in planned:
        assert all("ad_hoc" not in reason.as_data() for reason in grant.reasons)


@pytest.mark.parametrize(
    ("who", "start", "expected"),
    [
        ("tove", "06:55", ["tove lock-ada 23 07:00-23 09:30"]),
        (
            "nils",
            "06:55",
            ["nils lock-ada 23 06:40-23 07:00", "nils lock-bo 23 06:40-23 07:00"],
        ),
    ],
)
def test_an_ad_hoc_shift_gives_its_team_s_hours_and_no_others(
    village: World, at: At, shown: Shown, *, who: str, start: str, expected: list[str]
) -> None:
    shift = Shift("s", who, at(f"2026-11-23 {start}"), at("2026-11-23 09:00"), ad_hoc=True)
    world = replace(village, entrances=(), shifts=(shift,))
    assert shown(derive(world, POLICY, at("2026-11-23 06:55"))) == expected


def test_an_ad_hoc_visit_alone_opens_nothing_to_whoever_is_off_shift_or_of_another_team(
    village: World, at: At
) -> None:
    for who in ("vera", "tove", "bodil"):
        world = added(village, at, ad_hoc=True)
        (visit,) = world.visits
        world = replace(world, shifts=(), visits=(replace(visit, employee_ids=(who,)),))
        assert not derive(world, POLICY, at("2026-11-23 06:55"))


def test_a_nurses_ad_hoc_visit_says_so(village: World, at: At, shown: Shown) -> None:
    hours = at("2026-11-23 06:55"), at("2026-11-23 07:25")
    visit = PlannedVisit("v", "cia", ("siri",), *hours, ad_hoc=True)
    (grant,) = derive(replace(village, visits=(visit,)), POLICY, at("2026-11-23 06:55"))
    assert shown([grant]) == ["siri lock-cia 23 06:25-23 08:25"]
    assert grant.reasons[0].as_data()["ad_hoc"] == "yes"


def test_more_than_a_day_by_hand_is_refused(at: At) -> None:
    start, end = at("2026-11-23 07:00"), at("2026-11-24 07:01")
    Shift("s", "vera", start, end)
    with pytest.raises(ValueError, match="shift s is longer than 1 day"):
        Shift("s", "vera", start, end, ad_hoc=True)
    with pytest.raises(ValueError, match="visit v is longer than 1 day"):
        PlannedVisit("v", "ada", ("vera",), start, end, CARE, ad_hoc=True)
