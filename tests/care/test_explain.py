"""Who can open a client's doors at a moment, and who may on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.explain import DoorOpeners, entitled, explain
from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import FOREVER, DateRange, stretch
from nyckelfri.care.world import (
    Assignment,
    CareDecision,
    Employee,
    PhoneStanding,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    Withdrawal,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    At = Callable[[str], datetime]

ALWAYS = DateRange(date(2026, 1, 1))
CARE = frozenset({Service.CARE})
MONDAY = date(2026, 11, 23)


@pytest.fixture
def staffed(village: World, at: At) -> World:
    """The village, everybody from 08 to 16; a substitute's visit to Ada at ten."""
    return replace(
        village,
        shifts=tuple(
            Shift(f"s-{row.id}", row.id, at("2026-11-23 08:00"), at("2026-11-23 16:00"))
            for row in village.employees
        ),
        visits=(
            PlannedVisit(
                "v",
                "ada",
                ("vera",),
                at("2026-11-23 10:00"),
                at("2026-11-23 10:30"),
                CARE,
                ad_hoc=True,
            ),
        ),
    )


def names(door: DoorOpeners | None) -> list[str]:
    assert door is not None
    return [row.employee_id for row in door.openers]


@pytest.mark.sentence(3)
def test_each_who_can_open_is_named_with_since_until_and_why(staffed: World, at: At) -> None:
    told = explain(staffed, Policy(), "ada", at("2026-11-23 10:00"))
    assert told.home is not None
    assert told.home.lock_id == "lock-ada"
    since, until = (
        datetime(2026, 11, 23, 6, 45, tzinfo=UTC),
        datetime(2026, 11, 23, 15, 30, tzinfo=UTC),
    )
    assert [row[:3] for row in told.home.openers] == [
        ("tove", since, until),
        ("vera", since, until),
    ]
    assert [row.reasons for row in told.home.openers] == [
        (
            Reason(
                Rule.CHOSEN_TEAM,
                client_id="ada",
                team_id="town-north",
                shift_id="s-tove",
                decision_id="care-ada",
                choice_id="ada-town",
            ),
        ),
        (
            Reason(
                Rule.ASSIGNED_VISIT,
                client_id="ada",
                shift_id="s-vera",
                visit_id="v",
                decision_id="care-ada",
                ad_hoc=True,
            ),
        ),
    ]


def test_the_entrance_opens_to_the_neighbours_carers_too_and_names_no_neighbour(
    staffed: World, at: At
) -> None:
    told = explain(staffed, Policy(), "ada", at("2026-11-23 10:00"))
    assert names(told.entrance) == ["bodil", "tove", "vera"]
    assert told.entrance is not None
    for row in told.entrance.openers:
        for reason in row.reasons:
            assert reason.entrance_id == "entrance"
            assert reason[1] is None
            assert not set(reason[5:10]) - {None}


def test_until_is_when_access_really_ends_and_reasons_are_those_of_the_moment(
    staffed: World, at: At
) -> None:
    longer = Shift("s-late", "tove", at("2026-11-23 16:15"), at("2026-11-23 21:00"))
    world = replace(staffed, shifts=(*staffed.shifts, longer))
    told = explain(world, Policy(longest_grant=timedelta(hours=2)), "ada", at("2026-11-23 10:00"))
    assert told.home is not None
    tove = told.home.openers[0]
    assert tove.until == datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    assert [reason.shift_id for reason in tove.reasons] == ["s-tove"]


@pytest.mark.parametrize(
    ("moment", "home"),
    [
        ("2026-11-23 07:44", []),
        ("2026-11-23 07:45", ["tove", "vera"]),
        ("2026-11-23 16:29", ["tove", "vera"]),
        ("2026-11-23 16:30", []),
        ("2026-11-23 23:00", []),
        ("2026-11-30 10:00", []),
    ],
)
def test_only_those_of_the_moment_are_told(
    staffed: World, at: At, moment: str, home: list[str]
) -> None:
    assert names(explain(staffed, Policy(), "ada", at(moment)).home) == home


def test_it_answers_for_a_moment_long_before_it(staffed: World, at: At) -> None:
    policy = Policy(horizon=timedelta(hours=1))
    assert names(explain(staffed, policy, "ada", at("2026-11-23 15:00")).home) == ["tove", "vera"]


