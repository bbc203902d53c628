"""A Chromium that is a work phone: its window, its page, and the fingers on it.

House rules: driven by what a person sees - words, fields, digits - with real mouse events and real
text, over `devtools.py`; nothing of the page's own code is called. A profile is a phone's storage.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from nyckelfri.demo.devtools import DevTools, DevToolsError
from nyckelfri.demo.processes import Backstage, DemoError, Program

_T = TypeVar("_T")
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL: Final = "sudo apt install chromium"
_PATIENCE: Final = 30.0
_BLINK: Final = 0.03
_FLAGS: Final = (
    "--enable-features=WebBluetooth",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
)
SANDBOX: Final = ("--no-sandbox",) if os.geteuid() == 0 else ()
"""Chromium refuses to be root's with one."""
_HEADLESS: Final = ("--headless", "--disable-gpu", *SANDBOX)
_FIND: Final = """((words, selector) => {
  const says = (e) => [e.getAttribute('aria-label'), e.innerText].some((t) => t?.trim() === words);
  const seen = (e) => e.checkVisibility() && !e.disabled;
  return [...document.querySelectorAll(selector)].find((e) => says(e) && seen(e));
})"""
_TAPPED: Final = ":is(button, a, label)"
_AIM: Final = """((find) => {
  const e = find();
  e.scrollIntoView({block: 'center', behavior: 'instant'});
  self.nyckelfriMissed = true;
  const hit = ({target}) => {
    if (e.contains(target) || find()?.contains(target)) self.nyckelfriMissed = false;
  };
  addEventListener('click', hit, {once: true, capture: true});
  const r = e.getBoundingClientRect();
  return {x: r.x + r.width / 2, y: r.y + r.height / 2};
})"""
"""Where to tap, and a note of whether that hits: a redraw between a mouse's press and its release
swallows the click. A page that has gone on meanwhile has been hit."""


def found() -> str | None:
    """The Chromium of this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def command(browser: str, profile: Path, port: int, *more: str) -> list[str]:
    """How it is started; with port 0 it picks one, and writes it into its profile."""
    return [
        browser,
        f"--user-data-dir={profile}",
        f"--remote-debugging-port={port}",
        *_FLAGS,
        *more,
    ]


@dataclass
class Chromium:
    """One that runs, with the bridge between its Bluetooth and the air."""

    program: Program
    bridge: Program
    port: int

    @classmethod
    def start(
        cls,
        backstage: Backstage,
        browser: str,
        transport: str,
        more: Sequence[str] = _HEADLESS,
        name: str = "chromium",
    ) -> Self:
        """Start both, with a new profile, and wait until pages may use the radio."""
        profile = backstage.folder / name
        program = backstage.spawn(name, command(browser, profile, 0, *more))
        port = _port(profile / "DevToolsActivePort", backstage.last_words, name)
        bridge = backstage.start(
            f"{name}-radio", "--devtools", str(port), "--transport", transport,
            module="nyckelfri.demo.webradio",
        )  # fmt: skip
        bridge.wait_for("ready", lambda event: event["what"] == "ready")
        return cls(program, bridge, port)

    def stop(self) -> None:
        """Both end."""
        self.bridge.stop()
        self.program.stop()


def _port(file: Path, last_words: Callable[[str], str], name: str) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if file.exists() and (text := file.read_text("ascii")):
            return int(text.split()[0])
        time.sleep(_BLINK)
    raise DemoError(f"Chromium does not come up\n{last_words(name)}")


@dataclass
class Page:
    """One page of it, and a person before it. A context manager."""

    port: int
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _session: str = ""
    _target: str = ""

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._tools = DevTools(self.port)
        self._run(self._tools.__aenter__())
        return self

    def __exit__(self, *exception: object) -> None:
        self._run(self._tools.__aexit__(*exception))
        self._runner.close()

    def open(self, url: str) -> None:
        """The app, from the home screen; one that was open is closed first."""
        if self._target:
            self._send("Target.closeTarget", targetId=self._target)
        self._session = ""
        self._target = self._send("Target.createTarget", url=url)["targetId"]
        attached = self._send("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session = attached["sessionId"]

    def wait_for(self, selector: str, words: str) -> None:
        """Until an element says exactly these words; DemoError with what stands there instead."""
        self._until(f"{_FIND}({json.dumps(words)}, {json.dumps(selector)}) !== undefined", words)

    def wait_until_kept(self) -> None:
        """Until the browser has all it needs to open the page without its server."""
        self._until("navigator.serviceWorker.controller !== null", "a service worker")

    def tap(self, words: str, within: str = "body") -> None:
        """With a finger on what says so."""
        self._tap(f"{_FIND}({json.dumps(words)}, {json.dumps(f'{within} {_TAPPED}')})", words)

    def tap_on(self, selector: str) -> None:
        """With a finger on what cannot be told by words."""
        self._tap(f"document.querySelector({json.dumps(selector)})", selector)

    def type(self, label: str, text: str) -> None:
        """Into the field of this label."""
        find = f"{_FIND}({json.dumps(label)}, 'label')?.control"
        self._until(f"{find} != null", label)
        self._ask(f"{find}.focus()")
        self._send("Input.insertText", text=text)

    def text(self, selector: str) -> str:
        """What an element says, once it is there."""
        find = f"document.querySelector({json.dumps(selector)})"
        self._until(f"{find} !== null", selector)
        return str(self._ask(f"({find}.getAttribute('aria-label') ?? {find}.innerText).trim()"))

    def _tap(self, find: str, what: str) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            self._until(f"{find} != null", what)
            where = self._ask(f"{_AIM}(() => {find})")
            for kind in ("mousePressed", "mouseReleased"):
                self._send(
                    "Input.dispatchMouseEvent", type=kind, **where, button="left", clickCount=1
                )
            if not self._holds("self.nyckelfriMissed === true"):
                return
            if time.monotonic() > until:
                raise DemoError(f"no tap on {what!r} hits it")

    def _until(self, condition: str, what: str) -> None:
        until = time.monotonic() + _PATIENCE
        while not self._holds(condition):
            if time.monotonic() > until:
                there = self._ask("document.body.innerText")
                raise DemoError(f"the app does not show {what!r}, but:\n{there}")
            self._run(asyncio.sleep(_BLINK))

    def _holds(self, condition: str) -> bool:
        with contextlib.suppress(DemoError):  # a page that only comes up has nothing to say yet
            return self._ask(condition) is True
        return False

    def _ask(self, expression: str) -> Any:
        answer = self._send("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        try:
            return self._run(self._tools.send(method, self._session, **parameters))
        except DevToolsError as error:
            raise DemoError(f"the app's browser: {error}") from None

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self._runner.run(work)
