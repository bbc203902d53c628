"""After the story: the server and the locks stay up, and the terminal says how to look around.

House rule: every command can be pasted as it stands, whole on one line.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel

from nyckelfri import clock
from nyckelfri.demo import cast, chromium
from nyckelfri.demo.browser import PERIOD
from nyckelfri.demo.chromium import Chromium
from nyckelfri.demo.crew import Login, free_port
from nyckelfri.demo.office import Desk, Office
from nyckelfri.demo.staffapp import PATH
from nyckelfri.demo.story import APP_RADIO, Story

_WINDOW: Final = ("--window-size=412,900",)
_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


@dataclass(slots=True)
class Afterwards:
    """What is there to try, until somebody presses Ctrl-C."""

    story: Story
    console: Console
    window: bool
    """Whether the staff app is to open in a window by itself."""

    def stay(self) -> None:
        """Tell, and wait; the code of the console's app stands below."""
        desk = Office(self.story.server, self.story.report).planner()
        for unit in self.story.locks:
            self.story.locks[unit].start()
        self._tell_console(desk)
        self._tell_december()
        self._tell_app()
        self._tell_android()
        try:
            with self.console.status("") as shown:
                while True:
                    left = PERIOD - int(time.time()) % PERIOD
                    shown.update(
                        f"the console's code: [bold]{desk.app.code()}[/bold]{self._other_code()} "
                        f"[dim]for {left} s; Ctrl-C ends everything and leaves nothing behind[/dim]"
                    )
                    time.sleep(1)
        except KeyboardInterrupt:
            self.console.print("\n[dim]Good night.[/dim]")

    def _tell_console(self, desk: Desk) -> None:
        self._panel(
            f"The console: [bold]{self.story.server.url}[/bold]\n"
            f"user [bold]{desk.number}[/bold], password [bold]{desk.password}[/bold], then the "
            "code below\n"
            "Try: who can open a client's door now and why · a letter to a client · the week of a "
            "team · a lost phone",
        )

    def _tell_december(self) -> None:
        if self.story.december is None:
            return
        server, desk = self.story.december
        self._panel(
            f"The office in December: [bold]{server.url}[/bold]\n"
            f"user [bold]{desk.number}[/bold], password [bold]{desk.password}[/bold], then its own "
            "code below\n"
            "Try: an invoice, from a line to a visit to a door event · its PDF · a month's SIE and "
            "Peppol files · a provider's statement · statistics"
        )

    def _other_code(self) -> str:
        if self.story.december is None:
            return ""
        return f", December's: [bold]{self.story.december[1].app.code()}[/bold]"

    def _tell_app(self) -> None:
        url = self.story.server.url + PATH
        carer = Login.make(self.story.server, cast.CARER, "the carer's phone, a Chromium")
        browser = chromium.found()
        words = (
            f"The staff app: [bold]{url}[/bold]\n"
            f"one-time code [bold]{carer.code}[/bold], user [bold]{carer.number}[/bold], "
            f"password [bold]{carer.password}[/bold], then a PIN of your own\n"
            "Try: the visit at 12:10, “Lås upp porten”, “Lås upp dörren”, “Lås dörren”"
        )
        if browser is None:
            self._panel(f"{words}\n[dim]It needs a Chromium here: {chromium.INSTALL}[/dim]")
            return
        self._panel(words)
        transport = self.story.transports[APP_RADIO]
        if self.window and any(map(os.environ.get, _DISPLAYS)):
            more = (*_WINDOW, *chromium.SANDBOX, f"--app={url}")
            Chromium.start(self.story.backstage, browser, transport, more, "window")
            self._say("Its window has opened, at the virtual locks of this demonstration.")
            return
        if self.window:
            self._say("There is no display here, so no window has opened.")
        port = free_port()
        profile = self.story.backstage.folder / "chromium-by-hand"
        started = chromium.command(browser, profile, port, *_WINDOW, *chromium.SANDBOX, url)
        self._say(
            "In a window at the virtual locks: `nyckelfri demo --phone`; or now, in two terminals:"
        )
        self._command(started)
        bridge = ("--devtools", str(port), "--transport", transport)
        self._command([sys.executable, "-m", "nyckelfri.demo.webradio", *bridge])

    def _tell_android(self) -> None:
        """A page at localhost is a secure context, so Chrome lets it use Bluetooth and NFC."""
        port = self.story.server.port
        code = self.story.server.phone_code("the carer's phone, an Android", cast.CARER)
        self._panel(
            f"On a real Android phone: code [bold]{code}[/bold], the same user and password; this "
            "computer needs a USB\ncable to the phone (developer options: USB debugging), and a "
            "Bluetooth dongle for the front door's lock"
        )
        self._say("1. the phone reaches this server under its own localhost:")
        self._command(["adb", "reverse", f"tcp:{port}", f"tcp:{port}"])
        self._say(f"2. in the phone's Chrome, http://localhost:{port}{PATH}, then “Installera app”")
        self._say("3. the front door leaves the virtual air for the real one, where it is silent:")
        lock = self.story.locks[cast.NEW_LOCK]
        if lock.program is not None:
            moment = f"{clock.ENVIRONMENT}=file:{self.story.backstage.clockwork.path}"
            run = [str(Path(sys.executable).with_name("nyckelfri")), "lock"]
            config = ["--config", str(lock.folder / "lock.toml"), "--transport", "usb:0"]
            kill = f"kill {lock.program.pid}; sleep 2; {moment}"
            self._line(f"{kill} {shlex.join([*run, *config, '--events'])}")
        self._say(
            "   as root where the dongle is root's. Hold the phone within a metre and tap "
            "“Dörren”; the entrance stays virtual."
        )
        self.console.print()

    def _panel(self, words: str) -> None:
        self.console.print(Panel(words, border_style="green", expand=False))

    def _say(self, words: str) -> None:
        self.console.print(f"  [dim]{words}[/dim]")

    def _command(self, words: list[str]) -> None:
        self._line(shlex.join(words))

    def _line(self, words: str) -> None:
        self.console.print(f"    {words}", soft_wrap=True, markup=False)
