"""A change of provider in a real browser: who gains and who loses is seen before it is decided."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

CLIENT = "/kunder/B0077/"
NEW = "Omtanke Hemtjänst AB"
OLD_CARER = "Kristina Öztürk"
"""Of the team that the client has now, and at work on the first day of the change too."""
FIRST_DAY = "2026-11-24"


def figures(page: Page) -> tuple[int, int]:
    """How many can open before and after."""
    told = page.locator(".figures dd").all_inner_texts()
    return int(told[0]), int(told[1])


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
@pytest.mark.sentence(48)
def test_before_and_after_is_seen_then_decided_then_undone(visit: Any) -> None:
    seen = visit("care_assessor")
    page = seen.page
    seen.go(CLIENT)
    page.get_by_role("link", name="Byt utförare").click()
    page.get_by_label("Insats").select_option(label="Omvårdnad")
    page.get_by_label("Ny utförare").select_option(label=NEW)
    page.get_by_label("Första dag").fill(FIRST_DAY)
    page.get_by_label("Skäl").fill("Kundens val den 20 november")
    page.get_by_role("button", name="Se vad som händer").click()

    before, after = figures(page)
    assert before > 0
    assert after > 0
    gains = page.get_by_role("heading", name=re.compile(r"Får tillgång \(\d+\)"))
    loses = page.get_by_role("heading", name=re.compile(r"Förlorar tillgång \(\d+\)"))
    assert int(re.findall(r"\d+", loses.inner_text())[0]) > 0
    assert int(re.findall(r"\d+", gains.inner_text())[0]) > 0
    expect(loses.locator("xpath=..")).to_contain_text(OLD_CARER)
    expect(gains.locator("xpath=..")).not_to_contain_text(OLD_CARER)

    page.get_by_role("button", name="Ändra uppgifterna").click()
    expect(page.get_by_label("Första dag")).to_have_value(FIRST_DAY)
    page.get_by_role("button", name="Se vad som händer").click()
    assert figures(page) == (before, after), "nothing is stored by looking"

    page.get_by_role("button", name="Byt utförare").click()
    expect(page.get_by_role("status")).to_contain_text(f"Bytet är antecknat: {NEW}")
    coming = page.locator("#providers").locator("xpath=..").locator("tr", has_text=NEW)
    expect(coming).to_contain_text(FIRST_DAY)
    coming.get_by_role("link", name="Ångra").click()
    page.get_by_label("Skäl").fill("Kunden ångrade sig")
    page.get_by_role("button", name="Ångra bytet").click()
    expect(page.get_by_role("status")).to_contain_text("Bytet är ångrat.")
    expect(coming).to_have_count(0)
    assert seen.complaints == []
