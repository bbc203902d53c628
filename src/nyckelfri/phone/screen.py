"""What the phone's commands say: to people with colour, to machines as JSON lines.

House rules: standard output is for the one who holds the phone; nothing from here goes to a log.
With `--json` every line is one object; the last one has `"event": "result"`.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from nyckelfri.door.reasons import Language
from nyckelfri.phone.steps import Stage, Step
from nyckelfri.phone.values import Door, HeldGrant
from nyckelfri.phone.words import text


class Screen:
    """Where a command's words go."""

    def __init__(
        self, language: Language, *, machine: bool, console: Console | None = None
    ) -> None:
        self.language = language
        self.machine = machine
        self._console = console or Console(highlight=False)

    def say(self, name: str, /, **values: object) -> None:
        """One line for people."""
        if not self.machine:
            self._console.print(text(name, self.language, **values), markup=False)

    def note(self, words: str) -> None:
        """One line for people that is already in words."""
        if not self.machine:
            self._console.print(words, style="yellow", markup=False)

    def step(self, step: Step) -> None:
        """One step of a visit."""
        if self.machine:
            _line(
                event="step",
                stage=step.stage.value,
                ms=step.milliseconds,
                bytes=step.traffic.total,
                messages=step.traffic.messages_sent + step.traffic.messages_received,
                **step.details,
            )
            return
        words = text(step.stage.value, self.language)
        details = "  ".join(
            f"{name}={value}" for name, value in step.details.items() if value is not None
        )
        dim = step.stage in {Stage.SEARCHING, Stage.RETRYING, Stage.ENDED}
        self._console.print(
            f"{step.milliseconds:8.0f} ms  {words:<28}{details}".rstrip(),
            style="dim" if dim else None,
            markup=False,
        )

    def verdict(self, words: str, *, good: bool) -> None:
        """The one thing that a person at a door wants to know."""
        if not self.machine:
            self._console.print(Panel(words, style="bold green" if good else "bold red"))

    def doors(self, doors: list[Door], grants: list[HeldGrant], now: int) -> None:
        """The doors the person may open, with the windows of their keys."""
        if self.machine:
            return
        if not doors:
            self.say("no_doors")
            return
        table = Table(*(text(name, self.language) for name in ("door", "address", "window")))
        for door in doors:
            windows = [
                self._window(grant, now)
                for grant in grants
                if grant.installation == door.installation and grant.not_after > now
            ]
            none = text("no_key", self.language)
            table.add_row(door.label, door.address, "\n".join(windows) or none)
        self._console.print(table)

    def _window(self, grant: HeldGrant, now: int) -> str:
        start, end = (
            datetime.fromtimestamp(moment, UTC).astimezone()
            for moment in (grant.not_before, grant.not_after)
        )
        running = grant.not_before <= now < grant.not_after
        begins = text("now", self.language) if running else f"{start:%Y-%m-%d %H:%M}"
        return f"{begins} → {end:%Y-%m-%d %H:%M}"

    def result(self, *, ok: bool, **values: object) -> None:
        """The last line, for machines."""
        if self.machine:
            _line(event="result", ok=ok, **values)

    def problem(self, words: str, **values: object) -> None:
        """What went wrong, on standard error; for machines as the result too."""
        if self.machine:
            self.result(ok=False, message=words, **values)
        else:
            Console(stderr=True, highlight=False).print(words, style="red", markup=False)


def _line(**values: object) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()
