"""November is reckoned up: evidence, review, an invoice that leads back to a door, a statement.

House rule: as in the office, everything is done on pages by people who have signed in; only
deriving the month at once is done at a terminal, as an operator would.
"""

from __future__ import annotations

import html
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nyckelfri.demo import cast
from nyckelfri.demo.browser import Browser
from nyckelfri.demo.crew import Server
from nyckelfri.demo.office import Desk, Office, found_in, timed
from nyckelfri.demo.processes import Backstage, DemoError
from nyckelfri.demo.report import Report

MONTH: Final = "2026-11"
CLIENT: Final = "B0028"
"""Two incomes, household service and an alarm: an invoice that is easy to follow."""
TEAM: Final = "G6"
"""The team of a small provider, whose visits that stand out are asked about; the others wait."""
COPIED: Final = ("2026-11-07", "B0061")
"""A label that was copied, and read in another home."""
_PATIENCE: Final = 120
_SENDER: Final = {
    "valid_from": "2026-12-01", "name": "Björkviks kommun", "address": "Rådhustorget 1",
    "postcode": "940 36", "town": "Björkvik", "org_number": "212999-2083",
    "vat_number": "SE212999208301", "bankgiro": "5050-1055",
    "telephone": "0940-100 00, vardagar 8–16", "days_to_pay": "30",
    "reason": "Första fakturorna",
}  # fmt: skip
_RUN: Final = re.compile(r'hx-get="(/fakturor/korning/\d+/)')
_MADE: Final = re.compile(r"Fakturor +(\d+) +Summa")
_LEFT: Final = re.compile(r"Utan faktura +(\d+)")
_WRONG_DOOR: Final = "fel dörr"
_VISIT: Final = re.compile(r'href="(/besok/\d+/)[?"]')
_LISTED: Final = re.compile(r'href="(/besok/\d+/)[^"]*">[^<]*<span class="unseen"> (B\d+)')
_INVOICE: Final = re.compile(r'href="(/fakturor/\d+/)"')
_STATEMENT: Final = re.compile(r'href="(/ersattning/\d+/)"')
_TOTAL: Final = re.compile(r"\b(\d[\d\xa0 ]*,\d\d)\b")


