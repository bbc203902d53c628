"""What the letter to a client says, in plain Swedish, as values.

House rules: no I/O; short sentences; nothing that is not known. Lists are cut so that
the letter is one page, and what was cut is counted and can be asked for by telephone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

TITLE: Final = "Vem kan låsa upp din dörr?"
_MONTHS: Final = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_ROWS: Final = 9
"""So many rows of names fit on the page; each group costs one."""
_ACROSS: Final = 3
_LONGEST: Final = 70
"""So many characters fit on a line."""
_VISITORS: Final = 5
_EXTRA: Final = 2


@dataclass(frozen=True, slots=True)
class Group:
    """People who can open for one reason."""

    heading: str
    explanation: str
    people: tuple[str, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody who came: how many times, and when last."""

    name: str
    times: int
    last: date


@dataclass(frozen=True, slots=True)
class Extra:
    """A visit that was added by hand, and why."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Sender:
    """The municipality, and whom to call: the service centre's line of text."""

    name: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Visits:
    """The table of who came."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """The box with whom to call."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One printed page."""

    sender: Sender
    recipient: tuple[str, ...]
    date: str
    groups: tuple[Group, ...]
    visits: Visits
    contact: Contact
    footer: str
    opening: str
    notes: tuple[str, ...] = ()
    title: str = field(default=TITLE)


def write(
    *,
    sender: Sender,
    recipient: Sequence[str],
    today: date,
    groups: Sequence[Group],
    came: Sequence[Came],
    extra: Sequence[Extra] = (),
    providers: Iterable[tuple[str, str]] = (),
) -> Letter:
    """Put together the letter of this day; `providers` are names and telephone numbers."""
    first = today.replace(day=1)
    return Letter(
        sender=sender,
        recipient=tuple(_line(each) for each in recipient),
        date=f"{_day(today)} {today.year}",
        opening=(
            "Personalen öppnar din dörr med en digital nyckel i sin arbetstelefon. "
            "Nyckeln fungerar bara när de arbetar. Varje gång någon öppnar antecknas det."
        ),
        groups=_cut(groups),
        visits=_visits(first, today, came),
        notes=tuple(
            f"Extra besök {_day(each.day)}: {_line(each.reason).strip().rstrip('.')}."
            for each in extra[-_EXTRA:]
        ),
        contact=Contact(
            "Ring om du undrar något",
            (
                f"{sender.name}: {sender.telephone}",
                *(f"{name}: {telephone}" for name, telephone in providers if telephone),
            ),
        ),
        footer=(
            "Din dörr går alltid att öppna inifrån. Din egen nyckel och vredet fungerar "
            "som vanligt. Låset kostar dig ingenting."
        ),
    )


def _cut(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Share the room for names: the smallest groups whole, the large ones cut."""
    room, share = max(_ROWS - len(groups), 1) * _ACROSS, {}
    for left, group in zip(
        range(len(groups), 0, -1), sorted(groups, key=lambda each: len(each.people)), strict=True
    ):
        share[id(group)] = min(len(group.people), room // left)
        room -= share[id(group)]
    return tuple(_shortened(group, share[id(group)]) for group in groups)


def _shortened(group: Group, most: int) -> Group:
    over = len(group.people) - most
    if not over:
        return group
    more = f"och {over} till. Ring så läser vi upp alla namn."
    return Group(group.heading, group.explanation, group.people[:most], more)


def _visits(first: date, today: date, came: Sequence[Came]) -> Visits:
    most = sorted(came, key=lambda each: (-each.times, each.name))
    over = len(most) - _VISITORS
    days = f"{first.day}–{_day(today)}" if first != today else _day(today)
    return Visits(
        heading=f"De här kom hem till dig {days}",
        columns=("Namn", "Antal besök", "Senast"),
        rows=tuple((each.name, str(each.times), _day(each.last)) for each in most[:_VISITORS]),
        none="Ingen har låst upp din dörr den här månaden.",
        more=f"och {over} till. Ring så läser vi upp alla." if over > 0 else "",
    )


def _line(words: str) -> str:
    """One line, without control characters."""
    return "".join(each if each.isprintable() else " " for each in words)[:_LONGEST]


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