def test_whoever_has_no_phone_or_a_withdrawal_cannot_open(staffed: World, at: At) -> None:
    now = at("2026-11-23 10:00")
    for standing in (PhoneStanding.NONE, PhoneStanding.BLOCKED):
        staff = tuple(
            replace(row, phone=standing) if row.id == "tove" else row for row in staffed.employees
        )
        told = explain(replace(staffed, employees=staff), Policy(), "ada", now)
        assert (names(told.home), names(told.entrance)) == (["vera"], ["bodil", "vera"])
    taken = (Withdrawal("w", "vera", "ada", stretch(now, FOREVER)),)
    told = explain(replace(staffed, withdrawals=taken), Policy(), "ada", now)
    assert (names(told.home), names(told.entrance)) == (["tove"], ["bodil", "tove"])


def test_a_door_without_a_mounted_lock_is_told_as_none(staffed: World, at: At) -> None:
    now = at("2026-11-23 10:00")
    assert explain(staffed, Policy(), "cia", now).entrance is None
    world = replace(staffed, mounted_locks=frozenset({"lock-ada"}))
    told = explain(world, Policy(), "ada", now)
    assert (names(told.home), told.entrance) == (["tove", "vera"], None)
    assert explain(world, Policy(), "bo", now)[2:] == (None, None)


def test_an_unknown_client_and_a_moment_without_a_zone_are_refused(staffed: World, at: At) -> None:
    with pytest.raises(LookupError, match="no client dan"):
        explain(staffed, Policy(), "dan", at("2026-11-23 10:00"))
    with pytest.raises(LookupError, match="no client dan"):
        entitled(staffed, Policy(), "dan", MONDAY)
    with pytest.raises(ValueError, match="moment has no time zone"):
        explain(staffed, Policy(), "ada", datetime(2026, 11, 23, 10))  # noqa: DTZ001 - the naive time is the fault


def lines(world: World, policy: Policy, client: str, day: date = MONDAY) -> list[str]:
    return [f"{row.employee_id} {row.rule.value}" for row in entitled(world, policy, client, day)]


@pytest.mark.sentence(3)
@pytest.mark.parametrize(
    ("policy", "client", "expected"),
    [
        (Policy(), "ada", ["tove chosen_team", "nils night_patrol"]),
        (Policy(), "bo", ["bodil chosen_team", "nils night_patrol"]),
        (Policy(), "cia", ["lars alarm_group"]),
        (Policy(scope=Scope.VISITS), "ada", ["tove planned_visit", "nils night_patrol"]),
        (Policy(alarm_group_standing=False), "cia", ["lars alarm"]),
    ],
)
def test_without_any_rota_the_entitled_are_the_team_the_patrol_and_the_alarm_group(
    village: World, policy: Policy, client: str, expected: list[str]
) -> None:
    assert lines(village, policy, client) == expected


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_a_choice_changes_the_entitled_from_its_first_day_weeks_before_any_shift(
    village: World,
) -> None:
    ada, bo = village.choices
    world = replace(
        village,
        choices=(
            replace(ada, dates=DateRange(date(2026, 1, 1), date(2026, 12, 31))),
            ProviderChoice("ada-blom", "ada", Service.CARE, "blom", DateRange(date(2027, 1, 1))),
            bo,
        ),
    )
    before, after = (
        lines(world, Policy(), "ada", day) for day in (date(2026, 12, 31), date(2027, 1, 1))
    )
    assert before == ["tove chosen_team", "nils night_patrol"]
    assert after == ["bodil chosen_team", "nils night_patrol"]


