"""Measures of home care, one by one (docs/subsystems/statistics.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from nyckelfri.care.performed import AlarmSign, DoorSign, Grade, Outcome
from nyckelfri.care.statistics.alarms import AlarmPolicy, alarm_to_door
from nyckelfri.care.statistics.continuity import (
    Continuity,
    ContinuityPolicy,
    continuity,
    continuity_by_team,
    continuity_shown,
)
from nyckelfri.care.statistics.evidence import evidence, evidence_by
from nyckelfri.care.statistics.facts import Fewest, VisitFact, everybody, shown, team, week
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, KeyTrips, key_trips, key_trips_shown
from nyckelfri.care.statistics.planned import Performance, performance, performance_by
from nyckelfri.care.statistics.punctuality import (
    PunctualityPolicy,
    punctuality,
    punctuality_by,
)
from nyckelfri.care.visits import Movement
from payworld import STOCKHOLM

FIRST = date(2026, 11, 2)
OLD = {f"c{number}": date(1940, 1, 1) for number in range(20)}
FORTNIGHT = ContinuityPolicy()
TWO = Fewest(clients=2, staff=2)


def clock(day: int, hour: float) -> datetime:
    """A Swedish time of November."""
    return datetime(2026, 11, day, tzinfo=STOCKHOLM) + timedelta(hours=hour)


def fact(day: int = 2, hour: float = 8, **more: Any) -> VisitFact:
    """A visit of half an hour, planned and performed to the minute."""
    start = clock(day, hour)
    finish = start + timedelta(minutes=30)
    values: dict[str, Any] = {
        "client_id": "c0",
        "home_id": "h0",
        "team_id": "G1",
        "employee_id": "e0",
        "planned_id": f"v{day}-{hour}",
        "services": ("care",),
        "outcome": Outcome.PERFORMED,
        "grade": Grade.DOOR_AND_LABEL,
        "start": start,
        "finish": finish,
        "entry": start,
        "exit": finish,
    } | more
    return VisitFact(**values)


def fortnight(client: str = "c0", **more: Any) -> list[VisitFact]:
    """Morning and evening on 2 to 15 November, by `e0`."""
    return [fact(day, hour, client_id=client, **more) for day in range(2, 16) for hour in (8, 19)]


def staff_met(visits: list[VisitFact], policy: ContinuityPolicy = FORTNIGHT) -> Any:
    """How many staff the one client who counts met; None where nobody counts."""
    made = continuity(visits, FIRST, OLD, policy)
    return made.distribution[0][0] if made.clients else None


def test_different_staff_are_counted_once_however_often_they_come() -> None:
    visits = [one._replace(employee_id=f"e{at % 5}") for at, one in enumerate(fortnight())]
    assert staff_met(fortnight()) == 1
    assert staff_met(visits) == 5


def test_mean_median_and_distribution_are_over_clients() -> None:
    visits = []
    for client, staff in (("c1", 1), ("c2", 4), ("c3", 4), ("c4", 7)):
        own = fortnight(client)
        visits += [one._replace(employee_id=f"e{at % staff}") for at, one in enumerate(own)]
    assert continuity(visits, FIRST, OLD, FORTNIGHT) == Continuity(
        4, Decimal("4.0"), Decimal("4.0"), ((1, 1), (4, 2), (7, 1))
    )
    nobody = Continuity(0, None, None, ())
    assert continuity([], FIRST, OLD, FORTNIGHT) == nobody


@pytest.mark.parametrize(
    ("birthday", "counts"),
    [(date(1961, 11, 2), True), (date(1961, 11, 3), False), (date(1960, 2, 29), True)],
)
def test_age_is_that_of_the_first_day(birthday: date, counts: bool) -> None:
    assert continuity(fortnight(), FIRST, {"c0": birthday}, FORTNIGHT).clients == counts
    assert continuity(fortnight(), FIRST, {}, FORTNIGHT).clients == 0


def test_two_visits_every_day_are_needed_and_a_doubled_one_is_one() -> None:
    visits = fortnight()
    assert staff_met(visits[1:]) is None
    second = visits[0]._replace(employee_id="e1")
    assert staff_met([*visits[1:], second]) == 2
    doubled = [*visits[2:], visits[0], second]
    assert staff_met(doubled) is None


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.NOT_MADE])
def test_a_visit_that_was_not_made_is_one_the_client_has_but_met_nobody(outcome: Outcome) -> None:
    visits = fortnight()
    visits[0] = visits[0]._replace(outcome=outcome, entry=None, employee_id="e9")
    assert staff_met(visits) == 1


def test_who_was_away_at_all_does_not_count() -> None:
    gone = fact(4, 13, outcome=Outcome.AWAY, entry=None)
    assert staff_met([*fortnight(), gone]) is None


@pytest.mark.parametrize(
    ("extra", "met"),
    [
        (fact(3, 13, employee_id="e1"), 2),
        (fact(3, 7, employee_id="e1"), 2),
        (fact(3, 6.99, employee_id="e1"), 1),
        (fact(3, 22, employee_id="e1"), 1),
        (fact(3, 13, employee_id="e1", alarm=True), 1),
        (fact(3, 13, employee_id="e1", services=("meals",)), 1),
        (fact(3, 13, employee_id="e1", services=("health_care", "rehabilitation")), 1),
        (fact(3, 13, employee_id="e1", services=("meals", "care")), 2),
        (fact(16, 13, employee_id="e1"), 1),
        (fact(1, 13, employee_id="e1"), 1),
    ],
)
def test_hours_alarms_meals_health_and_other_days_are_left_out(extra: VisitFact, met: int) -> None:
    assert staff_met([*fortnight(), extra]) == met


def test_a_visit_counts_at_the_hour_when_it_began() -> None:
    early = fact(3, 7, employee_id="e1", entry=clock(3, 6.5))
    assert staff_met([*fortnight(), early]) == 1


def test_a_client_belongs_to_the_team_that_came_most_and_all_staff_count() -> None:
    visits = fortnight("c1") + fortnight("c2")
    guests = [fact(3, 12, client_id=name, employee_id="e5", team_id="G2") for name in ("c1", "c2")]
    made = continuity_by_team([*visits, *guests], FIRST, OLD, FORTNIGHT, TWO)
    assert made == {"G1": Continuity(2, Decimal("2.0"), Decimal("2.0"), ((2, 2),))}


def test_planned_against_performed_counts_visits_and_minutes_and_says_why_not() -> None:
    late = clock(3, 8.25)
    made = performance(
        [
            fact(2),
            fact(3, entry=late, exit=late + timedelta(minutes=9, seconds=30)),
            fact(4, outcome=Outcome.DECLINED, entry=None, exit=None),
            fact(5, outcome=Outcome.MISSED, entry=None, exit=None),
            fact(6, outcome=Outcome.AWAY, entry=None, exit=None),
            fact(7, outcome=Outcome.NOT_MADE, entry=None, exit=None),
            fact(8, outcome=Outcome.WAITING, entry=None, exit=None),
            fact(8, 12, planned_id="", start=None, finish=None, exit=clock(8, 12.75)),
        ]
    )
    assert made == Performance(7, 210, 2, 40, 1, 45, 1, 1, 1, 1, 1)


def test_weeks_are_those_of_the_calendar_in_swedish_time() -> None:
    sunday_night = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    visits = [fact(1, 12), fact(2, start=sunday_night, entry=None, outcome=Outcome.NOT_MADE)]
    assert [week(visit) for visit in visits] == ["2026-W44", "2026-W45"]
    new_year = fact(entry=datetime(2026, 12, 31, 12, tzinfo=UTC))
    assert week(new_year) == "2026-W53"


def test_minutes_are_real_ones_in_the_night_when_clocks_change() -> None:
    before = datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM)
    after = datetime(2026, 10, 25, 2, 45, fold=1, tzinfo=STOCKHOLM)
    made = performance([fact(start=before, finish=after, entry=before, exit=after)])
    assert (made.planned_minutes, made.performed_minutes) == (75, 75)


@pytest.mark.parametrize(
    ("seconds", "place"),
    [
        (0, "in_time"),
        (900, "in_time"),
        (-900, "in_time"),
        (901, "late0"),
        (1800, "late0"),
        (1801, "late1"),
        (3600, "late1"),
        (3601, "late2"),
        (-901, "early0"),
        (-3601, "early2"),
    ],
)
def test_punctuality_is_how_far_from_its_plan_a_visit_began(seconds: int, place: str) -> None:
    made = punctuality([fact(entry=clock(2, 8) + timedelta(seconds=seconds))], PunctualityPolicy())
    found = {"in_time": made.in_time}
    found |= {f"early{at}": number for at, number in enumerate(made.early)}
    found |= {f"late{at}": number for at, number in enumerate(made.late)}
    assert {name for name, number in found.items() if number} == {place}
    assert made.share == (100 if place == "in_time" else 0)


def test_punctuality_is_only_of_what_was_planned_and_performed() -> None:
    made = punctuality(
        [fact(outcome=Outcome.NOT_MADE, entry=None), fact(start=None)], PunctualityPolicy()
    )
    assert made.visits == 0
    assert made.share is None


def test_evidence_is_a_share_of_performed_visits_the_strongest_first() -> None:
    grades = [Grade.DOOR] * 2 + [Grade.LABEL]
    visits = [fact(day, grade=grade) for day, grade in enumerate(grades, start=2)]
    made = evidence([*visits, fact(9, outcome=Outcome.NOT_MADE, grade=Grade.NONE, entry=None)])
    assert made.visits == 3
    assert made.grades == (
        (Grade.DOOR_AND_LABEL, 0, Decimal("0.0")),
        (Grade.DOOR, 2, Decimal("66.7")),
        (Grade.LABEL, 1, Decimal("33.3")),
        (Grade.BY_HAND, 0, Decimal("0.0")),
        (Grade.NONE, 0, Decimal("0.0")),
    )


def trips(*visits: VisitFact, **policy: Any) -> tuple[int, int]:
    made = key_trips(visits, KeyTripPolicy(**policy)).get(date(2026, 11, 1), KeyTrips(0, 0, None))
    return (made.alarm, made.night)


@pytest.mark.sentence(91)
@pytest.mark.parametrize(
    ("visit", "counted"),
    [
        (fact(2, 22), (0, 1)),
        (fact(2, 6.99), (0, 1)),
        (fact(2, 7), (0, 0)),
        (fact(2, 21.99), (0, 0)),
        (fact(2, 12, alarm=True), (1, 0)),
        (fact(2, 23, alarm=True), (1, 0)),
        (fact(2, 23, grade=Grade.DOOR), (0, 1)),
        (fact(2, 23, grade=Grade.LABEL), (0, 0)),
        (fact(2, 23, grade=Grade.BY_HAND), (0, 0)),
        (fact(2, 23, outcome=Outcome.NOT_MADE, entry=None), (0, 0)),
    ],
)
def test_a_trip_is_saved_where_a_phone_opened_for_an_alarm_or_at_night(
    visit: VisitFact, counted: tuple[int, int]
) -> None:
    assert trips(visit) == counted


@pytest.mark.sentence(91)
def test_what_a_trip_is_the_municipality_says() -> None:
    night, alarm = fact(2, 23), fact(3, 1, alarm=True, home_id="h1")
    assert trips(night, alarm) == (1, 1)
    assert trips(night, alarm, night=False) == (1, 0)
    assert trips(night, alarm, alarm=False) == (0, 1)
    assert trips(night, night_starts=time(23, 30)) == (0, 0)
    made = key_trips([night, alarm], KeyTripPolicy(kilometres=Decimal("4.5")))
    assert made == {date(2026, 11, 1): KeyTrips(1, 1, Decimal("9.0"))}


@pytest.mark.sentence(91)
def test_a_fetched_key_serves_its_team_at_that_home_for_a_while() -> None:
    evening, morning = fact(2, 22), fact(3, 6)
    assert trips(evening, morning) == (0, 1)
    assert trips(evening, morning, kept=timedelta(hours=8)) == (0, 1)
    assert trips(evening, morning, kept=timedelta(hours=7)) == (0, 2)
    assert trips(evening, morning._replace(home_id="h1")) == (0, 2)
    assert trips(evening, morning._replace(team_id="GL")) == (0, 2)
    assert trips(evening, evening._replace(employee_id="e1")) == (0, 1)


def alarm(day: int, **more: Any) -> AlarmSign:
    values: dict[str, Any] = {
        "ref": f"a{day}",
        "client_id": "c0",
        "at": clock(day, 12),
        "employee_id": "e0",
    } | more
    return AlarmSign(**values)


def opened(day: int, minutes: float, **more: Any) -> DoorSign:
    at = clock(day, 12) + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "ref": f"d{day}-{minutes}",
        "employee_id": "e0",
        "home_id": "h0",
        "movement": Movement.UNLOCKED,
        "at": at,
        "received_at": at,
    } | more
    return DoorSign(**values)


MANY = AlarmPolicy(fewest=2, staff=2)
"""So that the tests can see a figure of an alarm and its echo, which another took."""


@pytest.mark.sentence(87)
@pytest.mark.parametrize(
    ("said", "doors", "minutes"),
    [
        (None, [opened(2, 10)], 10),
        (20, [opened(2, 10)], 10),
        (20, [], 20),
        (20, [opened(2, 10, employee_id="e1")], 20),
        (20, [opened(2, 10, home_id="h1")], 20),
        (20, [opened(2, 10, movement=Movement.LOCKED)], 20),
        (20, [opened(2, -10)], 20),
        (20, [opened(2, 241)], 20),
        (None, [opened(2, 12), opened(2, 9), opened(2, -5)], 9),
        (-1, [], None),
        (None, [], None),
    ],
)
def test_alarm_to_door_is_the_responders_first_opening_or_what_they_said(
    said: float | None, doors: list[DoorSign], minutes: float | None
) -> None:
    on_site = None if said is None else clock(2, 12) + timedelta(minutes=said)
    echo = {"ref": "echo", "employee_id": "e9"}
    pair = [alarm(2, on_site=on_site), alarm(2, on_site=on_site, **echo)]
    also = [door._replace(employee_id="e9") for door in doors if door.employee_id == "e0"]
    (made,) = alarm_to_door(pair, [*doors, *also], {"c0": "h0"}, MANY).values()
    assert made.median == (None if minutes is None else minutes * 60)
    assert (made.alarms, made.reached) == (2, 0 if minutes is None else 2)


@pytest.mark.sentence(87)
def test_median_and_ninetieth_percentile_are_of_those_reached_by_month() -> None:
    alarms = [alarm(day, employee_id=f"e{day % 3}") for day in range(1, 12)]
    alarms.append(alarm(1, employee_id="e1"))
    doors = [opened(day, 3 * day, employee_id=f"e{day % 3}") for day in range(1, 11)]
    october = alarm(1, ref="o", at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    made = alarm_to_door([*alarms, october], doors, {"c0": "h0"}, AlarmPolicy())
    assert list(made) == [date(2026, 10, 1), date(2026, 11, 1)]
    of_november = made[date(2026, 11, 1)]
    assert of_november == (11, 10, 990, 27 * 60, Decimal("100.0"))
    assert made[date(2026, 10, 1)] == (1, 0, None, None, None)


@pytest.mark.sentence(87)
def test_of_few_arrivals_there_is_no_median() -> None:
    alarms = [alarm(day) for day in range(1, 5)]
    doors = [opened(day, 3) for day in range(1, 5)]
    (made,) = alarm_to_door(alarms, doors, {"c0": "h0"}, AlarmPolicy()).values()
    assert made == (4, 4, None, None, None)


@pytest.mark.threat(65)
def test_of_arrivals_by_one_or_two_there_is_no_median() -> None:
    days = range(1, 10)
    alarms = [alarm(day, employee_id=f"e{day % 2}") for day in days]
    doors = [opened(day, 3, employee_id=f"e{day % 2}") for day in days]
    (made,) = alarm_to_door(alarms, doors, {"c0": "h0"}, AlarmPolicy()).values()
    assert made == (9, 9, None, None, None)


def test_a_small_group_is_not_shown_and_never_alone() -> None:
    """Otherwise the whole less the others would show it."""

    def group(clients: int, staff: int) -> list[VisitFact]:
        return [
            fact(client_id=f"c{at % clients}", employee_id=f"e{at % staff}") for at in range(30)
        ]

    sizes = {"small": group(4, 3), "lonely": group(9, 2), "fair": group(5, 3), "large": group(8, 5)}
    assert shown(sizes, len, Fewest()) == {"small": None, "lonely": None, "fair": 30, "large": 30}
    del sizes["lonely"]
    assert shown(sizes, len, Fewest()) == {"small": None, "fair": None, "large": 30}
    del sizes["small"]
    assert shown(sizes, len, Fewest()) == {"fair": 30, "large": 30}
    assert shown({"small": group(4, 3)}, len, Fewest()) == {"small": None}


def test_every_measure_leaves_small_groups_out() -> None:
    few = [fact(day, client_id=f"c{day}", employee_id=f"e{day}") for day in range(2, 6)]
    for key, group in ((team, "G1"), (week, "2026-W45"), (everybody, "")):
        assert punctuality_by(key, few, PunctualityPolicy(), Fewest()) == {group: None}
        assert evidence_by(key, few, Fewest()) == {group: None}
        assert performance_by(key, few, Fewest()) == {group: None}
    assert continuity_by_team(fortnight(), FIRST, OLD, FORTNIGHT, Fewest()) == {"G1": None}
    assert continuity_shown(fortnight(), FIRST, OLD, FORTNIGHT, Fewest()) is None


@pytest.mark.sentence(91)
@pytest.mark.threat(65)
def test_trips_that_few_made_are_not_shown() -> None:
    nights = [
        fact(day, 23, client_id=f"c{day}", home_id=f"h{day}", employee_id=f"e{day % 3}")
        for day in range(2, 8)
    ]
    rules = (date(2026, 11, 1), KeyTripPolicy(), Fewest())
    assert key_trips_shown(nights, *rules) == KeyTrips(0, 6, None)
    two = [one for one in nights if one.employee_id != "e2"]
    assert key_trips_shown([*two, *(fact(day, 12) for day in range(2, 9))], *rules) is None
    assert key_trips_shown([], *rules) is None


def test_a_key_fetched_on_the_last_night_of_a_month_serves_the_first_morning_of_the_next() -> None:
    evening = datetime(2026, 10, 31, 23, tzinfo=STOCKHOLM)
    nights = [
        fact(1, 2, client_id=f"c{at}", home_id=f"h{at}", employee_id=f"e{at}") for at in range(6)
    ]
    before = nights[0]._replace(entry=evening)
    rules = (date(2026, 11, 1), KeyTripPolicy(), Fewest())
    assert key_trips_shown([*nights, before], *rules) == KeyTrips(0, 5, None)


@pytest.mark.parametrize(
    ("policy", "change"),
    [
        (ContinuityPolicy, {"days": 0}),
        (ContinuityPolicy, {"opens": time(22), "closes": time(7)}),
        (PunctualityPolicy, {"limits": ()}),
        (PunctualityPolicy, {"limits": (30, 15)}),
        (PunctualityPolicy, {"limits": (0, 15)}),
        (KeyTripPolicy, {"night_starts": time(1)}),
        (KeyTripPolicy, {"kept": timedelta(0)}),
        (KeyTripPolicy, {"kilometres": Decimal(0)}),
        (AlarmPolicy, {"promised": timedelta(0)}),
        (AlarmPolicy, {"fewest": 1}),
        (AlarmPolicy, {"staff": 1}),
        (Fewest, {"clients": 1}),
        (Fewest, {"staff": 1}),
    ],
)
def test_impossible_rules_are_refused(policy: Any, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        policy(**change)


def test_a_visit_that_has_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="has a beginning"):
        week(fact(start=None, entry=None))
