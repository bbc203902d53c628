"""When the rota is wrong, a planner adds a shift or a visit by hand, and access follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.facts import Fact, WhyNot
from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import DateRange
from nyckelfri.care.whynot import why_not
from nyckelfri.care.world import PlannedVisit, Service, Shift, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from nyckelfri.care.grants import AccessGrant

    At = Callable[[str], datetime]
    Shown = Callable[[list[AccessGrant]], list[str]]

POLICY = Policy()
CARE = frozenset({Service.CARE})
PAST = DateRange(date(2026, 1, 1), date(2026, 11, 22))


def utc(hour: int, minute: int = 0) -> datetime:
    """A moment of the day that everything here happens on: an hour before local time."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


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


def test_an_ad_hoc_visit_alone_opens_nothing_to_whoever_is_off_shift(
    village: World, at: At
) -> None:
    for who in ("vera", "tove", "sune", "bodil"):
        world = added(village, at, ad_hoc=True)
        (visit,) = world.visits
        world = replace(world, shifts=(), visits=(replace(visit, employee_ids=(who,)),))
        assert not derive(world, POLICY, at("2026-11-23 06:55"))


def lent(
    village: World, at: At, who: str, hours: tuple[str, str] = ("08:00", "08:30"), **other: Any
) -> World:
    """`who` is on shift from six to six and has a visit to Ada, whose team is town-north."""
    start, end = (at(f"2026-11-23 {hour}") for hour in hours)
    visit = PlannedVisit("v", "ada", (who,), start, end, CARE, ad_hoc=True)
    shift = Shift(f"s-{who}", who, at("2026-11-23 06:00"), at("2026-11-24 06:00"))
    return replace(village, shifts=(shift,), visits=(replace(visit, **other),))


NIGHT = ("23:00", "23:30")
BY_SCOPE = [Policy(scope=scope) for scope in Scope]


@pytest.mark.sentence(3)
@pytest.mark.parametrize("policy", BY_SCOPE)
def test_colleague_of_another_team_opens_the_home_of_their_ad_hoc_visit_at_its_time_only(
    village: World, at: At, shown: Shown, policy: Policy
) -> None:
    grants = derive(lent(village, at, "sune"), policy, at("2026-11-23 06:55"))
    assert shown(grants) == [
        "sune lock-ada 23 07:45-23 09:00",
        "sune lock-entrance 23 07:45-23 09:00",
    ]
    home, entrance = (grant.reasons for grant in grants)
    assert home == (
        Reason(
            Rule.PLANNED_VISIT,
            client_id="ada",
            team_id="town-south",
            shift_id="s-sune",
            visit_id="v",
            decision_id="care-ada",
            choice_id="ada-town",
            ad_hoc=True,
        ),
    )
    assert entrance == (home[0].at_entrance("entrance"),)


@pytest.mark.sentence(14)
def test_colleagues_visit_at_5_to_7_opens_when_the_day_begins(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(lent(village, at, "sune", ("06:55", "07:25")), entrances=())
    grants = derive(world, POLICY, at("2026-11-23 06:55"))
    assert shown(grants) == ["sune lock-ada 23 07:00-23 07:55"]
    early = replace(lent(village, at, "sune", ("06:00", "06:59")), entrances=())
    assert not derive(early, POLICY, at("2026-11-23 05:55"))


@pytest.mark.sentence(47)
@pytest.mark.threat(59)
@pytest.mark.parametrize("policy", BY_SCOPE)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda world: lent_to(world, "bodil"), id="another provider's carer"),
        pytest.param(lambda world: lent_to(world, "pia"), id="whoever opens nothing"),
        pytest.param(lambda world: lent_to(world, "nils"), id="the night patrol by day"),
        pytest.param(lambda world: of_visit(world, ad_hoc=False), id="a visit of the rota"),
        pytest.param(
            lambda world: of_visit(world, services=frozenset({Service.MEALS})), id="no care"
        ),
        pytest.param(
            lambda world: of_visit(world, services=frozenset({Service.HOUSEHOLD})),
            id="a service that they are not chosen for",
        ),
        pytest.param(lambda world: of_visit(world, client_id="bo"), id="Blom's client"),
        pytest.param(lambda world: of_visit(world, client_id="cia"), id="an alarm only"),
        pytest.param(lambda world: replace(world, decisions=()), id="no decision"),
        pytest.param(lambda world: replace(world, choices=()), id="no choice"),
        pytest.param(lambda world: of_choice(world, dates=PAST), id="a choice that has ended"),
        pytest.param(
            lambda world: of_choice(world, team_id="blom-north"), id="a choice against itself"
        ),
    ],
)
def test_ad_hoc_visit_opens_nothing_to(
    village: World, at: At, policy: Policy, change: Callable[[World], World]
) -> None:
    now = at("2026-11-23 07:50")
    ordinary = lent(village, at, "sune")
    assert derive(ordinary, policy, now)
    world = change(ordinary)
    assert derive(world, policy, now) == derive(replace(world, visits=()), policy, now)


