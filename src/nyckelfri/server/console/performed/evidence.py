"""The evidence behind a visit, sign by sign, in words and with the way to its own page.

House rules: reads only, one question for each table it came from. A door is called by its
lock's number, which tells nobody where somebody lives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urlencode

from django.db.models import Model, QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.links import href
from nyckelfri.server.console.performed.rows import clock, services, span
from nyckelfri.server.console.performed.texts import TEXTS, text
from nyckelfri.server.questions import Row, Values, ask
from nyckelfri.server.visits.evidence import TABLES, Sign, What
from nyckelfri.server.visits.models import OfficeEntry, PhoneEntry

LATE: Final = timedelta(hours=12)
"""What came in later than this is said to have."""
Found: TypeAlias = Mapping[str, Row]
"""The row of each sign, by the sign's name; a row may be gone."""


@dataclass(frozen=True, slots=True)
class Told:
    """One sign: what it tells and when, more about it, and the page behind it, if any."""

    at: datetime
    what: str
    details: tuple[str, ...]
    href: str
    link: str


class _Read(NamedTuple):
    """What is read of a sign's row, how that is said, and where it leads: address and words."""

    columns: tuple[str, ...]
    say: Callable[[Row], Iterable[str]]
    leads: Callable[[Viewer, int, Row], tuple[str, str]] = lambda *_: ("", "")


def _door(row: Row) -> Iterable[str]:
    lock, phone, *_ = row
    yield text("by_lock", lock=lock)
    if phone:
        yield text("through", phone=phone)


def _to_openings(viewer: Viewer, _pk: int, row: Row) -> tuple[str, str]:
    *_, number, at, _received = row
    if not viewer.may(Permission.SEE_OPENINGS) or number is None:
        return "", ""
    day = at.astimezone(ZONE).date()
    asked = urlencode({"fran": day, "till": day, "personal": number})
    return f"{href('openings')}?{asked}", text("to_openings")


def _entry(row: Row) -> Iterable[str]:
    kind, verdict, detail, phone, *_ = row
    if kind != PhoneEntry.Kind.TAP:
        yield text(f"entered_{kind}") if f"entered_{kind}" in TEXTS else ""
    if verdict:
        yield text(f"verdict_{verdict}")
    yield reason(detail.get("reason", ""))
    yield services(detail.get("services", ()))
    yield str(detail.get("text") or "")
    yield text("through", phone=phone)


def _to_entry(viewer: Viewer, pk: int, row: Row) -> tuple[str, str]:
    *_, flaw, _at, _received = row
    if not flaw or not viewer.may(Permission.SETTLE_ENTRIES):
        return "", ""
    return href("phone_entry", str(pk)), text("to_entry")


def _office(row: Row) -> Iterable[str]:
    kind, first, last, done, why, by, withdrawn, *_ = row
    yield text(f"office_{kind}")
    yield span(first, last)
    yield services(done) if kind == OfficeEntry.Kind.VISIT else ""
    yield text("entered_by", name=by)
    yield why
    yield text("withdrawn") if withdrawn else ""


def _to_office(viewer: Viewer, pk: int, row: Row) -> tuple[str, str]:
    withdrawn = row[6]
    if withdrawn or not viewer.may(Permission.REVIEW_VISITS):
        return "", ""
    return href("office_entry", str(pk)), text("to_office")


def _lock(row: Row) -> Iterable[str]:
    yield text("by_lock", lock=row[0])


def _reading(row: Row) -> Iterable[str]:
    label, signature, *_ = row
    yield text("by_label", label=label)
    yield text(f"signature_{signature}")


def _foreign_entry(row: Row) -> Iterable[str]:
    first, last, why, *_ = row
    yield span(first, last)
    yield reason(why)


def _alarm(row: Row) -> Iterable[str]:
    taken, there, *_ = row
    if taken:
        yield text("alarm_taken", time=clock(taken))
    if there:
        yield text("alarm_there", time=clock(there))


