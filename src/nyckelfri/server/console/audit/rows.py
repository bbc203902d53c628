"""Rows of the audit log in words.

House rules: reads only, a fixed number of queries for any number of rows. The log holds no
name; staff are given theirs here, where the viewer may see them, and clients never.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.audit.texts import TEXTS, text
from nyckelfri.server.console.links import href
from nyckelfri.server.console.review.texts import text as why_kept
from nyckelfri.server.visits.models import Kept

_PAGES = {
    "client": Permission.SEE_CLIENTS,
    "employee": Permission.SEE_STAFF,
    "phone": Permission.SEE_PHONES,
}
"""What has a page of its own, and who may see it."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody or something, in words; empty `href` where there is no page."""

    word: str
    number: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row."""

    number: int | None
    at: datetime
    who: Said
    what: str
    code: str
    about: Said
    where: str
    reason: str
    details: tuple[tuple[str, str], ...]
    unit: str


@dataclass(frozen=True, slots=True)
class _Names:
    staff: Mapping[str, str]
    phones: Mapping[str, str]


def lines(who: Viewer, events: Sequence[AuditEvent]) -> list[Line]:
    """Put rows into words."""
    names = _names(who, events)
    return [_line(who, event, names) for event in events]


def actor_word(actor: str, names: Mapping[str, str]) -> str:
    """Name who did something: a member of staff by name, where it is among `names`."""
    kind, _, number = actor.partition(":")
    if kind == "employee":
        return names.get(number, number)
    if kind == "phone":
        return text("actor_phone", name=number)
    if kind == "system":
        word = f"system_{number.replace('-', '_')}"
        return text[word] if word in TEXTS else text("actor_system")
    return text("actor_login") if kind == "login" else text("actor_unknown")


def staff_names(who: Viewer, actors: Iterable[str]) -> dict[str, str]:
    """Names of those actors who are staff, by number."""
    numbers = {number for kind, _, number in _parted(actors) if kind == "employee"}
    return dict(who.staff().filter(number__in=numbers).values_list("number", "name"))


def _names(who: Viewer, events: Sequence[AuditEvent]) -> _Names:
    said = [each for event in events for each in (event.actor, event.object_id)]
    origins = {event.origin.partition(" ")[0] for event in events}
    phones = [number for kind, _, number in _parted([*said, *origins]) if kind == "phone"]
    keys = [bytes.fromhex(number) for number in set(phones) if is_key(number)]
    rows = who.phones().filter(identifier__in=keys).values_list("identifier", "label")
    return _Names(
        staff=staff_names(who, said),
        phones={bytes(key).hex(): label for key, label in rows},
    )


def _line(who: Viewer, event: AuditEvent, names: _Names) -> Line:
    link = getattr(event, "link", None)
    details = event.details if isinstance(event.details, dict) else {}
    return Line(
        number=None if link is None else link.number,
        at=event.at,
        who=_actor(who, event.actor, names),
        what=_deed(event.verb),
        code=event.verb,
        about=_thing(who, event.object_id, names),
        where=_where(event.origin, names),
        reason=_reason(event),
        details=tuple(
            (_detail(key), _value(value)) for key, value in details.items() if value not in ("", [])
        ),
        unit=_value(details.get("unit", "")),
    )


def _deed(verb: str) -> str:
    try:
        return text(f"verb_{Verb(verb).name.lower()}")
    except ValueError:  # of a later version of this program
        return verb


def _reason(event: AuditEvent) -> str:
    if event.verb == Verb.JOURNAL_REJECT.value and event.reason in Kept.Reason.values:
        return why_kept(f"kept_{event.reason}")
    return event.reason


def _actor(who: Viewer, actor: str, names: _Names) -> Said:
    kind, _, number = actor.partition(":")
    if kind == "phone":
        return Said(text("actor_phone", name=names.phones.get(number, number)))
    if kind != "employee":
        return Said(actor_word(actor, {}), number)
    return Said(names.staff.get(number, ""), number, _page(who, kind, number))


def _thing(who: Viewer, object_id: str, names: _Names) -> Said:
    kind, _, number = object_id.partition(":")
    key = f"thing_{kind.replace('-', '_')}"
    word = text[key] if key in TEXTS else kind
    shown = names.phones.get(number, number) if kind == "phone" else number
    if kind == "list" and number in _LISTS:
        shown = text[number]
    elif kind == "employee" and number in names.staff:
        shown = f"{number} {names.staff[number]}"
    return Said(word, shown, _page(who, kind, number))


_LISTS = frozenset(
    {
        "clients",
        "staff",
        "teams",
        "phones",
        "openings",
        "log_reviews",
        "audit",
        "day",
        "phone_entries",
        "label_readings",
        "invoices",
        "disputes",
        "visits",
        "visit_months",
        "visit_days",
        "statistics",
    }
)


def _page(who: Viewer, kind: str, number: str) -> str:
    """The address of somebody's page, where there is one for this viewer."""
    asked = _PAGES.get(kind)
    return href(kind, number) if asked is not None and who.may(asked) else ""


def _where(origin: str, names: _Names) -> str:
    kind, _, rest = origin.partition(" ")
    if kind == "web":
        address, _, session = rest.partition(" session ")
        parts = [text("where_web", address=address)]
        parts += [text("where_session", session=session)] if session else []
        return ", ".join(parts)
    if kind.startswith("phone:"):
        number = kind.removeprefix("phone:")
        name = text("where_phone", name=names.phones.get(number, number))
        return f"{name}, {rest}" if rest else name
    if kind == "terminal":
        return text("where_terminal", name=rest)
    return origin or text("where_server")


def _detail(key: str) -> str:
    word = f"detail_{key}"
    return text[word] if word in TEXTS else key


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return text("yes") if value else text("no")
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{_detail(key)} {_value(each)}" for key, each in value.items())
    if value == "municipality":
        return text("unit_municipality")
    said = str(value)
    return said.removeprefix("team:")


def _parted(said: Iterable[str]) -> list[tuple[str, str, str]]:
    return [each.partition(":") for each in said]


def is_key(number: str) -> bool:
    """Whether this can be a phone's id: 8 bytes in lower-case hex."""
    return len(number) == 16 and all(each in "0123456789abcdef" for each in number)
