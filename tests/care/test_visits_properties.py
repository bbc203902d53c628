"""What holds for visits whatever the signs are."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bjorkvikvisits import NOW, read_signs
from nyckelfri.care import words
from nyckelfri.care.derive import MARGIN, derive, local_day
from nyckelfri.care.performed import (
    Derived,
    HandSign,
    Loose,
    Plan,
    Registers,
    Signs,
    Visit,
    VisitPolicy,
)
from nyckelfri.care.times import DateRange
from visitworld import HOME_OF, Town, moment

KINDS = ("doors", "entrances", "labels", "by_hand", "alarms")
STAFF, CLIENTS = ("eva", "kim", "ulf"), ("ada", "bo", "cia", "dan", "eli")
DAYS = (23, 24, 25)


@st.composite
def towns(draw: st.DrawFn) -> tuple[str, ...]:
    """Three days of three people in four homes, most of it sound and some of it not."""
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - repeatable, not secret
    lines = list(_lines(chance))
    chance.shuffle(lines)
    kept = [line for line in lines if line.startswith("plan") or chance.random() > 0.1]
    return tuple(dict.fromkeys(kept))


def _lines(chance: random.Random) -> Iterator[str]:
    number = 0
    for day in DAYS:
        for who in STAFF:
            minute = chance.randrange(0, 120)
            for _ in range(chance.randrange(0, 7)):
                number += 1
                length = chance.choice((15, 30, 45, 60))
                client = chance.choice(CLIENTS)
                yield from _visit(chance, f"P{number}", day, who, client, minute, length)
                minute += length + chance.choice((0, 0, 10, 60, 300))
                if minute > 1300:
                    break
            for _ in range(chance.randrange(0, 4)):
                yield _stray(chance, day, who)


def _visit(
    chance: random.Random, plan: str, day: int, who: str, client: str, minute: int, length: int
) -> Iterator[str]:
    def at(minutes: float) -> str:
        minutes = max(0, min(1439, round(minutes)))
        return f"{day}T{minutes // 60:02}:{minutes % 60:02}"

    pair = chance.choice((who, who, who, f"{who}+{chance.choice(STAFF)}"))
    pair = who if pair == f"{who}+{who}" else pair
    if chance.random() < 0.9:
        yield f"plan {plan} {pair} {client} {at(minute)}-{at(minute + length)}"
    came = chance.choice((who, who, who, who, chance.choice(STAFF)))
    begin, end = minute + chance.randrange(-5, 20), minute + length + chance.randrange(-15, 20)
    if chance.random() < 0.2:
        yield f"{came} {at(begin - 2)} enter {client}"
    yield f"{came} {at(begin)} unlock {client}"
    count = 3000 * day + 2 * begin
    first, last = (f" {count}", f" {count + 1}") if chance.random() < 0.4 else ("", "")
    yield f"{came} {at(begin + 1)} tap {client}{first}"
    yield f"{came} {at(end - 1)} tap {client}{last}"
    yield f"{came} {at(end)} lock {client}"
    if chance.random() < 0.1:
        kind = chance.choice(("visit", "declined", "undo"))
        named = chance.choice(("", f" {plan}"))
        for times in chance.choice(
            (
                (f"{at(begin)}-{at(end)}",),
                (at(begin), f"-{at(end)}"),
                (f"@{at(end)}",),
                (f"@{at(begin)}-", f"-@{at(end)}"),
            )
        ):
            yield f"{came} says {kind} {client} {times}{named} glömt"
    if chance.random() < 0.1:
        yield f"alarm {client} {at(begin - 20)}{chance.choice(('', f' {came}'))}"


def _stray(chance: random.Random, day: int, who: str) -> str:
    minute = chance.randrange(0, 1440)
    at = f"{day}T{minute // 60:02}:{minute % 60:02}"
    what = chance.choice(("unlock", "lock", "tap", "forged", "enter"))
    return f"{who} {at} {what} {chance.choice(CLIENTS)}"


def _all(signs: Signs) -> list[Any]:
    return [sign for kind in KINDS for sign in getattr(signs, kind)]


def _when(sign: Any) -> datetime:
    if isinstance(sign, HandSign):
        return words.moment(sign)
    moment: datetime = sign.start if isinstance(sign, Plan) else sign.at
    return moment


def _placed(found: Derived) -> Counter[str]:
    refs = Counter(ref for visit in found.visits for ref in visit.refs)
    refs.update(ref for loose in found.loose for ref in loose.refs)
    return refs


def _now() -> datetime:
    return datetime(2026, 12, 24, tzinfo=UTC)


@settings(max_examples=100, deadline=None)
@given(towns(), st.sampled_from(Registers), st.booleans())
def test_every_sign_is_in_exactly_one_visit_or_loose(
    lines: tuple[str, ...], registers: Registers, needs_door: bool
) -> None:
    signs = Town().signs(*lines)
    policy = VisitPolicy(registers=registers, signed_needs_door=needs_door)
    found = derive(signs, policy, _now())
    assert _placed(found) == Counter(sign.ref for sign in _all(signs))
    keys = [visit.key for visit in found.visits]
    assert len(set(keys)) == len(keys)
    planned = Counter(plan.planned_id for plan in signs.plans for _ in plan.employee_ids)
    assert Counter(visit.planned_id for visit in found.visits if visit.planned_id) == planned


@settings(max_examples=100, deadline=None)
@given(towns(), st.sampled_from(Registers))
def test_visits_end_after_they_begin_and_share_no_minute_of_one_person_in_one_home(
    lines: tuple[str, ...], registers: Registers
) -> None:
    signs = Town().signs(*lines)
    found = derive(signs, VisitPolicy(registers=registers), _now())
    stays: dict[tuple[str, str], list[Any]] = {}
    for visit in found.visits:
        if visit.entry is not None and visit.exit is not None:
            assert visit.entry <= visit.exit
            if visit.grade.value != "by_hand":
                home_id = HOME_OF[visit.client_id]
                stays.setdefault((visit.employee_id, home_id), []).append(visit)
    for visits in stays.values():
        visits.sort(key=lambda visit: (visit.entry, visit.exit))
        for before, after in pairwise(visits):
            assert before.exit <= after.entry, (before, after)


@pytest.mark.threat(54)
@pytest.mark.threat(55)
@settings(max_examples=100, deadline=None)
@given(towns(), st.randoms())
def test_order_of_arrival_does_not_matter_and_deriving_again_changes_nothing(
    lines: tuple[str, ...], chance: random.Random
) -> None:
    signs = Town().signs(*lines)
    mixed: dict[str, Any] = {
        kind: chance.sample(getattr(signs, kind), len(getattr(signs, kind)))
        for kind in (*KINDS, "plans")
    }
    first = derive(signs, VisitPolicy(), _now())
    assert derive(replace(signs, **mixed), VisitPolicy(), _now()) == first
    assert derive(signs, VisitPolicy(), _now()) == first


@pytest.mark.threat(55)
@settings(max_examples=100, deadline=None)
@given(towns(), st.randoms())
def test_late_evidence_changes_only_the_tours_that_it_touches(
    lines: tuple[str, ...], chance: random.Random
) -> None:
    signs = Town().signs(*lines)
    # A late signed reading also says that later readings of its chip were saved up.
    others = [sign for sign in _all(signs) if not getattr(sign, "counter", None)]
    assume(others)
    late = chance.choice(others)
    less: dict[str, Any] = {
        kind: [sign for sign in getattr(signs, kind) if sign.ref != late.ref] for kind in KINDS
    }
    before = derive(replace(signs, **less), VisitPolicy(), _now())
    after = derive(signs, VisitPolicy(), _now())
    starts = {plan.planned_id: plan.start for plan in signs.plans}
    for visit in set(before.visits) ^ set(after.visits):
        start = starts.get(visit.planned_id or "") or visit.entry or visit.exit
        assert start is not None
        assert abs(start - _when(late)) <= MARGIN


def _between(signs: Signs, begin: datetime, end: datetime) -> Signs:
    """What a caller reads from storage: signs and plans of a time."""

    def is_in(sign: Any) -> bool:
        return begin <= _when(sign) < end

    counts: dict[str, int] = {}
    for label in signs.labels:
        if label.counter is not None and label.at < begin and label.tap.value == "signed":
            counts[label.chip] = max(label.counter, counts.get(label.chip, 0))
    kinds: dict[str, Any] = {
        kind: list(filter(is_in, getattr(signs, kind))) for kind in (*KINDS, "plans")
    }
    return replace(signs, counts=counts, **kinds)


def _day_by_day(signs: Signs, days: list[date], now: datetime) -> tuple[list[Visit], list[Loose]]:
    starts = {plan.planned_id: plan.start for plan in signs.plans}
    visits: list[Visit] = []
    loose: list[Loose] = []
    for day in days:
        window = DateRange(day, day).window()
        around = _between(signs, window.start - MARGIN, window.end + MARGIN)
        found = derive(around, VisitPolicy(), now)
        visits += [visit for visit in found.visits if local_day(visit, starts) == day]
        loose += [one for one in found.loose if local_day(one, starts) == day]
    return visits, loose


@settings(max_examples=100, deadline=None)
@given(towns())
def test_day_by_day_is_the_same_as_all_at_once(lines: tuple[str, ...]) -> None:
    signs = Town().signs(*lines)
    days = [date(2026, 11, day) for day in range(21, 28)]
    visits, loose = _day_by_day(signs, days, _now())
    found = derive(signs, VisitPolicy(), _now())
    assert Counter(visits) == Counter(found.visits)
    assert Counter(loose) == Counter(found.loose)


def test_bjorkvik_day_by_day_is_the_same_as_the_month_at_once() -> None:
    signs = read_signs()
    days = [date(2026, 10, 31) + timedelta(days=number) for number in range(32)]
    visits, loose = _day_by_day(signs, days, NOW)
    found = derive(signs, VisitPolicy(), NOW)
    assert Counter(visits) == Counter(found.visits)
    assert Counter(loose) == Counter(found.loose)


def test_local_day_is_the_planned_one() -> None:
    town = Town()
    plan = "plan P1 eva ada 24T00:10-24T00:30"
    found = town.derive(plan, "eva 23:55 unlock ada", "eva 24T00:20 lock ada")
    (visit,) = found.visits
    starts = {"P1": moment("24T00:10")}
    assert local_day(visit, starts) == date(2026, 11, 24)
    assert local_day(replace(visit, planned_id=None), starts) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="neither"):
        local_day(replace(visit, planned_id=None, entry=None, exit=None), starts)
