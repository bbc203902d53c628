"""A morning in Björkvik for the staff app: server, locks on the air, browsers that are work phones.

House rules: everything is a process of its own, as in the demonstration: the server, the air, an
entrance unit and a front-door lock that were commissioned over it, Chromium, and the bridge
between its Bluetooth and the air. A browser profile is a phone. What the browser complains of is
kept, and a page may ask nobody else for anything.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
)

import webworld
from besideworld import Beside
from nyckelfri import cli
from nyckelfri.demo import air, cast
from nyckelfri.demo.cast import ENTRANCE, FLAT, Person, Unit
from nyckelfri.demo.crew import Lock, Phone, Server, password
from nyckelfri.demo.processes import Backstage, Clockwork, Program

PIN: Final = "471193"
BEGINS: Final = "07:20"
"""Ten minutes before the carer's visit behind the front door."""
VISIT: Final = "V004546"
NEAR, FAR = -48, -83
expect.set_options(timeout=20_000)
WITHIN: Final = 20_000
"""Milliseconds for what a tap leads to; slow machines are slow."""
RADIOS: Final = ("web", "other", "installer")
_TELL_CLICK: Final = """() => {
  self.clicked = false;
  addEventListener('click', () => { self.clicked = true; }, {once: true, capture: true});
}"""


@dataclass
class WorkPhone:
    """One browser profile, and the radio of its browser."""

    context: BrowserContext
    address: str
    bridge: Program
    page: Page
    label: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/telefon/") -> None:
        """A page of the app, as from the home screen."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector("main :is(h1, h2, .empty, .next)")

    def dies(self) -> None:
        """The app is killed in the middle of what it does: none of its code runs any more."""
        self.page.close()

    def again(self) -> None:
        """The app is closed and opened again; the profile stays."""
        self.page.close()
        self.page = self._new_page()
        self.open()

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(WITHIN)
        self.listen(page)
        return page

    def listen(self, page: Page) -> None:
        """Keep what the browser complains of."""

        def heard(message: ConsoleMessage) -> None:
            # A request that fails is the browser's to say and the app's to live with.
            if message.type in {"error", "warning"} and "Failed to load" not in message.text:
                self.complaints.append(message.text)

        def asked(request: Request) -> None:
            if not request.url.startswith((self.address, "data:")):
                self.complaints.append(f"asks for {request.url}")

        page.on("console", heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", asked)

    # What a person does.

    def enrol(self, code: str) -> None:
        """Type the one-time code."""
        self.page.get_by_label("Engångskod").fill(code)
        self.page.get_by_role("button", name="Koppla telefonen").click()
        self.page.get_by_role("heading", name="Logga in").wait_for()

    def sign_in(self, number: str, secret: str, pin: str = PIN) -> None:
        """Name and password, and a PIN of one's own."""
        self.page.get_by_label("Användarnamn").fill(number)
        self.page.get_by_label("Lösenord", exact=True).fill(secret)
        self.page.get_by_role("button", name="Logga in").click()
        self.page.get_by_role("heading", name="Välj en pinkod").wait_for()
        self.type_pin(pin)
        self.page.get_by_text("Samma kod en gång till").wait_for()
        self.type_pin(pin)
        self.page.get_by_role("heading", name="Mina besök").wait_for()
        expect(self.page.locator("main")).not_to_contain_text(re.compile("hämta", re.IGNORECASE))

    def type_pin(self, pin: str = PIN) -> None:
        """On the pad."""
        for digit in pin:
            self.page.locator(".pad").get_by_role("button", name=digit, exact=True).click()

    def go(self, place: str) -> None:
        """A screen by its address."""
        self.page.evaluate("place => { location.hash = place; }", place)

    @property
    def big(self) -> Locator:
        """The one big button."""
        return self.page.locator("#go")

    @property
    def result(self) -> Locator:
        """What came of the last tap at a door."""
        return self.page.locator(".door .result")

    def taps(self, words: str) -> str:
        """Tap the big button, which says this; what came of it.

        With a finger: a redraw between a mouse's press and its release swallows the click.
        """
        self.page.evaluate(_TELL_CLICK)
        self.page.get_by_role("button", name=words, exact=True).tap()
        self.page.wait_for_function("self.clicked")
        self.result.wait_for()
        return self.result.inner_text().strip()

    def until_all_is_sent(self) -> None:
        """The badge says so."""
        expect(self.page.locator("#waiting .unseen")).to_have_text("Allt är skickat")

    def waits(self) -> int:
        """How much the badge says is unsent."""
        text = self.page.locator("#waiting .unseen").inner_text()
        return int(text.split()[0]) if text[0].isdigit() else 0

    def tell(self, line: str) -> None:
        """Play the person or a mishap of the radio, and wait until it has happened."""
        self.bridge.tell(line)
        self.bridge.wait_for("done", lambda event: event.get("line") == line, 20.0)


