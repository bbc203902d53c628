"""A lived day is billed and paid by its visits, and what goes wrong on the way is found."""

from __future__ import annotations

import pytest

from weekworld import Week


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        ("the_wrong_client_pays", "no_invoice_line_without_its_evidence"),
        ("ten_minutes_are_added", "no_invoice_line_without_its_evidence"),
        ("review_is_not_waited_for", "no_visit_is_billed_twice"),
        ("both_of_two_are_charged", "no_visit_is_billed_twice"),
        ("amounts_are_rounded_up", "invoices_add_up"),
        ("a_number_is_passed_over", "invoices_add_up"),
        ("a_visit_is_not_paid", "pay_rests_on_visits"),
    ],
)
def test_a_defect_between_visits_and_money_is_found(week: Week, plant: str, rule: str) -> None:
    assert week.look(plant, rule).broken.startswith(f"{rule}: ")
