"""The phone's side of an opening in Chromium against the WebCrypto calls that it makes.

House rule: both sides of the ratio take turns in one page, and the median of their ratios counts.
What the page runs stands in handshake.js; the app's own files are served as they stand.
"""

from __future__ import annotations

import base64
import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Route

ROOT: Final = Path(__file__).parents[1]
BATCHES: Final = 40
CALLS: Final = 25
_SITE: Final = "http://localhost/"
"""Served by the test itself; browsers trust this name with their cryptography."""


def rows(batches: int = BATCHES, calls: int = CALLS) -> Iterator[dict[str, Any]]:
    """The row of the report; milliseconds an opening (medians)."""
    pairs = _measure(batches, calls)
    yield {
        "name": "EDHOC handshake in Chromium / its bare WebCrypto operations",
        "ours": round(statistics.median(ours for ours, _ in pairs), 3),
        "reference": round(statistics.median(bare for _, bare in pairs), 3),
        "ratio": round(statistics.median(ours / bare for ours, bare in pairs), 3),
        "unit": "ms",
        "target": "≤ 3",
        "note": "the phone's side from its fresh key to the record layer behind message 4",
    }


def _measure(batches: int, calls: int) -> list[tuple[float, float]]:
    tests = str(ROOT / "tests")
    sys.path[:0] = [tests] if tests not in sys.path else []
    import webworld  # noqa: PLC0415 -- the tests' own, where it is needed

    with webworld.driver() as driver, webworld.chromium(driver) as browser:
        page = browser.new_page()
        page.route("**/*", _serve)
        page.goto(_SITE)
        program = (
            "async ([given, ...turns]) => (await import('/bench.js')).measure(given, ...turns)"
        )
        found: list[tuple[float, float]] = page.evaluate(program, [_given(), batches, calls])
    return found


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(_SITE)
    if path == "bench.js":
        route.fulfill(path=ROOT / "bench/handshake.js", content_type="text/javascript")
    elif path.startswith("web/"):
        route.fulfill(path=ROOT / "src/nyckelfri" / path, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


def _given() -> dict[str, Any]:
    """An opening of the vectors, keys as JWK."""
    vectors = json.loads((ROOT / "vectors/opening.json").read_text("utf-8"))
    given, opening = vectors["given"], vectors["cases"][0]
    phone, ephemeral = (_jwk(given["private_keys"][name]) for name in ("phone", "phone_ephemeral"))
    return {
        "door": {
            "installation": given["installation"],
            "lockKey": given["lock_key_x"],
            "radioKey": given["radio_key"],
        },
        "phone": phone,
        "x": base64.urlsafe_b64decode(phone["x"] + "=").hex(),
        "ephemeral": ephemeral,
        "grant": opening["grant"],
        "messages": opening["messages"],
    }


def _jwk(scalar: str) -> dict[str, str]:
    numbers = ec.derive_private_key(int(scalar, 16), ec.SECP256R1()).public_key().public_numbers()
    parts = {"x": numbers.x, "y": numbers.y, "d": int(scalar, 16)}
    encoded = {
        name: base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")
        for name, number in parts.items()
    }
    return {"kty": "EC", "crv": "P-256", **encoded}
