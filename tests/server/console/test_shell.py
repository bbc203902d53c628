"""What stands around every page: log-in, words, files, headers."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client as Browser
from django.utils.translation import override

from nyckelfri.server import console
from nyckelfri.server.console import texts

HERE = Path(console.__file__).parent
OFFERED = {"search", "save", "reason", "go_on", "lock", "client"}
"""Words that areas share, whether or not one uses them today."""


@pytest.mark.parametrize("path", ["/", "/oppningar/", "/att-granska/"])
def test_nobody_sees_a_page_without_logging_in(db: None, path: str) -> None:
    answer = Browser().get(path)
    assert answer.headers["Location"] == f"/logga-in/?next={path}"


@pytest.mark.threat(51)
def test_log_in_and_out_need_the_form_s_own_token(planner: Browser) -> None:
    strict = Browser(enforce_csrf_checks=True)
    for path in ("/logga-in/", "/logga-ut/", "/sprak/"):
        assert strict.post(path, {"username": "x", "password": "y"}).status_code == 403


def test_pages_load_nothing_from_elsewhere_and_have_no_inline_style_or_script(
    planner: Browser, visited: None, read: Any
) -> None:
    for path in ("/", "/oppningar/", "/att-granska/"):
        shown = read(planner, path)
        assert not re.findall(r"https?://", shown)
        assert not re.findall(r"<script>|<style|style=|\son\w+=", shown)
        assert all(src.startswith("/static/") for src in re.findall(r'src="([^"]*)"', shown))


def test_static_files_are_served_for_a_year_under_an_address_that_changes_with_them(
    planner: Browser, read: Any
) -> None:
    (address,) = re.findall(r'href="(/static/console/console.css[^"]*)"', read(planner, "/"))
    assert re.search(r"\?[0-9a-f]{12}$", address)
    answer: Any = Browser().get(address)
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    body = b"".join(answer.streaming_content)
    assert b"http" not in body
    assert b"@import" not in body
    assert Browser().get("/static/../settings.py").status_code == 404


def _areas() -> Iterator[tuple[str, dict[str, tuple[str, str]], str, set[str]]]:
    """Each area: name, words, all Python and templates that may use them, keys in templates."""
    for path in sorted(HERE.glob("*/texts.py")):
        area = path.parent.name
        found = importlib.import_module(f"nyckelfri.server.console.{area}.texts").TEXTS
        pages = list((HERE / "templates" / "console" / area).rglob("*.html"))
        code = [p for p in path.parent.rglob("*.py") if p != path]
        said = "".join(p.read_text(encoding="utf-8") for p in code)
        code += [HERE / f"{name}.py" for name in ("asking", "worded") if name in said]
        yield area, found, *_used(code, pages)


def _used(code: list[Path], pages: list[Path]) -> tuple[str, set[str]]:
    said = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    keys = set(re.findall(r"words\.(\w+)", said)) | set(re.findall(r'{% say "(\w+)"', said))
    everything = said + "\n".join(path.read_text(encoding="utf-8") for path in code)
    return everything, keys


def _is_used(key: str, everything: str) -> bool:
    if re.search(rf"""["'.]{key}\b""", everything):
        return True
    prefixes = re.findall(r"f[\"'](\w+_)\{", everything)
    return any(key.startswith(prefix) for prefix in prefixes)


def test_every_word_in_the_templates_exists() -> None:
    for area, own, _, keys in _areas():
        assert keys <= own.keys() | texts.TEXTS.keys(), area
    _, keys = _used([], list((HERE / "templates" / "console").glob("*.html")))
    _, more = _used([], list((HERE / "templates" / "console" / "parts").glob("*.html")))
    assert keys | more <= texts.TEXTS.keys()


def test_every_text_is_in_both_languages_and_used() -> None:
    for area, own, everything, _ in _areas():
        assert all(len(both) == 2 and all(both) for both in own.values()), area
        assert [key for key in own if not _is_used(key, everything)] == [], area
    code, pages = list(HERE.rglob("*.py")), list(HERE.rglob("*.html"))
    everything, _ = _used([p for p in code if p.name != "texts.py"], pages)
    assert all(len(both) == 2 and all(both) for both in texts.TEXTS.values())
    assert [key for key in texts.TEXTS.keys() - OFFERED if not _is_used(key, everything)] == []


def test_words_and_what_stands_in_them_are_escaped_once() -> None:
    words = texts.Words({"some": ("Låsets", "Lock's"), "of": ("<{who}>", "of {who}")})
    page = Template(
        '{% load console %}{{ words.some }} {% say "of" who=who %}{% options all who %}'
    )
    for language, expected in {
        "sv": "Låsets &lt;&amp;&gt;",
        "en": "Lock&#x27;s of &amp;",
    }.items():
        with override(language):
            shown = page.render(
                Context({"words": words.spoken(), "who": "&", "all": [("&", words["some"])]})
            )
        assert shown.startswith(f'{expected}<option value="&amp;" selected>{expected[:6]}')


def test_a_missing_text_is_an_error_at_once() -> None:
    with pytest.raises(texts.MissingTextError):
        texts.text("no such words")
    with pytest.raises(ValueError, match="every page has"):
        texts.Words({"menu": ("Meny", "Menu")})
