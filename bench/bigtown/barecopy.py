"""Plain COPY of rows that the program has stored, into tables of the same shape.

House rules: what the database itself takes for these rows, and nothing else: text that COPY
has written, the same columns, constraints, indexes and foreign keys, one synced commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg
from django.db import connection


class Came(NamedTuple):
    """Rows of a table, as COPY writes them."""

    table: str
    rows: int
    data: bytes


class Spent(NamedTuple):
    """Seconds by the clock, and of this process and of both of its connections' processors."""

    clock: float
    processor: float


class BareCopy:
    """Copies what has come to these tables since it was last asked, on a connection of its own."""

    def __init__(self, schema: str, *tables: str) -> None:
        """Make the tables, in a schema of their own."""
        connection.ensure_connection()
        self._schema = schema
        self._own = psycopg.connect(connection.connection.info.dsn)
        self._own.execute(f"CREATE SCHEMA {schema}")
        self._columns = {table: self._make(table) for table in tables}
        self._own.commit()
        self._seen = dict.fromkeys(tables, 0)

    def take(self, most: int = 10_000_000) -> list[Came]:
        """What has come to each table, at most so many rows."""
        found = []
        for table, columns in self._columns.items():
            # Names of our own tables.
            some = f"SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s"  # noqa: S608
            newest = f"SELECT max(id) FROM ({some}) AS found"  # noqa: S608
            (last,) = self._own.execute(newest, [self._seen[table], most]).fetchone() or (None,)
            last = self._seen[table] if last is None else last
            rows = f"SELECT {columns} FROM {table} WHERE id > %s AND id <= %s ORDER BY id"  # noqa: S608
            with self._own.cursor() as cursor:
                with cursor.copy(f"COPY ({rows}) TO STDOUT", [self._seen[table], last]) as copy:
                    data = b"".join(copy)
                found.append(Came(table, cursor.rowcount, data))
            self._seen[table] = last
        self._own.commit()
        return found

    def copy(self, came: Sequence[Came]) -> None:
        """COPY of these rows, and a commit."""
        with self._own.cursor() as cursor:
            for table, _, data in came:
                target = f"COPY {self._schema}.{table} ({self._columns[table]}) FROM STDIN"
                with cursor.copy(target) as copy:
                    copy.write(data)
        self._own.commit()

    def spent(self, work: Callable[[], object]) -> Spent:
        """What this work costs."""
        clock, processor = time.perf_counter(), self._processor()
        work()
        return Spent(time.perf_counter() - clock, self._processor() - processor)

    def _processor(self) -> float:
        backends = (connection.connection.info.backend_pid, self._own.info.backend_pid)
        spent = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in backends)
        return time.process_time() + spent / 1e9

    def _make(self, table: str) -> str:
        """A table of the same shape; its columns but for the key."""
        self._own.execute(f"CREATE TABLE {self._schema}.{table} (LIKE {table} INCLUDING ALL)")
        keys = self._own.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        ).fetchall()
        for (said,) in keys:
            self._own.execute(f"ALTER TABLE {self._schema}.{table} ADD {said}")
        names = self._own.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attname <> 'id' ORDER BY attnum",
            [table],
        ).fetchall()
        return ", ".join(name for (name,) in names)
