"""Every page of the URL map, in both languages, wide and narrow, light and dark.

What is asked of each: no violation that axe-core finds, nothing wider than the window, no
complaint in the browser's console, no request to anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

import webpages
import webworld
from webpages import Address
from webworld import Site, Visitor

RULES: Final = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
]  # fmt: skip
ASK: Final = """async rules => (await axe.run(
        {runOnly: rules, resultTypes: ["violations"], preload: false, elementRef: false}))
    .violations.map(each => each.id + ": " + each.nodes.map(node => node.html).slice(0, 3))"""


def problems(seen: Visitor, address: Address) -> Iterator[str]:
    """What is wrong with a page, wide and light, then narrow and dark."""
    seen.page.set_viewport_size({"width": webworld.WIDE, "height": 900})
    seen.page.emulate_media(color_scheme="light")
    seen.go(address.path, address.status)
    for width, scheme in ((webworld.WIDE, "light"), (webworld.NARROW, "dark")):
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if seen.sideways() > 0:
            yield f"{seen.sideways()} px too wide at {width}: {seen.beyond()}"
        for violation in seen.page.evaluate(ASK, RULES):
            yield f"{width} {scheme} {violation}"
    yield from seen.complaints


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_is_accessible_fits_and_stays_at_home(
    site: Site, visit: Any, language: str
) -> None:
    program, visitors, found = webworld.axe(), {}, []
    for address in webpages.every(site.examples):
        if address.role not in visitors:
            visitors[address.role] = visit(address.role, language=language)
            visitors[address.role].context.add_init_script(program)
        seen = visitors[address.role]
        found += [f"{address.name}: {problem}" for problem in problems(seen, address)]
        if seen.page.get_attribute("html", "lang") != language:
            found.append(f"{address.name}: not in {language}")
    assert not found, "\n".join(found)


def test_what_is_said_to_be_no_page_is_in_the_url_map() -> None:
    assert webpages.LEADS_ON.keys() <= webpages.names()
    assert webpages.names() >= webpages.NOBODY


def test_checker_finds_what_is_wrong(site: Site, visit: Any) -> None:
    seen = visit("planner")
    seen.context.add_init_script(webworld.axe())
    seen.go("/")
    seen.page.evaluate("document.querySelector('main').innerHTML += '<input><h6>x</h6>'")
    assert any("label" in violation for violation in seen.page.evaluate(ASK, RULES))
    seen.page.evaluate("document.querySelector('main').style.minWidth = '3000px'")
    assert seen.sideways() > 0
    seen.page.evaluate("fetch('http://127.0.0.1:9/').catch(() => null)")
    assert any("Content Security Policy" in complaint for complaint in seen.complaints)
