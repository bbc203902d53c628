"""One visit in words: planned beside performed, its evidence, what was done about it.

House rules: reads only, and all that lies around the visit by one query. The plan, the evidence
and what somebody corrected are shown beside each other, and none in another's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Substr

from nyckelfri.care.performed import Outcome
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.clients.openers import Named, named
from nyckelfri.server.console.links import href
from nyckelfri.server.console.performed import evidence
from nyckelfri.server.console.performed.evidence import Told
from nyckelfri.server.console.performed.rows import minutes, services, span
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.people.models import Employee
from nyckelfri.server.questions import Row, Values, ask
from nyckelfri.server.visits import newer
from nyckelfri.server.visits.evidence import signs
from nyckelfri.server.visits.models import Correction, Visit

_DEEDS: Final = {
    Verb.VISIT_APPROVE: "approved",
    Verb.VISIT_REOPEN: "reopened",
    Verb.VISIT_RENEW: "renewed",
    Verb.VISIT_KEEP: "kept",
}
_FROM: Final = len("employee:") + 1


@dataclass(frozen=True, slots=True)
class Said:
    """What a visit was, as somebody or something says: outcome, times, services and why."""

    outcome: str
    span: str
    length: str
    services: str
    grade: str
    reason: str
    by_rule: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did about the visit, and why."""

    at: datetime
    what: str
    who: str
    why: str
    said: str


@dataclass(frozen=True, slots=True)
class Newer:
    """What later evidence says; `said` is None where it knows of no such visit."""

    said: Said | None
    flags: tuple[str, ...]
    signs: list[Told]
    kept: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """What stands out, why that is asked, and what to do."""

    word: str
    why: str
    do: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one visit; `invoices` are numbers, for who may see them."""

    counts: Said
    evidence: Said
    flags: list[Flag]
    signs: list[Told]
    newer: Newer | None
    history: list[Event]
    others: list[tuple[Named, str, str]]
    """Of a doubled visit the other's: who, what became of it, its page."""
    invoiced: bool
    invoices: list[str]


def of(viewer: Viewer, visit: Visit) -> Story:
    """All about a visit that the viewer may see."""
    later = visit.newer or {}
    kept = signs(visit.signs), signs(later.get("signs", ()))
    asked = evidence.questions({sign.ref for some in kept for sign in some})
    corrections, deeds, invoices, others, *rows = ask(
        _corrections(visit), _deeds(visit), _invoices(visit), _others(visit), *asked.values()
    )
    found = evidence.found(asked, rows)
    said = _said(visit, grade=visit.grade, reason=visit.reason, by_rule=visit.closed_by_rule)
    return Story(
        counts=said if visit.correction is None else _said(visit.correction),
        evidence=said,
        flags=flags(visit.flags),
        signs=evidence.told(viewer, kept[0], found),
        newer=_newer(visit.newer, evidence.told(viewer, kept[1], found)),
        history=_history(visit, corrections, deeds),
        others=_other_visits(viewer, others),
        invoiced=bool(invoices),
        invoices=_numbers(viewer, invoices),
    )


def flags(codes: Iterable[str]) -> list[Flag]:
    """What stands out, in words."""
    return [Flag(text(f"flag_{code}"), text(f"why_{code}"), text(f"do_{code}")) for code in codes]


def _said(
    row: Visit | Correction, *, grade: str = "", reason: str = "", by_rule: bool = False
) -> Said:
    return _words(
        row.outcome, row.entry, row.exit, row.services, grade=grade, reason=reason, by_rule=by_rule
    )


def _words(
    outcome: str,
    entry: datetime | None,
    exit_: datetime | None,
    done: Sequence[str],
    *,
    grade: str = "",
    reason: str = "",
    by_rule: bool = False,
) -> Said:
    performed = outcome == Outcome.PERFORMED.value
    timed = entry is not None and exit_ is not None
    return Said(
        outcome=text(f"outcome_{outcome}"),
        span=span(entry, exit_) if timed else "",
        length=text("minutes", count=minutes(exit_ - entry)) if entry and exit_ else "",
        services=services(done) if performed else "",
        grade=text(f"grade_{grade}") if grade else "",
        reason=evidence.reason(reason) if reason else "",
        by_rule=by_rule,
    )


