"""Pages with a radio: Chromium, its bridge to the virtual air, and real lock processes there.

House rules: one browser is one phone. The page runs the app's own modules; what is played is
played by the bridge (`nyckelfri.demo.webradio`), by the air, or by ending a process.
"""

from __future__ import annotations

import base64
import functools
import http.server
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import HOUR, NOON, Door, Municipality, identifier, private_key
from lockworld import make_store
from playwright.sync_api import Browser, Page, Playwright

import webworld
from nyckelfri.demo import radiobench
from nyckelfri.demo.processes import Backstage, Program
from nyckelfri.door import grants, signed
from nyckelfri.door.grants import Grant
from nyckelfri.door.opening import DoorRecord

SOURCES: Final = Path(__file__).parents[1] / "src" / "nyckelfri"
PAGES: Final = Path(__file__).parent / "web" / "radiopage"
RADIOS: Final = ("--enable-features=WebBluetooth", "--enable-blink-features=WebNFC")
WITHIN: Final = 20.0
"""Seconds for what a step leads to; slow machines are slow."""


class StepError(Exception):
    """A step of the page failed; the name of the page's error, its kind, and its text."""

    def __init__(self, name: str, kind: str | None, why: str) -> None:
        super().__init__(f"{name}({kind}): {why}")
        self.name, self.kind, self.why = name, kind, why


def read(said: dict[str, Any]) -> Any:
    """What a step gave; StepError."""
    if "error" in said:
        raise StepError(said["error"], said["kind"], said["why"])
    return said.get("gave")


@dataclass(frozen=True)
class Phone:
    """A page that has the app's radio, and the bridge that is its Bluetooth."""

    page: Page
    bridge: Program

    def load(self, url: str) -> None:
        """Load the page anew."""
        self.page.goto(url)
        self.page.wait_for_function("self.step")

    def step(self, name: str, *args: object) -> Any:
        """One step of the page, to its end; StepError."""
        return read(self.page.evaluate("([name, args]) => step(name, args)", [name, args]))

    def begin(self, name: str, *args: object) -> Callable[[], Any]:
        """One step of the page that goes on meanwhile; the function waits for its end."""
        handle = self.page.evaluate_handle(
            "([name, args]) => ({ end: step(name, args) })", [name, args]
        )
        return lambda: read(handle.evaluate("begun => begun.end"))

    def tell(self, line: str) -> None:
        """Play something, and wait until it has happened."""
        self.bridge.tell(line)
        self.hears("done", line=line)

    def hears(self, what: str, **also: object) -> dict[str, Any]:
        """The next event of the bridge of this kind."""
        wanted = {"what": what, **also}
        return self.bridge.wait_for(what, lambda event: wanted.items() <= event.items(), WITHIN)


@dataclass(frozen=True)
class RealDoor(Door):
    """A door with a radio key of its own, and somebody's phone that may open it."""

    key_of_phone: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, name: str, number: int) -> RealDoor:
        return cls(
            identifier(name), private_key(number), private_key(number + 1), private_key(number + 2)
        )

    @property
    def record(self) -> DoorRecord:
        record = super().record
        return DoorRecord(record.installation, record.lock_key, 2 * self.installation)

    def for_page(self, municipality: Municipality) -> dict[str, Any]:
        """What the page needs to open it."""
        public = self.key_of_phone.public_key()
        grant = Grant(
            identifier("Alice"),
            self.installation,
            NOON - HOUR,
            NOON + 4 * HOUR,
            NOON - HOUR,
            identifier("serial"),
            signed.coordinate(public),
            grants.CARE,
        )
        return {
            "installation": self.installation.hex(),
            "lockKey": self.record.lock_key.hex(),
            "radioKey": self.record.radio_key.hex(),
            "grant": municipality.mint(grant).hex(),
            "phone": signed.coordinate(public).hex(),
            "key": _jwk(self.key_of_phone),
        }


def _jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    named = {"d": numbers.private_value, "x": public.x, "y": public.y}
    values = {k: base64.urlsafe_b64encode(v.to_bytes(32)).decode()[:-1] for k, v in named.items()}
    return {"kty": "EC", "crv": "P-256", **values}


