"""A process beside the tests that lives a simulated town, since such a town is a whole server.

House rules: it begins when it is first asked, and keeps what it has begun with for all that
follows. What goes wrong in it comes back as text.
"""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

Answers = Callable[[Any], Any]


class Beside:
    """`begin` is given a folder of the process's own, and gives what answers; a context manager.

    A server there begins with a copy of `tables`, a database in which all migrations have run.
    """

    def __init__(self, begin: Callable[[Path], Answers], tables: Path | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        arguments = (there, begin, tables)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
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


def _serve(pipe: Connection, begin: Callable[[Path], Answers], tables: Path | None) -> None:
    logging.disable(logging.CRITICAL)
    if tables is not None:
        _begin_with(tables)
    with tempfile.TemporaryDirectory(prefix="nyckelfri-beside-") as folder:
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


def _begin_with(tables: Path) -> None:
    """Spare this process the migrations, which take longer than all else that founds a town."""
    from django.conf import settings

    from nyckelfri.server import start

    migrate = start.bring_tables_up_to_date

    def bring_up_to_date() -> None:
        database = settings.DATA / "nyckelfri.sqlite3"
        if not database.exists():
            shutil.copy(tables, database)
        migrate()

    start.bring_tables_up_to_date = bring_up_to_date
