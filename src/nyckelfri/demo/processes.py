"""The demonstration's processes: each a program of its own, under one declared clock.

House rules: everything lives in one folder and on the loopback interface; what a program said
on standard error stands in a file there; no process outlives the demonstration.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from nyckelfri import clock
from nyckelfri.clock import DeclaredClock

PATIENCE: Final = 60.0
"""Machine seconds to wait for a process to say something; slow machines are slow."""
_GRACE: Final = 10.0
_LAST: Final = 5


class DemoError(Exception):
    """The demonstration cannot go on; the text says which process and what it said last."""


@dataclass(slots=True)
class Clockwork:
    """The one clock of all processes: a file that each of them reads."""

    path: Path
    speed: float = 1.0

    def set(self, moment: float) -> None:
        """It is `moment` (Unix seconds) now, everywhere."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{DeclaredClock(moment, time.time(), self.speed)}\n", "ascii")
        fresh.replace(self.path)

    @property
    def now(self) -> float:
        """Declared Unix seconds."""
        return DeclaredClock.parse(self.path.read_text("ascii").strip()).at(time.time())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command that has ended said: exit status, JSON on standard output, milliseconds."""

    status: int
    said: list[Any]
    text: str
    milliseconds: float


@dataclass
class Backstage:
    """Starts programs with the environment they share, and ends them."""

    folder: Path
    clockwork: Clockwork
    _running: list[Program] = field(default_factory=list)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of every process."""
        own = {
            clock.ENVIRONMENT: f"file:{self.clockwork.path}",
            "NYCKELFRI_DATA": str(self.folder / "server"),
            "NYCKELFRI_HTTPS": "0",
            "NYCKELFRI_MUNICIPALITY": "Björkviks kommun",
            "NYCKELFRI_TELEPHONE": "0123-400 00, vardagar 8–17",
            "PYTHONUNBUFFERED": "1",
            "LANG": "C.UTF-8",
        }
        # Nor does it touch the database of somebody who has one.
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NYCKELFRI", "DATABASE_URL"))
        }
        return {**kept, **own, **(extra or {})}

    def call(
        self,
        name: str,
        *arguments: str | Path,
        extra: Mapping[str, str] | None = None,
        stdin: str = "",
        expected: Sequence[int] = (0,),
    ) -> Answer:
        """Run `nyckelfri ARGUMENTS` to its end; DemoError for an unexpected exit status."""
        begun = time.perf_counter()
        with (self.folder / f"{name}.log").open("a", encoding="utf-8") as log:
            done = subprocess.run(  # noqa: S603 - our own program
                _command(arguments),
                env=self.environment(extra),
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                timeout=4 * PATIENCE,
                check=False,
            )
        took = (time.perf_counter() - begun) * 1000
        if done.returncode not in expected:
            raise DemoError(
                f"{name}: `nyckelfri {' '.join(map(str, arguments))}` ended with "
                f"{done.returncode}\n{done.stdout[-2000:]}\n{self.last_words(name)}"
            )
        return Answer(done.returncode, list(_json_lines(done.stdout)), done.stdout, took)

    def start(self, name: str, *arguments: str | Path, module: str = "nyckelfri.cli") -> Program:
        """Start a program of ours that stays, and that speaks in JSON lines."""
        return self.spawn(name, _command(arguments, module))

    def spawn(self, name: str, command: Sequence[str]) -> Program:
        """Start any program that stays."""
        log = (self.folder / f"{name}.log").open("a", encoding="utf-8")
        with contextlib.closing(log):
            process = subprocess.Popen(  # noqa: S603 - ours, or the browser of this machine
                command,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        program = Program(name, process, self)
        self._running.append(program)
        return program

    def elsewhere(self, name: str) -> Backstage:
        """A stage at another time, with a folder of its own; what it starts ends with this one."""
        folder = self.folder / name
        folder.mkdir()
        clockwork = Clockwork(folder / "clock", self.clockwork.speed)
        return Backstage(folder, clockwork, self._running)

    def last_words(self, name: str) -> str:
        """The end of what a program said on standard error."""
        path = self.folder / f"{name}.log"
        return path.read_text("utf-8", "replace")[-2000:] if path.exists() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for program in reversed(self._running):
            program.stop()


class Program:
    """A process that stays. What it says is kept in order; each line is looked at once."""

    def __init__(self, name: str, process: subprocess.Popen[str], backstage: Backstage) -> None:
        self.name = name
        self.events: list[dict[str, Any]] = []
        self._process = process
        self._backstage = backstage
        self._said: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def tell(self, line: str) -> None:
        """One line for its standard input."""
        if self._process.stdin is None:
            raise DemoError(f"{self.name} does not listen")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def wait_for(
        self, what: str, wanted: Callable[[dict[str, Any]], bool], patience: float = PATIENCE
    ) -> dict[str, Any]:
        """The next event that is `wanted`; DemoError when it does not come."""
        until = time.monotonic() + patience
        while True:
            try:
                event = self._said.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                event = None
            if event is None:
                raise DemoError(
                    f"{self.name} did not say {what!r} but last {self.events[-_LAST:]}\n"
                    f"{self._backstage.last_words(self.name)}"
                )
            self.events.append(event)
            if wanted(event):
                return event

    def drain(self) -> list[dict[str, Any]]:
        """What it has said since somebody last looked, without waiting."""
        fresh = []
        with contextlib.suppress(queue.Empty):
            while (event := self._said.get_nowait()) is not None:
                fresh.append(event)
        self.events.extend(fresh)
        return fresh

    def stop(self) -> None:
        """End it and wait; kill it when it does not end."""
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def kill(self) -> None:
        """End it, and whatever it has started, as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def _close(self) -> None:
        self._listener.join(_GRACE)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _listen(self) -> None:
        if self._process.stdout is not None:
            for event in _json_lines(self._process.stdout):
                self._said.put(event)
        self._said.put(None)


def _command(arguments: Sequence[str | Path], module: str = "nyckelfri.cli") -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]


def _json_lines(text: Any) -> Iterator[dict[str, Any]]:
    lines = text.splitlines() if isinstance(text, str) else text
    for line in lines:
        with contextlib.suppress(ValueError):
            yield json.loads(line)
