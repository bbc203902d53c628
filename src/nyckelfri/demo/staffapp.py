"""The act of the staff app: a carer's phone is a page in Chromium, at real locks over the air.

House rule: what a carer sees and taps, in the app's own (Swedish) words; the page's radio is
Chromium's emulated one, and all behind it - bridge, air, locks, server - are the demonstration's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nyckelfri.demo import cast, chromium
from nyckelfri.demo.chromium import Chromium, Page
from nyckelfri.demo.crew import PIN, Login, Server
from nyckelfri.demo.report import Report

PATH: Final = "/telefon/"
ALL_SENT: Final = "Allt är skickat"
_RESULT: Final = ".door .result"
_STEPS: Final = (
    ("Lås upp porten", "Porten är upplåst", "the carer taps “Lås upp porten”: the entrance"),
    ("Lås upp dörren", "Dörren är upplåst", "and “Lås upp dörren”: the flat, the visit begins"),
    ("Lås dörren", "Dörren är låst", "and “Lås dörren” when the visit is over"),
)


@dataclass(slots=True)
class StaffApp:
    """The carer's new phone."""

    server: Server
    report: Report
    transport: str

    def tell(self) -> None:
        """From the one-time code to the log; left out, and said so, where there is no Chromium."""
        browser = chromium.found()
        self.report.facts["staff_app"] = "shown" if browser else "left out: no Chromium"
        if browser is None:
            self.report.tell(f"left out: no Chromium is installed here ({chromium.INSTALL})")
            return
        running = Chromium.start(self.server.backstage, browser, self.transport)
        with Page(running.port) as page:
            self._shift_begins(page)
            self._visit(page)
            self._home(page)
        running.stop()

    def _shift_begins(self, page: Page) -> None:
        carer = Login.make(self.server, cast.CARER, "the carer's new phone")

        def enrol() -> None:
            page.open(self.server.url + PATH)
            page.type("Engångskod", carer.code)
            page.tap("Koppla telefonen")
            page.wait_for("h1", "Logga in")

        def sign_in() -> None:
            page.type("Användarnamn", carer.number)
            page.type("Lösenord", carer.password)
            page.tap("Logga in")
            page.wait_for("h1", "Välj en pinkod")
            _type_pin(page)
            page.wait_for("*", "Samma kod en gång till")
            _type_pin(page)
            page.text(_to_visit())

        self._done("the app is opened, and the phone enrolled by its code", enrol)
        self._done("the carer signs in, chooses a PIN, and sees the day", sign_in)
        page.wait_until_kept()

    def _visit(self, page: Page) -> None:
        self.server.take_away()
        self.report.tell("the server is killed, the app closed; the carer stands in the stairwell")

        def again() -> None:
            page.open(self.server.url + PATH)
            _type_pin(page)
            page.text(_to_visit())

        self._done("the app is opened again: the PIN, and the day is there", again)
        for words, expected, tried in _STEPS:
            page.tap(words)
            begun = time.perf_counter()
            said = page.text(_RESULT)
            took = (time.perf_counter() - begun) * 1000
            self.report.step(tried, "granted" if said == expected else said, took,
                             expected="granted")  # fmt: skip
        page.tap("Avsluta besöket", within="dialog")
        page.wait_for("*", "Besöket är avslutat")
        self.report.tell(f"the badge says: {page.text('#waiting')}")

    def _home(self, page: Page) -> None:
        self.server.start()

        def send() -> None:
            page.tap_on("#waiting")
            page.tap("Skicka nu")
            page.wait_for("#waiting", ALL_SENT)

        self._done("the server is back: the app sends it all", send)
        openings = json.loads(self.server.do("openings", "--json").text)
        done = [
            (row["lock"], row["command"])
            for row in openings
            if row["number"] == cast.CARER.number and row["result"] == "done"
        ]
        self.report.facts["staff_app_openings"] = done[: len(_STEPS)][::-1]

    def _done(self, tried: str, deed: Callable[[], Any]) -> None:
        begun = time.perf_counter()
        deed()
        self.report.step(tried, "done", (time.perf_counter() - begun) * 1000)


def _to_visit() -> str:
    return f'a[href="#/besok/{cast.VISIT}"]'


def _type_pin(page: Page) -> None:
    for digit in PIN:
        page.tap(digit)
