"""A month of Björkvik's evidence against its answer key, which the rules never see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from bjorkvikvisits import NOW, facit, moment, read_signs
from nyckelfri.care.derive import derive
from nyckelfri.care.performed import Derived, Flag, Grade, Outcome, Signs, Visit, VisitPolicy

FOUND_BY = {
    "sen_synk": {Flag.LATE_SYNC},
    "utan_utgang": {Flag.NO_EXIT},
    "kopierad_etikett": {Flag.NO_DOOR, Flag.TWO_PLACES, Flag.FORGED_TAP},
    "raknare_ej_okande": {Flag.REPLAYED_TAP},
    "tva_platser": {Flag.TWO_PLACES},
    "for_kort": {Flag.TOO_SHORT},
    "fel_dorr": {Flag.WRONG_DOOR},
}
BECAME = {"avbojt": Outcome.DECLINED, "utebliven": Outcome.NOT_MADE}
GRADES = {
    "dorr+etikett": Grade.DOOR_AND_LABEL,
    "dorr": Grade.DOOR,
    "etikett": Grade.LABEL,
    "manuell": Grade.BY_HAND,
    "ingen": Grade.NONE,
}
NEAR = timedelta(minutes=3)


class Truth(NamedTuple):
    """A row of the key, and the visit that it is about, if one was derived."""

    fault: str
    grade: Grade
    entry: datetime | None
    exit: datetime | None
    visit: Visit | None

    def is_found(self) -> bool:
        visit = self.visit
        if visit is None:
            return False
        if self.fault in BECAME:
            return visit.outcome is BECAME[self.fault]
        return not FOUND_BY[self.fault].isdisjoint(visit.flags)


@pytest.fixture(scope="module")
def signs() -> Signs:
    return read_signs()


@pytest.fixture(scope="module")
def derived(signs: Signs) -> Derived:
    return derive(signs, VisitPolicy(), NOW)


@pytest.fixture(scope="module")
def truths(derived: Derived) -> list[Truth]:
    return list(_paired(derived))


def _paired(derived: Derived) -> Iterator[Truth]:
    """Every row with its visit; each visit is taken once."""
    left: defaultdict[tuple[str | None, str, str], list[Visit]] = defaultdict(list)
    for visit in derived.visits:
        left[visit.planned_id, visit.employee_id, visit.client_id].append(visit)
    for row in facit():
        entry = moment(row["in"])
        key = (row["besok_id"] or None, row["anst_nr"], row["brukare_id"])
        visits = [
            visit
            for visit in left[key]
            if visit.planned_id is not None
            or (entry is not None and visit.entry is not None and abs(visit.entry - entry) <= NEAR)
        ]
        if visits:
            left[key].remove(visits[0])
        yield Truth(
            row["flagga"],
            GRADES[row["bevis"]],
            entry,
            moment(row["ut"]),
            visits[0] if visits else None,
        )
    # Nothing is derived that did not happen.
    assert not [visit.key for visits in left.values() for visit in visits]


@pytest.mark.threat(60)
def test_planted_faults_are_found_and_sound_visits_are_let_alone(truths: list[Truth]) -> None:
    planted = Counter(truth.fault for truth in truths if truth.fault)
    found = Counter(truth.fault for truth in truths if truth.fault and truth.is_found())
    sound = [truth for truth in truths if not truth.fault]
    flagged = [truth for truth in sound if truth.visit is None or truth.visit.flags]
    kinds = Counter(
        flag.value for truth in flagged if truth.visit is not None for flag in truth.visit.flags
    )
    _tell(
        *(f"{fault:18} {found[fault]:4} of {count:4} found" for fault, count in planted.items()),
        f"planted faults found: {found.total()} of {planted.total()}",
        f"sound visits flagged: {len(flagged)} of {len(sound)} {dict(kinds)}",
    )
    assert found.total() >= 0.95 * planted.total()
    assert len(flagged) <= len(sound) / 200
    for fault, count in planted.items():
        assert found[fault] >= 0.9 * count, fault


@pytest.mark.sentence(21)
@pytest.mark.sentence(71)
def test_times_lie_where_people_came_and_went(truths: list[Truth]) -> None:
    made = [truth for truth in truths if not truth.fault and truth.entry is not None]
    near = [truth for truth in made if _is_near(truth)]
    _tell(f"times within 3 minutes: {len(near)} of {len(made)}")
    assert len(near) >= 0.99 * len(made)


def _tell(*lines: str) -> None:
    print("", *lines, sep="\n")  # noqa: T201 - `pytest -s` shows the figures


def _is_near(truth: Truth) -> bool:
    visit = truth.visit
    return (
        visit is not None
        and visit.entry is not None
        and visit.exit is not None
        and truth.entry is not None
        and truth.exit is not None
        and abs(visit.entry - truth.entry) <= NEAR
        and abs(visit.exit - truth.exit) <= NEAR
    )


def test_grade_says_what_there_is_to_go_on(truths: list[Truth]) -> None:
    sound = [truth for truth in truths if not truth.fault]
    agree = [truth for truth in sound if truth.visit and truth.visit.grade is truth.grade]
    _tell(f"grades that agree: {len(agree)} of {len(sound)}")
    assert len(agree) >= 0.99 * len(sound)


def test_every_sign_is_in_one_place(signs: Signs, derived: Derived) -> None:
    given = Counter(
        sign.ref
        for kind in (signs.doors, signs.entrances, signs.labels, signs.by_hand, signs.alarms)
        for sign in kind
    )
    placed = Counter(ref for visit in derived.visits for ref in visit.refs)
    placed.update(ref for loose in derived.loose for ref in loose.refs)
    assert placed == given


def test_every_planned_visit_of_everybody_is_there_once(signs: Signs, derived: Derived) -> None:
    planned = Counter(plan.planned_id for plan in signs.plans for _ in plan.employee_ids)
    assert Counter(visit.planned_id for visit in derived.visits if visit.planned_id) == planned
    assert len({visit.key for visit in derived.visits}) == len(derived.visits)
