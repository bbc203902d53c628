"""What Node's tests cannot show: Chromium's own cryptography takes and refuses the same objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Route

ROOT: Final = Path(__file__).parents[2]
SITE: Final = "http://localhost/"
"""Answered by the test itself; browsers trust this name with their cryptography."""
SIGNED: Final = json.loads((ROOT / "vectors/signed.json").read_text("utf-8"))
READ: Final = """async ({ given, cases }) => {
  const { bulletins, grants, keyset } = await import('/web/door/index.js');
  const { fromHex } = await import('/web/base/bytes.js');
  const root = await keyset.readRoot(fromHex(given.root));
  const keys = await keyset.read(fromHex(given.key_set), root);
  const asked = { installation: fromHex(given.installation), nonce: fromHex(given.nonce) };
  const readers = {
    'key set': (data) => keyset.read(data, root),
    grant: (data) => grants.verify(data, keys),
    bulletin: (data) => bulletins.read(data, keys),
    'time token': (data) => bulletins.readTime(data, keys, asked),
  };
  return Promise.all(cases.map(({ object, hex }) =>
    readers[object](fromHex(hex)).then(() => 'accepted', (error) => error.name)));
}"""
# A phone reads no installation record: an installer's does.
CASES: Final = [case for case in SIGNED["cases"] if case["object"] != "installation"]


def serve(route: Route) -> None:
    path = route.request.url.removeprefix(SITE)
    if path.startswith("web/"):
        route.fulfill(path=ROOT / "src/nyckelfri" / path, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


def expected(case: dict[str, Any]) -> str:
    if case["accepted"]:
        return "accepted"
    return "ObjectError" if case["reason"] == "content" else "SignatureError"


@pytest.mark.threat(6)
@pytest.mark.threat(14)
def test_signed_objects_of_the_vectors_in_chromium(browser: Browser) -> None:
    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(SITE)
    found = page.evaluate(READ, {"given": SIGNED["given"], "cases": CASES})
    page.close()
    assert len(found) > 50
    assert found == [expected(case) for case in CASES]
