"""Processes that each hold a stage, and answer one question at a time.

House rules: questions and answers are values, so that every process may answer any question. A
process that dies, or an error on its stage, ends the whole call: a night's work must not go on
half blind. Processes are started anew, never forked, and end with the block that made them.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from nyckelfri.door import signed
from nyckelfri.simulate.runner import Stage
from nyckelfri.simulate.town import TownError

_GRACE: Final = 5.0
"""Seconds that a process has to end when it is told to."""
_SELDOM: Final = 50_000, 20, 100
"""When rubbish is looked for: as often as Python does by itself was a tenth of all time."""
_SIGNATURES: Final = 1 << 16
"""That are remembered as verified: a phone verifies all its grants at every sync."""


class WorkerError(Exception):
    """A process of the simulation has failed; the text says how."""


Tell: TypeAlias = Callable[[Any], None]
Answer: TypeAlias = Callable[..., Any]
"""A function of a module: (stage, tell, *arguments) to a value. What it tells is news."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    busy: bool = False


class Workers:
    """`jobs` processes for the municipality in `files`, each in a folder of its own in `folder`.

    `news` hears what is told while questions are being answered.
    """

    def __init__(
        self,
        files: Path,
        folder: Path,
        jobs: int,
        *,
        news: Callable[[Any], None] = lambda _news: None,
    ) -> None:
        self._files = files
        self._folder = folder
        self._jobs = jobs
        self._news = news
        self._asked: deque[tuple[Answer, tuple[Any, ...]]] = deque()
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_GRACE)
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def ask(self, answer: Answer, *arguments: Any) -> None:
        """Have a question answered as soon as a process is free."""
        self._asked.append((answer, arguments))

    def answers(self) -> Iterator[Any]:
        """Each answer as it comes, until nothing is asked any more. TownError, WorkerError."""
        while True:
            self._hand_out()
            busy = {worker.connection: worker for worker in self._workers if worker.busy}
            if not busy:
                return
            for ready in wait(list(busy)):
                worker = busy[ready]  # type: ignore[index]
                what, value = self._heard(worker)
                if what == "news":
                    self._news(value)
                    continue
                worker.busy = False
                if isinstance(value, TownError):
                    raise value
                if what == "failed":
                    raise WorkerError(value)
                self._hand_out()
                yield value

    def answer(self, answer: Answer, *arguments: Any) -> Any:
        """Ask one question and wait for its answer."""
        self.ask(answer, *arguments)
        return next(self.answers())

    def _hand_out(self) -> None:
        free = [worker for worker in self._workers if not worker.busy]
        while self._asked and (free or len(self._workers) < self._jobs):
            worker = free.pop() if free else self._start()
            worker.connection.send(self._asked.popleft())
            worker.busy = True

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        folder = self._folder / f"worker-{len(self._workers)}"
        arguments = (theirs, self._files, folder)
        process = context.Process(target=_serve, args=arguments, daemon=True)
        # Ctrl-C goes to every process of a terminal; here whoever asks decides what ends.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        process.start()
        signal.signal(signal.SIGINT, before)
        theirs.close()
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _heard(self, worker: _Worker) -> tuple[str, Any]:
        try:
            what, value = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(_GRACE)
            status = worker.process.exitcode
            raise WorkerError(f"a process of the simulation ended with status {status}") from None
        return what, value


def _serve(connection: Connection, files: Path, folder: Path) -> None:
    """Answer questions until nobody is there to ask any more."""
    gc.set_threshold(*_SELDOM)
    signed._verify = lru_cache(_SIGNATURES)(signed._verify)  # noqa: SLF001 - a pure function
    folder.mkdir(parents=True)
    stage = Stage(files, folder)

    def tell(news: Any) -> None:
        connection.send(("news", news))

    with suppress(EOFError, BrokenPipeError):
        while True:
            answer, arguments = connection.recv()
            try:
                said = "done", answer(stage, tell, *arguments)
            except TownError as error:
                said = "failed", error
            except BrokenPipeError:
                raise
            except Exception:  # noqa: BLE001 - told where it can be read
                said = "failed", traceback.format_exc()
            gc.collect()  # a town that is over
            connection.send(said)