def lent_to(world: World, who: str) -> World:
    shifts = tuple(replace(row, employee_id=who) for row in world.shifts)
    visits = tuple(replace(row, employee_ids=(who,)) for row in world.visits)
    return replace(world, shifts=shifts, visits=visits)


def of_visit(world: World, **values: Any) -> World:
    return replace(world, visits=tuple(replace(row, **values) for row in world.visits))


def of_choice(world: World, **values: Any) -> World:
    return replace(
        world,
        choices=tuple(
            replace(row, **values) if row.id == "ada-town" else row for row in world.choices
        ),
    )


@pytest.mark.sentence(3)
@pytest.mark.parametrize("policy", BY_SCOPE)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda world: of_visit(world, start=utc(13), end=utc(14)),
            WhyNot(Fact.VISIT_NOT_NOW, at=utc(12, 45), visit_id="v"),
        ),
        (
            lambda world: of_visit(world, start=utc(5), end=utc(6)),
            WhyNot(Fact.VISIT_NOT_NOW, at=utc(6, 30), visit_id="v"),
        ),
        (
            lambda world: of_visit(world, services=frozenset({Service.HOUSEHOLD})),
            WhyNot(Fact.VISIT_FOR_OTHER_SERVICE, visit_id="v"),
        ),
        (lambda world: replace(world, decisions=()), WhyNot(Fact.NO_DECISION)),
        (lambda world: replace(world, shifts=()), WhyNot(Fact.NO_SHIFT)),
    ],
)
def test_colleague_with_an_ad_hoc_visit_lacks_exactly_one_fact(
    village: World,
    at: At,
    policy: Policy,
    *,
    change: Callable[[World], World],
    expected: WhyNot,
) -> None:
    world, now = lent(village, at, "sune"), at("2026-11-23 08:00")
    assert why_not(world, policy, "sune", "ada", now) == ()
    assert why_not(change(world), policy, "sune", "ada", now) == (expected,)


@pytest.mark.sentence(3)
@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda world: replace(world, visits=()), Fact.OTHER_TEAM),
        (lambda world: of_visit(world, ad_hoc=False), Fact.OTHER_TEAM),
        (lambda world: of_visit(world, client_id="bo"), Fact.OTHER_TEAM),
        (
            lambda world: of_choice(world, provider_id="blom", team_id=None),
            Fact.OTHER_PROVIDER_CHOSEN,
        ),
        (lambda world: of_choice(world, dates=PAST), Fact.NO_CHOICE),
    ],
)
def test_colleague_whom_no_ad_hoc_visit_can_let_in_is_told_of_their_team(
    village: World, at: At, *, change: Callable[[World], World], fact: Fact
) -> None:
    world = change(of_choice(lent(village, at, "sune"), team_id="town-north"))
    found = why_not(world, POLICY, "sune", "ada", at("2026-11-23 08:00"))
    assert [row.fact for row in found] == [fact]


def test_colleagues_at_night_come_in_the_hours_of_their_own_team(
    village: World, at: At, shown: Shown
) -> None:
    """The patrol of another area is lent by night, a carer of the day is not."""
    teams = tuple(
        replace(team, area="south") if team.id == "night" else team for team in village.teams
    )
    village = replace(village, teams=teams, entrances=())
    now = at("2026-11-23 20:00")
    patrol = derive(lent(village, at, "nils", NIGHT), POLICY, now)
    assert shown(patrol) == ["nils lock-ada 23 22:45-24 00:00"]
    assert not derive(lent(village, at, "sune", NIGHT), POLICY, now)
    alarm_group = derive(lent(village, at, "lars", NIGHT), POLICY, now)
    assert "lars lock-ada 23 22:45-24 00:00" in shown(alarm_group)


def test_whose_team_comes_by_the_door_anyway_is_not_lent_to_it(village: World, at: At) -> None:
    for who, hours, rule in (
        ("tove", ("08:00", "08:30"), Rule.CHOSEN_TEAM),
        ("nils", NIGHT, Rule.NIGHT_PATROL),
    ):
        grants = derive(lent(village, at, who, hours), POLICY, at("2026-11-23 20:00"))
        assert {reason.rule for grant in grants for reason in grant.reasons} == {rule}


def test_both_seats_of_an_ad_hoc_visit_are_lent_and_each_only_on_shift(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(lent(village, at, "sune"), entrances=())
    world = of_visit(world, employee_ids=("tove", "sune"))
    grants = derive(world, POLICY, at("2026-11-23 07:50"))
    assert shown(grants) == ["sune lock-ada 23 07:45-23 09:00"]


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
