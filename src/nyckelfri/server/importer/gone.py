"""Registered rows that a newer file left out: withdrawn, or kept and told of.

House rules: the policy of each table stands in `targets`. Far more withdrawn than a
plan usually loses is a cut-off export until somebody says otherwise: it is a fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from nyckelfri.server.importer.localtime import STOCKHOLM
from nyckelfri.server.importer.store import Key, Outcome, batches
from nyckelfri.server.importer.targets import Gone

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nyckelfri.server.importer.rows import Rows
    from nyckelfri.server.importer.targets import Target

FREELY = 10
"""So many rows may be withdrawn whatever their share."""
SHARE = 4
"""Beyond that at most one of so many rows in force, net of rows created."""


def withdraw(
    target: Target, rows: Rows, wanted: list[dict[str, Any]], outcome: Outcome, now: datetime
) -> int:
    """Withdraw or count what the file left out, into `outcome`; give how many were in force."""
    in_file = {tuple(each[name] for name in target.key) for each in wanted}
    held = _held(target, rows, now)
    found = dict(_keys(target, held))
    left_out = {pk: key for pk, key in found.items() if key not in in_file}
    if target.gone in {Gone.WITHDRAW_IN_FORCE, Gone.WITHDRAW_PLANNED}:
        for batch in batches(left_out):
            target.stored.filter(pk__in=batch).update(withdrawn_at=now)
        outcome.withdrawn = sorted(left_out.values(), key=str)
    elif target.gone is Gone.KEEP_AND_TELL:
        outcome.gone = len(left_out)
    return len(found)


def is_suspicious(outcome: Outcome, in_force: int) -> bool:
    """Tell whether so many rows are withdrawn that the file is probably cut off."""
    net = len(outcome.withdrawn) - len(outcome.created)
    emptied = bool(outcome.withdrawn) and not outcome.total
    return emptied or net > max(FREELY, in_force // SHARE)


def _held(target: Target, rows: Rows, now: datetime) -> QuerySet[Any]:
    """Give the registered rows that a whole file would hold."""
    today = now.astimezone(STOCKHOLM).date()
    held = target.stored
    if target.gone is Gone.KEEP:
        return held.none()
    if target.gone is Gone.WITHDRAW_IN_FORCE:
        return held.filter(
            Q(valid_till=None) | Q(valid_till__gte=today), withdrawn_at=None, recorded_here=False
        )
    if target.gone is Gone.WITHDRAW_PLANNED:
        if not rows.rows:
            return held.none()
        first = min(row.values["start"] for row in rows.rows)
        last = max(row.values["slut"] for row in rows.rows)
        return held.filter(
            start__gt=now, start__gte=first, end__lte=last, withdrawn_at=None, ad_hoc=False
        )
    if "till" in target.attributes:
        ends = target.attributes["till"]
        return held.filter(Q(**{ends: None}) | Q(**{f"{ends}__gte": today}))
    return held


def _keys(target: Target, held: QuerySet[Any]) -> list[tuple[int, Key]]:
    return [(pk, tuple(key)) for pk, *key in held.values_list("pk", *target.key)]
