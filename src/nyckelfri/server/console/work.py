"""Work beside the pages, as a page that waits for it shows it (`parts/work.html`).

House rules: reads only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from nyckelfri.server import beside
from nyckelfri.server.console.texts import text


@dataclass(frozen=True, slots=True)
class Work:
    """How far it has come, in words and steps; `still` when nothing seems to happen."""

    path: str
    """Where the page asks again, of the piece called `work`."""
    said: str
    done: int
    all: int
    still: bool


def work(
    row: models.Model,
    path: str,
    say: Callable[[beside.Told], str],
    *,
    since: datetime,
    now: datetime,
) -> Work:
    """The work of a row, asked for at `since`; `say` tells in words where it is."""
    told = beside.told(row)
    said = say(told) if told.all else text("waiting_to_begin")
    return Work(path, said, told.done, told.all, still=now - (told.when or since) > beside.STILL)
