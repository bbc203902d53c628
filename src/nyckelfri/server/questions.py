"""Several questions to the database, asked as one query.

House rules: reads only. A question is an ordinary queryset of values, so that the rule by
which rows are found stands where it always stands. One that is asked on every page is
written once, with blanks (`Question`, `Blank`, `Among`), since Django takes longer to put a
query into words than the database to answer it. The answer comes in JSON, and every value of
it as the queryset alone would have given it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, QuerySet

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = QuerySet[Any, Row]
"""What `values_list` gives."""


class Question:
    """A question with blanks, put into words when it is first asked."""

    def __init__(self, question: Callable[[], Values]) -> None:
        self._question = question
        self._said: dict[str, _Said] = {}

    def said(self) -> _Said:
        """The question in the words of the database that is asked."""
        vendor = connection.vendor
        if vendor not in self._said:
            self._said[vendor] = _Said(self._question())
        return self._said[vendor]


class Blank(Expression):
    """A value that `ask` fills in: `filter(end__gt=Blank("now"))`; with None it finds nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002 -- Django's form
        """Leave a place for it."""
        return "%s", [self]


class Among(Expression):
    """A condition: a column has one of the values that `ask` fills in, however many."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, name: str) -> None:
        super().__init__()
        self._column: Any = F(column)
        self._blank = Blank(name)

    def get_source_expressions(self) -> list[Any]:
        """What Django resolves."""
        return [self._column]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        """What Django has resolved."""
        (self._column,) = expressions

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Compare with all of them at once."""
        column, params = compiler.compile(self._column)
        return f"{column} {_AMONG[connection.vendor]}", [*params, self._blank]


_AMONG: Final = {
    "postgresql": "= ANY(%s)",
    "sqlite": "IN (SELECT value FROM json_each(%s))",
}


def ask(*questions: Question | Values, **blanks: Any) -> list[list[Row]]:
    """The rows of each question, in no order, by one query for all.

    TypeError for a column that JSON cannot hold, such as a duration.
    """
    said = [each.said() if isinstance(each, Question) else _Said(each) for each in questions]
    asked = [each for each in said if each.words]
    if not asked:
        return [[] for _ in said]
    values = {name: _value(value) for name, value in blanks.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(each.words for each in asked)}",
            [value for each in asked for value in each.filled(values)],
        )
        answers = iter(cursor.fetchone())
    return [each.rows(next(answers)) if each.words else [] for each in said]


def _value(value: Any) -> Any:
    """A value as the database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, Collection) and not isinstance(value, str):
        if connection.vendor == "sqlite":
            return json.dumps(list(value))
        # As PostgreSQL writes an array: the driver would take many times as long over a long one.
        return f"{{{','.join(map(_element, value))}}}"
    return value


def _element(value: int | str) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Said:
    """A question in words, as a part of a query; no words where nothing can be found."""

    def __init__(self, question: Values) -> None:
        self.words = ""
        compiler = question.query.get_compiler(connection=connection)
        try:
            inner, self._params = compiler.as_sql()
        except EmptyResultSet:
            return
        kinds = [_kind(expression.output_field) for expression, *_ in compiler.select]
        self._read = [(at, _READ[kind]) for at, kind in enumerate(kinds) if kind in _READ]
        self.words = _as_json(inner, kinds)

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """What stands in its places, in order."""
        return [values[each.name] if isinstance(each, Blank) else each for each in self._params]

    def rows(self, answer: str) -> list[Row]:
        """Read its answer."""
        found = json.loads(answer, parse_float=Decimal)
        for row in found:
            for at, read in self._read:
                if row[at] is not None:
                    row[at] = read(row[at])
        return [tuple(row) for row in found]


def _as_json(inner: str, kinds: Sequence[str]) -> str:
    """A scalar subquery: all rows of a query."""
    names = [f"c{at}" for at in range(len(kinds))]
    # JSON as text, and bytes in hexadecimal, so that both databases are read alike.
    said = _SAID[connection.vendor]
    values = ", ".join(
        said.get(kind, "{}").format(name) for name, kind in zip(names, kinds, strict=True)
    )
    if connection.vendor == "postgresql":
        rows = f"coalesce(json_agg(json_build_array({values})), '[]')::text"
    else:
        rows = f"json_group_array(json_array({values}))"
    return f"(WITH q ({', '.join(names)}) AS ({inner}) SELECT {rows} FROM q)"  # noqa: S608 -- Django's own words


def _kind(field: Field[Any, Any]) -> str:
    kind = getattr(field, "target_field", field).get_internal_type()
    if kind not in _PLAIN and kind not in _READ:
        raise TypeError(f"{field} cannot be asked for together with others: ask for it alone")
    return kind


def _moment(said: str) -> datetime:
    value = datetime.fromisoformat(said)
    # SQLite keeps UTC and does not say so.
    return value if value.tzinfo else value.replace(tzinfo=UTC)


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "DateField": date.fromisoformat,
    "DateTimeField": _moment,
    "BooleanField": bool,
    "DecimalField": Decimal,
    "JSONField": json.loads,
    "BinaryField": bytes.fromhex,
    "UUIDField": UUID,
}
_SAID: Final = {
    "postgresql": {"JSONField": "{}::text", "BinaryField": "encode({}, 'hex')"},
    "sqlite": {"BinaryField": "iif({0} IS NULL, NULL, hex({0}))"},
}
_PLAIN: Final = frozenset(
    {
        "AutoField", "BigAutoField", "CharField", "TextField", "IntegerField", "BigIntegerField",
        "PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField",
    }
)  # fmt: skip
