"""Plain COPY of the rows that a sync became, into tables of the same shape.

House rules: what the database itself takes for these rows, and nothing else: text that COPY
itself has written, the same columns, constraints, indexes and foreign keys, one synced commit.
"""

from __future__ import annotations

import time
from typing import Final

import psycopg
from django.db import connection

JOURNAL: Final = "visits_storedentry"
EVENTS: Final = "visits_doorevent"
TABLES: Final = (JOURNAL, EVENTS)


class BareCopy:
    """Copies what has come since it was last asked, on a connection of its own."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self._own = psycopg.connect(connection.connection.info.dsn)
        self._columns = {table: self._make(table) for table in TABLES}
        self._own.commit()
        self._seen = {table: self._newest(table) for table in TABLES}

    def take(self) -> dict[str, tuple[int, bytes]]:
        """How many rows have come to each table, and they as COPY writes them."""
        found = {}
        for table in TABLES:
            newest = self._newest(table)
            rows = f"SELECT {self._columns[table]} FROM {table} WHERE id > %s AND id <= %s"  # noqa: S608 -- names of our own
            values = (self._seen[table], newest)
            with self._own.cursor() as cursor:
                with cursor.copy(f"COPY ({rows} ORDER BY id) TO STDOUT", values) as copy:
                    data = b"".join(copy)
                found[table] = (cursor.rowcount, data)
            self._seen[table] = newest
        self._own.commit()
        return found

    def seconds(self, *parts: tuple[str, bytes]) -> float:
        """Seconds for COPY of these rows into these tables, and one commit; they do not stay."""
        begun = time.perf_counter()
        with self._own.cursor() as cursor:
            for table, data in parts:
                target = f"COPY bare.{table} ({self._columns[table]}) FROM STDIN"
                with cursor.copy(target) as copy:
                    copy.write(data)
        self._own.commit()
        spent = time.perf_counter() - begun
        return spent

    def forget(self) -> None:
        """Empty the tables."""
        self._own.execute("TRUNCATE " + ", ".join(f"bare.{table}" for table in TABLES))
        self._own.commit()

    def _make(self, table: str) -> str:
        """A table of the same shape beside it; its columns but for the key."""
        self._own.execute("CREATE SCHEMA IF NOT EXISTS bare")
        self._own.execute(f"CREATE TABLE bare.{table} (LIKE {table} INCLUDING ALL)")
        keys = self._own.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        ).fetchall()
        for (said,) in keys:
            self._own.execute(f"ALTER TABLE bare.{table} ADD {said}")
        names = self._own.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> 'id'",
            [table],
        ).fetchone()
        return str(names[0]) if names else ""

    def _newest(self, table: str) -> int:
        row = self._own.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()  # noqa: S608 -- the same
        return int(row[0]) if row else 0
