"""Several questions to the database, asked as one.

House rules: reads only. What is asked are ordinary querysets, so that the rule by which rows
are found stands where it always stands; only the way there is shared. The database answers
in JSON, and every value comes back as the queryset alone would have given it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Field, QuerySet

Row: TypeAlias = tuple[Any, ...]


def ask(*questions: QuerySet[Any, Row]) -> list[list[Row]]:
    """The rows of each `values_list`, by one query for all.

    TypeError for a column that JSON cannot hold, such as bytes.
    """
    asked = [_Question(each) for each in questions]
    told = [each for each in asked if each.sql]
    if not told:
        return [[] for _ in asked]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(each.sql for each in told)}",
            [value for each in told for value in each.params],
        )
        answers = iter(cursor.fetchone())
    return [each.rows(next(answers)) if each.sql else [] for each in asked]


class _Question:
    """One queryset: its part of the query, empty where nothing can be found, and its readers."""

    def __init__(self, question: QuerySet[Any, Row]) -> None:
        compiler = question.query.get_compiler(connection=connection)
        try:
            inner, self.params = compiler.as_sql()
        except EmptyResultSet:
            self.sql = ""
            return
        kinds = [_kind(expression.output_field) for expression, *_ in compiler.select]
        names = [f"c{at}" for at in range(len(kinds))]
        self._read = [(at, _READ[kind]) for at, kind in enumerate(kinds) if kind in _READ]
        self.sql = _part(inner, names, kinds)

    def rows(self, answer: str) -> list[Row]:
        """Read the answer to this question."""
        found = json.loads(answer, parse_float=Decimal)
        for row in found:
            for at, read in self._read:
                if row[at] is not None:
                    row[at] = read(row[at])
        return [tuple(row) for row in found]


def _part(inner: str, names: list[str], kinds: list[str]) -> str:
    """A scalar subquery whose value is all rows of a query, as text."""
    if connection.vendor == "postgresql":
        # As text, as SQLite stores it: a JSON value in JSON could not be told from JSON.
        columns = [
            f"{name}::text" if kind == "JSONField" else name
            for name, kind in zip(names, kinds, strict=True)
        ]
        rows = f"coalesce(json_agg(json_build_array({', '.join(columns)})), '[]')::text"
    else:
        rows = f"json_group_array(json_array({', '.join(names)}))"
    return f"(WITH q ({', '.join(names)}) AS ({inner}) SELECT {rows} FROM q)"  # noqa: S608 -- Django's own


def _kind(field: Field[Any, Any]) -> str:
    kind = getattr(field, "target_field", field).get_internal_type()
    if kind not in _PLAIN and kind not in _READ:
        raise TypeError(f"{field} cannot be asked for together with others: ask for it alone")
    return kind


def _moment(said: str) -> datetime:
    """PostgreSQL says UTC, SQLite means it."""
    value = datetime.fromisoformat(said)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "DateField": date.fromisoformat,
    "DateTimeField": _moment,
    "BooleanField": bool,
    "JSONField": json.loads,
}
_PLAIN: Final = frozenset(
    {
        "AutoField",
        "BigAutoField",
        "CharField",
        "IntegerField",
        "BigIntegerField",
        "PositiveIntegerField",
        "PositiveBigIntegerField",
        "PositiveSmallIntegerField",
        "TextField",
    }
)
