"""Taking turns, where the rows that are there already cannot be locked to keep others out.

House rules: asked for first in a transaction, before any row is locked, so that two can
never wait for each other. On SQLite every transaction that writes is alone anyway
(BEGIN IMMEDIATE) and nothing is asked; on PostgreSQL it is an advisory lock until the
transaction ends (postgresql.org/docs, 13.3.5). A row that is there is locked with
`select_for_update(no_key=True)`, which lets others go on referring to it.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

from django.db import connection, transaction


class Turn(StrEnum):
    """What is done by one at a time; where a transaction needs several, in this order."""

    FILES = "importing files"
    KEYS = "key sets and bulletins"
    UNITS = "taking units into service"
    GRANTS = "minting grants, and ending what they rest on"
    NAMES = "giving user names"
    TRIES = "counting tries"
    SAMPLES = "drawing a week's samples"


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


def _take(function: str, turn: Turn, which: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("Take a turn inside the transaction that needs it")
    if connection.vendor != "postgresql":
        return
    digest = hashlib.sha256(f"nyckelfri/{turn.name}/{which}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