@dataclass(slots=True)
class November:
    """The month, from its evidence to its papers, in an office of its own two weeks later."""

    office: Office
    keep: Path
    """Where the papers are put."""

    @classmethod
    def open(cls, backstage: Backstage, report: Report) -> November:
        """The same municipality in December: its files once more, and a server."""
        later = backstage.elsewhere("december")
        later.clockwork.set(cast.MONTH_OVER)
        imported = later.call("import", "import", cast.DATA, "--json")
        server = Server(later)
        server.start()
        november = cls(Office(server, report), later.folder)
        november._done(
            "a month of door events, labels, absences, deliveries", imported.milliseconds
        )
        return november

    def tell(self) -> Desk:
        """All of it, in order; the accountant's desk, for looking around."""
        self._derive()
        planner = self.office.desk(cast.TEAM_PLANNER, "the planner").browser
        self._look_at_what_stands_out(planner)
        self._review(planner)
        desk = self.office.desk(cast.ACCOUNTANT, "the accountant")
        self._close(desk.browser)
        self._invoice(desk.browser)
        self._pay(desk.browser)
        return desk

    def _derive(self) -> None:
        ends = ("--from", f"{MONTH}-01", "--to", f"{MONTH}-30", "--json")
        answer = self.office.server.do("visits", *ends)
        self._done("a month of visits follows from the evidence", answer.milliseconds)

    def _look_at_what_stands_out(self, browser: Browser) -> None:
        """A copied label: read inside another home, flagged before money moves."""
        day, client = COPIED
        listed, took = timed(lambda: browser.get(_of_day(day)))
        several = _to_look_at(listed)
        self._done(f"{day}: {len(several)} visits are to be looked at", took)
        page, took = timed(lambda: browser.get(several[client][0]))
        told = "etikett" in html.unescape(page).lower()
        self.office.report.step(
            f"a label of {client}, read inside another home",
            "asked about" if told else "not seen", took, expected="asked about",
        )  # fmt: skip

    def _review(self, browser: Browser) -> None:
        """What fits is approved day by day; what stands out of one team, visit by visit."""
        begun, several = time.perf_counter(), []
        for number in range(1, 31):
            day = f"{MONTH}-{number:02}"
            browser.get(f"/besok/godkann/?dag={day}")
            browser.post(f"/besok/godkann/?dag={day}")
            listed = browser.get(f"{_of_day(day)}&grupp={TEAM}")
            several += [path for paths in _to_look_at(listed).values() for path in paths]
        self._done("what fits is approved, thirty days in bulk", _since(begun))
        begun = time.perf_counter()
        for path in several:
            page = html.unescape(browser.get(path))
            if _WRONG_DOOR in page:
                browser.post(f"{path}ratta/", outcome="not_made", reason="Gick till fel dörr")
                browser.get(path)
            browser.post(f"{path}godkann/", reason="Har talat med kunden och personalen")
        self._done(
            f"{len(several)} visits of one team that stood out are asked about", _since(begun)
        )

    def _close(self, browser: Browser) -> None:
        browser.get(f"/besok/manader/{MONTH}/stang/")
        _, took = timed(lambda: browser.post(f"/besok/manader/{MONTH}/stang/"))
        self._done("November is closed: what comes later changes no money", took)
        browser.get("/regler/avgifter/avsandare/")
        browser.post("/regler/avgifter/avsandare/", **_SENDER)
        browser.post("/regler/avgifter/avsandare/", **_SENDER, do="record")

    def _invoice(self, browser: Browser) -> None:
        begin = f"/fakturor/manad/{MONTH}/gor/"
        browser.get(begin)
        begun = time.perf_counter()
        run = found_in(_RUN, browser.post(begin, issued="2026-12-07", due="2027-01-08"), "the run")
        self._wait(browser, run)
        month = _words(browser.get(f"/fakturor/manad/{MONTH}/"))
        made, left = (found_in(each, month, "how many") for each in (_MADE, _LEFT))
        self._done(f"{made} invoices without a gap; {left} clients wait for review", _since(begun))
        listed = browser.get(f"/fakturor/kund/{CLIENT}/")
        path = found_in(_INVOICE, listed, f"{CLIENT}'s invoice")
        invoice, took = timed(lambda: browser.get(path))
        visit = found_in(_VISIT, invoice, "a visit on the invoice")
        self._done(f"{CLIENT}'s invoice: {_sum(invoice)} kronor, with its visits", took)
        evidence, took = timed(lambda: browser.get(visit))
        signs = len(re.findall(r"\bdörren\b|\betikett", html.unescape(evidence), re.IGNORECASE))
        self.office.report.step(
            "and from a visit to the door events behind it",
            "done" if signs else "nothing there", took, expected="done",
        )  # fmt: skip
        self._paper(browser, f"{path}pdf/sv/", f"faktura-{CLIENT}.pdf", "the invoice as PDF/UA")
        self._paper(
            browser, f"/fakturor/manad/{MONTH}/sie/", f"{MONTH}.se", "the vouchers as SIE 4"
        )

    def _pay(self, browser: Browser) -> None:
        make = f"/ersattning/manad/{MONTH}/gor/"
        browser.get(make)
        begun = time.perf_counter()
        browser.post(make)
        page = self._wait(browser, f"/ersattning/manad/{MONTH}/")
        several = dict.fromkeys(_STATEMENT.findall(page))
        if not several:
            self._done("providers wait too, until their visits are reviewed", _since(begun))
            return
        self._done(f"statements of what providers are paid: {len(several)}", _since(begun))
        path = next(iter(several))
        statement, took = timed(lambda: browser.get(path))
        self._done(f"one of them: {_sum(statement)} kronor, with its visits", took)
        self._paper(browser, f"{path}pdf/sv/", "underlag.pdf", "the statement as PDF/UA")

    def _wait(self, browser: Browser, path: str) -> str:
        """The page once the work beside it has ended."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            page = browser.get(path)
            if 'id="progress"' not in page:
                return page
            time.sleep(0.2)
        raise DemoError(f"{path} has not ended in {_PATIENCE} seconds")

    def _paper(self, browser: Browser, path: str, name: str, what: str) -> None:
        data, took = timed(lambda: browser.get(path, text=False))
        (self.keep / name).write_bytes(data.encode("latin-1"))
        self._done(f"{what}: {max(1, len(data) // 1000)} kB", took)

    def _done(self, tried: str, milliseconds: float) -> None:
        self.office.report.step(tried, "done", milliseconds)


def _of_day(day: str) -> str:
    """The page of what is to be looked at of a day."""
    return f"/besok/?dag={day}&visa=se-over"


def _to_look_at(page: str) -> dict[str, list[str]]:
    """By client, the pages of the visits that a list shows."""
    several: defaultdict[str, list[str]] = defaultdict(list)
    for path, client in _LISTED.findall(page):
        several[client].append(path)
    return several


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _words(page: str) -> str:
    """What a page says."""
    return re.sub(r"<[^>]*>|\s+", " ", html.unescape(page))


def _sum(page: str) -> str:
    return found_in(_TOTAL, html.unescape(page), "a sum")