class Terminal(Beside):
    """Commands of `nyckelfri server` in one process that stays: to start Python takes longer."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(partial(_terminal, environment))

    def do(self, *words: str | Path) -> str:
        """What a command says."""
        (said,) = self.ask(["server", *map(str, words)])
        return str(said)


def _terminal(environment: dict[str, str], _folder: Path) -> Callable[[list[str]], tuple[str]]:
    os.environ.update(environment)

    def do(words: list[str]) -> tuple[str]:
        with redirect_stdout(io.StringIO()) as said:
            status = cli.main(words)
        assert status == 0, said.getvalue()
        return (said.getvalue(),)

    return do


@dataclass
class Morning:
    """Everything that runs, and who is who."""

    backstage: Backstage
    server: Server
    terminal: Terminal
    control: int
    transports: dict[str, str]
    locks: dict[Unit, Lock]
    stack: ExitStack
    helper: ThreadPoolExecutor
    driver: Playwright
    numbers: Iterator[int] = field(default_factory=partial(itertools.count, 1))
    browsers: dict[str, tuple[Any, Program]] = field(default_factory=dict)

    def let_it_be(self, clock: str) -> None:
        """Time passes for the server and the locks."""
        self.backstage.clockwork.set(cast.at(clock))

    def move(self, dbm: int, radio: str = "web") -> None:
        """How strongly this browser's radio and the locks hear each other."""
        for unit in cast.UNITS:
            between = [radio, unit.lock]
            told = air.tell(self.control, do="strength", between=between, dbm=dbm)
            # Playwright's own loop runs in this thread.
            self.helper.submit(asyncio.run, told).result()

    def code(self, label: str, number: str) -> str:
        """A one-time code for a phone of this person."""
        return self.terminal.do("phone-code", label, "--holder", number).strip()

    def secret(self, number: str) -> str:
        """A password for this person."""
        file = self.backstage.folder / f"password-{number}"
        file.write_text(password())
        self.terminal.do("set-password", number, "--password-file", file)
        return file.read_text()

    @contextmanager
    def phone(self, radio: str = "web", *, width: int = 360, **options: Any) -> Iterator[WorkPhone]:
        """A fresh browser profile on the browser with this radio."""
        browser, bridge = self._browser(radio)
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            reduced_motion="reduce",
            has_touch=True,
            **{"locale": "sv-SE", **options},
        )
        page = context.new_page()
        page.set_default_timeout(WITHIN)
        found = WorkPhone(context, self.server.url, bridge, page, f"Telefon {next(self.numbers)}")
        found.listen(page)
        try:
            yield found
        finally:
            context.close()

    def _browser(self, radio: str) -> tuple[Any, Program]:
        if radio not in self.browsers:
            port = webworld.free_port()
            browser = self.stack.enter_context(
                webworld.chromium(
                    self.driver,
                    f"--remote-debugging-port={port}",
                    "--enable-features=WebBluetooth",
                    "--enable-blink-features=WebNFC",
                )
            )
            words = ("--devtools", str(port), "--transport", self.transports[radio])
            bridge = self.backstage.start(f"web-{radio}", *words, module="nyckelfri.demo.webradio")
            self.stack.callback(bridge.stop)
            bridge.wait_for("ready", lambda event: event["what"] == "ready")
            self.browsers[radio] = browser, bridge
        return self.browsers[radio]

    @property
    def now(self) -> float:
        """Unix seconds of the server and the locks."""
        return self.backstage.clockwork.now

    def moved_by(self, number: str, since: float, least: int) -> list[tuple[str, str]]:
        """What the server's log says somebody's phone has moved: command and lock, in order.

        So many rows at least are waited for: the courier goes on when the door is open.
        """
        for _ in range(20):
            found = self._moved_by(number, since)
            if len(found) >= least:
                break
        return found

    def _moved_by(self, number: str, since: float) -> list[tuple[str, str]]:
        openings = json.loads(self.terminal.do("openings", "--json"))
        return [
            (one["command"], one["lock"])
            for one in reversed(openings)
            if one["number"] == number
            and one["result"] == "done"
            and datetime.fromisoformat(one["time"]).timestamp() >= int(since)
        ]


