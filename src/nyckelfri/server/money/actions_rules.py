"""Rules for fees, pay, sender and accounts, and the law's amounts: recorded with a date.

House rules: check → change → audit row, in one transaction. A rule begins with a month that has
no invoices yet, or of pay no statements, so that nothing issued rests on another rule than it
was made by.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from nyckelfri.care.statutory import StatutoryRow
from nyckelfri.server import dated_settings, turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import Invoice, LegalAmounts, MoneyRules, Statement
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import months
from nyckelfri.server.visits.actions_review import reason_of

_ISSUED: Final[dict[MoneyRules.Kind, type[Invoice | Statement]]] = {
    MoneyRules.Kind.FEES: Invoice,
    MoneyRules.Kind.PAY: Statement,
}
"""What is made by rules of its month; sender and accounts are those of the day of issue."""


def record_rules(
    viewer: Viewer, kind: MoneyRules.Kind, rules: Any, *, reason: str, now: datetime
) -> MoneyRules:
    """Let these rules hold from their own day; those of the same day are replaced."""
    _may(viewer)
    why = reason_of(reason)
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        issued = _ISSUED.get(kind)
        if issued is None:
            _must_be_after_what_is_issued(rules.valid_from)
        else:
            _must_be_ahead(rules.valid_from, issued)
        row, _ = MoneyRules.objects.update_or_create(
            kind=kind,
            valid_from=rules.valid_from,
            defaults={
                "settings": dated_settings.stored(rules),
                "reason": why,
                "recorded_at": now,
            },
        )
        details = {"from": row.valid_from.isoformat(), "settings": row.settings}
        deed = audit.Deed(Verb.MONEY_RULES, f"money-rules:{kind.value}", why, details)
        audit.record([deed], actor=viewer.actor, now=now)
    return row


def record_amounts(viewer: Viewer, amounts: StatutoryRow, *, now: datetime) -> LegalAmounts:
    """Record what the law sets from a day on, where this program does not know it."""
    _may(viewer)
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        _must_be_ahead(amounts.valid_from, Invoice)
        told: dict[str, Any] = {
            name: getattr(amounts, name)
            for name in ("price_base_amount", "single", "cohabiting", "cap_factor", "source")
        }
        row, _ = LegalAmounts.objects.update_or_create(
            valid_from=amounts.valid_from, defaults={**told, "recorded_at": now}
        )
        details = {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in told.items()
        }
        about = f"legal-amounts:{row.valid_from}"
        deed = audit.Deed(Verb.LEGAL_AMOUNTS, about, details=details)
        audit.record([deed], actor=viewer.actor, now=now)
    return row


def _may(viewer: Viewer) -> None:
    if not viewer.may(Permission.SET_MONEY_RULES):
        raise MoneyError(Snag.NOT_ALLOWED)


def _must_be_ahead(first: date, issued: type[Invoice | Statement]) -> None:
    """Refuse a day in a month of which something has been issued, or before such a month."""
    rows = issued._default_manager.filter(month__first__gte=months.first_of(first))  # noqa: SLF001 -- Django's public name
    if rows.exists():
        raise MoneyError(Snag.PAST_DAY)


def _must_be_after_what_is_issued(first: date) -> None:
    """Refuse a day on which something was issued, or before it: a paper would say otherwise."""
    if Invoice.objects.filter(issued__gte=first).exists():
        raise MoneyError(Snag.PAST_DAY)
