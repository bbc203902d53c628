"""A lived day becomes visits that agree with it, and what goes wrong on the way is found."""

from __future__ import annotations

import pytest

from weekworld import Week


@pytest.mark.threat(60)
def test_a_lived_day_becomes_visits_that_agree_with_it(week: Week) -> None:
    found = week.look()
    assert not found.broken
    unseen = [rule for rule, times in found.checked.items() if not times]
    assert not unseen
    for what in ("entered", "answers alarm", "wrong door", "will enter late", "reads a copy"):
        assert found.counts[what], what


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        ("a_reading_is_lost", "every_sign_is_in_one_visit_or_flagged"),
        ("a_sign_is_told_twice", "every_sign_is_in_one_visit_or_flagged"),
        ("an_entry_is_gone", "every_entry_is_stored_once"),
        ("what_was_planned_counts_as_made", "no_visit_without_evidence"),
        ("nothing_is_waited_out", "no_visit_without_evidence"),
        ("somebody_else_was_there", "no_visit_without_evidence"),
        ("visits_begin_early", "no_minute_in_two_visits"),
        ("visits_are_too_long", "visits_agree_with_the_truth"),
        ("nobody_is_asked", "a_wrong_door_is_no_visit"),
        ("a_copy_counts", "a_copied_label_proves_nothing"),
    ],
)
def test_a_defect_between_evidence_and_visits_is_found(week: Week, plant: str, rule: str) -> None:
    assert week.look(plant, rule).broken.startswith(f"{rule}: ")
