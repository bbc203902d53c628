"""Björkvik's November against a second reckoning, and as a whole municipality's pay."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pytest

from nyckelfri.care.pay import Statement, Why
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statements import statement
from payworld import NOVEMBER, PLAIN, absences, bjorkvik_prices, november, paid, rows

VISITS = paid(november())
PERCENT = {
    "omvardnad": {"declined": 50, "absence_day_1": 75, "absence_days_2_5": 25},
    "service": {"declined": 75, "absence_day_1": 75, "absence_days_2_5": 25},
}


def hour(service: str, area: str) -> Fraction:
    if service == "service":
        return Fraction(382)
    return Fraction("506.70") if area == "Landsbygd" else Fraction(464)


@pytest.fixture(scope="module")
def made() -> dict[str, Statement]:
    return {
        provider: statement(
            provider,
            NOVEMBER,
            VISITS,
            prices=bjorkvik_prices(),
            policies=PLAIN,
            absences=absences(),
        )
        for provider in {visit.provider_id for visit in VISITS}
    }


@pytest.mark.sentence(76)
def test_november_is_what_a_plain_loop_over_the_visits_makes_of_it(
    made: dict[str, Statement],
) -> None:
    """To within a minute's pay and an öre a line: the loop rounds nothing."""
    exact: dict[str, Fraction] = defaultdict(Fraction)
    away = {(row["brukare_id"], date.fromisoformat(row["fran"])) for row in rows("franvaro")}
    for visit in VISITS:
        if visit.outcome is Outcome.NOT_MADE:
            continue
        if visit.outcome is Outcome.PERFORMED:
            assert visit.begin is not None
            assert visit.end is not None
            hours = Fraction(int((visit.end - visit.begin).total_seconds()), 3600)
            ground = ""
        else:
            hours = Fraction(visit.planned_minutes or 0, 60)
            ground = "declined"
        if visit.outcome is Outcome.AWAY:
            first = max(
                day for client, day in away if client == visit.client_id and day <= visit.day
            )
            since = (visit.day - first).days
            if since > 4:
                continue
            ground = "absence_days_2_5" if since else "absence_day_1"
        for service in visit.services:
            percent = PERCENT[service][ground] if ground else 100
            exact[visit.provider_id] += (
                hour(service, visit.area) * hours / len(visit.services) * percent / 100
            )
    assert set(exact) == set(made)
    for provider, ours in made.items():
        slack = sum(Fraction(line.price) / 120 + Fraction(1, 100) for line in ours.lines)
        assert abs(Fraction(ours.total) - exact[provider]) <= slack


def test_every_provider_gets_a_statement_the_municipalitys_own_too(
    made: dict[str, Statement],
) -> None:
    """The night patrol and the alarm group are the municipality's."""
    providers = {row["org_nr"] for row in rows("grupper")}
    assert set(made) == providers
    traced = {trace.ref for one in made.values() for line in one.lines for trace in line.traces}
    unpaid = {left.ref for one in made.values() for left in one.unpaid}
    assert traced.isdisjoint(unpaid)
    assert traced | unpaid == {visit.ref for visit in VISITS}


def test_only_missed_visits_and_long_absences_are_unpaid(made: dict[str, Statement]) -> None:
    unpaid = [left.why for one in made.values() for left in one.unpaid]
    assert unpaid.count(Why.NOT_MADE) == 80
    assert set(unpaid) == {Why.NOT_MADE, Why.LONG_ABSENCE}
