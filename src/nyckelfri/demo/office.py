"""The last act: the office, where people see who may come in, and put an end to it.

House rule: everything here is done on pages, by people who have signed in with a password
and the code of an app; only proving the log is done at a terminal.
"""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass, field
from typing import Any, Final

from nyckelfri.demo import cast
from nyckelfri.demo.browser import Authenticator, Browser
from nyckelfri.demo.crew import Phone, Server, password
from nyckelfri.demo.processes import DemoError
from nyckelfri.demo.report import Report

_HEADED: Final = re.compile(r"<h3>[^<]*?(\d+)")
_COUNT: Final = re.compile(r"<strong>(\d+) person")


@dataclass(slots=True)
class Desk:
    """Somebody's account, with what only they know."""

    number: str
    password: str = field(repr=False)
    app: Authenticator
    browser: Browser


@dataclass(slots=True)
class Office:
    """The municipality's office."""

    server: Server
    report: Report

    def tell(self, neighbour: Phone, installation: str) -> None:
        """Who can open, a change of provider, a lost phone, the letter, the log."""
        assessor = self.desk(cast.CARE_ASSESSOR, "the care assessor")
        client = f"/kunder/{cast.NEW_CLIENT}/"
        shown, took = timed(lambda: assessor.browser.get(client))
        many = found_in(_COUNT, shown, "how many people can open")
        self.report.step(
            f"who can open {cast.NEW_CLIENT}'s door now: {many} people, and why", "done", took
        )
        self._change_provider(assessor.browser, f"{client}utforare/")
        self._done("the colleague's phone syncs", neighbour.do("sync")["process_ms"])
        refused = neighbour.do(
            "open", installation, "--transport", neighbour.transport, "--search", "3",
            expected=(1, 3),
        )  # fmt: skip
        self.report.step(
            "the former provider's carer at the door", refused["error"], refused["process_ms"],
            expected="NoGrantError", note="nobody took a key back: access follows from the choice",
        )  # fmt: skip
        self._block(self.desk(cast.SYSTEM_MANAGER, "the system manager").browser)
        letter, took = timed(lambda: assessor.browser.get(f"/brev/{cast.NEW_CLIENT}/", text=False))
        self._done(f"a letter to the client: one page, {len(letter) // 1000} kB", took)
        proven = self.server.backstage.call("audit", "audit", "verify")
        self._done("the audit log is proven from its first row", proven.milliseconds)

    def planner(self) -> Desk:
        """An account for looking around, whose owner sits at the terminal."""
        return self.desk(cast.PLANNER, "")

    def desk(self, number: str, who: str) -> Desk:
        """Activate an account as its owner does: a code, a password, an app."""
        code = self.server.do("account-code", number).text.strip()
        desk = Browser(self.server.url)
        secret = password()
        app, took = timed(lambda: desk.activate(number, code, secret))
        if who:
            self._done(f"{who} sets up password and app", took)
        return Desk(number, secret, app, desk)

    def _change_provider(self, browser: Browser, path: str) -> None:
        day = cast.show_day(self.server.backstage.clockwork.now)
        browser.get(path)
        asked = {
            "service": "care", "provider": cast.NEW_PROVIDER, "team": "", "first_day": day,
            "reason": "the client's own wish",
        }  # fmt: skip
        preview, took = timed(lambda: browser.post(path, **asked))
        counts = _HEADED.findall(preview)
        if len(counts) != 2:
            raise DemoError("the preview does not say who loses and who gains access")
        lost, gained = counts
        self._done(f"as if: a new provider today, {lost} lose, {gained} gain", took)
        _, took = timed(lambda: browser.post(path, confirm="1"))
        self._done("the change is confirmed; the lock is not touched", took)

    def _block(self, browser: Browser) -> None:
        listed = browser.get("/telefoner/")
        found = re.search(
            r'href="(/telefoner/[0-9a-f]{16}/)"[^>]*>' + html.escape(cast.EVENING.phone), listed
        )
        if found is None:
            raise DemoError(f"{cast.EVENING.phone} is not in the list of phones")
        page = browser.get(f"{found[1]}sparra/")
        doors = found_in(re.compile(r"<dd>(\d+)</dd>"), page, "how many doors are left")
        _, took = timed(lambda: browser.post(f"{found[1]}sparra/", why="lost", more="on the bus"))
        self._done(f"a lost phone blocked in two clicks; exposed: {doors} doors", took)

    def _done(self, tried: str, milliseconds: float) -> None:
        self.report.step(tried, "done", milliseconds)


def found_in(what: re.Pattern[str], page: str, name: str) -> str:
    """The first group of what a page must say; DemoError if it does not."""
    found = what.search(page)
    if found is None:
        raise DemoError(f"the page does not say {name}")
    return found[1]


def timed(deed: Any) -> tuple[Any, float]:
    """What a deed gives, and the milliseconds that it took."""
    begun = time.perf_counter()
    found = deed()
    return found, (time.perf_counter() - begun) * 1000