def test_substitutes_and_health_staff_are_entitled_by_the_days_visits_and_assignments(
    village: World, at: At
) -> None:
    hours = at("2026-11-23 10:00"), at("2026-11-23 10:30")
    world = replace(
        village,
        visits=(
            PlannedVisit("v", "ada", ("vera",), *hours, CARE),
            PlannedVisit("u", "cia", ("vera",), *hours, CARE),
            PlannedVisit("h", "cia", ("siri",), *hours),
        ),
        assignments=(Assignment("as", "siri", "ada", ALWAYS),),
    )
    found = entitled(world, Policy(), "ada", MONDAY)
    assert [(row.employee_id, row.rule) for row in found] == [
        ("tove", Rule.CHOSEN_TEAM),
        ("nils", Rule.NIGHT_PATROL),
        ("vera", Rule.ASSIGNED_VISIT),
        ("siri", Rule.ASSIGNED_CLIENT),
    ]
    assert found[2].reason.as_data() == {
        "rule": "assigned_visit",
        "client_id": "ada",
        "visit_id": "v",
        "decision_id": "care-ada",
    }
    assert lines(world, Policy(), "cia") == ["lars alarm_group", "siri health_visit"]
    assert lines(world, Policy(), "ada", date(2026, 11, 24)) == [
        "tove chosen_team",
        "nils night_patrol",
        "siri assigned_client",
    ]


@pytest.mark.sentence(3)
def test_colleague_with_an_ad_hoc_visit_is_told_with_it_and_is_entitled_that_day_only(
    village: World, at: At
) -> None:
    hours = at("2026-11-23 10:00"), at("2026-11-23 10:30")
    shifts = (Shift("s", "sune", at("2026-11-23 07:00"), at("2026-11-23 16:00")),)
    visit = PlannedVisit("v", "ada", ("sune", "bodil"), *hours, CARE, ad_hoc=True)
    world = replace(village, shifts=shifts, visits=(visit,))
    told = explain(world, Policy(), "ada", at("2026-11-23 10:00"))
    assert names(told.home) == names(told.entrance) == ["sune"]
    assert told.home is not None
    (row,) = told.home.openers
    assert (row.since, row.until) == (
        datetime(2026, 11, 23, 8, 45, tzinfo=UTC),
        datetime(2026, 11, 23, 10, tzinfo=UTC),
    )
    assert lines(world, Policy(), "ada", MONDAY) == [
        "tove chosen_team",
        "sune planned_visit",
        "nils night_patrol",
    ]
    (entitled_by,) = (row for row in entitled(world, Policy(), "ada", MONDAY) if row[0] == "sune")
    assert row.reasons == (entitled_by.reason._replace(shift_id="s"),)
    assert entitled_by.reason.visit_id == "v"
    assert lines(world, Policy(), "ada", date(2026, 11, 24)) == [
        "tove chosen_team",
        "nils night_patrol",
    ]


def test_the_entitled_are_employed_that_day_let_in_and_the_clients_own_whatever_their_phone(
    village: World, at: At
) -> None:
    def tove(**values: object) -> World:
        return replace(
            village,
            employees=tuple(
                replace(row, **values) if row.id == "tove" else row  # type: ignore[arg-type]
                for row in village.employees
            ),
        )

    for gone in (
        tove(employed=DateRange(date(2026, 1, 1), date(2026, 11, 22))),
        tove(only_clients=frozenset({"bo"})),
        tove(role=Role.OTHER),
    ):
        assert lines(gone, Policy(), "ada") == ["nils night_patrol"]
    for phone in PhoneStanding:
        assert "tove chosen_team" in lines(tove(phone=phone), Policy(), "ada")
    all_day = stretch(at("2026-11-23 00:00"), at("2026-11-24 00:00"))
    morning = stretch(at("2026-11-23 00:00"), at("2026-11-23 12:00"))
    for window, still in ((all_day, False), (morning, True)):
        world = replace(village, withdrawals=(Withdrawal("w", "tove", "ada", window),))
        assert ("tove chosen_team" in lines(world, Policy(), "ada")) is still


def test_other_clients_make_no_difference_to_an_explanation(staffed: World, at: At) -> None:
    now = at("2026-11-23 10:00")
    more = replace(
        staffed,
        clients=(*staffed.clients, replace(staffed.clients[2], id="dan", lock_id="lock-dan")),
        mounted_locks=staffed.mounted_locks | {"lock-dan"},
        decisions=(*staffed.decisions, CareDecision("d", "dan", Service.ALARM, ALWAYS)),
        employees=(*staffed.employees, Employee("lisa", Role.CARER, ALWAYS, "alarm")),
    )
    for client in ("ada", "bo", "cia"):
        assert explain(more, Policy(), client, now) == explain(staffed, Policy(), client, now)
