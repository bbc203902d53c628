"""Doors that a municipality opens by planned visit, by alarm or by assignment only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import DateRange
from nyckelfri.care.world import (
    Alarm,
    Assignment,
    CareDecision,
    PlannedVisit,
    ProviderChoice,
    Service,
    Shift,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nyckelfri.care.grants import AccessGrant

    At = Callable[[str], datetime]
    Shown = Callable[[list[AccessGrant]], list[str]]

ALWAYS = DateRange(date(2026, 1, 1))
CARE = frozenset({Service.CARE})
BY_VISIT = Policy(scope=Scope.VISITS)
ON_ALARM = Policy(alarm_group_standing=False)
MORNING = "2026-11-23 06:00"
DAY = ("2026-11-23 07:00", "2026-11-23 15:00")
NIGHT = ("2026-11-23 21:30", "2026-11-24 07:15")


def working(world: World, at: At, *shifts: tuple[str, tuple[str, str]]) -> World:
    """Homes only, with these people on shift."""
    return replace(
        world,
        entrances=(),
        shifts=tuple(
            Shift(f"shift-{who}", who, at(start), at(end)) for who, (start, end) in shifts
        ),
    )


def visit(
    at: At, client: str, who: tuple[str, ...], hours: str, services: frozenset[Service] = CARE
) -> PlannedVisit:
    """A visit on 2026-11-23, `hours` as `08:00-08:30`."""
    start, end = (at(f"2026-11-23 {clock}") for clock in hours.split("-"))
    return PlannedVisit(f"visit-{client}-{hours}", client, who, start, end, services)


@pytest.mark.sentence(3)
@pytest.mark.sentence(11)
def test_by_visit_a_carer_holds_the_door_around_their_own_visits_and_nobody_else_does(
    village: World, at: At, shown: Shown
) -> None:
    tove, *rest = village.employees
    world = replace(
        working(village, at, ("tove", DAY), ("tora", DAY)),
        employees=(tove, replace(tove, id="tora"), *rest),
        visits=(
            visit(at, "ada", ("tove",), "08:00-08:30"),
            visit(at, "ada", ("tove",), "12:00-12:45"),
        ),
    )
    assert shown(derive(world, BY_VISIT, at(MORNING))) == [
        "tove lock-ada 23 07:45-23 09:00",
        "tove lock-ada 23 11:45-23 13:15",
    ]


def test_both_seats_of_a_double_visit_hold_the_door(village: World, at: At, shown: Shown) -> None:
    tove, *rest = village.employees
    world = replace(
        working(village, at, ("tove", DAY), ("tora", DAY)),
        employees=(tove, replace(tove, id="tora"), *rest),
        visits=(visit(at, "ada", ("tora", "tove"), "08:00-08:30"),),
    )
    assert shown(derive(world, BY_VISIT, at(MORNING))) == [
        "tora lock-ada 23 07:45-23 09:00",
        "tove lock-ada 23 07:45-23 09:00",
    ]


def test_the_entrance_opens_with_the_visit_and_names_no_client(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(
        working(village, at, ("tove", DAY)),
        entrances=village.entrances,
        visits=(visit(at, "ada", ("tove",), "08:00-08:30"),),
    )
    home, entrance = derive(world, BY_VISIT, at(MORNING))
    assert shown([entrance]) == ["tove lock-entrance 23 07:45-23 09:00"]
    assert home.reasons == (
        Reason(
            Rule.PLANNED_VISIT,
            client_id="ada",
            team_id="town-north",
            shift_id="shift-tove",
            visit_id="visit-ada-08:00-08:30",
            decision_id="care-ada",
            choice_id="ada-town",
        ),
    )
    assert entrance.reasons == (
        Reason(
            Rule.PLANNED_VISIT,
            entrance_id="entrance",
            team_id="town-north",
            shift_id="shift-tove",
        ),
    )


@pytest.mark.threat(59)
@pytest.mark.parametrize(
    ("why", "who", "client", "hours", "services"),
    [
        ("the client chose another provider", "tove", "bo", "08:00-08:30", CARE),
        ("the visit is before the shift", "tove", "ada", "06:30-06:55", CARE),
        ("the visit is after the shift", "tove", "ada", "15:10-15:30", CARE),
        ("the visit is for a lunch box", "tove", "ada", "08:00-08:30", frozenset({Service.MEALS})),
        ("nobody decided on that", "tove", "ada", "08:00-08:30", frozenset({Service.HOUSEHOLD})),
        ("the visit is a colleague's", "bodil", "ada", "08:00-08:30", CARE),
    ],
)
def test_by_visit_no_door_opens_when(
    village: World,
    at: At,
    *,
    why: str,
    who: str,
    client: str,
    hours: str,
    services: frozenset[Service],
) -> None:
    world = replace(
        working(village, at, ("tove", DAY)),
        visits=(visit(at, client, (who,), hours, services),),
    )
    assert not derive(world, BY_VISIT, at(MORNING)), why


def test_by_visit_an_evening_visit_ends_where_the_night_patrols_hours_begin(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(
        working(village, at, ("tove", ("2026-11-23 14:00", "2026-11-23 22:00")), ("nils", NIGHT)),
        visits=(visit(at, "ada", ("tove",), "21:30-21:55"),),
    )
    # Nobody plans the patrol's rounds: it stands in the night hours, visits or not.
    assert shown(derive(world, BY_VISIT, at("2026-11-23 12:00"))) == [
        "nils lock-ada 23 22:00-24 07:00",
        "nils lock-bo 23 22:00-24 07:00",
        "tove lock-ada 23 21:15-23 22:00",
    ]


def test_by_visit_a_visit_in_a_split_shift_is_one_grant_over_the_seam(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(
        working(village, at),
        shifts=(
            Shift("early", "tove", at(DAY[0]), at("2026-11-23 11:00")),
            Shift("late", "tove", at("2026-11-23 11:00"), at(DAY[1])),
        ),
        visits=(visit(at, "ada", ("tove",), "10:45-11:15"),),
    )
    (grant,) = derive(world, BY_VISIT, at(MORNING))
    assert shown([grant]) == ["tove lock-ada 23 10:30-23 11:45"]
    assert {reason.shift_id for reason in grant.reasons} == {"early", "late"}


@pytest.mark.sentence(14)
def test_by_visit_a_substitute_holds_the_door_around_the_visit_as_those_they_stand_in_for(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(
        working(village, at, ("vera", DAY)), visits=(visit(at, "ada", ("vera",), "08:00-08:30"),)
    )
    assert shown(derive(world, BY_VISIT, at(MORNING))) == ["vera lock-ada 23 07:45-23 09:00"]


def test_by_visit_the_margins_are_the_municipalitys(village: World, at: At, shown: Shown) -> None:
    policy = replace(BY_VISIT, before_visit=timedelta(hours=1), after_visit=timedelta(0))
    world = replace(
        working(village, at, ("tove", DAY)), visits=(visit(at, "ada", ("tove",), "09:00-09:30"),)
    )
    assert shown(derive(world, policy, at(MORNING))) == ["tove lock-ada 23 08:00-23 09:30"]


def ringing(world: World, at: At, start: str, end: str | None = None) -> World:
    till = at(f"2026-11-23 {end}") if end else None
    alarm = Alarm("alarm-1", "cia", at(f"2026-11-23 {start}"), till)
    return replace(world, alarms=(alarm,))


@pytest.mark.sentence(4)
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("10:00", None, ["lars lock-cia 23 10:00-23 12:00"]),
        ("10:00", "10:20", ["lars lock-cia 23 10:00-23 10:50"]),
        ("10:00", "11:50", ["lars lock-cia 23 10:00-23 12:00"]),
        ("06:00", None, ["lars lock-cia 23 06:45-23 08:00"]),
        ("14:30", None, ["lars lock-cia 23 14:30-23 15:30"]),
        ("15:40", None, []),
        ("03:00", None, []),
    ],
)
def test_on_alarm_the_group_on_shift_opens_from_the_alarm_until_it_has_ended_and_no_other_home(
    village: World, at: At, shown: Shown, *, start: str, end: str | None, expected: list[str]
) -> None:
    alarm_ada = CareDecision("alarm-ada", "ada", Service.ALARM, ALWAYS)
    world = replace(
        ringing(working(village, at, ("lars", DAY), ("tove", DAY)), at, start, end),
        decisions=(*village.decisions, alarm_ada),
        choices=(),
    )
    assert shown(derive(world, ON_ALARM, at(MORNING))) == expected


def test_an_alarm_opens_to_nobody_while_the_alarm_group_is_off_shift(
    village: World, at: At
) -> None:
    world = ringing(working(village, at, ("tove", DAY), ("nils", DAY)), at, "10:00")
    assert "lock-cia" not in {each.lock_id for each in derive(world, ON_ALARM, at(MORNING))}


def test_an_alarm_without_a_decision_on_it_opens_nothing(village: World, at: At) -> None:
    world = ringing(working(village, at, ("lars", DAY)), at, "10:00")
    assert not derive(replace(world, decisions=()), ON_ALARM, at(MORNING))


def test_an_alarms_reason_names_it_at_home_and_not_at_the_entrance(village: World, at: At) -> None:
    ada, bo, cia = village.clients
    world = replace(
        ringing(working(village, at, ("lars", DAY)), at, "10:00"),
        clients=(ada, bo, replace(cia, entrance_id="entrance")),
        entrances=village.entrances,
    )
    home, entrance = derive(world, ON_ALARM, at(MORNING))
    assert home.reasons[0].as_data() == {
        "rule": "alarm",
        "client_id": "cia",
        "team_id": "alarm",
        "shift_id": "shift-lars",
        "decision_id": "alarm-cia",
        "alarm_id": "alarm-1",
    }
    assert entrance.reasons == (
        Reason(Rule.ALARM, entrance_id="entrance", team_id="alarm", shift_id="shift-lars"),
    )


@pytest.mark.sentence(85)
@pytest.mark.sentence(93)
@pytest.mark.parametrize(
    ("dates", "hours", "expected"),
    [
        (ALWAYS, DAY, ["siri lock-cia 23 06:45-23 15:30"]),
        (ALWAYS, NIGHT, ["siri lock-cia 23 21:15-24 07:45"]),
        (ALWAYS, None, []),
        (DateRange(date(2026, 11, 1), date(2026, 11, 22)), DAY, []),
        (
            DateRange(date(2026, 11, 1), date(2026, 11, 23)),
            NIGHT,
            ["siri lock-cia 23 21:15-24 00:00"],
        ),
    ],
)
def test_licensed_health_staff_open_an_assigned_clients_door_within_their_shifts_only(
    village: World,
    at: At,
    shown: Shown,
    *,
    dates: DateRange,
    hours: tuple[str, str] | None,
    expected: list[str],
) -> None:
    world = replace(
        working(village, at, *[("siri", hours)] if hours else []),
        assignments=(Assignment("assigned", "siri", "cia", dates),),
    )
    assert shown(derive(world, BY_VISIT, at(MORNING))) == expected


def test_an_assignment_opens_no_door_to_anybody_who_is_not_licensed(village: World, at: At) -> None:
    staff = [row.id for row in village.employees if row.id != "siri"]
    world = replace(
        working(village, at, *[(who, DAY) for who in staff]),
        assignments=tuple(Assignment(who, who, "cia", ALWAYS) for who in staff),
    )
    rules = {
        reason.rule for each in derive(world, ON_ALARM, at(MORNING)) for reason in each.reasons
    }
    assert Rule.ASSIGNED_CLIENT not in rules


@pytest.mark.sentence(85)
def test_nothing_but_an_assignment_or_a_visit_opens_a_door_to_licensed_health_staff(
    village: World, at: At
) -> None:
    for team_id in (None, "town-north", "night", "alarm"):
        staff = tuple(
            replace(row, team_id=team_id) if row.id == "siri" else row for row in village.employees
        )
        choice = ProviderChoice("all", "ada", Service.CARE, "town", ALWAYS)
        world = replace(working(village, at, ("siri", DAY)), employees=staff, choices=(choice,))
        assert not derive(world, Policy(), at(MORNING))
