"""What passes and is nobody's mistake: the disk full, the database away, or the wrong one.

House rules: only what another try may mend; an error of ours stays an error.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from django.db import OperationalError

_FULL_FILES: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_AWAY_FILES: Final = frozenset({errno.EIO, errno.EROFS})
_AWAY_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    }
)
_FULL_POSTGRESQL: Final = "53100"
_AWAY_POSTGRESQL: Final = ("08", "25006", "25P03", "40", "53", "55P03", "57", "58")
"""Beginnings of SQLSTATE: connection, read-only, waited too long, resources, shutdown, its disk."""


class StandingError(OperationalError):
    """Nothing may be answered from this database now; the text says what to do."""


class Outage(StrEnum):
    """What is the matter; the value says what to do about it."""

    FULL = "the disk is full: free some space, all goes on by itself then"
    AWAY = (
        "the database cannot be reached or cannot store: see that PostgreSQL or the disk is well, "
        "and `nyckelfri server check`"
    )


def seen_in(error: BaseException) -> Outage | None:
    """What this error tells of; None for one that another try will not mend."""
    if isinstance(error, StandingError):
        return Outage.AWAY
    for each in _causes(error):
        if isinstance(each, OSError):
            return _of_file(each)
        if isinstance(each, sqlite3.Error):
            return _of_sqlite(each)
        if hasattr(each, "sqlstate"):
            return _of_postgresql(each.sqlstate, each)
    return None


def advice(error: BaseException) -> str:
    """What to do about it, for whoever runs the server; empty for an error of ours.

    Without the text of anybody else's error, which may quote a row or an address.
    """
    if isinstance(error, StandingError):
        return str(error)
    outage = seen_in(error)
    return "" if outage is None else outage.value


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__


def _of_file(error: OSError) -> Outage | None:
    if error.errno in _FULL_FILES:
        return Outage.FULL
    return Outage.AWAY if error.errno in _AWAY_FILES else None


def _of_sqlite(error: sqlite3.Error) -> Outage | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Outage.FULL
    return Outage.AWAY if code in _AWAY_SQLITE else None


def _of_postgresql(state: str | None, error: BaseException) -> Outage | None:
    if state == _FULL_POSTGRESQL:
        return Outage.FULL
    if state is None:  # there is no server that could have named one
        lost = {"OperationalError", "InterfaceError"}
        return Outage.AWAY if lost & {kind.__name__ for kind in type(error).__mro__} else None
    return Outage.AWAY if state.startswith(_AWAY_POSTGRESQL) else None
