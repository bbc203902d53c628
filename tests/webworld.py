"""The real server with Björkvik's morning, and a real browser in front of it.

House rules: the server is `nyckelfri server run` in a process of its own, on loopback, its
clock stopped at `webtown.MOMENT`; the browser is Debian's Chromium, and may ask nobody else
for anything. What is missing is an error that says how to get it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
)
from playwright.sync_api import sync_playwright as playwright

import webtown

TESTS: Final = Path(__file__).parent
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = 1280, 320
PATIENCE: Final = 60
"""Seconds for a server to begin to answer on a busy machine."""


class MissingError(Exception):
    """Something is not installed; says how it is."""


def build(directory: Path) -> None:
    """Make the data directory, in a process of its own."""
    directory.mkdir(parents=True, exist_ok=True)
    _town("build", directory)


def _town(deed: str, directory: Path) -> bytes:
    command = [sys.executable, "-m", "webtown", deed, str(directory)]
    done = subprocess.run(command, env=_environment(directory), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-3000:])
    return done.stdout


def _environment(directory: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {
        **kept,
        "NYCKELFRI_DATA": str(directory),
        "NYCKELFRI_CLOCK": webtown.CLOCK,
        "NYCKELFRI_HTTPS": "0",
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)]),
    }


@dataclass(frozen=True)
class Site:
    """The running server, a session for each role, and numbers that stand in addresses."""

    address: str
    directory: Path
    sessions: dict[str, str] = field(repr=False)
    examples: dict[str, list[list[Any]]] = field(repr=False)


@contextmanager
def running(directory: Path) -> Iterator[Site]:
    """Serve a built directory until the end of the block."""
    facts = json.loads(_town("facts", directory))
    port = free_port()
    command = [sys.executable, "-m", "nyckelfri.cli", "server", "run", "--workers=1", "--no-work"]
    command += [f"--listen=127.0.0.1:{port}"]
    process = subprocess.Popen(command, env=_environment(directory), stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield Site(address, directory, facts["sessions"], facts["examples"])
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def free_port() -> int:
    """A port of this machine that nobody listens to."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/logga-in/", timeout=5):  # noqa: S310 -- our own address
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server does not answer at {address}")


@contextmanager
def driver() -> Iterator[Playwright]:
    """What starts browsers: one a process."""
    with playwright() as running:
        yield running


@contextmanager
def chromium(drives: Playwright, *flags: str) -> Iterator[Browser]:
    """A browser, with these flags beside the usual ones."""
    if not Path(CHROMIUM).exists():
        raise MissingError("Chromium is missing: apt-get install -y chromium")
    browser = drives.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Visitor:
    """Somebody at a page; what the browser complains of is kept."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    status: int = 0

    def go(self, path: str, status: int = 200) -> None:
        """Open a page, and forget earlier complaints; `status` is what should be answered."""
        self.complaints.clear()
        try:
            answer = self.page.goto(self.site.address + path)
        except Error as error:
            self.complaints.append(f"{path}: {error.message}")
            return
        self.status = answer.status if answer else 0
        if self.status != status:
            self.complaints.append(f"{path}: {self.status}")
        elif status != 200:
            self.complaints.clear()  # the browser itself complains of any but 200
        elif self.page.url != self.site.address + path:
            self.complaints.append(f"{path} leads to {self.page.url}")

    def sideways(self) -> int:
        """How many pixels the page is wider than the window."""
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(script))

    def beyond(self) -> list[str]:
        """What reaches beyond the window."""
        found: list[str] = self.page.evaluate(_BEYOND)
        return found


_BEYOND: Final = """() => [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(-3).map(each => each.outerHTML.slice(0, 150))"""


@contextmanager
def visitor(
    browser: Browser,
    site: Site,
    role: str = "",
    *,
    width: int = WIDE,
    language: str = "sv",
    **options: Any,
) -> Iterator[Visitor]:
    """A fresh browser profile with the session of `role` (nobody's where it is empty)."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale=language,
        reduced_motion="reduce",
        **options,
    )
    if role:
        log_in(context, site, role)
    page = context.new_page()
    seen = Visitor(site, context, page)

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.complaints.append(f"{page.url}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((site.address, "data:")):
            seen.complaints.append(f"{page.url} asks for {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: seen.complaints.append(f"{page.url}: {error}"))
    context.on("request", asked)
    try:
        yield seen
    finally:
        context.close()


def log_in(context: BrowserContext, site: Site, role: str) -> None:
    """Set the session of `role`: the one place where tests come past the page to log in on."""
    context.add_cookies([{"name": "sessionid", "value": site.sessions[role], "url": site.address}])


def axe() -> str:
    """The accessibility checker's program."""
    found = TESTS / "npm" / "node_modules" / "axe-core" / "axe.min.js"
    if not found.exists():
        npm = shutil.which("npm") or "npm"
        raise MissingError(f"axe-core is missing: run `{npm} ci` in tests/npm")
    return found.read_text(encoding="utf-8")
