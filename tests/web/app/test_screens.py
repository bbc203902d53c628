"""Every screen of the app: for eyes, thumbs, keyboards and screen readers, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

import webworld
from appscreens import BEHIND, Walk, alarmed
from appworld import VISIT, Morning, WorkPhone
from nyckelfri.demo import cast

RULES: Final = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
]  # fmt: skip
# Of rows that are scrolled under the bar axe thinks that they are small; ours are measured below.
# Behind an open sheet nothing can be reached, whatever axe thinks of its contrast there.
AXE: Final = """async rules => (await axe.run(
        document.querySelector("dialog[open]") ?? document,
        {runOnly: rules, rules: {"target-size": {enabled: false}}, resultTypes: ["violations"],
         preload: false, elementRef: false}))
    .violations.map(each => each.id + ": " + each.nodes.map(node => node.html).slice(0, 3))"""
SIDEWAYS: Final = """() => [document.documentElement, document.querySelector("dialog[open]")]
    .filter(each => each && each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.localName} is ${each.scrollWidth - each.clientWidth} px too wide`)"""
LEAST: Final = 48
"""Pixels a target is high, at least."""
SMALL: Final = """least => [...document.querySelectorAll(
        "button, a[href], summary, .choice label, .tick, textarea, select,"
        + "input:not([type=radio], [type=checkbox])")]
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < least)
    .map(each => `${each.getBoundingClientRect().height} px: ${each.outerHTML.slice(0, 120)}`)"""
CUT: Final = """() => [...document.querySelectorAll(
        "h1, h2, button, .button, .chip, strong, dd, dt")]
    .filter(each => each.checkVisibility() && each.clientWidth > 0
        && each.scrollWidth > each.clientWidth + 1)
    .map(each => `cut: ${each.outerHTML.slice(0, 120)}`)"""
ENTERED: Final = {
    "sign-in", "choose-pin", "day", "visit", "visit-done", "help", "client", "alarm",
    "menu", "locked", "blocked",
}  # fmt: skip
"""Stops of the walk where a new screen has just come: its heading is read first."""


def problems(page: Page) -> Iterator[str]:
    """What is wrong with what stands there, at both widths and in both themes."""
    for width, theme in ((360, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        for found in (
            page.evaluate(SIDEWAYS),
            page.evaluate(SMALL, LEAST),
            page.evaluate(CUT),
            page.evaluate(AXE, RULES),
        ):
            yield from (f"{width} {theme}: {one}" for one in found)
    page.set_viewport_size({"width": 360, "height": 740})


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_screen_is_accessible_fits_and_can_be_hit(
    here: Morning, phone: Any, language: str
) -> None:
    found: list[str] = []

    def ready() -> WorkPhone:
        made: WorkPhone = phone()
        made.page.evaluate(webworld.axe())
        return made

    seen = set()
    for name, at in Walk(here, ready, language).stops():
        seen.add(name)
        if name in ENTERED and at.page.evaluate("document.activeElement.localName") != "h1":
            found.append(f"{name}: the heading has not the focus")
        found += [f"{name}: {problem}" for problem in problems(at.page)]
        found += [f"{name}: {complaint}" for complaint in at.complaints]
        at.complaints.clear()
        if at.page.get_attribute("html", "lang") != language:
            found.append(f"{name}: not in {language}")
    assert not found, "\n".join(found)
    assert seen > ENTERED


def test_the_checks_find_what_is_wrong(phone: Any) -> None:
    new = phone()
    new.page.evaluate(webworld.axe())
    assert list(problems(new.page)) == []
    new.page.evaluate(
        """() => {
            const [button] = document.querySelectorAll('button');
            button.style.minHeight = 0;
            button.style.whiteSpace = 'nowrap';
            button.textContent = 'Ord'.repeat(40);
            const field = document.createElement('input');
            document.querySelector('main').append(field);
            const heading = document.querySelector('h1');
            Object.assign(heading.style, {width: '3rem', whiteSpace: 'nowrap', overflow: 'hidden'});
        }"""
    )
    found = "\n".join(problems(new.page))
    for words in ("too wide", "px: <button", "cut: <h1", "label"):
        assert words in found


@pytest.mark.sentence(20)
def test_a_door_is_opened_with_the_keyboard_alone(phone: Any) -> None:
    carer = phone(cast.CARER.number)
    carer.go(f"#/besok/{VISIT}")
    expect(carer.page.locator("h1")).to_be_focused()
    for _ in range(20):
        carer.page.keyboard.press("Tab")
        if carer.page.evaluate("document.activeElement.id") == "go":
            break
    expect(carer.big).to_be_focused()
    carer.page.keyboard.press("Enter")
    expect(carer.result).to_have_text("Porten är upplåst")
    expect(carer.big).to_be_focused()  # and the next door is one more Enter away
    carer.page.keyboard.press("Enter")
    # On a machine that is busy the lock's word may come too late to be heard.
    expect(carer.result).to_have_text(re.compile("Dörren är upplåst|Känn på dörren"))


def test_a_tap_counts_though_the_screen_is_drawn_again_under_the_finger(phone: Any) -> None:
    carer = phone(cast.CARER.number)
    carer.page.reload()
    key = carer.page.locator(".pad").get_by_role("button", name="1", exact=True)
    key.hover()
    carer.page.mouse.down()
    carer.page.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")
    carer.page.mouse.up()
    expect(carer.page.locator(".dots .set")).to_have_count(1)


def test_an_alarm_comes_before_everything_else_once_and_leads_to_the_door(
    here: Morning, phone: Any
) -> None:
    colleague = phone(cast.COLLEAGUE.number)
    page = colleague.page
    page.locator(".row").first.click()
    page.get_by_role("button", name="Anteckning").click()
    page.get_by_role("dialog").wait_for()
    with alarmed(colleague, here.now):
        page.evaluate("dispatchEvent(new Event('online'))")  # coverage is back
        card = page.locator(".alarm")
        card.wait_for()
        assert page.locator("dialog[open]").count() == 0
        box = card.bounding_box()
        assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
        expect(card.get_by_role("heading", level=1)).to_be_focused()
        card.get_by_role("button", name="Till dörren").click()
        assert page.url.endswith(f"#/kund/{BEHIND}")
        # Nobody is asked why.
        assert colleague.taps("Lås upp porten") == "Porten är upplåst"
        colleague.go("#/vantar")
        page.get_by_role("button", name="Skicka nu").click()
        colleague.until_all_is_sent()
        expect(page.get_by_role("button", name="Skicka nu")).to_be_visible()
        assert card.count() == 0
