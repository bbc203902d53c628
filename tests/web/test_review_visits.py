"""A planner's morning in a real browser: all that fit at once, the rest by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

import webreviewed

DAY = f"/besok/?dag={webreviewed.DAY}"


@pytest.mark.sentence(70)
@pytest.mark.threat(60)
def test_day_is_reviewed_in_two_clicks_and_a_reason_for_each_that_stands_out(visit: Any) -> None:
    seen = visit("planner")
    page = seen.page
    seen.go(DAY)
    button = page.get_by_role("link", name=re.compile("Godkänn .* som stämmer"))
    fits = int("".join(filter(str.isdigit, button.inner_text())))
    button.click()
    page.get_by_role("button", name=f"Godkänn {fits} besök").click()
    expect(page.get_by_role("status")).to_contain_text(f"{fits} besök är godkända")
    expect(button).to_have_count(0)

    tab = page.get_by_role("link", name=re.compile("Att titta på"))
    left = int("".join(filter(str.isdigit, tab.inner_text())))
    rows = page.get_by_role("table", name="Besök", exact=True).locator("tbody tr")
    expect(rows).to_have_count(left)
    rows.filter(has_text="Inte utfört").first.get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Det här sticker ut")).to_be_visible()
    page.get_by_label("Skäl").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Skäl")).to_be_focused()
    page.keyboard.type("Kunden ringde och avbokade")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Besöket är godkänt")
    expect(tab).to_have_text(f"Att titta på {left - 1}")
    page.get_by_role("status").get_by_role("link", name="Ångra").click()
    expect(page.get_by_text("Kunden ringde och avbokade")).to_be_visible()
    assert seen.complaints == []
