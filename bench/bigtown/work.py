"""The month's work as the program does it, its parts one after the other.

House rules: what the pages and the worker call, called here; nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final
from unittest import mock

import psycopg
import typst
from django.apps import apps
from django.db import connection, transaction

from bench.bigtown import month
from nyckelfri.care.performed import Outcome
from nyckelfri.server import bulk
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.money import actions_run, known, making, queries_month
from nyckelfri.server.money.models import Invoice, MoneyRules
from nyckelfri.server.money.papers import pdf, stored
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import actions_derive, actions_month, actions_review
from nyckelfri.server.visits.actions_review import Corrected
from nyckelfri.server.visits.models import DoorEvent, PhoneEntry, Visit

_NOW: Final = month.NOW
_DAYS: Final = [month.FIRST + timedelta(days=number) for number in range(month.DAYS)]
_found: dict[str, int] = {}


def parts() -> Iterator[Callable[[], None]]:
    """What is done in the month, in order."""
    yield from (derive, approve, by_hand, price, invoice)


def derive() -> None:
    """Evidence becomes visits."""
    actions_derive.derive_days(_DAYS, now=_NOW)


def approve() -> None:
    """All that fits is approved, day by day."""
    for day in _DAYS:
        actions_review.approve_fitting(_somebody(month.PLANNER), day, now=_NOW)


def by_hand() -> None:
    """What stands out is looked at, one at a time."""
    planner = _somebody(month.PLANNER)
    left = list(Visit.objects.filter(approved_at=None))
    _found["by_hand"] = len(left)
    for row in left:
        if not row.services:
            made = Corrected(Outcome.PERFORMED, row.entry, row.exit, ("care",))
            actions_review.correct(
                planner, row, made, reason="Granskat", seen=actions_review.version(row), now=_NOW
            )
            row.refresh_from_db()
        actions_review.approve(
            planner, row, reason="Granskat", seen=actions_review.version(row), now=_NOW
        )


def price() -> None:
    """What each client pays is reckoned and shown to nobody: a part of what `invoice` does."""
    reckoning = known.reckoning(month.FIRST)
    accounts = known.rules(MoneyRules.Kind.ACCOUNTS, Accounts, month.FIRST)
    clients = queries_month.with_something(month.FIRST)
    for at in range(0, len(clients), actions_run.CHUNK):
        with bulk.unsearched():
            chunk = clients[at : at + actions_run.CHUNK]
            for facts in queries_month.facts(month.FIRST, chunk):
                making.make(facts, reckoning, accounts)


def invoice() -> None:
    """The month is closed, and its invoices issued."""
    accountant = _somebody(month.ACCOUNTANT)
    held = actions_month.close(accountant, month.FIRST, now=_NOW)
    issued = _NOW.date()
    due = issued + timedelta(days=30)
    run = actions_run.begin_alone(accountant, held, issued=issued, due=due, now=_NOW)
    actions_run.work(run, lambda: _NOW)


def counted() -> dict[str, int]:
    """How much there was to do."""
    return {
        "visits": Visit.objects.count(),
        "events": DoorEvent.objects.count() + PhoneEntry.objects.count(),
        "invoices": Invoice.objects.count(),
        **_found,
    }


def papers() -> tuple[Callable[[], object], Callable[[], object]]:
    """An invoice set from its row, and by typst alone from what the program gives it."""
    row = Invoice.objects.order_by("pk")[0]

    def ours() -> object:
        return pdf.render(stored.from_data(row.content), _NOW)

    with mock.patch.object(typst, "compile", side_effect=typst.compile) as seen:
        ours()
    given = seen.call_args
    return ours, lambda: typst.compile(*given.args, **given.kwargs)


def copy_from(source: str) -> None:
    """Fill this database with the rows of another."""
    with psycopg.connect(source) as other, transaction.atomic():
        for model in apps.get_models():
            if model._default_manager.exists():  # noqa: SLF001 -- Django's public name
                continue  # what migrations make
            meta = model._meta  # noqa: SLF001 -- the same
            fields = meta.concrete_fields
            columns = ", ".join(f'"{field.column}"' for field in fields)
            rows = other.execute(f'SELECT {columns} FROM "{meta.db_table}"')  # noqa: S608 -- ours
            bulk.insert(model, [field.name for field in fields], rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _somebody(number: str) -> Viewer:
    found = viewer(Employee.objects.get(number=number))
    if found is None:
        raise RuntimeError(f"{number} may do nothing here")
    return found
