"""Every screen of the staff app, one after the other, as people come to it.

House rules: whoever looks (the checks, the pictures) is told where the walk stands; buttons are
found by the app's own texts, so the walk goes in either language.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Route, expect

import appworld
from appworld import Morning, WorkPhone
from nyckelfri.demo import cast

WEB: Final = Path(__file__).resolve().parents[1] / "src/nyckelfri/web"
BEHIND: Final = "B0077"
"""The client whose doors have locks on the air."""
ALARM: Final = {"id": "A1", "client": BEHIND, "text": "Trygghetslarm, svarar inte på anrop"}
Phones = Callable[[], WorkPhone]


@cache
def texts(language: str) -> dict[str, str]:
    """What the app says, by key."""
    module = (WEB / "texts" / f"{language}.js").as_uri()
    script = f"console.log(JSON.stringify((await import('{module}')).{language}))"
    node = ["node", "--input-type=module", "--eval", script]
    found: dict[str, str] = json.loads(subprocess.check_output(node))
    return found


@contextmanager
def alarmed(phone: WorkPhone, at: float) -> Iterator[None]:
    """The server's answers carry an alarm: its feed is another's, its card is this app's."""

    def with_alarm(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        if told.get("day"):
            told["day"]["alarms"] = [{**ALARM, "at": int(at)}]
        route.fulfill(response=answer, json=told)

    # The day that the phone holds is current but for the alarm: it says that it holds none.
    def asks_whole(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}") | {"day": ""}
        route.fallback(post_data=json.dumps(body))

    where = "**/api/phone/v1/sync"
    phone.page.route(where, with_alarm)
    phone.page.route(where, asks_whole)
    try:
        yield
    finally:
        phone.page.unroute_all(behavior="ignoreErrors")


class Walk:
    """One walk through the app; `stops` gives the name of each screen while it stands there."""

    def __init__(self, here: Morning, phones: Phones, language: str = "sv") -> None:
        self._here, self._phones, self._language = here, phones, language

    def t(self, key: str, **values: Any) -> str:
        """A text of the app."""
        text = texts(self._language)[key]
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text)

    def stops(self) -> Iterator[tuple[str, WorkPhone]]:
        """From a phone nobody has used to one that is blocked."""
        carer, colleague = self._phones(), self._phones()
        yield from self._begin(carer)
        yield from self._visit(carer)
        yield from self._around(carer)
        yield from self._outside(colleague)
        yield from self._last(carer)

    def _begin(self, phone: WorkPhone) -> Iterator[tuple[str, WorkPhone]]:
        page = phone.page
        if self._language == "en":
            page.locator("#language").click()
        yield "enrol", phone
        page.locator("#code").fill(self._here.code(phone.label, cast.CARER.number))
        self._press(phone, "enrol_do")
        page.locator("#name").wait_for()
        self._quiet(phone)
        yield "sign-in", phone
        page.locator("#name").fill(cast.CARER.number)
        page.locator("#password").fill(self._here.secret(cast.CARER.number))
        self._press(phone, "signin_do")
        page.locator(".pad").wait_for()
        yield "choose-pin", phone
        self._pin(phone)
        yield "day", phone

    def _visit(self, phone: WorkPhone) -> Iterator[tuple[str, WorkPhone]]:
        phone.go(f"#/besok/{appworld.VISIT}")
        phone.page.locator(".place").wait_for()
        yield "visit", phone
        phone.tell("mute on")
        phone.big.click()
        phone.page.locator(".going").get_by_text(self.t("stage_checking")).wait_for()
        yield "door-waiting", phone
        phone.result.wait_for()
        phone.tell("mute off")
        yield "door-lost", phone
        self._here.move(appworld.FAR)
        phone.taps(self.t("retry"))
        yield "door-refused", phone
        self._here.move(appworld.NEAR)
        phone.taps(self.t("retry"))
        yield "entrance-open", phone
        phone.taps(self.t("unlock_front"))
        phone.page.locator(".chip.good", has_text=self.t("standing_running")).first.wait_for()
        yield "visit-running", phone
        phone.go("#")
        phone.page.locator(".next").wait_for()
        yield "day-running", phone
        self._press(phone, "end_visit")
        yield "end-sheet", phone
        self._press(self.sheet(phone), "end_and_lock")
        expect(phone.result).to_have_text(self.t("locked_front"))
        self._quiet(phone)
        yield "day-after", phone
        phone.go(f"#/besok/{appworld.VISIT}")
        phone.page.locator(".place").wait_for()
        yield "visit-done", phone

    def _around(self, phone: WorkPhone) -> Iterator[tuple[str, WorkPhone]]:
        self._press(phone, "deviation")
        yield "deviation-sheet", phone
        self._press(self.sheet(phone), "save")
        self.sheet(phone).locator(".error:visible").first.wait_for()
        yield "deviation-missing", phone
        phone.context.set_offline(True)
        self.sheet(phone).get_by_label(self.t("deviation_fall")).check()
        self._press(self.sheet(phone), "save")
        self.sheet(phone).get_by_text(self.t("error_write")).wait_for()
        self.sheet(phone).get_by_role("textbox").fill("Föll i hallen")
        self._press(self.sheet(phone), "save")
        phone.page.locator(".said p").wait_for()
        yield "said", phone
        phone.go("#/vantar")
        self._press(phone, "send_now")
        phone.page.get_by_text(self.t("offline")).wait_for()
        yield "waiting", phone
        phone.context.set_offline(False)
        self._press(phone, "send_now")
        phone.page.locator(".empty").wait_for()
        yield "all-sent", phone
        phone.go(f"#/hjalp/{BEHIND}")
        phone.page.locator(".howin").wait_for()
        yield "help", phone
        self._press(phone, "fault_send")
        yield "fault-sheet", phone
        self._press(self.sheet(phone), "cancel")

    def _outside(self, phone: WorkPhone) -> Iterator[tuple[str, WorkPhone]]:
        number = cast.COLLEAGUE.number
        if self._language == "en":
            phone.page.locator("#language").click()
        phone.page.locator("#code").fill(self._here.code(phone.label, number))
        self._press(phone, "enrol_do")
        phone.page.locator("#name").fill(number)
        phone.page.locator("#password").fill(self._here.secret(number))
        self._press(phone, "signin_do")
        self._pin(phone)
        self._press(phone, "search")
        phone.page.locator("#words").wait_for()
        yield "search-empty", phone
        phone.page.locator("#words").fill("hass")
        phone.page.locator(".row").first.wait_for()
        yield "search", phone
        phone.page.locator(".row").first.click()
        phone.page.locator(".place").wait_for()
        yield "client", phone
        self._press(phone, "unlock_entrance")
        yield "reason-sheet", phone
        self._press(self.sheet(phone), "cancel")

    def _last(self, phone: WorkPhone) -> Iterator[tuple[str, WorkPhone]]:
        with alarmed(phone, self._here.now):
            phone.go("#/vantar")
            self._press(phone, "send_now")
            phone.page.locator(".alarm").wait_for()
            yield "alarm", phone
            self._press(phone, "close")
        phone.go("#/meny")
        phone.page.locator("#language").wait_for()
        yield "menu", phone
        self._press(phone, "sign_out")
        yield "sign-out-sheet", phone
        self._press(self.sheet(phone), "cancel")
        self._press(phone, "lock_app")
        phone.page.locator(".pad").wait_for()
        yield "locked", phone
        phone.type_pin("135792")
        phone.page.get_by_text(self.t("pin_wrong", left=9)).wait_for()
        yield "wrong-pin", phone
        phone.type_pin()
        self._here.server.do("block-phone", phone.label, "--why", "left on the bus")
        phone.go("#/vantar")
        self._press(phone, "send_now")
        phone.page.get_by_role("heading", name=self.t("blocked_title")).wait_for()
        yield "blocked", phone

    def sheet(self, phone: WorkPhone) -> Locator:
        """The sheet that lies over the screen."""
        return phone.page.locator("dialog[open]")

    def _press(self, where: WorkPhone | Locator, key: str) -> None:
        within = where.page if isinstance(where, WorkPhone) else where
        within.get_by_role("button", name=self.t(key), exact=True).first.click()

    def _pin(self, phone: WorkPhone) -> None:
        phone.type_pin()
        phone.page.get_by_text(self.t("pin_again")).wait_for()
        phone.type_pin()
        phone.page.locator(".next, .rows, .empty").first.wait_for()
        expect(phone.page.get_by_text(self.t("day_fetching"))).to_have_count(0)

    def _quiet(self, phone: WorkPhone) -> None:
        expect(phone.page.locator(".said p")).to_have_count(0)
