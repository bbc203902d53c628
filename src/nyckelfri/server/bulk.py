"""Many rows at once, as fast as the database takes them.

House rules: inside the caller's transaction; rows are tuples in the order of `names`, JSON as
text. On PostgreSQL by COPY (postgresql.org/docs, sql-copy), else by one prepared statement.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, Model

BATCH: Final = 500
"""Rows or keys in one question that any database takes."""
_T = TypeVar("_T")
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`; `names` are fields of the model, and of a reference the other row's key."""
    meta = model._meta  # noqa: SLF001 -- Django's public name
    fields: list[Field[Any, Any]] = [meta.get_field(name) for name in names]  # type: ignore[misc]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table = quote(meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(fields))
        # Names of our own tables, never a word from outside.
        question = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
        cursor.executemany(question, [_adapted(fields, row) for row in rows])


def as_json(value: object) -> str:
    """JSON as a row of `insert` holds it."""
    return _ENCODER.encode(value)


def as_moment(value: datetime) -> str:
    """A moment as a row of `insert` holds it: for many rows it is written once."""
    return str(connection.ops.adapt_datetimefield_value(value))


class OneOf(Expression):
    """A condition: these columns have the values of one of these rows (numbers, UUIDs), of many."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, names: Sequence[str], rows: Collection[Sequence[Any]]) -> None:
        super().__init__()
        self._columns: list[Any] = [F(name) for name in names]
        self._rows = rows

    def get_source_expressions(self) -> list[Any]:
        """What Django resolves."""
        return self._columns

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        """What Django has resolved."""
        self._columns = list(expressions)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Compare with all of them at once: one value for each column, whatever their number."""
        if not self._rows:
            raise EmptyResultSet
        columns = [compiler.compile(column)[0] for column in self._columns]
        fields = [column.output_field for column in self._columns]
        values = [
            [field.get_db_prep_value(row[at], connection) for row in self._rows]
            for at, field in enumerate(fields)
        ]
        # Types of our own columns, never a word from outside.
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
            found = f"SELECT * FROM unnest({arrays})"  # noqa: S608
            params = [f"{{{','.join(map(str, each))}}}" for each in values]
        else:
            parts = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(fields)))
            found = f"SELECT {parts} FROM json_each(%s)"  # noqa: S608
            params = [json.dumps(list(zip(*values, strict=True)))]
        return f"({', '.join(columns)}) IN ({found})", params


def portions(items: Sequence[_T], most: int = BATCH) -> Iterator[Sequence[_T]]:
    """The items in their order, at most so many at a time."""
    for at in range(0, len(items), most):
        yield items[at : at + most]


def _adapted(fields: Sequence[Field[Any, Any]], row: Sequence[Any]) -> list[Any]:
    """The values as this database takes them; text is taken as it stands, JSON among it."""
    return [
        value if isinstance(value, str) else field.get_db_prep_save(value, connection)
        for field, value in zip(fields, row, strict=True)
    ]


@contextmanager
def unsearched() -> Iterator[None]:
    """Let Python not search for cycles among what is made meanwhile: it is let go all at once.

    Each search walks every object that there is, which takes longer than a million rows' work.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
