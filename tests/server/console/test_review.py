"""What came and was not accepted: shown until somebody has dealt with it."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from nyckelfri.server.console.review.texts import TEXTS
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits.models import Kept


def test_kept_items_are_shown_until_somebody_has_dealt_with_them(
    planner: Browser, visited: None, read: Any
) -> None:
    shown = read(planner, "/att-granska/")
    assert "Går inte att läsa" in shown
    assert "Behörigheten är inte utfärdad här" in shown


def test_empty_page_says_so(planner: Browser, read: Any) -> None:
    assert "Ingenting att granska" in read(planner, "/att-granska/")


def test_a_company_s_planner_and_other_roles_deal_with_no_deliveries(
    cast: Any, visited: None, log_in: Any, read: Any
) -> None:
    read(log_in(team=cast.team), "/att-granska/", status=403)
    read(log_in(Role.CARE_ASSESSOR), "/att-granska/", status=403)


def test_every_reason_that_can_be_stored_has_words() -> None:
    assert {f"kept_{reason.value}" for reason in Kept.Reason} <= set(TEXTS)
