"""How a row gets into the audit log.

House rules: a deed is recorded inside the transaction of the change it tells of, so that
neither is ever stored without the other; a look is recorded before what was looked at is
shown. The database chains the rows (migration 0004).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from nyckelfri.server.audit import chain, origins, witness
from nyckelfri.server.audit.models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from nyckelfri.server.audit.verbs import Verb

MAX_REASON = 500
_COLUMNS = (*chain.Content._fields, "leaf")
# Every change and every look pays for this, and the ORM takes longer to say it than the database
# to do it (bench/audit.py).
INSERT = "INSERT INTO {} ({}) VALUES ({})".format(  # noqa: S608 -- names of ours
    AuditEvent._meta.db_table,  # noqa: SLF001 -- Django's public name
    ", ".join(_COLUMNS),
    ", ".join(["%s"] * len(_COLUMNS)),
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What happened to one object; `details` are JSON without floats, secrets or names."""

    verb: Verb
    object_id: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record(deeds: Iterable[Deed], *, actor: str, now: datetime, origin: str = "") -> None:
    """Append one row a deed, in order; RuntimeError outside a transaction.

    `actor` is who did it: `employee:10001`, `phone:<id>`, `system:import`; `origin` from
    where, as the face has said it unless given. ValueError for a reason over 500 characters
    or details that JSON would give back otherwise.
    """
    record_each([(actor, deed) for deed in deeds], now=now, origin=origin)


def record_each(deeds: Iterable[tuple[str, Deed]], *, now: datetime, origin: str = "") -> None:
    """Append one row a deed, in order, each by the actor beside it; else as `record`."""
    if not connection.in_atomic_block:
        raise RuntimeError("Record a deed inside the transaction that does it")
    origin = origin[: origins.MAX] or origins.current()
    rows = [values(deed, actor=actor, now=now, origin=origin) for actor, deed in deeds]
    if not rows:
        return
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(INSERT, rows[0])
        else:
            cursor.executemany(INSERT, rows)
    witness.after_commit(now)


def look(
    verb: Verb,
    object_id: str,
    *,
    actor: str,
    now: datetime,
    unit: str = "",
    why: str = "",
    details: Mapping[str, Any] | None = None,
    origin: str = "",
) -> None:
    """Record that somebody looks at `object_id`, before it is shown to them.

    HSLF-FS 2016:40 4:9 asks for what was done, the unit, when, by whom and to whom; `unit` is
    the looker's own (`team:G1`).
    """
    said = {**({"unit": unit} if unit else {}), **(details or {})}
    looks([Deed(verb, object_id, why, said)], actor=actor, now=now, origin=origin)


def looks(seen: Iterable[Deed], *, actor: str, now: datetime, origin: str = "") -> None:
    """Record that somebody looks at several things at once, before they are shown."""
    with transaction.atomic():
        record(seen, actor=actor, now=now, origin=origin)


def values(deed: Deed, *, actor: str, now: datetime, origin: str) -> tuple[str | bytes, ...]:
    """What `INSERT` is given for one deed: text as both databases read it, and the leaf."""
    if len(deed.reason) > MAX_REASON:
        raise ValueError(f"The reason is too long: say it in {MAX_REASON} characters")
    verb, about, why, details = deed.verb.value, deed.object_id, deed.reason, deed.details
    leaf = chain.leaf(chain.Content(now, actor, origin, verb, about, why, details))
    at = str(connection.ops.adapt_datetimefield_value(now))
    return at, actor, origin, verb, about, why, json.dumps(details), leaf