_READ: Final[dict[str, _Read]] = {
    "d": _Read(
        (
            "installation__lock_unit__external_id", "received_from__label", "employee__number",
            "at", "received_at",
        ),
        _door,
        _to_openings,
    ),
    "p": _Read(
        ("kind", "verdict", "detail", "phone__label", "flaw", "at", "received_at"),
        _entry,
        _to_entry,
    ),
    "o": _Read(
        (
            "kind", "entry", "exit", "services", "reason", "entered_by__name", "withdrawn_at",
            "entry", "entered_at",
        ),
        _office,
        _to_office,
    ),
    "D": _Read(("lock_unit__external_id", "at", "received_at"), _lock),
    "R": _Read(("label__external_id", "signature", "at", "received_at"), _reading),
    "E": _Read(("entry", "exit", "why", "entry", "received_at"), _foreign_entry),
    "A": _Read(("taken_at", "on_site_at", "at", "at"), _alarm),
}  # fmt: skip
"""By letter of the table; the last two columns are when it was, and when it came in."""


def questions(refs: Iterable[str]) -> dict[str, Values]:
    """What to ask for these signs, by letter of the table; `found` reads the answers."""
    by_table: defaultdict[str, list[int]] = defaultdict(list)
    for ref in refs:
        by_table[ref[0]].append(int(ref[1:]))
    return {
        letter: _rows(TABLES[letter], keys).values_list("pk", *_READ[letter].columns)
        for letter, keys in sorted(by_table.items())
    }


def _rows(table: type[Model], keys: Iterable[int]) -> QuerySet[Any]:
    return table._default_manager.filter(pk__in=keys).order_by()  # noqa: SLF001 -- Django's public name


def found(asked: Iterable[str], answers: Sequence[Sequence[Row]]) -> dict[str, Row]:
    """The rows behind the signs, by name; `asked` are the letters, in the order of answers."""
    return {
        f"{letter}{pk}": tuple(row)
        for letter, rows in zip(asked, answers, strict=True)
        for pk, *row in rows
    }


def told(viewer: Viewer, signs: Sequence[Sign], rows: Found) -> list[Told]:
    """Put signs into words."""
    return [_told(viewer, sign, rows.get(sign.ref)) for sign in signs]


def loose(viewer: Viewer, refs: Sequence[str]) -> list[Told]:
    """Put signs that belong to no visit into words, in order of time."""
    asked = questions(refs)
    rows = found(asked, ask(*asked.values()))
    named = [(row[-2], _WHAT.get(ref[0]) or _entered(row), ref) for ref, row in rows.items()]
    return [
        _told(viewer, Sign(ref, what, at), rows[ref])
        for at, what, ref in sorted(named, key=lambda each: (each[0], each[2]))
    ]


_WHAT: Final = {
    "d": What.UNLOCKED, "D": What.UNLOCKED, "R": What.LABEL, "A": What.ALARM,
    "o": What.BY_HAND, "E": What.BY_HAND,
}  # fmt: skip
"""What a sign is that no visit tells about, by letter of its table."""


def _entered(row: Row) -> What:
    return What.LABEL if row[1] else What.BY_HAND


def _told(viewer: Viewer, sign: Sign, row: Row | None) -> Told:
    what = text(f"sign_{sign.what}")
    if row is None:
        return Told(sign.at, what, (text("sign_gone"),), "", "")
    read = _READ[sign.ref[0]]
    at, received = row[-2:]
    details = [each for each in read.say(row) if each]
    if received - at > LATE:
        details.append(text("came", day=_day(received), time=clock(received)))
    path, link = read.leads(viewer, int(sign.ref[1:]), row)
    return Told(sign.at, what, tuple(details), path, link)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def reason(code: Any) -> str:
    """A reason that a phone or a file gives by its code; what somebody wrote is as it is."""
    key = f"reason_{code}"
    return text(key) if key in TEXTS else str(code)
