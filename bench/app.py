"""The staff app as a phone has it: its start without coverage, its weight, its way home.

House rules: every start is one of a browser that was just started, on a profile that has kept the
app, a carer with 60 visits, and a blank page of the same size under a service worker of its own;
the server is gone by then. App and blank page take turns, and the median of their ratios counts.
What app.js notes is when a frame was drawn, for both.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page, Playwright

from nyckelfri.server.phoneapp import files

_TESTS: Final = Path(__file__).parents[1] / "tests"
_NOTES: Final = Path(__file__).with_suffix(".js")
TURNS: Final = 20
VISITS: Final = 60
ENTRIES, OPENINGS, BATCHES = 300, 100, 60
"""What eight hours without coverage leave on a phone."""
KILOBYTES, REQUESTS = 150, 3
"""How much the app may weigh, and in how many requests the outbox must go home."""
_ROUNDS: Final = 600_000
"""Of PBKDF2, as in phone/vault.js."""
_BLANK: Final = "/blank/"
_KEEPER: Final = b"""
addEventListener('install', (event) =>
  event.waitUntil(caches.open('blank').then((cache) => cache.add('/blank/'))));
addEventListener('fetch', (event) =>
  event.respondWith(caches.open('blank').then((cache) => cache.match('/blank/'))));
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds of one start of the app, and of what it is compared with."""

    pad: float
    """From the navigation until the PIN can be typed."""
    after: float
    """From its last digit to the list of visits, but for the stretching."""
    stretching: float
    openssl: float
    """The same stretching in OpenSSL."""
    blank: float
    """From the navigation until the blank page is drawn."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report."""
    starts = measure(2 if quick else TURNS)
    blank = [one.blank for one in starts]
    against = "/ blank page of the same browser"
    yield _row(
        f"cold start offline to the list of {VISITS} visits {against}",
        [one.pad + one.after for one in starts],
        blank,
    ) | {
        "target": "≤ 3",
        "note": "until the PIN can be typed, and from its last digit to the list; without what is"
        " done while it is typed, and without its stretching, slow on purpose, which stands below",
    }
    yield _row(f"of it until the PIN can be typed {against}", [one.pad for one in starts], blank)
    yield _row(f"of it from PIN to list {against}", [one.after for one in starts], blank)
    yield _row(
        "stretching of the PIN in Chromium / PBKDF2 in OpenSSL, 600 000 rounds",
        [one.stretching for one in starts],
        [one.openssl for one in starts],
    )
    yield _limited("the app as it is transferred", weight() / 1000, KILOBYTES, "kB") | {
        "note": "all files of a version, gzip, without HTTP headers"
    }
    yield _limited(f"sync of an 8-hour outbox, {ENTRIES} entries", requests(), REQUESTS, "requests")


def _row(name: str, ours: Sequence[float], reference: Sequence[float]) -> dict[str, Any]:
    ratios = [mine / other for mine, other in zip(ours, reference, strict=True)]
    return {
        "name": name,
        "ours": round(statistics.median(ours), 1),
        "reference": round(statistics.median(reference), 1),
        "ratio": round(statistics.median(ratios), 3),
        "unit": "ms",
    }


def _limited(name: str, ours: float, limit: int, unit: str) -> dict[str, Any]:
    return {
        "name": f"{name} / limit",
        "ours": round(ours, 1),
        "reference": limit,
        "ratio": round(ours / limit, 3),
        "unit": unit,
        "target": "≤ 1",
    }


def weight() -> int:
    """Bytes of all files of the app, as a browser that unpacks gets them."""
    app = files.app()
    sent = (*app.files.values(), app.shell, app.worker, app.manifest)
    return sum(len(file.content if file.packed is None else file.packed) for file in sent)


def requests() -> int:
    """How many requests carry a full outbox home: on a page without screens, as in its tests."""
    tests = _Tests()
    with (
        tests.web.driver() as driver,
        tests.web.chromium(driver) as browser,
        tests.phone.PageServer(tests.door.Municipality.make()) as server,
    ):
        phone = tests.phone.PagePhone.open(browser.new_context(), server).enrol()
        phone.sign_in()
        for number in range(ENTRIES):
            phone.step("keepEntry", tests.phone.entry(text="ö" * 70, at=phone.clock + number))
        for number in range(OPENINGS):
            phone.step("keepOpening", tests.phone.opening(phone.clock + number))
        phone.step("keepBatches", BATCHES, 4_000)
        before = len(server.calls)
        phone.step("sync")
        if len(server.entered) != ENTRIES or phone.step("waiting")["total"]:
            raise RuntimeError("the outbox did not go home")
        return len(server.calls) - before


def measure(turns: int) -> list[Start]:
    """Blank page and app in turn."""
    tests = _Tests()
    with tempfile.TemporaryDirectory(prefix="nyckelfri-") as folder, tests.web.driver() as driver:
        phone = _Phone(tests, driver, Path(folder))
        with tests.phone.PageServer(tests.door.Municipality.make()) as server:
            phone.site = server.url
            _serve(server)
            phone.begin_shift(server)
        return [phone.start() for _ in range(turns)]


