"""A page that is a staff phone without screens, its server, and real locks on an air in memory.

House rules: the page runs the app's own modules on the browser's own IndexedDB and WebCrypto; the
server is `SmallServer`, which can misbehave; a lock is the real controller on the real store.
"""

from __future__ import annotations

import asyncio
import mimetypes
import threading
import uuid
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from doorworld import NOON, Municipality, identifier
from lockworld import Lock, PipeEnd
from playwright.sync_api import BrowserContext, Page

from nyckelfri.door.framing import Assembler, cut
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.radio.link import LinkClosed, LinkError, LinkTimeout
from phoneserver import CODE, PASSWORD, PIN, USER, SmallServer
from phoneworld import Air, Heard, PhoneDied, Station

WEB: Final = Path(__file__).parents[1] / "src" / "nyckelfri" / "web"
PAGES: Final = Path(__file__).parent / "web" / "phone" / "page"
_PIECE: Final = 20
_T = TypeVar("_T")


class Doors(AbstractContextManager["Doors"]):
    """Locks on an air in memory, in a thread of their own; a page reaches them over HTTP."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.air = Air([])
        self._links: list[tuple[PipeEnd, Assembler]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Callable[[], Coroutine[Any, Any, _T]], within: float = 60) -> _T:
        """What `work` gives in the locks' own thread."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(within)

    def add(self, store: LockStore, radio_key: bytes, **how: Any) -> Station:
        """A lock that advertises; `strength` as the lock measures it, the rest as for `Lock`."""
        strength = how.pop("strength", -50)

        async def build() -> Station:
            station = Station(Lock(store, **how), radio_key, strength)
            self.air.stations.append(station)
            return station

        return self.do(build)

    def settle(self) -> None:
        """Until every lock has finished with its links and its motor."""
        self.do(self.air.settle)

    def handle(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call of `air.js`."""
        return self.do(lambda: getattr(self, f"_{what}")(**body))

    async def _choose(self, payloads: list[str], *, wide: bool) -> dict[str, Any]:
        for at, station in enumerate(self.air.stations):
            if wide or station.payload.hex() in payloads:
                return {"device": at}
        return {"device": None}

    async def _connect(self, device: int) -> dict[str, Any]:
        station = self.air.stations[device]
        self._links.append(
            (await self.air.connect(Heard(station.payload, station)), Assembler(65_535))
        )
        return {"link": len(self._links) - 1}

    async def _write(self, link: int, piece: str) -> dict[str, Any]:
        end, assembler = self._links[link]
        assembler.push(bytes.fromhex(piece))
        try:
            while (message := assembler.take()) is not None:
                await end.send(message)
        except LinkError as error:
            return {"lost": str(error)}
        except PhoneDied:
            return {"died": True}
        return {}

    async def _read(self, link: int) -> dict[str, Any]:
        end, _ = self._links[link]
        try:
            message = await end.receive(1, 65_535)
        except LinkTimeout:
            return {}
        except LinkClosed as error:
            return {"lost": str(error)}
        except PhoneDied:
            return {"died": True}
        return {"piece": b"".join(cut(message, _PIECE)).hex()}

    async def _close(self, link: int) -> dict[str, Any]:
        await self._links[link][0].close()
        await self.air.settle()
        return {}


def _file(path: str) -> Path:
    """What stands at a path: the app's modules below /web/, else the page."""
    if path.startswith("/web/"):
        return WEB / path.removeprefix("/web/")
    return PAGES / (path.strip("/") or "index.html")


@dataclass
class Hold:
    """A call that has come and is not answered until the test lets go of it."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def let_go(self) -> None:
        """Answer it."""
        self.released.set()


class PageServer(SmallServer):
    """The phone's server, which also serves the page with the app's modules, and the air."""

    def __init__(self, municipality: Municipality, *, now: int = NOON) -> None:
        super().__init__(municipality, now=now)
        self.doors_near: Doors | None = None
        self.entered: list[dict[str, Any]] = []
        self.day: dict[str, Any] | None = None
        self.more: dict[str, tuple[str, bytes]] = {}
        """Content type and bytes of what else is served, by path."""
        self.away = False
        """Answers nothing any more, but for the page itself."""
        self._held: dict[str, Hold] = {}
        self.refuses: Callable[[dict[str, Any]], tuple[int, str] | None] = lambda _body: None
        """For a sync's body: status and code of the answer instead of the usual one."""

    def show(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.split("?")[0]
        if name in self.more:
            kind, data = self.more[name]
        elif (file := _file(name)).is_file():
            plain = mimetypes.guess_type(file.name)[0] or "text/plain"
            kind, data = f"{plain}; charset=utf-8", file.read_bytes()
        else:
            handler.send_error(404)
            return
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def hold(self, name: str) -> Hold:
        """Keep the answer to the next call of this name back."""
        self._held[name] = Hold()
        return self._held[name]

    def handle(
        self, name: str, body: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        answer = self._answer(name, body, headers)
        if (held := self._held.pop(name, None)) is not None:
            held.reached.set()
            held.released.wait(30)
        return answer

    def _answer(
        self, name: str, body: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        if name.startswith("/air/"):
            assert self.doors_near is not None
            return 200, self.doors_near.handle(name.removeprefix("/air/"), body)
        if self.away:
            return 503, {"code": "not_ready", "message": "away"}
        if name == "sync" and (refused := self.refuses(body)) is not None:
            self.calls.append((name, body))
            return refused[0], {"code": refused[1], "message": "no"}
        return super().handle(name, body, headers)

    def _sync(self, body: dict[str, Any], *, signed_in: bool) -> dict[str, Any]:
        answer = super()._sync(body, signed_in=signed_in)
        entries = body.get("entries", [])
        known = {entry["id"] for entry in self.entered}
        self.entered += [entry for entry in entries if entry["id"] not in known]
        answer["results"]["entries"] = [
            {"id": entry["id"], "status": "known" if entry["id"] in known else "stored"}
            for entry in entries
        ]
        held = body.get("day")
        changed = self.day is not None and held is not None and held != self.day["digest"]
        answer["day"] = self.day if signed_in and changed else None
        return answer


class PageError(Exception):
    """A step of the page failed."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(f"{said['error']}: {said['why']}")
        self.name: str = said["error"]
        self.left, self.code, self.status = said["left"], said["code"], said["status"]


@dataclass
class PagePhone:
    """A page that is a phone; `died` says that its last step was its last."""

    context: BrowserContext
    page: Page
    address: str
    clock: int = NOON
    label: str = ""
    """What stands on it, at the real server."""
    died: bool = False
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    def open(
        cls, context: BrowserContext, server: PageServer, *, quota: int | None = None
    ) -> PagePhone:
        """The app, started the first time; it may keep `quota` bytes."""
        phone = cls(context, context.new_page(), server.url + "/")
        if quota is not None:
            session = context.new_cdp_session(phone.page)
            # The browser remembers what it found first, so it is told before it looks.
            origin = {"origin": server.url, "quotaSize": quota}
            session.send("Storage.overrideQuotaForOrigin", origin)
        phone.restart()
        return phone

    @classmethod
    def beside(cls, context: BrowserContext, site: str, *, clock: int) -> PagePhone:
        """The same page, as if the real server at `site` served it."""
        phone = cls(context, context.new_page(), f"{site}/phone-page/", clock)
        context.route(
            f"{phone.address}**",
            lambda route: route.fulfill(path=_file(route.request.url[len(site) + 11 :])),
        )
        phone.restart()
        return phone

    def restart(self) -> None:
        """The app is started anew, as after a crash."""
        self.page.goto(self.address)
        self.page.wait_for_function("self.step")
        self.died = False

    def step(self, name: str, *args: object) -> Any:
        """One step of the page, to its end; PageError."""
        self.page.evaluate("now => step('clock', [now])", self.clock)
        said = self.page.evaluate("([name, args]) => step(name, args)", [name, list(args)])
        self.died = "died" in said
        if "error" in said:
            raise PageError(said)
        return said.get("gave")

    def outcome(self, name: str, *args: object) -> str:
        """The name of the error that a step ends in, empty without one."""
        try:
            self.step(name, *args)
        except PageError as error:
            return error.name
        return ""

    def enrol(self) -> Self:
        self.step("enrol", CODE)
        return self

    def sign_in(self, username: str = USER, password: str = PASSWORD, pin: str = PIN) -> Any:
        """Sign in, choose a PIN where one is asked for, sync; what the sync did."""
        if self.step("signIn", username, password)["needsPin"]:
            self.step("choosePin", pin)
        return self.step("sync")


def entry(kind: str = "note", at: int = NOON, **detail: object) -> dict[str, Any]:
    """Something that a carer enters at Elsa's."""
    about = {"client": "B0002", "visit": "V000123"}
    said = detail or {"text": "Elsa har ont i höften."}
    return {"id": str(uuid.uuid4()), "kind": kind, "at": at, **about, "detail": said}


def opening(at: int = NOON) -> dict[str, Any]:
    """What a lock answered."""
    return {
        "id": str(uuid.uuid4()),
        "installation": identifier("front door").hex(),
        "serial": identifier("serial 1").hex(),
        "command": 1,
        "reason": 0,
        "number": 7,
        "head": "00" * 8,
        "phoneTime": at,
    }


def fill_up(phone: PagePhone) -> None:
    """Put so much on the phone that not a kilobyte is left of its `quota`."""
    for kilobytes in (300, 60, 12, 3, 1):
        with suppress(PageError):
            for number in range(40):
                phone.step("fill", f"junk {kilobytes} {number}", kilobytes)
    with suppress(PageError):
        phone.step("fill", "junk last", 1)
        raise AssertionError("there is room still")


def make_room(phone: PagePhone) -> None:
    """Take away what `fill_up` has put there."""
    for kilobytes in (300, 60, 12, 3, 1):
        for number in range(40):
            phone.step("unfill", f"junk {kilobytes} {number}")


CLIENT = {
    "number": "B0002",
    "name": "Elsa Månsdotter",
    "address": "Granvägen 3",
    "apartment": "1102",
    "floor": "1 tr",
    "instruction": "Ring på, hon hör dåligt.",
    "telephone": "0123-456 78",
    "protected": False,
    "partner": None,
    "alerts": [],
    "doors": {"entrance": None, "front": "00" * 8},
    "labels": [{"id": "E0001", "place": "hallen"}],
}
DAY = {
    "digest": "ab" * 16,
    "visits": [
        {
            "id": "V000123",
            "client": "B0002",
            "start": 1_794_222_600,
            "end": 1_794_224_400,
            "services": ["care"],
            "partner": None,
            "added": None,
        }
    ],
    "clients": [CLIENT],
    "colleagues": [
        {
            "name": "Kerstin Åkerblad",
            "telephone": "0123-99 11",
            "role": {"sv": "Undersköterska", "en": "Assistant nurse"},
        }
    ],
    "office": {"name": "Hemtjänst Norr", "telephone": "0123-400 00"},
    "fallback": {"kind": "reserve_key", "text": "Nyckeln finns hos larmet.", "telephone": "112"},
    "services": {"care": {"sv": "Omvårdnad", "en": "Care"}},
    "alarms": [],
}
