"""Who can open a door, as the page says it: people in groups, each group with its reason.

House rules: plain values in the reader's language; reads nothing. Whoever works for one
provider sees the names of that provider's staff; of others only how many, and where.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from nyckelfri.care.grants import Rule
from nyckelfri.care.world import PhoneStanding
from nyckelfri.server.access.because import Because, Person, Times
from nyckelfri.server.access.explain import CanOpen, DoorSays, Left, Obstacle, WhoCanOpen
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.links import href
from nyckelfri.server.console.texts import Spoken

_ORDER = {rule: number for number, rule in enumerate(Rule)}
_SEE_STAFF = Permission.SEE_STAFF
_BECAUSE = {
    Rule.CHOSEN_TEAM: "because_chosen_team",
    Rule.PLANNED_VISIT: "because_chosen_team",
    Rule.NIGHT_PATROL: "because_night_patrol",
    Rule.ALARM_GROUP: "because_alarm_group",
    Rule.ALARM: "because_alarm_group",
    Rule.ASSIGNED_VISIT: "because_visit",
    Rule.HEALTH_VISIT: "because_health",
    Rule.ASSIGNED_CLIENT: "because_health",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A member of staff, with a page where the viewer may see it."""

    number: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One person who can open."""

    who: Named
    shift: str
    by_hand: str
    until: datetime
    phone: str
    phone_state: str
    key: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who can open for the same reason; `others`: how many where, of other providers."""

    heading: str
    because: tuple[str, ...]
    lines: tuple[Line, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A key that should open nothing any more."""

    who: Named
    phone: str
    state: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Door:
    """One door as the page shows it; `count` of those who can open, others wait for a phone."""

    count: int
    without_phone: int
    groups: tuple[Group, ...]
    left: tuple[LeftLine, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page answers; `when`: "now", "past" or "coming"."""

    moment: datetime
    when: str
    home: Door | None
    entrance: Door | None


def answer(found: WhoCanOpen, viewer: Viewer, now: datetime) -> Answer:
    """Put who can open into words."""
    when = "now" if found.moment == now else "past" if found.moment < now else "coming"
    return Answer(
        found.moment, when, _door(found.home, viewer, when), _door(found.entrance, viewer, when)
    )


def named(number: str, name: str, viewer: Viewer) -> Named:
    """Somebody by name, and by a link to their page for whoever may see it."""
    return Named(number, name, href("employee", number) if viewer.may(_SEE_STAFF) else "")


def knows(person: Person, viewer: Viewer) -> bool:
    """Whether the viewer may know who it is."""
    return viewer.provider is None or person.provider == viewer.provider


def _door(found: DoorSays | None, viewer: Viewer, when: str) -> Door | None:
    if found is None:
        return None
    by_reason: defaultdict[tuple[int, str], list[CanOpen]] = defaultdict(list)
    for one in found.can:
        first = min(one.because, key=lambda because: _ORDER[because.rule])
        by_reason[_ORDER[first.rule], first.team].append(one)
    without = [one for one in found.can if when == "now" and one.phone is PhoneStanding.NONE]
    return Door(
        count=len(found.can) - len(without),
        without_phone=len(without),
        groups=tuple(_group(by_reason[key], viewer, when) for key in sorted(by_reason)),
        left=tuple(_left(row, viewer) for row in found.left if knows(row.person, viewer)),
    )


def _group(people: Sequence[CanOpen], viewer: Viewer, when: str) -> Group:
    first = min(people[0].because, key=lambda because: _ORDER[because.rule])
    others: defaultdict[str, int] = defaultdict(int)
    for one in people:
        if not knows(one.person, viewer):
            others[one.person.provider_name] += 1
    words = text.spoken()
    reasons = {_because(each, words): None for one in people for each in one.because}
    return Group(
        heading=words(f"rule_{first.rule.value}", team=first.team_name),
        because=tuple(reasons),
        lines=tuple(_line(one, viewer, when, words) for one in people if knows(one.person, viewer)),
        others=tuple(
            words("others", count=count, provider=name) for name, count in sorted(others.items())
        ),
    )


def _because(reason: Because, words: Spoken) -> str:
    if reason.decision is None and reason.rule not in {Rule.HEALTH_VISIT, Rule.ASSIGNED_CLIENT}:
        return words["because_entrance"]
    decision = reason.decision
    return words(
        _BECAUSE[reason.rule],
        provider=reason.provider_name,
        service=words[f"service_{decision.service}"].lower() if decision else "",
        choice=reason.choice.first if reason.choice else "",
        decision=decision.id if decision else "",
    )


def _line(one: CanOpen, viewer: Viewer, when: str, words: Spoken) -> Line:
    shifts = {because.shift: None for because in one.because if because.shift}
    visits = {because.visit: None for because in one.because if because.visit}
    said = [_span(shift) for shift in shifts]
    said += [
        words("visit_at", start=_clock(visit.start), end=_clock(visit.end)) for visit in visits
    ]
    by_hand = [row.reason for row in (*shifts, *visits) if row.ad_hoc]
    return Line(
        who=named(one.person.number, one.person.name, viewer),
        shift=", ".join(said),
        by_hand="; ".join(dict.fromkeys(by_hand)),
        until=one.until,
        phone=words[f"phone_{one.phone.value}"],
        phone_state="good" if one.phone is PhoneStanding.IN_USE else "warn",
        key=_key(one, when, words),
    )


def _key(one: CanOpen, when: str, words: Spoken) -> str:
    if one.grant is not None:
        return words["key_held"]
    if when == "past":
        return words["key_none_then"]
    if when == "coming":
        return words["key_not_yet"]
    in_use = one.phone is PhoneStanding.IN_USE
    return words["key_next_sync"] if in_use else words["key_no_phone"]


def _left(row: Left, viewer: Viewer) -> LeftLine:
    revoked = row.grant.revoked_at
    return LeftLine(
        who=named(row.person.number, row.person.name, viewer),
        phone=row.grant.phone,
        state=text("left_withdrawn", at=moment(revoked)) if revoked else text("left_not_yet"),
        until=row.grant.until,
    )


def obstacles(rows: Iterable[Obstacle]) -> list[str]:
    """Put why somebody cannot open into words, each once."""
    said = (
        text(
            f"not_{row.fact}",
            at=moment(row.at),
            provider=row.provider_name,
            team=row.team_name,
            visit=_span(row.visit) if row.visit else "",
            reason=row.reason,
        )
        for row in rows
    )
    return list(dict.fromkeys(said))


def moment(value: datetime | date | None) -> str:
    """A local date and time; the date alone at midnight, when something of days begins."""
    if value is None:
        return text("until_further")
    if not isinstance(value, datetime):
        return value.isoformat()
    local = localtime(value)
    whole_day = (local.hour, local.minute) == (0, 0)
    return local.strftime("%Y-%m-%d" if whole_day else "%Y-%m-%d %H:%M")


def _span(times: Times) -> str:
    return f"{_clock(times.start)}–{_clock(times.end)}"


def _clock(value: datetime) -> str:
    return localtime(value).strftime("%H:%M")
