"""Taking turns, where the rows that are there already cannot be locked to keep others out.

House rules: asked for first in a transaction, before any row is locked, so that two can
never wait for each other. On SQLite every transaction that writes is alone anyway
(BEGIN IMMEDIATE) and nothing is asked; on PostgreSQL it is an advisory lock until the
transaction ends (postgresql.org/docs, 13.3.5). A row that is there is locked with
`select_for_update(no_key=True)`, which lets others go on referring to it.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction


class Turn(StrEnum):
    """What is done by one at a time; where a transaction needs several, in this order."""

    TABLES = "bringing tables up to date"
    FILES = "importing files"
    RULES = "deciding on rules for access"
    KEYS = "key sets and bulletins"
    UNITS = "taking units into service"
    GRANTS = "minting grants, and ending what they rest on"
    VISITS = "deriving and reviewing a day of visits"
    FIGURES = "measuring months"
    NUMBERS = "issuing invoices and statements"
    NAMES = "giving user names"
    TRIES = "counting tries"
    SAMPLES = "drawing a week's samples"
    COPIES = "copying the log to another disk"


def alone(turn: Turn, which: str = "") -> None:
    """Wait until nobody has this turn, alone or together, and keep it until the end.

    `which` makes a turn of its own for each value. RuntimeError outside a transaction.
    """
    _take("pg_advisory_xact_lock", turn, which)


def together(turn: Turn, which: str = "") -> None:
    """Wait until nobody has this turn alone; others may have it together with us."""
    _take("pg_advisory_xact_lock_shared", turn, which)


def after_all(turn: Turn, which: str = "") -> None:
    """Wait until all who have this turn now are done; who begins later sees what we committed.

    Called after the commit that they must not overlook, outside the transaction.
    """
    with transaction.atomic(durable=True):
        alone(turn, which)


@contextmanager
def kept(turn: Turn) -> Iterator[None]:
    """Have this turn alone among all processes until the end of the block, however long it takes.

    For what cannot be one transaction. The turn ends with the process, however that ends.
    """
    if connection.vendor != "postgresql":
        with (Path(settings.DATA) / f".{turn.name.lower()}.lock").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_number(turn)])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(turn)])
            cursor.execute("RESET lock_timeout")


def _take(function: str, turn: Turn, which: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("Take a turn inside the transaction that needs it")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_number(turn, which)])


def _number(turn: Turn, which: str = "") -> int:
    digest = hashlib.sha256(f"nyckelfri/{turn.name}/{which}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
