"""What stands out among openings, and how a sample is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.care.review import Margins, Plans, Why, sample, size, suspicion
from nyckelfri.care.times import Window

EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MARGINS = Margins(
    before_shift=15 * MINUTE,
    after_shift=30 * MINUTE,
    before_visit=20 * MINUTE,
    after_visit=40 * MINUTE,
)
SHIFT = Window(EIGHT, EIGHT + 480 * MINUTE)
VISIT = Window(EIGHT + 60 * MINUTE, EIGHT + 90 * MINUTE)
EMPLOYED = Window(EIGHT - timedelta(days=100), EIGHT + timedelta(days=100))


def plans(
    *,
    shifts: tuple[Window, ...] = (SHIFT,),
    visits: tuple[Window, ...] | None = (VISIT,),
    works_in_shifts: bool = True,
    employed: Window = EMPLOYED,
) -> Plans:
    return Plans(employed=employed, shifts=shifts, works_in_shifts=works_in_shifts, visits=visits)


@pytest.mark.threat(59)
@pytest.mark.parametrize(
    ("minute", "why"),
    [
        (-16, Why.OUTSIDE_SHIFT),
        (-15, Why.OUTSIDE_PLAN),
        (39, Why.OUTSIDE_PLAN),
        (40, None),
        (75, None),
        (129, None),
        (130, Why.OUTSIDE_PLAN),
        (509, Why.OUTSIDE_PLAN),
        (510, Why.OUTSIDE_SHIFT),
    ],
)
def test_opening_outside_the_planned_visit_and_its_margin_stands_out(
    minute: int, why: Why | None
) -> None:
    assert suspicion(EIGHT + minute * MINUTE, plans(), MARGINS) is why


@pytest.mark.threat(59)
def test_former_employee_stands_out_whatever_is_planned() -> None:
    ended = Window(EMPLOYED.start, EIGHT + 60 * MINUTE)
    assert suspicion(EIGHT + 59 * MINUTE, plans(employed=ended), MARGINS) is None
    for minute in (60, 75):
        found = suspicion(EIGHT + minute * MINUTE, plans(employed=ended), MARGINS)
        assert found is Why.OUTSIDE_EMPLOYMENT


@pytest.mark.threat(59)
def test_who_has_no_visit_at_all_stands_out_where_doors_are_opened_by_visit() -> None:
    assert suspicion(VISIT.start, plans(visits=()), MARGINS) is Why.OUTSIDE_PLAN


def test_rounds_without_visits_stand_out_only_outside_the_shift() -> None:
    night = plans(visits=None)
    assert suspicion(EIGHT + 5 * MINUTE, night, MARGINS) is None
    assert suspicion(EIGHT - 60 * MINUTE, night, MARGINS) is Why.OUTSIDE_SHIFT


def test_who_works_without_shifts_is_held_to_visits_only() -> None:
    nurse = plans(shifts=(), works_in_shifts=False)
    assert suspicion(VISIT.start, nurse, MARGINS) is None
    assert suspicion(VISIT.end + 60 * MINUTE, nurse, MARGINS) is Why.OUTSIDE_PLAN
    assert suspicion(VISIT.start, plans(shifts=()), MARGINS) is Why.OUTSIDE_SHIFT


keys = st.lists(st.text(max_size=8), unique=True, max_size=60)
shares = st.fractions(min_value=Fraction(1, 1000), max_value=1)
seeds = st.binary(min_size=16, max_size=16)


@given(keys, shares, seeds, st.randoms(use_true_random=False))
def test_same_seed_draws_the_same_whatever_the_order(
    keys: list[str], share: Fraction, seed: bytes, chance: object
) -> None:
    drawn = sample(keys, len(keys), share, seed)
    shuffled = list(keys)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sample(shuffled, len(keys), share, seed) == drawn
    assert set(drawn) <= set(keys)
    assert len(drawn) == size(len(keys), share) >= bool(keys)


@given(keys, seeds)
def test_a_larger_share_draws_what_a_smaller_one_drew_and_all_is_all(
    keys: list[str], seed: bytes
) -> None:
    half = sample(keys, len(keys), Fraction(1, 2), seed)
    every = sample(keys, len(keys), Fraction(1), seed)
    assert every[: len(half)] == half
    assert set(every) == set(keys)


def test_every_key_is_drawn_about_equally_often() -> None:
    keys = [str(number) for number in range(20)]
    times = dict.fromkeys(keys, 0)
    for turn in range(2000):
        for key in sample(keys, 20, Fraction(1, 4), turn.to_bytes(16, "big")):
            times[key] += 1
    assert sum(times.values()) == 2000 * 5
    assert 400 < min(times.values()) <= max(times.values()) < 600


@pytest.mark.parametrize("share", [Fraction(0), Fraction(-1), Fraction(101, 100)])
def test_impossible_share_is_refused(share: Fraction) -> None:
    with pytest.raises(ValueError, match="share lies above 0"):
        sample(["a"], 1, share, bytes(16))


def test_short_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed has 16 bytes"):
        sample(["a"], 1, Fraction(1), bytes(15))
