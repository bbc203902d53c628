"""A long list in parts, as fast at its end as at its beginning.

House rules: a part begins after a row named by its primary key, so that no name stands in
an address; nothing is counted and nothing skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

Row = TypeVar("Row", bound=Model)
Narrow = Callable[[QuerySet[Row], int], QuerySet[Row]]
"""Leaves out, for the database's sake, rows that are not among the first so many."""
SIZE = 30
"""Rows: each is a card of its own on a small screen."""
LONGEST_KEY = 19
"""Digits of the largest primary key."""


@dataclass(frozen=True, slots=True)
class Part(Generic[Row]):
    """Some rows; `following` names the row that the next part begins after, if there is one."""

    rows: list[Row]
    following: str
    first: bool


def asked(request: HttpRequest) -> str:
    """The row that the address says to begin after; empty for the beginning."""
    return request.GET.get("efter", "")


def part(
    rows: QuerySet[Row],
    after: str = "",
    *,
    size: int = SIZE,
    narrow: Narrow[Row] | None = None,
) -> Part[Row]:
    """The part of `rows` after the row with primary key `after`, in the order of `rows`.

    The order must end with a unique column (its own or `Meta.ordering`), and none of its
    columns may be empty. Http404 if `after` is none of `rows`.
    """
    order = _order(rows)
    found = rows.order_by(*order)
    if after:
        found = found.filter(_beyond(order, _named(rows, after, order)))
    if narrow is not None:
        found = narrow(found, size + 1)
    some = list(found[: size + 1])
    more = len(some) > size
    some = some[:size]
    return Part(some, str(some[-1].pk) if more else "", first=not after)


def _order(rows: QuerySet[Any]) -> list[str]:
    said = list(rows.query.order_by or rows.model._meta.ordering or ("pk",))  # noqa: SLF001 -- Django's documented Meta API
    return [str(name) for name in said]


def _named(rows: QuerySet[Any], after: str, order: list[str]) -> dict[str, Any]:
    names = [name.removeprefix("-") for name in order]
    if not (after.isascii() and after.isdigit() and len(after) <= LONGEST_KEY):
        raise Http404
    found = rows.order_by().filter(pk=int(after)).values(*names).first()
    if found is None:
        raise Http404
    return found


def _beyond(order: list[str], row: dict[str, Any]) -> Q:
    """Rows after `row`: beyond in the first column, or equal there and beyond in the next."""
    beyond = Q()
    for name in reversed(order):
        column = name.removeprefix("-")
        step = "lt" if name.startswith("-") else "gt"
        further = Q(**{f"{column}__{step}": row[column]})
        beyond = further | (Q(**{column: row[column]}) & beyond) if beyond else further
    # Said again for the database, which finds its place in an index by it.
    column = order[0].removeprefix("-")
    edge = "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{column}__{edge}": row[column]}) & beyond