def _newer(stored: Mapping[str, Any] | None, told: list[Told]) -> Newer | None:
    if stored is None:
        return None
    kept = newer.is_kept(dict(stored))
    if newer.is_gone(dict(stored)):
        return Newer(None, (), told, kept)
    entry, exit_ = (
        datetime.fromisoformat(stored[name]) if stored[name] else None for name in ("entry", "exit")
    )
    said = _words(
        stored["outcome"], entry, exit_, stored["services"],
        grade=stored["grade"], reason=stored["reason"],        by_rule=stored["closed_by_rule"],
    )  # fmt: skip
    return Newer(said, tuple(text(f"flag_{flag}") for flag in stored["flags"]), told, kept)


def _corrections(visit: Visit) -> Values:
    rows = Correction.objects.filter(visit=visit).order_by()
    return rows.values_list(
        "outcome", "entry", "exit", "services", "reason", "corrected_at", "corrected_by__name",
        "undone_at", "undone_by__name", "undone_why",
    )  # fmt: skip


def _deeds(visit: Visit) -> Values:
    by = Employee.objects.filter(number=Substr(OuterRef("actor"), _FROM)).order_by()
    rows = AuditEvent.objects.filter(
        object_id=f"visit:{visit.key}", verb__in=[verb.value for verb in _DEEDS]
    )
    name = Subquery(by.values("name")[:1])
    return rows.order_by().values_list("at", "verb", "reason", name)


def _invoices(visit: Visit) -> Values:
    rows = visit.invoiced.filter(invoice__credited_by=None)
    return rows.order_by().values_list("invoice__number")


def _others(visit: Visit) -> Values:
    rows = Visit.objects.filter(planned=visit.planned_id).exclude(pk=visit.pk)
    if visit.planned_id is None:
        rows = rows.none()
    return rows.order_by().values_list(
        "pk", "employee__number", "employee__name", "outcome", "entry", "exit"
    )


def _other_visits(viewer: Viewer, rows: Iterable[Row]) -> list[tuple[Named, str, str]]:
    return [
        (
            named(number, name, viewer),
            span(entry, exit_) if entry and exit_ else text(f"outcome_{outcome}"),
            href("visit", str(pk)),
        )
        for pk, number, name, outcome, entry, exit_ in sorted(rows)
    ]


def _numbers(viewer: Viewer, rows: Iterable[Row]) -> list[str]:
    return sorted(str(row[0]) for row in rows) if viewer.may(Permission.SEE_INVOICES) else []


def _history(visit: Visit, corrections: Iterable[Row], deeds: Iterable[Row]) -> list[Event]:
    """What was done about the visit, in order; of deeds what the audit log still has."""
    found = [
        Event(at, text(f"event_{_DEEDS[Verb(verb)]}"), by or "", why, "")
        for at, verb, why, by in deeds
    ]
    for outcome, entry, exit_, done, why, at, by, undone, undone_by, undone_why in corrections:
        said = _words(outcome, entry, exit_, done)
        told = ", ".join(each for each in (said.outcome, said.span, said.services) if each)
        found.append(Event(at, text("event_corrected"), by, why, told))
        if undone is not None:
            found.append(Event(undone, text("event_undone"), undone_by, undone_why, told))
    if visit.approved_at and visit.approved_by and not _has_approval(visit, found):
        event = text("event_approved_many")
        found.append(Event(visit.approved_at, event, visit.approved_by.name, "", ""))
    return sorted(found, key=lambda event: event.at)


def _has_approval(visit: Visit, found: Iterable[Event]) -> bool:
    word = text("event_approved")
    return any(event.at == visit.approved_at and event.what == word for event in found)
