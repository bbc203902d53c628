"""A lost phone in a real browser: found, blocked in two clicks, and its exposure read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

PHONE = "T07"


@pytest.mark.sentence(12)
@pytest.mark.threat(36)
def test_lost_phone_is_found_while_typing_and_blocked_in_two_clicks(visit: Any) -> None:
    seen = visit("planner")
    page = seen.page
    seen.go("/telefoner/")
    page.get_by_role("searchbox").fill(PHONE)
    rows = page.locator("#rows tbody tr")
    expect(rows).to_have_count(1)
    assert page.url.endswith("/telefoner/"), "what is searched for stands in no address"

    rows.get_by_role("link", name=f"Spärra {PHONE}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Spärra {PHONE}?")
    left = page.locator("dt", has_text="dörrar kan öppnas ännu").locator("xpath=../dd")
    before = int(left.inner_text())
    assert before > 0

    page.get_by_role("button", name="Spärra telefonen").click()
    expect(page.get_by_role("status")).to_contain_text(f"{PHONE} är spärrad")
    expect(page.locator(".lead .state")).to_have_text("Spärrad")
    assert int(left.inner_text()) == before, "no lock has heard of it yet"
    doors = page.get_by_role("table", name="Vad telefonen kan öppna").locator("tbody tr")
    expect(doors).to_have_count(before)
    assert re.search(r"\d\d:\d\d", doors.first.inner_text())
    expect(page.get_by_role("link", name="Spärra telefonen")).to_have_count(0)
    assert seen.complaints == []


def test_week_is_turned_without_loading_the_page_anew(visit: Any) -> None:
    seen = visit("planner")
    page = seen.page
    seen.go("/grupper/G1/")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Nästa vecka").click()
    expect(page.get_by_role("heading", level=2, name="Vecka 2026-W49")).to_be_visible()
    page.get_by_role("link", name="Den här veckan").click()
    expect(page.get_by_role("heading", level=2, name="Vecka 2026-W48")).to_be_visible()
    assert page.evaluate("window.stayed") is True
    assert seen.complaints == []


def test_absence_and_takeover_by_keyboard_alone(visit: Any) -> None:
    """Whoever cannot use a mouse gets through the form and to its first mistake."""
    seen = visit("planner")
    page = seen.page
    seen.go("/planering/franvaro/10005/")
    page.get_by_label("Skäl").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Skäl")).to_be_focused()
    page.keyboard.type("borta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Det här händer")).to_be_visible()
    page.get_by_role("button", name="Anmäl frånvaron").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("anmäld borta")
    assert seen.complaints == []
