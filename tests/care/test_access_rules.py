"""Which doors each rule opens, and no others, with exact expected grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import DateRange
from nyckelfri.care.world import (
    CareDecision,
    CareTeam,
    Client,
    Employee,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    TeamKind,
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
POLICY = Policy()
DAY = ("2026-11-23 07:00", "2026-11-23 15:00")
NIGHT = ("2026-11-23 21:30", "2026-11-24 07:15")


def on_shift(world: World, at: At, employee_id: str, hours: tuple[str, str] = DAY) -> World:
    return replace(world, shifts=(Shift("shift", employee_id, at(hours[0]), at(hours[1])),))


def visiting(world: World, at: At, visits: list[tuple[str, str, str, str]]) -> World:
    """Add (employee, client, from, till) visits on 2026-11-23, personal care each."""
    rows = tuple(
        PlannedVisit(
            f"visit-{number}",
            client,
            (employee,),
            at(f"2026-11-23 {start}"),
            at(f"2026-11-23 {end}"),
            CARE,
        )
        for number, (employee, client, start, end) in enumerate(visits)
    )
    return replace(world, visits=rows)


@pytest.mark.sentence(3)
@pytest.mark.parametrize(
    ("employee", "hours", "expected"),
    [
        (
            "tove",
            DAY,
            ["tove lock-ada 23 07:00-23 15:30", "tove lock-entrance 23 07:00-23 15:30"],
        ),
        (
            "bodil",
            DAY,
            ["bodil lock-bo 23 07:00-23 15:30", "bodil lock-entrance 23 07:00-23 15:30"],
        ),
        ("sune", DAY, []),
        (
            "nils",
            NIGHT,
            [
                "nils lock-ada 23 22:00-24 07:00",
                "nils lock-bo 23 22:00-24 07:00",
                "nils lock-entrance 23 22:00-24 07:00",
            ],
        ),
        ("nils", DAY, []),
        ("tove", ("2026-11-23 22:00", "2026-11-24 06:30"), []),
        ("lars", DAY, ["lars lock-cia 23 06:45-23 15:30"]),
        ("lars", NIGHT, ["lars lock-cia 23 21:15-24 07:45"]),
        ("vera", DAY, []),
        ("siri", DAY, []),
        ("pia", DAY, []),
        ("nobody-we-know", DAY, []),
    ],
)
def test_each_employee_gets_exactly_the_doors_of_their_team(
    village: World,
    at: At,
    shown: Shown,
    *,
    employee: str,
    hours: tuple[str, str],
    expected: list[str],
) -> None:
    world = on_shift(village, at, employee, hours)
    assert shown(derive(world, POLICY, at("2026-11-23 06:00"))) == expected


@pytest.mark.sentence(2)
def test_municipal_and_private_carers_get_in_by_the_same_rule(village: World, at: At) -> None:
    now = at("2026-11-23 06:00")
    town = derive(on_shift(village, at, "tove"), POLICY, now)
    blom = derive(on_shift(village, at, "bodil"), POLICY, now)
    for grants in (town, blom):
        assert {reason.rule for grant in grants for reason in grant.reasons} == {Rule.CHOSEN_TEAM}


@pytest.mark.sentence(4)
def test_the_alarm_group_holds_alarm_homes_and_their_entrances_without_any_visit(
    village: World, at: At, shown: Shown
) -> None:
    alarm_ada = CareDecision("alarm-ada", "ada", Service.ALARM, ALWAYS)
    world = replace(village, decisions=(*village.decisions, alarm_ada))
    assert shown(derive(on_shift(world, at, "lars"), POLICY, at("2026-11-23 06:00"))) == [
        "lars lock-ada 23 06:45-23 15:30",
        "lars lock-cia 23 06:45-23 15:30",
        "lars lock-entrance 23 06:45-23 15:30",
    ]


def test_an_alarm_group_that_does_not_stand_by_policy_holds_nothing(village: World, at: At) -> None:
    world = on_shift(village, at, "lars")
    assert not derive(world, Policy(alarm_group_standing=False), at("2026-11-23 06:00"))


@pytest.mark.sentence(14)
def test_a_substitute_opens_exactly_the_doors_of_their_visits_and_the_entrance(
    village: World, at: At, shown: Shown
) -> None:
    world = visiting(
        on_shift(village, at, "vera"),
        at,
        [("vera", "ada", "08:00", "08:30"), ("tove", "bo", "09:00", "09:30")],
    )
    assert shown(derive(world, POLICY, at("2026-11-23 06:00"))) == [
        "vera lock-ada 23 07:00-23 15:30",
        "vera lock-entrance 23 07:00-23 15:30",
    ]


@pytest.mark.sentence(14)
def test_a_substitute_in_the_second_seat_of_a_double_visit_gets_the_door(
    village: World, at: At
) -> None:
    world = visiting(on_shift(village, at, "vera"), at, [("tove", "ada", "08:00", "08:30")])
    (visit,) = world.visits
    world = replace(world, visits=(replace(visit, employee_ids=("tove", "vera")),))
    locks = {grant.lock_id for grant in derive(world, POLICY, at("2026-11-23 06:00"))}
    assert locks == {"lock-ada", "lock-entrance"}


@pytest.mark.sentence(14)
@pytest.mark.parametrize(
    ("why", "visit"),
    [
        ("visit before the shift", ("vera", "ada", "06:30", "06:50")),
        ("visit as the shift ends", ("vera", "ada", "15:00", "15:20")),
        ("no decision on that service", ("vera", "cia", "08:00", "08:30")),
        ("unknown client", ("vera", "dan", "08:00", "08:30")),
    ],
)
def test_a_substitute_gets_no_door_without_a_visit_in_the_shift_under_a_decision(
    village: World, at: At, why: str, visit: tuple[str, str, str, str]
) -> None:
    world = visiting(on_shift(village, at, "vera"), at, [visit])
    assert not derive(world, POLICY, at("2026-11-23 06:00")), why


def test_a_substitutes_visit_for_a_service_nobody_decided_on_opens_nothing(
    village: World, at: At
) -> None:
    world = visiting(on_shift(village, at, "vera"), at, [("vera", "ada", "08:00", "08:30")])
    (visit,) = world.visits
    world = replace(world, visits=(replace(visit, services=frozenset({Service.HOUSEHOLD})),))
    assert not derive(world, POLICY, at("2026-11-23 06:00"))


def test_a_visit_left_in_the_plan_after_the_decision_opens_nothing(village: World, at: At) -> None:
    world = visiting(on_shift(village, at, "vera"), at, [("vera", "ada", "08:00", "08:30")])
    care, *_ = village.decisions
    ended = replace(care, dates=DateRange(date(2026, 1, 1), date(2026, 11, 22)))
    assert not derive(replace(world, decisions=(ended,)), POLICY, at("2026-11-23 06:00"))


def test_a_substitute_on_a_night_shift_holds_night_hours_only(
    village: World, at: At, shown: Shown
) -> None:
    world = visiting(on_shift(village, at, "vera", NIGHT), at, [("vera", "ada", "23:00", "23:15")])
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == [
        "vera lock-ada 23 22:00-24 07:00",
        "vera lock-entrance 23 22:00-24 07:00",
    ]


@pytest.mark.sentence(93)
def test_licensed_health_staff_get_in_by_planned_visit_at_its_time(
    village: World, at: At, shown: Shown
) -> None:
    world = visiting(village, at, [("siri", "cia", "10:00", "10:30")])
    assert shown(derive(world, POLICY, at("2026-11-23 06:00"))) == [
        "siri lock-cia 23 09:30-23 11:30"
    ]


def test_visits_open_no_door_to_a_carer_outside_the_clients_team(village: World, at: At) -> None:
    world = visiting(on_shift(village, at, "sune"), at, [("sune", "ada", "08:00", "08:30")])
    assert not derive(world, POLICY, at("2026-11-23 06:00"))


@pytest.mark.parametrize("missing", ["lock-ada", "lock-entrance"])
def test_only_mounted_locks_get_grants(village: World, at: At, missing: str) -> None:
    world = replace(on_shift(village, at, "tove"), mounted_locks=village.mounted_locks - {missing})
    locks = {grant.lock_id for grant in derive(world, POLICY, at("2026-11-23 06:00"))}
    assert locks == {"lock-ada", "lock-entrance"} - {missing}


def test_an_entrance_opens_also_for_a_home_that_still_has_a_key(village: World, at: At) -> None:
    ada, bo, cia = village.clients
    world = replace(village, clients=(replace(ada, lock_id=None), bo, cia))
    grants = derive(on_shift(world, at, "tove"), POLICY, at("2026-11-23 06:00"))
    assert [grant.lock_id for grant in grants] == ["lock-entrance"]


def test_a_lunch_box_choice_opens_no_door_to_its_supplier(village: World, at: At) -> None:
    world = replace(
        village,
        decisions=(CareDecision("lunch", "ada", Service.MEALS, ALWAYS),),
        choices=(ProviderChoice("c", "ada", Service.MEALS, "blom", ALWAYS),),
    )
    assert not derive(on_shift(world, at, "bodil"), POLICY, at("2026-11-23 06:00"))


def test_a_choice_without_a_decision_on_that_service_opens_nothing(village: World, at: At) -> None:
    service_only = CareDecision("s", "ada", Service.HOUSEHOLD, ALWAYS)
    world = replace(village, decisions=(service_only,))
    assert not derive(on_shift(world, at, "tove"), POLICY, at("2026-11-23 06:00"))


def test_each_service_opens_to_the_team_chosen_for_it(village: World, at: At) -> None:
    world = replace(
        village,
        decisions=(
            *village.decisions,
            CareDecision("service-ada", "ada", Service.HOUSEHOLD, ALWAYS),
        ),
        choices=(
            *village.choices,
            ProviderChoice("ada-blom", "ada", Service.HOUSEHOLD, "blom", ALWAYS),
        ),
    )
    for employee in ("tove", "bodil"):
        grants = derive(on_shift(world, at, employee), POLICY, at("2026-11-23 06:00"))
        assert "lock-ada" in {grant.lock_id for grant in grants}


def named(world: World, team_id: str) -> World:
    ada, bo = world.choices
    return replace(world, choices=(replace(ada, team_id=team_id), bo))


def test_a_named_team_stands_for_the_provider_and_not_the_areas_team(
    village: World, at: At
) -> None:
    world = named(village, "town-south")
    now = at("2026-11-23 06:00")
    assert not derive(on_shift(world, at, "tove"), POLICY, now)
    assert derive(on_shift(world, at, "sune"), POLICY, now)


@pytest.mark.sentence(3)
def test_a_municipality_may_let_in_the_providers_teams_of_the_area_too(
    village: World, at: At
) -> None:
    world = named(village, "town-south")
    now = at("2026-11-23 06:00")
    assert derive(on_shift(world, at, "tove"), Policy(scope=Scope.AREA), now)
    assert not derive(on_shift(world, at, "bodil"), Policy(scope=Scope.AREA), now)[2:]


@pytest.mark.parametrize("team_id", ["blom-north", "night", "alarm", "no-such-team"])
def test_a_named_team_of_another_provider_or_kind_opens_nothing(
    village: World, at: At, team_id: str
) -> None:
    world = named(village, team_id)
    for employee in ("tove", "sune", "bodil", "nils", "lars"):
        grants = derive(on_shift(world, at, employee), POLICY, at("2026-11-23 06:00"))
        assert "lock-ada" not in {grant.lock_id for grant in grants}


def test_a_provider_without_a_team_in_the_area_sends_its_team_for_the_whole_municipality(
    village: World, at: At
) -> None:
    teams = tuple(team for team in village.teams if team.id != "town-north")
    world = replace(
        village,
        teams=(*teams, CareTeam("town-all", TeamKind.HOME_CARE, "town")),
        employees=(Employee("alva", Role.CARER, ALWAYS, "town-all"),),
    )
    grants = derive(on_shift(world, at, "alva"), POLICY, at("2026-11-23 06:00"))
    assert "lock-ada" in {grant.lock_id for grant in grants}


def test_a_night_patrol_with_an_area_stays_in_it(village: World, at: At) -> None:
    teams = tuple(
        replace(team, area="south") if team.id == "night" else team for team in village.teams
    )
    world = on_shift(replace(village, teams=teams), at, "nils", NIGHT)
    assert not derive(world, POLICY, at("2026-11-23 12:00"))


def test_a_grant_explains_itself_down_to_the_rows_it_rests_on(village: World, at: At) -> None:
    home, entrance = derive(on_shift(village, at, "tove"), POLICY, at("2026-11-23 06:00"))
    assert home.reasons == (
        Reason(
            Rule.CHOSEN_TEAM,
            client_id="ada",
            team_id="town-north",
            shift_id="shift",
            decision_id="care-ada",
            choice_id="ada-town",
        ),
    )
    assert entrance.reasons[0].as_data() == {
        "rule": "chosen_team",
        "entrance_id": "entrance",
        "team_id": "town-north",
        "shift_id": "shift",
    }


def test_an_entrance_grant_leads_to_no_client(village: World, at: At) -> None:
    world = visiting(
        replace(
            village,
            shifts=tuple(
                Shift(f"shift-{who}", who, at(DAY[0]), at(DAY[1]))
                for who in ("tove", "bodil", "lars", "vera")
            ),
        ),
        at,
        [("vera", "ada", "08:00", "08:30"), ("siri", "bo", "10:00", "10:30")],
    )
    grants = derive(world, POLICY, at("2026-11-23 06:00"))
    reasons = [r for grant in grants if grant.lock_id == "lock-entrance" for r in grant.reasons]
    assert len(reasons) == 4
    for reason in reasons:
        assert (reason.client_id, reason.visit_id) == (None, None)
        assert (reason.decision_id, reason.choice_id) == (None, None)


def test_partners_who_share_a_lock_share_one_grant_with_both_reasons(
    village: World, at: At
) -> None:
    world = replace(
        village,
        clients=(*village.clients, Client("alf", "north", "lock-ada", "entrance")),
        decisions=(
            *village.decisions,
            CareDecision("care-alf", "alf", Service.CARE, ALWAYS),
        ),
        choices=(
            *village.choices,
            ProviderChoice("alf-town", "alf", Service.CARE, "town", ALWAYS),
        ),
    )
    home, entrance = derive(on_shift(world, at, "tove"), POLICY, at("2026-11-23 06:00"))
    assert [reason.client_id for reason in home.reasons] == ["ada", "alf"]
    assert len(entrance.reasons) == 1
