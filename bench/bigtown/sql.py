"""Rows made by PostgreSQL itself, as `INSERT … SELECT`, since millions are needed.

House rules: triggers, foreign keys and indexes rest meanwhile, so whoever makes rows here
makes them right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Model

MOMENT: Final = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""Monday 23 November 2026, half past nine in Sweden: nothing later has happened."""


def moment(day: str, hours: str) -> str:
    """The moment so many UTC hours into a day, 0 being today."""
    midnight = f"'{MOMENT:%Y-%m-%d} 00:00+00'::timestamptz"
    return f"{midnight} + ({day}) * interval '1 day' + ({hours}) * interval '1 hour'"


def some_bytes(seed: str, length: int) -> str:
    """Bytes that look random and follow from the row."""
    return f"substr(sha512(({seed})::bytea), 1, {length})"


def fill(model: type[Model], source: str, /, **columns: str) -> None:
    """Insert one row for each of `source`; what is not said is the field's default."""
    fields = {str(each.column): each for each in model._meta.concrete_fields}  # noqa: SLF001 -- Django's public name
    unknown = columns.keys() - fields.keys()
    if unknown:
        raise ValueError(f"{model.__name__} has no column {sorted(unknown)}")
    defaults: dict[str, Any] = {
        name: field.get_db_prep_save(field.get_default(), connection)
        for name, field in fields.items()
        if name not in columns and not field.primary_key
    }
    names = ", ".join(f'"{name}"' for name in (*columns, *defaults))
    # The driver takes a single percent sign for a place of a value.
    said = [value.replace("%", "%%") for value in columns.values()] + ["%s"] * len(defaults)
    table = model._meta.db_table  # noqa: SLF001 -- the same
    rows = source.replace("%", "%%")
    insert = f"INSERT INTO {table} ({names}) SELECT {', '.join(said)} FROM {rows}"  # noqa: S608 -- the same
    run(insert, [*defaults.values()])


def copy(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Add rows that Python has made."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as target,
    ):
        for row in rows:
            target.write_row(row)


def run(statement: str, values: list[Any] | None = None) -> None:
    """Do one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def unhindered() -> Iterator[None]:
    """No trigger and no foreign key is asked meanwhile: what is made here is right."""
    run("SET session_replication_role = replica")
    run("SET work_mem = '256MB'")
    run("SET maintenance_work_mem = '1GB'")
    try:
        yield
    finally:
        run("SET session_replication_role = origin")


@contextmanager
def indexes_rest(*tables: str) -> Iterator[None]:
    """Make the indexes of large tables once, when all rows are there."""
    drop, make = [], []
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [list(tables)])
        for index, definition, constraint, said, table in cursor.fetchall():
            if constraint:
                drop.append(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
                make.append(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {said}")
            else:
                drop.append(f"DROP INDEX {index}")
                make.append(definition)
    for statement in drop:
        run(statement)
    try:
        yield
    finally:
        for statement in make:
            run(statement)


_INDEXES: Final = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname,
        pg_get_constraintdef(c.oid), i.indrelid::regclass::text
    FROM pg_index i
    LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
    WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary
"""


def sequences() -> None:
    """The next row that the program makes gets a number of its own."""
    from django.apps import apps  # noqa: PLC0415 -- filled when Django is set up
    from django.core.management.color import no_style  # noqa: PLC0415 -- needed here only

    for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
        run(statement)
