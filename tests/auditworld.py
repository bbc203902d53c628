"""An administrator of the database: around the guards of the audit log, for tests.

House rules: what is done here needs rights over the tables; the program never does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from nyckelfri.server.audit import actions
from nyckelfri.server.audit.models import AuditEvent, AuditLink
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.audit.witness import Note

TABLES = (
    "audit_auditevent",
    "audit_auditlink",
    "audit_auditcut",
    "money_invoice",
    "money_invoicedvisit",
    "money_statement",
)
"""Every table that the database guards."""


@contextmanager
def unguarded() -> Iterator[None]:
    """Take the guards down, and put them back as they were."""
    settle()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            down = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
            up = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES]
        else:
            places = ", ".join(["%s"] * len(TABLES))
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN "  # noqa: S608 -- places only
                f"({places})",
                TABLES,
            )
            found = cursor.fetchall()
            down = [f"DROP TRIGGER {name}" for name, _ in found]
            up = [sql for _, sql in found]
        for statement in down:
            cursor.execute(statement, None)
        try:
            yield
        finally:
            settle()
            for statement in up:
                cursor.execute(statement, None)


def execute(statement: str, *values: Any) -> None:
    """Run one statement as the administrator."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def settle() -> None:
    """Let what waits for the commit happen now, inside a test's own transaction."""
    connection.check_constraints()


def record(*names: str, now: datetime, reason: str = "because") -> None:
    """One deed for each name, each in a transaction of its own."""
    for name in names:
        with transaction.atomic():
            deed = actions.Deed(Verb.PHONE_BLOCK, f"phone:{name}", reason, {"nr": 1, "a": ["b"]})
            actions.record([deed], actor="employee:10001", now=now, origin="terminal a@b")
    settle()


def note(number: int) -> Note:
    """What somebody could have noted of the chain at `number`."""
    return Note(number, bytes(AuditLink.objects.get(number=number).head))


def event_at(number: int) -> AuditEvent:
    """The row that stands at `number`."""
    found: AuditEvent = AuditLink.objects.select_related("event").get(number=number).event
    return found