@contextmanager
def morning(folder: Path, driver: Playwright) -> Iterator[Morning]:
    """Make it: root and keys, a month of files, two locks in service."""
    clockwork = Clockwork(folder / "clock")
    clockwork.set(cast.at(BEGINS))
    with Backstage(folder, clockwork) as backstage, ExitStack() as stack:
        names = [*RADIOS, *(unit.lock for unit in cast.UNITS)]
        words = [word for name in names for word in ("--port", f"{name}=0")]
        airwaves = backstage.start("air", *words, module="nyckelfri.demo.air")
        up = airwaves.wait_for("ports", lambda event: "ports" in event)
        transports = {name: f"tcp-client:127.0.0.1:{port}" for name, port in up["ports"].items()}
        locks = {unit: Lock(backstage, unit, transports[unit.lock]) for unit in cast.UNITS}
        server = Server(backstage)
        helper = stack.enter_context(ThreadPoolExecutor(1))
        terminal = stack.enter_context(Terminal(backstage.environment()))
        made = Morning(
            backstage, server, terminal, up["control"], transports, locks, stack, helper, driver
        )
        _municipality(made)
        server.start()
        for unit in cast.UNITS:
            _install(made, unit)
        yield made


def _municipality(made: Morning) -> None:
    call, folder = made.backstage.call, made.backstage.folder
    (folder / "pin").write_text(PIN)
    call(
        "root",
        "root",
        "new",
        folder / "root",
        "--parts",
        "1",
        "--threshold",
        "1",
        "--insecure-demo",
    )
    request, signed = folder / "request.cbor", folder / "signed.cbor"
    made.server.do("init", "--root", folder / "root" / "root.cbor", "--output", request)
    part = folder / "root" / "holder-1.pem"
    call("root", "root", "sign", request, "--part", part, "--yes", "--output", signed)
    made.server.do("install-key-set", signed)
    call("import", "import", cast.DATA, "--json")


def _install(made: Morning, unit: Unit) -> None:
    person = cast.INSTALLERS[unit]
    lock, installer = made.locks[unit], Phone(made.backstage, person, made.transports["installer"])
    lock.make()
    lock.start()
    made.move(NEAR, "installer")
    _prepare(made, installer, person)
    lock.press_button()
    at = ("--transport", installer.transport, "--search", "20")
    lock.installation = installer.do("commission", "--unit", lock.label, "--as", unit.lock, *at)[
        "installation"
    ]


def _prepare(made: Morning, phone: Phone, person: Person) -> None:
    made.secret(person.number)
    code = made.code(person.phone, person.number)
    phone.do("enrol", "--server", made.server.url, "--code", code)
    secret = made.backstage.folder / f"password-{person.number}"
    phone.do("sign-in", person.number, "--password-file", secret)


__all__ = ["ENTRANCE", "FLAT", "Morning", "WorkPhone", "morning"]
