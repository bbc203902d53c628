"""Months measured by themselves: when, and that the database's November is the files' November."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

import bjorkvikvisits
from nyckelfri.care.derive import derive
from nyckelfri.care.performed import ALARM, VisitPolicy
from nyckelfri.care.statistics import month as of_month
from nyckelfri.care.statistics.facts import VisitFact
from nyckelfri.care.statistics.month import Known, Measures, Policy
from nyckelfri.server.jobs import rounds
from nyckelfri.server.visits import actions_derive, actions_statistics, kept_measures
from nyckelfri.server.visits.models import MeasuredMonth, Month, VisitDay
from nyckelfri.server.visits.queries_statistics import birth_date
from statisticsworld import NOVEMBER, NOW, Figures

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OCTOBER = date(2026, 10, 1)


def derived(day: date, at: datetime = NOW) -> None:
    VisitDay.objects.update_or_create(day=day, defaults={"derived_at": at})


def waiting(after: timedelta) -> list[date]:
    return actions_statistics.waiting(NOW + after)


@pytest.mark.django_db
def test_a_month_is_measured_once_its_visits_are_there_the_newest_first() -> None:
    assert waiting(0 * DAY) == []
    derived(date(2026, 10, 31))
    derived(date(2026, 11, 1))
    assert actions_statistics.measure_waiting(NOW) == [NOVEMBER, OCTOBER]
    assert waiting(0 * DAY) == []


@pytest.mark.django_db
def test_an_open_month_is_measured_again_an_hour_after_new_visits_and_each_day() -> None:
    derived(NOVEMBER)
    actions_statistics.measure(NOVEMBER, NOW)
    assert waiting(23 * HOUR) == []
    assert waiting(DAY) == [NOVEMBER]
    derived(NOVEMBER, NOW + timedelta(minutes=1))
    assert waiting(timedelta(minutes=59)) == []
    assert waiting(HOUR) == [NOVEMBER]


@pytest.mark.django_db
def test_a_closed_month_is_measured_once_more_and_then_stands(cast: Any) -> None:
    derived(NOVEMBER)
    actions_statistics.measure(NOVEMBER, NOW)
    month = Month.objects.create(
        first=NOVEMBER, lock_date=date(2026, 12, 5), closed_at=NOW + HOUR, closed_by=cast.alice
    )
    assert waiting(HOUR) == [NOVEMBER]
    actions_statistics.measure(NOVEMBER, NOW + HOUR)
    derived(NOVEMBER, NOW + DAY)
    assert waiting(9 * DAY) == []
    Month.objects.filter(pk=month.pk).update(closed_at=None, closed_by=None)
    assert waiting(9 * DAY) == [NOVEMBER]


@pytest.mark.django_db
def test_many_months_are_measured_some_at_a_time_by_the_round() -> None:
    for month in range(1, 12):
        derived(date(2026, month, 1))
    (each,) = [one for one in rounds.ROUNDS if one.name == "statistics"]
    assert rounds.run(each, NOW)
    assert len(waiting(0 * DAY)) == 7
    assert rounds.run(each, NOW)
    assert rounds.run(each, NOW)
    assert waiting(0 * DAY) == []


@pytest.mark.django_db
def test_a_provider_that_had_figures_and_has_none_any_longer_keeps_no_old_ones(cast: Any) -> None:
    made = Figures()
    group = made.group(1, cast.company, "Omtanke Öst")
    visits = [made.visit(group, at) for at in range(6)]
    made.measure()
    assert MeasuredMonth.objects.filter(provider=cast.company).count() == 1
    for visit in visits:
        visit.delete()
    made.measure()
    assert [row.provider for row in MeasuredMonth.objects.all()] == [None]


@pytest.mark.django_db
def test_a_visit_without_any_time_and_a_client_without_a_birth_date_are_no_trouble(
    cast: Any,
) -> None:
    made = Figures()
    group = made.group(1, cast.company, "Omtanke Öst")
    made.visit(group, 0, late=None, planned=False)
    group.clients[1].personal_number = "~17"
    group.clients[1].save()
    for at in range(6):
        made.visit(group, at)
    made.measure()
    kept = MeasuredMonth.objects.get(provider=None).measures
    assert kept["performed"][0] == 6


def test_a_coordination_number_has_its_birth_date() -> None:
    assert birth_date("19340123-2394") == date(1934, 1, 23)
    assert birth_date("19340183-2394") == date(1934, 1, 23)
    assert birth_date("~17") is None
    assert birth_date("19341399-2394") is None


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.sentence(87)
@pytest.mark.sentence(91)
def test_november_measured_in_the_database_is_november_measured_from_the_files(
    bjorkvik: None,
) -> None:
    first = date(2026, 10, 31)
    actions_derive.derive_days([first + day * DAY for day in range(31)], now=bjorkvikvisits.NOW)
    actions_statistics.measure(NOVEMBER, bjorkvikvisits.NOW)
    kept = MeasuredMonth.objects.get(provider=None).measures
    stored = kept_measures.read(json.loads(json.dumps(kept)))
    ruled = of_month.measure(NOVEMBER, _known(), Policy())
    for name in Measures._fields:
        if not name.endswith("_teams"):
            assert getattr(stored, name) == getattr(ruled, name), name
        else:
            of_teams = (sorted(map(str, getattr(each, name).values())) for each in (stored, ruled))
            assert len(set(map(tuple, of_teams))) == 1, name
    assert kept_measures.stored(stored) == kept
    assert stored.alarms is not None
    assert stored.alarms.median is not None
    assert stored.key_trips is not None


def _known() -> Known:
    """What the files tell of November, by the rules alone."""
    signs = bjorkvikvisits.read_signs()
    people = bjorkvikvisits.rows(bjorkvikvisits.FOLDER / "personal.csv")
    teams = {row["anst_nr"]: row["grupp_id"] for row in people}
    clients = bjorkvikvisits.rows(bjorkvikvisits.FOLDER / "brukare.csv")
    born = {row["brukare_id"]: _born(row["personnummer"]) for row in clients}
    home_of = {client: home.home_id for home in signs.homes.values() for client in home.client_ids}
    return Known(list(_facts(signs, teams, home_of)), signs.alarms, signs.doors, born, home_of)


def _born(number: str) -> date:
    return date(int(number[:4]), int(number[4:6]), int(number[6:8]) % 60)


def _facts(signs: Any, teams: dict[str, str], home_of: dict[str, str]) -> Iterator[VisitFact]:
    plans = {plan.planned_id: plan for plan in signs.plans}
    words = {"omvardnad": "care", "service": "household"}
    for visit in derive(signs, VisitPolicy(), bjorkvikvisits.NOW).visits:
        plan = plans.get(visit.planned_id or "")
        yield VisitFact(
            visit.client_id,
            home_of[visit.client_id],
            teams[visit.employee_id],
            visit.employee_id,
            visit.planned_id or "",
            tuple(words[service] for service in visit.services),
            visit.outcome,
            visit.grade,
            plan and plan.start,
            plan and plan.end,
            visit.entry,
            visit.exit,
            visit.planned_id is None and visit.reason == ALARM,
        )