@dataclass
class Street:
    """An air with the radios that were asked for, a web server, and a folder for everything."""

    driver: Playwright
    backstage: Backstage
    ports: dict[str, int]
    control: int
    address: str
    stack: ExitStack

    def transport(self, radio: str) -> str:
        return f"tcp-client:127.0.0.1:{self.ports[radio]}"

    def tell(self, **request: object) -> None:
        """Play something on the air (`demo.air`)."""
        with socket.create_connection(("127.0.0.1", self.control), WITHIN) as line:
            line.sendall(json.dumps(request).encode() + b"\n")
            assert json.loads(line.makefile().readline())["ok"]

    def lock(self, name: str, door: Door, municipality: Municipality) -> Program:
        """`nyckelfri lock` at a radio of this name, commissioned."""
        folder = self.backstage.folder
        make_store(folder / f"{name}.db", municipality, door).close()
        config = folder / f"{name}.toml"
        lines = [f'store = "{name}.db"', f'transport = "{self.transport(name)}"']
        lines += ["advertising_interval = 20", "[simulated]", "travel = 0.05"]
        config.write_text("\n".join(lines) + "\n", "utf-8")
        lock = self.backstage.start(name, "lock", "--config", config, "--events", "--console")
        heard(lock, "running")
        return lock

    def echo(self, name: str, kind: str = "ours") -> str:
        """A radio that answers on demand (radiobench); what it advertises, in hex."""
        words = (kind, self.transport(name))
        self.backstage.start(f"echo-{name}", *words, module="nyckelfri.demo.radiobench")
        return {"ours": radiobench.OURS, "bare": radiobench.BARE}[kind].hex()

    def handset(self, name: str) -> Handset:
        """A browser whose Bluetooth is the radio of this name."""
        port = webworld.free_port()
        listens = f"--remote-debugging-port={port}"
        browser = self.stack.enter_context(webworld.chromium(self.driver, listens, *RADIOS))
        words = ("--devtools", str(port), "--transport", self.transport(name))
        bridge = self.backstage.start(f"web-{name}", *words, module="nyckelfri.demo.webradio")
        self.stack.callback(bridge.stop)
        heard(bridge, "ready")
        return Handset(browser, bridge, self.address)


@dataclass(frozen=True)
class Handset:
    """A browser that is somebody's phone; `bridge` is its radio."""

    browser: Browser
    bridge: Program
    address: str

    @contextmanager
    def page(self, path: str = "/") -> Iterator[Phone]:
        """The phone with a page that has just been loaded, in a fresh profile."""
        context = self.browser.new_context()
        try:
            phone = Phone(context.new_page(), self.bridge)
            phone.load(self.address + path)
            for line in ("answer first", "mute off", "bluetooth on"):
                phone.tell(line)
            yield phone
        finally:
            context.close()


@contextmanager
def street(driver: Playwright, backstage: Backstage, *radios: str) -> Iterator[Street]:
    """An air with these radios."""
    words = [f"--port={name}=0" for name in radios]
    air = backstage.start("air", *words, module="nyckelfri.demo.air")
    up = air.wait_for("ports", lambda event: "ports" in event)
    with ExitStack() as stack:
        address = stack.enter_context(served())
        yield Street(driver, backstage, up["ports"], up["control"], address, stack)


class _Files(http.server.SimpleHTTPRequestHandler):
    """The page, the app's modules below /web/, and all of it once more below /denied/."""

    def translate_path(self, path: str) -> str:
        path = path.removeprefix("/denied")
        if path.startswith("/web/"):
            return super().translate_path(path)
        return str(PAGES / (path.strip("/") or "index.html"))

    def end_headers(self) -> None:
        if self.path.startswith("/denied/"):
            self.send_header("Permissions-Policy", "bluetooth=()")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def served() -> Iterator[str]:
    """The page and the app's modules on loopback; their address."""
    handler = functools.partial(_Files, directory=str(SOURCES))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()


def heard(program: Program, what: str) -> dict[str, Any]:
    """The next event of this kind."""
    return program.wait_for(what, lambda event: event["what"] == what, WITHIN)
