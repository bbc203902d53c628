"""Work that is done beside the pages: how its row moves on, and how far it has come.

House rules: a row has one state at a time and moves only from where it is thought to be, so
that of two people who decide one is told. How far the work has come stands in a file, since
on SQLite whoever works for long must not write to the database meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import models

from nyckelfri import clock

STILL: Final = timedelta(minutes=2)
"""Without a sign of work for so long, something stands still."""


class MovedOnError(Exception):
    """The work is not where this can be done; somebody else may have been quicker."""


class Told(NamedTuple):
    """So many steps are done, of so many; `at` is the one at hand, which began at `when`.

    Zeros before it has begun.
    """

    done: int = 0
    all: int = 0
    when: datetime | None = None
    at: str = ""


def move(row: models.Model, allowed: Sequence[str], state: str, now: datetime, **more: Any) -> None:
    """Move the row to a state, from one of these; MovedOnError if it is in none of them."""
    if not end(row, allowed, state, now, **more):
        raise MovedOnError("The work has gone on meanwhile: look at it again")


def end(row: models.Model, allowed: Sequence[str], state: str, now: datetime, **more: Any) -> bool:
    """Do the same if it can be done; whether it was. For work whose row may have gone on."""
    found = type(row)._default_manager.filter(pk=row.pk, state__in=allowed)  # noqa: SLF001 -- Django's public name
    return bool(found.update(state=state, changed_at=now, **more))


def tell(row: models.Model, done: int, most: int, at: str = "") -> None:
    """Note how far the work of this row has come, for the page that waits."""
    path = _path(row)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(f"{done} {most} {clock.now().isoformat()} {at}", encoding="utf-8")


def told(row: models.Model) -> Told:
    """How far the work of this row has come."""
    try:
        done, most, when, at = _path(row).read_text(encoding="utf-8")[:128].split(" ", 3)
        return Told(int(done), int(most), datetime.fromisoformat(when), at)
    except (OSError, ValueError):
        return Told()


def forget(row: models.Model) -> None:
    """Remove the note: the work is over."""
    _path(row).unlink(missing_ok=True)


def _path(row: models.Model) -> Path:
    return Path(settings.DATA) / "beside" / f"{row._meta.model_name}-{row.pk}"  # noqa: SLF001 -- Django's public name