class _Tests:
    """The tests' own modules, where they are needed."""

    def __init__(self) -> None:
        sys.path[:0] = [str(_TESTS)] if str(_TESTS) not in sys.path else []
        import doorworld  # noqa: PLC0415 -- see above

        import phoneserver  # noqa: PLC0415 -- see above
        import webphone  # noqa: PLC0415 -- see above
        import webworld  # noqa: PLC0415 -- see above

        self.door, self.server, self.phone, self.web = doorworld, phoneserver, webphone, webworld


def _serve(server: Any) -> None:
    """Let it serve the app and the blank page."""
    app = files.app()
    own = {files.WORKER: app.worker, "": app.shell, files.MANIFEST: app.manifest}
    served = own | {f"f/{app.version}/{name}": file for name, file in app.files.items()}
    for name, file in served.items():
        server.more[files.PREFIX + name] = file.content_type, file.content
    blank = b"<!doctype html><title>Blank</title>".ljust(len(app.shell.content))
    server.more[_BLANK] = "text/html", blank
    server.more[f"{_BLANK}sw.js"] = "text/javascript", _KEEPER


@dataclass
class _Phone:
    """A browser's profile, and what a carer does with it."""

    tests: _Tests
    driver: Playwright
    profile: Path
    site: str = field(default="", init=False)

    @contextmanager
    def _browser(self) -> Iterator[BrowserContext]:
        """Just started, with what it has kept."""
        context = self.driver.chromium.launch_persistent_context(
            self.profile, executable_path=self.tests.web.CHROMIUM, args=list(self.tests.web.FLAGS)
        )
        context.add_init_script(path=_NOTES)
        try:
            yield context
        finally:
            context.close()

    def _open(self, context: BrowserContext, path: str) -> Page:
        page = context.new_page()
        page.goto(self.site + path)
        return page

    def begin_shift(self, server: Any) -> None:
        """Enrol, sign in, choose a PIN and get the day; the blank page is kept, too."""
        said = self.tests.server
        with self._browser() as context:
            page = self._open(context, _BLANK)
            page.evaluate(
                "async (worker) => { await navigator.serviceWorker.register(worker);"
                " await navigator.serviceWorker.ready; }",
                f"{_BLANK}sw.js",
            )
            page = self._open(context, files.PREFIX)
            page.get_by_label("Engångskod").fill(said.CODE)
            page.get_by_role("button", name="Koppla telefonen").click()
            page.get_by_label("Användarnamn").fill(said.USER)
            _plan(server, self.tests)  # now that the grants' key is there
            page.get_by_label("Lösenord", exact=True).fill(said.PASSWORD)
            page.get_by_role("button", name="Logga in").click()
            for words in ("Välj en pinkod", "Samma kod en gång till"):
                page.get_by_text(words).wait_for()
                page.keyboard.type(said.PIN)
            page.locator(".rows").first.wait_for()
            page.evaluate("async () => { await navigator.serviceWorker.ready; }")

    def start(self) -> Start:
        """Start a browser for the blank page and one for the app."""
        with self._browser() as context:
            blank = _until(self._open(context, _BLANK), "blank")
        with self._browser() as context:
            page = self._open(context, files.PREFIX)
            _until(page, "pad")
            page.keyboard.type(self.tests.server.PIN)
            seen = _until(page, "list")
            shown = page.locator(".rows li").count()
        if shown != VISITS - 1:
            raise RuntimeError(f"{shown} visits stand below the next one, not {VISITS - 1}")
        return Start(
            pad=seen["pad"],
            after=seen["list"] - seen["typed"] - seen["stretching"],
            stretching=seen["stretching"],
            openssl=_stretch(),
            blank=blank["blank"],
        )


def _plan(server: Any, tests: _Tests) -> None:
    """A day of visits, each to a home with a lock."""
    door, day = tests.door, tests.phone.DAY
    (visit,), (client,) = day["visits"], day["clients"]
    visits, clients = [], []
    for at in range(VISITS):
        keys = door.private_key(1000 + at), door.private_key(2000 + at)
        home = door.Door(door.identifier(f"home {at}"), *keys)
        server.allow(home, serial=f"serial {at}")
        number, start = f"B{at:04}", door.NOON + 120 * at
        visits.append(
            {**visit, "id": f"V{at:06}", "client": number, "start": start, "end": start + 900}
        )
        doors = {"entrance": None, "front": home.installation.hex()}
        clients.append({**client, "number": number, "doors": doors})
    server.day = {**day, "visits": visits, "clients": clients}


def _until(page: Page, name: str) -> dict[str, float]:
    """What app.js has noted, when this is among it."""
    for _ in range(300):
        seen: dict[str, float] = page.evaluate("seen")
        if name in seen:
            return seen
        page.wait_for_timeout(100)
    raise RuntimeError(f"{page.url} does not come to {name}")


def _stretch() -> float:
    begun = time.perf_counter()
    hashlib.pbkdf2_hmac("sha256", b"246810", bytes(16), _ROUNDS)
    return 1000 * (time.perf_counter() - begun)
