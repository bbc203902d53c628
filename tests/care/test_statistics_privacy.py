"""No figure is about an employee: none names one, and none depends on who did the work."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.care import statistics
from nyckelfri.care.performed import AlarmSign, DoorSign, Grade, Outcome
from nyckelfri.care.statistics.alarms import AlarmPolicy, alarm_to_door
from nyckelfri.care.statistics.continuity import (
    ContinuityPolicy,
    continuity,
    continuity_by_team,
    continuity_shown,
)
from nyckelfri.care.statistics.evidence import evidence, evidence_by
from nyckelfri.care.statistics.facts import Fewest, VisitFact, everybody, team, week
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, key_trips, key_trips_shown
from nyckelfri.care.statistics.planned import performance, performance_by
from nyckelfri.care.statistics.punctuality import (
    PunctualityPolicy,
    punctuality,
    punctuality_by,
)
from nyckelfri.care.visits import Movement
from payworld import STOCKHOLM

FIRST = date(2026, 11, 2)
BORN = {f"c{number}": date(1940, 1, 1) for number in range(6)}
EMPLOYEES = [f"employee-{number}" for number in range(6)]
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine draws slowly."""
SHORT = ContinuityPolicy(days=1, visits_a_day=1)


@st.composite
def visits(draw: st.DrawFn) -> list[VisitFact]:
    """Up to sixty visits of a few days, of clients, teams and staff of every size."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(0, 5),
                st.integers(0, 2),
                st.sampled_from(EMPLOYEES),
                st.integers(0, 60 * 40),
                st.integers(-90, 90),
                st.sampled_from(Outcome),
                st.sampled_from(Grade),
                st.booleans(),
                st.booleans(),
            ),
            max_size=60,
        )
    )
    found = []
    for number, (client, group, employee, minute, off, outcome, grade, alarm, planned) in enumerate(
        drawn
    ):
        start = datetime(2026, 11, 2, tzinfo=STOCKHOLM) + timedelta(minutes=minute)
        entry = start + timedelta(minutes=off) if outcome is Outcome.PERFORMED else None
        keeps = planned or entry is None
        found.append(
            VisitFact(
                f"c{client}",
                f"h{client // 2}",
                f"G{group}",
                employee,
                f"v{number // 2}" if keeps else "",
                ("care",),
                outcome,
                grade,
                start if keeps else None,
                start + timedelta(minutes=20) if keeps else None,
                entry,
                entry and entry + timedelta(minutes=15),
                alarm,
            )
        )
    return found


def measured(facts: list[VisitFact]) -> dict[str, Any]:
    """Every measure, of the whole and by team; alarms are taken and doors opened by the staff."""
    few = Fewest(clients=3, staff=2)
    signs = [
        AlarmSign(f"a{at}", fact.client_id, fact.when, fact.employee_id)
        for at, fact in enumerate(facts)
    ]
    doors = [
        DoorSign(
            f"d{at}", fact.employee_id, fact.home_id, Movement.UNLOCKED, fact.entry, fact.entry
        )
        for at, fact in enumerate(facts)
        if fact.entry is not None
    ]
    homes = {fact.client_id: fact.home_id for fact in facts}
    return {
        "continuity": continuity(facts, FIRST, BORN, SHORT),
        "continuity_by_team": continuity_by_team(facts, FIRST, BORN, SHORT, few),
        "continuity_shown": continuity_shown(facts, FIRST, BORN, SHORT, few),
        "performance": performance(facts),
        "performance_by_team": performance_by(team, facts, few),
        "performance_by_week": performance_by(week, facts, few),
        "performance_shown": performance_by(everybody, facts, few),
        "punctuality": punctuality(facts, PunctualityPolicy()),
        "punctuality_by_team": punctuality_by(team, facts, PunctualityPolicy(), few),
        "evidence": evidence(facts),
        "evidence_by_team": evidence_by(team, facts, few),
        "key_trips": key_trips(facts, KeyTripPolicy()),
        "key_trips_shown": key_trips_shown(facts, date(2026, 11, 1), KeyTripPolicy(), few),
        "alarm_to_door": alarm_to_door(signs, doors, homes, AlarmPolicy(fewest=2, staff=2)),
    }


@BUSY
@given(visits(), st.permutations(EMPLOYEES))
def test_figures_are_the_same_whoever_did_the_work(
    facts: list[VisitFact], others: list[str]
) -> None:
    """Every employee's visits may be another's, and not one figure moves."""
    swap = dict(zip(EMPLOYEES, others, strict=True))
    swapped = [fact._replace(employee_id=swap[fact.employee_id]) for fact in facts]
    assert measured(swapped) == measured(facts)


@BUSY
@given(visits())
def test_no_figure_names_an_employee_or_a_client(facts: list[VisitFact]) -> None:
    said = repr(measured(facts))
    assert "employee-" not in said
    assert not any(f"'{fact.client_id}'" in said for fact in facts)


@BUSY
@given(visits(), st.randoms(use_true_random=False))
def test_order_does_not_matter(facts: list[VisitFact], random: Any) -> None:
    mixed = list(facts)
    random.shuffle(mixed)
    assert measured(mixed) == measured(facts)


@BUSY
@given(visits())
def test_parts_add_up_to_the_whole(facts: list[VisitFact]) -> None:
    made = measured(facts)
    whole = made["performance"]
    why_not = (whole.declined, whole.missed, whole.away, whole.not_made, whole.waiting)
    assert whole.planned == whole.performed + sum(why_not)
    punctual = made["punctuality"]
    assert punctual.visits == sum(punctual.early) + punctual.in_time + sum(punctual.late)
    assert made["evidence"].visits == sum(number for _, number, _ in made["evidence"].grades)
    met = made["continuity"]
    assert met.clients == sum(clients for _, clients in met.distribution)


@BUSY
@given(visits())
def test_the_small_team_cannot_be_told_from_the_whole_less_the_others(
    facts: list[VisitFact],
) -> None:
    """So never exactly one team is left out, unless there is no other."""
    made = measured(facts)
    for group in [made[name] for name in made if name.endswith(("_by_team", "_by_week"))]:
        assert len(group) == 1 or list(group.values()).count(None) != 1


def test_no_value_that_a_measure_returns_has_room_for_an_employee() -> None:
    looked_at = set()
    for module in pkgutil.iter_modules(statistics.__path__):
        room = importlib.import_module(f"{statistics.__name__}.{module.name}")
        for name, value in vars(room).items():
            fields = getattr(value, "_fields", None)
            if fields and value is not VisitFact and value.__module__ == room.__name__:
                looked_at.add(name)
                assert not {"employee", "employee_id", "client_id", "staff"} & set(fields), name
    assert looked_at == {
        "AlarmToDoor",
        "Continuity",
        "Evidence",
        "KeyTrips",
        "Measures",
        "Performance",
        "Punctuality",
    }
