"""A process beside the tests that lives a simulated town, since such a town is a whole server.

House rules: it begins when it is first asked, and keeps what it has begun with for all that
follows. What goes wrong in it comes back as text.
"""

from __future__ import annotations

import logging
import multiprocessing
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Self

_ROOT: Final = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - only speed
Answers = Callable[[Any], Any]


class Beside:
    """`begin` is given a folder of the process's own, and gives what answers; a context manager."""

    def __init__(self, begin: Callable[[Path], Answers]) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, begin), daemon=True)
        self._process.start()
        there.close()

    def ask(self, question: Any) -> Any:
        """The answer; an error there is one here."""
        self._here.send(question)
        found = self._here.recv()
        assert not isinstance(found, str), found
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._here.close()
        self._process.join(20)


def _serve(pipe: Connection, begin: Callable[[Path], Answers]) -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=_ROOT, prefix="nyckelfri-beside-") as folder:
        answers = None
        while True:
            try:
                question = pipe.recv()
            except EOFError:
                return
            try:
                answers = answers or begin(Path(folder))
                pipe.send(answers(question))
            except BaseException:  # noqa: BLE001 - it belongs to whoever asked
                pipe.send(traceback.format_exc())
