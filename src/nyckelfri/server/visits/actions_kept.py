"""What waits for somebody in the office: they have dealt with it, or take it up again.

House rules: check → change → audit row, in one transaction. Nothing of what came is changed
or thrown away, and what the server still waits for it goes on waiting for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db import transaction

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.visits.models import Kept, PhoneEntry

MAX_REASON = 200


class KeptError(Exception):
    """Nothing was changed; the text says why."""


class AlreadyError(KeptError):
    """Somebody else was first."""


@dataclass(frozen=True, slots=True)
class _Pile:
    """A kind of thing that waits: who deals with it, and what the log calls it."""

    rows: Any
    name: str
    asked: Permission
    settle: Verb
    reopen: Verb


_PILES: Final = {
    Kept: _Pile(
        Kept.objects,
        "kept",
        Permission.REVIEW_DELIVERIES,
        Verb.DELIVERY_SETTLE,
        Verb.DELIVERY_REOPEN,
    ),
    PhoneEntry: _Pile(
        PhoneEntry.objects,
        "entry",
        Permission.SETTLE_ENTRIES,
        Verb.ENTRY_SETTLE,
        Verb.ENTRY_REOPEN,
    ),
}
_Row = TypeVar("_Row", Kept, PhoneEntry)


def settle(waiting: _Row, *, reason: str, by: Viewer, now: datetime) -> _Row:
    """Note that somebody has dealt with it, and how. Raises AlreadyError or KeptError."""
    pile = _PILES[type(waiting)]
    reason = _said(pile, reason, by)
    with transaction.atomic():
        row = _locked(pile, waiting)
        if row.settled_at is not None:
            raise AlreadyError("Somebody has dealt with this already: nothing was changed")
        row.settled_at, row.settled_by, row.settled_why = now, by.employee, reason
        _save(row, audit.Deed(pile.settle, f"{pile.name}:{row.pk}", reason), by, now)
    return row


def reopen(waiting: _Row, *, reason: str, by: Viewer, now: datetime) -> _Row:
    """Take it up again. Raises AlreadyError or KeptError."""
    pile = _PILES[type(waiting)]
    reason = _said(pile, reason, by)
    with transaction.atomic():
        row = _locked(pile, waiting)
        if row.settled_at is None:
            raise AlreadyError("This waits for somebody already: nothing was changed")
        row.settled_at, row.settled_by, row.settled_why = None, None, ""
        _save(row, audit.Deed(pile.reopen, f"{pile.name}:{row.pk}", reason), by, now)
    return row


def _said(pile: _Pile, reason: str, by: Viewer) -> str:
    if not by.may(pile.asked):
        raise KeptError("Your role does not deal with this")
    said = reason.strip()
    if not 0 < len(said) <= MAX_REASON:
        raise KeptError(f"Say why, in at most {MAX_REASON} characters")
    return said


def _locked(pile: _Pile, waiting: _Row) -> _Row:
    found: _Row = pile.rows.select_for_update(no_key=True).get(pk=waiting.pk)
    return found


def _save(row: Kept | PhoneEntry, deed: audit.Deed, by: Viewer, now: datetime) -> None:
    row.save(update_fields=["settled_at", "settled_by", "settled_why"])
    audit.record([deed], actor=by.actor, now=now)
