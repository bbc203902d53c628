"""What stands around every page, used as people use it: by keyboard, without script, narrow."""

from __future__ import annotations

import re
from typing import Any

import pytest

import webpages
import webtown
import webworld
from webworld import Site

HIDDEN = ("Carl Kowalska", "Hasselbacken 57 1103")
"""Name and address of the client with protected identity."""


def test_menu_opens_and_closes_without_script_and_by_keyboard(visit: Any) -> None:
    seen = visit("planner", width=webworld.NARROW, java_script_enabled=False)
    seen.go("/oppningar/")
    page = seen.page
    assert not page.locator("nav.rail").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("nav.rail").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("nav.rail").is_visible()
    page.get_by_role("button", name="Meny").click()
    page.get_by_role("link", name="Att granska").click()
    assert page.url.endswith("/att-granska/")


def test_first_stop_of_the_keyboard_leads_past_the_menu_to_the_content(visit: Any) -> None:
    seen = visit("planner")
    seen.go("/")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.textContent") == "Till innehållet"
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "main"


def test_search_by_name_works_without_script_and_leaves_no_name_in_an_address(visit: Any) -> None:
    seen = visit("planner", java_script_enabled=False)
    seen.go("/oppningar/")
    asked: list[str] = []
    seen.context.on("request", lambda request: asked.append(request.url))
    seen.page.get_by_label("Personal, nummer eller namn").fill("Ahmed Ek")
    seen.page.get_by_role("button", name="Visa").click()
    assert re.search(r"personal=\d+", seen.page.url)
    assert asked
    assert not any("Ahmed" in url for url in asked)


def test_what_is_wrong_stands_by_its_field_which_has_the_focus_and_what_was_typed(
    site: Site, visit: Any
) -> None:
    seen = visit("planner")
    seen.go(f"/att-granska/{site.examples['delivery'][0][0]}/")
    field = seen.page.get_by_label("Vad som gjordes")
    field.fill("   ")
    seen.page.get_by_role("button", name="Markera som hanterad").click()
    assert seen.page.get_by_role("alert").inner_text() == "Skriv vad som gjordes."
    assert field.get_attribute("aria-invalid") == "true"
    error = seen.page.get_by_role("alert").get_attribute("id")
    assert error in (field.get_attribute("aria-describedby") or "")
    assert field.evaluate("each => each === document.activeElement")


def test_language_changes_and_the_page_stays(visit: Any) -> None:
    seen = visit("planner")
    seen.go("/oppningar/?utfall=done")
    seen.page.get_by_role("button", name="English").click()
    assert seen.page.url.endswith("/oppningar/?utfall=done")
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Openings"


def test_file_comes_as_a_download(visit: Any) -> None:
    seen = visit("planner")
    seen.go("/oppningar/")
    with seen.page.expect_download() as taken:
        seen.page.get_by_role("link", name="Excel-fil").click()
    assert taken.value.suggested_filename == "oppningar-2026-11-17-2026-11-23.xlsx"


def test_nothing_moves_for_who_asked_for_less_motion(visit: Any) -> None:
    seen = visit("planner")
    seen.go("/")
    assert seen.page.locator("a").first.evaluate("a => getComputedStyle(a).transitionDuration") in {
        "0s",
        "",
    }


@pytest.mark.parametrize("role", ["system_manager", "service_centre", "care_assessor", "auditor"])
def test_protected_name_and_address_stand_on_no_page_of_who_is_not_named_for_them(
    site: Site, visit: Any, role: str
) -> None:
    seen = visit(role)
    shown = 0
    for address in webpages.every(site.examples):
        answer = seen.context.request.get(site.address + address.path)
        shown += answer.ok
        assert not [words for words in HIDDEN if words in answer.text()], address
    assert shown > 10
    assert answers_with(site, visit("planner"), f"/kunder/{webtown.PROTECTED}/", HIDDEN[0])


def answers_with(site: Site, seen: Any, path: str, words: str) -> bool:
    return words in seen.context.request.get(site.address + path).text()
