"""Who types the commands: the operator at the keyboard, or the drill itself with the same ones.

House rules: a command is always `nyckelfri …`, and always goes to the test installation: its
environment and folder are the drill's, whatever the terminal's are.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

from rich.text import Text as Line

from nyckelfri.demo.processes import PATIENCE
from nyckelfri.drill.report import Report
from nyckelfri.drill.town import Town

_PROGRAM: Final = "nyckelfri"
_FOR_OPERATORS: Final = frozenset({"server", "audit", "root"})
_LIMIT: Final = 4 * PATIENCE


class DrillError(Exception):
    """The drill cannot go on; the text says why."""


class Operator(ABC):
    """Whoever does what the drill asks for."""

    def __init__(self, town: Town, report: Report) -> None:
        self._town = town
        self._report = report

    @abstractmethod
    def ready(self) -> None:
        """Wait until the operator wants to see what comes next."""

    @abstractmethod
    def does(self, line: str, expected: Sequence[int]) -> int:
        """Have this command typed; its exit status, one of `expected` when a person types."""

    def _run(self, words: Sequence[str], *, by_itself: bool) -> int:
        self._town.ground.require()
        if list(words[1:3]) == ["server", "run"]:
            if self._town.server.program is not None:
                self._report.say("Servern går redan", "The server runs already", "yellow")
                return 1
            self._town.serve()
            return 0
        folder = self._town.backstage.folder
        with (folder / "operator.log").open("a", encoding="utf-8") as log:
            done = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-m", "nyckelfri.cli", *words[1:]],
                cwd=folder,
                env=self._town.backstage.environment(),
                input="ja\n" if by_itself else None,
                stdout=log if by_itself else None,
                stderr=log if by_itself else None,
                text=True,
                timeout=_LIMIT if by_itself else None,
                check=False,
            )
        return done.returncode


class Automatic(Operator):
    """The drill, going by itself."""

    def ready(self) -> None:
        """Nobody is waited for."""

    def does(self, line: str, expected: Sequence[int]) -> int:  # noqa: ARG002 - the caller compares
        """Run the very same command, answering yes to what it asks."""
        return self._run(shlex.split(line), by_itself=True)


class AtKeyboard(Operator):
    """A person; `waits` between the steps for the Enter key, unless told not to."""

    def __init__(self, town: Town, report: Report, *, waits: bool) -> None:
        super().__init__(town, report)
        self._waits = waits

    def ready(self) -> None:
        """Wait for the Enter key."""
        if self._waits:
            self._ask(self._report.pick(("   [Enter] ", "   [Enter] ")))

    def does(self, line: str, expected: Sequence[int]) -> int:
        """Ask until this command, with whatever arguments, has ended as it must."""
        wanted = _deed(shlex.split(line))
        self._report.say("Skriv kommandot (? för hjälp):", "Type the command (? for help):", "dim")
        while True:
            self._report.console.print(Line(f"   {line}", "bold cyan"), soft_wrap=True)
            words = self._words()
            if words == ["?"]:
                self._help()
            elif words == ["!"]:
                words = shlex.split(line)
            if words[:1] != [_PROGRAM]:
                continue
            if len(words) < 2 or words[1] not in _FOR_OPERATORS:
                names = ", ".join(sorted(_FOR_OPERATORS))
                self._report.say(f"Här används bara {names}", f"Only {names} are used here")
                continue
            status = self._run(words, by_itself=False)
            if _deed(words) == wanted and status in expected:
                return status
            self._report.say(f"Avslutades med {status}", f"Ended with {status}", "yellow")

    def _words(self) -> list[str]:
        try:
            return shlex.split(self._ask("   $ "))
        except ValueError as error:
            self._report.say(f"Går inte att läsa: {error}", f"Cannot be read: {error}", "red")
            return []

    def _help(self) -> None:
        self._report.say(
            "Alla kommandon som börjar med nyckelfri server, audit eller root går till "
            "övningens egen installation. Skriv ! så skriver övningen kommandot åt dig, "
            "Ctrl-C avbryter och lämnar inget kvar.",
            "Every command that begins with nyckelfri server, audit or root goes to the drill's "
            "own installation. Type ! and the drill types the command for you; Ctrl-C ends it "
            "and leaves nothing behind.",
        )

    @staticmethod
    def _ask(prompt: str) -> str:
        try:
            return input(prompt)
        except EOFError:
            raise DrillError(
                "nobody is at the keyboard: use --check to have the drill go by itself"
            ) from None


def _deed(words: Sequence[str]) -> tuple[str, ...]:
    """Program, room and deed."""
    return tuple(words[:3])
