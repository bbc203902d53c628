"""The page: whole, escaped, needing nothing else; and the same as data and on a terminal."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

import livedworld
from nyckelfri.simulate import report, terminal
from nyckelfri.simulate.invariants import ALL as RULES
from nyckelfri.simulate.lived import Broken
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.weeks import Weeks

HARMFUL = 'L0040 unlocked for <script>alert("x")</script> & nobody'
VOID = {"meta", "br", "link", "img"}


class Page(HTMLParser):
    """A page that was read strictly: every element that begins ends in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src"}:
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def broken(text: str = HARMFUL) -> Broken:
    at = livedworld.lived(1).task.stretch.begins + 80 * 3600
    return Broken("nobody_without_a_right_opens", text, at)


@pytest.fixture(scope="module")
def failed() -> Weeks:
    return livedworld.weeks(
        livedworld.lived(1),
        livedworld.lived(2, broken=broken()),
        livedworld.lived(3, weeks=-5, broken=broken("again")),
    )


@pytest.fixture(scope="module")
def held() -> Weeks:
    return livedworld.weeks(livedworld.lived(4))


def test_a_page_is_well_formed_and_its_links_lead_somewhere(failed: Weeks, held: Weeks) -> None:
    for weeks in (failed, held):
        page = Page(report.write(weeks))
        assert len(page.ids) == len(set(page.ids))
        assert page.links
        assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
        assert "script" not in page.tags


def test_a_page_needs_nothing_from_anywhere(failed: Weeks) -> None:
    text = report.write(failed)
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_the_verdict_comes_first(failed: Weeks, held: Weeks) -> None:
    assert "<h1>2 of 3 seeds broke 1 rule</h1>" in report.write(failed)
    assert "<h1>Everything held</h1>" in report.write(held)


def test_a_run_that_was_stopped_has_not_held(held: Weeks) -> None:
    stopped = replace(held, stopped="the power went")
    text = report.write(stopped)
    assert "Everything held" not in text
    assert "the power went" in text


def test_what_programs_say_is_escaped(failed: Weeks) -> None:
    text = report.write(failed)
    assert "<script" not in text
    assert HARMFUL in Page(text).text


def test_every_rule_and_every_mishap_is_told_of(held: Weeks) -> None:
    words = Page(report.write(held)).text
    assert [rule.name for rule in RULES if rule.name not in words] == []
    assert [name for name, each in BY_NAME.items() if each.text not in words] == []


def test_a_rule_that_was_never_looked_at_is_no_rule_that_held(held: Weeks) -> None:
    text = report.write(held)
    rows = re.findall(r"<tr><th scope=\"row\">.*?<code>(\w+)</code>.*?</tr>", text, re.DOTALL)
    idle = re.findall(
        r"<code>(\w+)</code></th>\s*<td[^>]*>0</td>[^<]*<td[^>]*><span[^>]*>([^<]*)", text
    )
    assert set(rows) >= {name for name, _ in idle}
    assert len(idle) == len(RULES) - 2
    assert {words for _, words in idle} == {"never looked at"}


def test_each_seed_has_its_lines_its_digest_and_how_to_live_through_it_again(
    failed: Weeks,
) -> None:
    words = Page(report.write(failed)).text
    for lived in failed.ordered:
        assert lived.digest[:16] in words
        assert f"nyckelfri simulate bjorkvik --seed {lived.task.seed} --days 7" in words
    assert "unlock for P199" in words
    assert "2 of " in words
    assert "--keep" in words


def test_marks_of_mishaps_stand_where_they_happened(failed: Weeks) -> None:
    text = report.write(failed)
    lived = failed.lived[2]
    for item in lived.happened:
        share = (item.at - lived.task.stretch.begins) / (
            lived.task.ends - lived.task.stretch.begins
        )
        assert f'd="M{1000 * share:.1f} 25v50"><title>{item.id}, ' in text


def test_data_hold_what_the_page_tells(failed: Weeks) -> None:
    data = json.loads(failed.as_json())
    assert (data["format"], data["held"], data["stopped"]) == (1, False, None)
    assert data["mishaps"] == dict(failed.mishaps)
    assert [seed["seed"] for seed in data["seeds"]] == [1, 2, 3]
    first, second, third = data["seeds"]
    assert first["held"]
    assert "violation" not in first
    assert "history" not in first
    assert second["violation"]["rule"] == "nobody_without_a_right_opens"
    assert second["history"][-1]["what"] == "violation"
    assert second["cut_down"]["items"] == [i.id for i in failed.cuts[2].lived.items]
    assert "cut_down" not in third
    assert len(first["hours"]) == len(failed.lived[1].samples)


def test_the_terminal_says_which_seed_broke_what_and_how_to_see_it_again(failed: Weeks) -> None:
    out = io.StringIO()
    terminal.write_outcome(Console(file=out, width=120), failed)
    text = out.getvalue()
    assert HARMFUL in text
    assert "2 of 3 seeds broke 1 rule; 3 of 3 seeds lived through" in text
    assert failed.replay(failed.cuts[2].lived.task) in text
    assert failed.replay(failed.lived[3].task) in text
