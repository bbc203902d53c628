"""What a lost phone can still open, until when, and who carries the news of its block there.

House rules: reads only, and never a better answer than is known. Every grant that was made
for the phone counts until it expires, whatever has been revoked since: a lock that has not
heard of it cannot know. Only a lock's own journal proves that it has heard. The last expiry
is the end: from then on no lock whose clock is right opens for anything on the phone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command, Scope
from nyckelfri.door.reasons import Reason
from nyckelfri.server.access import beginnings
from nyckelfri.server.access.beginnings import Forgotten
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.questions import Among, Blank, Question, Row, Values, ask
from nyckelfri.server.visits.models import DoorEvent

MAX_CARRIERS = 3
"""How many of those who come to a door are named, soonest first."""


class Standing(StrEnum):
    """What is known of a lock and the block."""

    NOT_KNOWN = "not_known"
    PASSED = "passed"
    """Somebody opened it since with a grant that their phone got together with the news."""
    HEARD = "heard"
    """It has refused a phone or a grant that was revoked then or later, so it has the list."""


class Colleague(NamedTuple):
    """A member of staff whose phone is in use."""

    pk: int
    number: str
    name: str
    care_team_id: int | None


@dataclass(frozen=True, slots=True)
class Carrier:
    """Somebody whose phone is in use and who passes a door at `at` by the plan."""

    employee: Colleague
    at: datetime


@dataclass(frozen=True, slots=True)
class DoorLeft:
    """A door that the phone holds grants for, the last until `until`, and what is known of it.

    `until` may be over where the lock is one that may open for longer.
    """

    installation: Installation
    until: datetime
    standing: Standing
    since: datetime | None
    """When the lock heard, or when somebody passed with the news."""
    clock_in_doubt: bool
    """It may end the grants later than `until`: its clock was not sure when it last wrote.

    Or nothing that it wrote shows that its clock is right in the epoch in force, with which it
    begins anew (docs/protocol.md, 3): as late as the phone was that first brought it.
    """
    carriers: tuple[Carrier, ...]

    @property
    def open(self) -> bool:
        """Whether the phone may still open it."""
        return self.standing is not Standing.HEARD


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a phone can still open at `at`; `doors` with those first that are open longest.

    `forgotten`: what it may open besides, if it holds keys that a restored database has forgotten.
    """

    phone: Phone
    at: datetime
    doors: tuple[DoorLeft, ...]
    forgotten: Forgotten | None = None

    @property
    def left(self) -> int:
        """How many doors it may still open."""
        return sum(door.open for door in self.doors)

    @property
    def until(self) -> datetime | None:
        """From when on it opens nothing; None where it opens nothing now."""
        ends = [door.until for door in self.doors if door.open]
        if self.forgotten is not None:
            ends.append(self.forgotten.until)
        return max(ends, default=None)


def exposure(phone: Phone, now: datetime) -> Exposure:
    """What this phone can still open, whoever held it, if nobody sees it again.

    Of a phone that is not blocked: what it would be if it were blocked now.
    """
    epochs = keys.epochs()
    began = epochs.began or _NEVER
    (found,) = ask(_grants, phone=phone.pk, now=now, began=began)
    grants = [each for each in map(_Grant._make, found) if _opens(each)]
    forgotten = beginnings.forgotten({each.installation for each in grants}, epochs.anew, now)
    if not grants:
        return Exposure(phone, now, (), forgotten)
    ends: dict[int, datetime] = {}
    for grant in grants:
        ends[grant.installation] = max(ends.get(grant.installation, grant.end), grant.end)
    rows = Installation.objects.select_related("door", "lock_unit").in_bulk(list(ends))
    behind = _Behind.of(rows.values())
    unheard = {grant.installation for grant in grants if grant.is_unheard and began < _NEVER}
    look = {key: max(end, now + _AHEAD) if key in unheard else end for key, end in ends.items()}
    since = [grant.since for grant in grants]
    blocked = None if None in since else max(each for each in since if each)
    marks, visits, news = ask(
        _marks,
        _visits,
        _news,
        phone=phone.pk,
        now=now,
        end=max(look.values()),
        grants=[grant.pk for grant in grants],
        installations=list(ends),
        homes=list(behind.homes),
        entrances=list(behind.entrances),
        blocked=blocked,
        earliest=blocked and blocked - _CLOCKS_DIFFER,
    )
    heard = _heard(news)
    carriers = _carriers(phone, sorted(map(_Visit._make, visits)), behind, look, now)
    in_doubt = unheard | {key for key, mark in marks if mark not in {None, int(Mark.SET)}}
    doors = [
        DoorLeft(
            rows[key],
            end,
            *heard.get(key, (Standing.NOT_KNOWN, None)),
            key in in_doubt,
            tuple(carriers.get(key, ())[:MAX_CARRIERS]),
        )
        for key, end in ends.items()
    ]
    doors.sort(key=lambda door: (not door.open, -door.until.timestamp(), door.installation.pk))
    return Exposure(phone, now, tuple(doors), forgotten)


class _Grant(NamedTuple):
    """A grant that may open; `since`: when its key was put into the bulletin.

    `is_unheard`: its lock may not have heard of the epoch in force, or from somebody late.
    """

    pk: int
    installation: int
    scope: int
    end: datetime
    since: datetime | None
    is_unheard: bool


_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_AHEAD: Final = timedelta(days=2)
"""How far ahead somebody is looked for who comes to a door that may open for longer."""


@Question
def _grants() -> Values:
    """Ask for every grant there is: also revoked, also under a key that the phone had before.

    And those that have expired, where the lock takes its time from the first to bring it the
    epoch: nothing that it wrote, and that came at once, shows that it took a grant of the epoch.
    """
    named = Revocation.objects.filter(kind=Revocation.Kind.PHONE, value=OuterRef("thumbprint"))
    took = beginnings.took("installation", Blank("began"))
    rows = Issued.objects.filter(phone=Blank("phone")).annotate(is_unheard=~Exists(took))
    in_time = Q(not_after__gt=Blank("now"))
    since = Subquery(named.order_by().values("revoked_at")[:1])
    return (
        rows.filter(in_time | Q(is_unheard=True, issued_at__gte=Blank("began")))
        .order_by()
        .annotate(since=since)
        .values_list("pk", "installation", "scope", "not_after", "since", "is_unheard")
    )


def _opens(grant: _Grant) -> bool:
    return Command.UNLOCK.scope in Scope(grant.scope)


@Question
def _marks() -> Values:
    """Ask how sure each lock's clock was when it last wrote."""
    newest = DoorEvent.objects.filter(installation=OuterRef("pk")).order_by("-number")
    rows = Installation.objects.filter(Among("pk", "installations")).order_by()
    return rows.annotate(mark=Subquery(newest.values("mark")[:1])).values_list("pk", "mark")


_CLOCKS_DIFFER: Final = timedelta(days=7)
"""So far behind may the clock of a lock be that somebody has passed."""


@Question
def _news() -> Values:
    """Ask what the locks' journals tell of the block; of a phone that is not blocked, nothing."""
    blocked = Blank("blocked")
    refused = Q(reason__in=(Reason.PHONE_BLOCKED, Reason.GRANT_REVOKED))
    itself = Q(reason=Reason.PHONE_BLOCKED) & Among("issued", "grants")
    later = Q(issued__issued_at__gte=blocked) & ~Q(issued__phone=Blank("phone"))
    events = DoorEvent.objects.filter(
        itself | refused & Q(issued__revoked_at__gte=blocked) | later,
        Among("installation", "installations"),
        # Nothing that came before the block tells of it; what is much older is not looked at.
        received_at__gte=blocked,
        at__gte=Blank("earliest"),
    )
    return events.order_by().values_list("number", "installation", "reason", "at")


def _heard(news: Iterable[Row]) -> dict[int, tuple[Standing, datetime | None]]:
    """By installation: what its journal tells of the block, the better news first."""
    found: dict[int, tuple[Standing, datetime | None]] = {}
    # From the newest back, so that the first time of the best news is what stays.
    for _, key, reason, at in sorted(news, reverse=True):
        proof = reason in {Reason.PHONE_BLOCKED, Reason.GRANT_REVOKED}
        if proof or found.get(key, (Standing.PASSED,))[0] is Standing.PASSED:
            found[key] = Standing.HEARD if proof else Standing.PASSED, at
    return found


class _Visit(NamedTuple):
    start: datetime
    pk: int
    end: datetime
    front_door: int | None
    entrance: int | None
    employee: int
    away: bool
    instead: int | None
    second_employee: int | None
    second_away: bool
    second_instead: int | None

    def seats(self) -> list[int]:
        """Whom it is made by, after takeovers and without whoever is away."""
        first = self.instead or (None if self.away else self.employee)
        second = self.second_instead or (None if self.second_away else self.second_employee)
        return [person for person in (first, second) if person is not None]


@Question
def _visits() -> Values:
    """Ask what is planned behind the doors."""
    return (
        PlannedVisit.objects.filter(
            Among("client__front_door", "homes") | Among("client__entrance", "entrances"),
            withdrawn_at=None,
            end__gt=Blank("now"),
            start__lt=Blank("end"),
        )
        .annotate(
            away=_away("employee"),
            instead=_substitute("employee"),
            second_away=_away("second_employee"),
            second_instead=_substitute("second_employee"),
        )
        .order_by()
        .values_list(
            "start",
            "pk",
            "end",
            "client__front_door",
            "client__entrance",
            "employee",
            "away",
            "instead",
            "second_employee",
            "second_away",
            "second_instead",
        )
    )


def _away(person: str) -> Exists:
    rows = Absence.objects.filter(
        employee=OuterRef(person), ended_at=None, start__lte=OuterRef("start")
    )
    return Exists(rows.filter(end__gt=OuterRef("start")).order_by())


def _substitute(person: str) -> Subquery:
    rows = Takeover.objects.filter(visit=OuterRef("pk"), instead_of=OuterRef(person), ended_at=None)
    return Subquery(rows.values("employee")[:1])


class _Behind(NamedTuple):
    """Where the doors lead: installations by front door, and by entrance."""

    homes: dict[int, int]
    entrances: dict[int, int]

    @classmethod
    def of(cls, installations: Iterable[Installation]) -> _Behind:
        """These installations."""
        homes, entrances = {}, {}
        for row in installations:
            if row.door.entrance_id is None:
                homes[row.door_id] = row.pk
            else:
                entrances[row.door.entrance_id] = row.pk
        return cls(homes, entrances)

    def passed_by(self, visit: _Visit) -> list[int]:
        """Those that somebody passes on the way to a visit."""
        ways = self.homes.get(visit.front_door or 0), self.entrances.get(visit.entrance or 0)
        return [key for key in ways if key is not None]


def _carriers(
    phone: Phone,
    visits: Sequence[_Visit],
    behind: _Behind,
    ends: dict[int, datetime],
    now: datetime,
) -> dict[int, list[Carrier]]:
    """By installation: who comes there by the plan before the phone's grants have expired."""
    people = {person for visit in visits for person in visit.seats()}
    (found,) = ask(_with_a_phone, phone=phone.pk, now=now, people=list(people))
    staff = {row.pk: row for row in map(Colleague._make, found)}
    carriers: defaultdict[int, list[Carrier]] = defaultdict(list)
    for visit in visits:
        # Whoever is inside passes the lock again when they leave.
        at = visit.start if visit.start >= now else visit.end
        come = [Carrier(staff[person], at) for person in visit.seats() if person in staff]
        for key in behind.passed_by(visit):
            if visit.start < ends[key]:
                carriers[key] += [one for one in come if one not in carriers[key]]
    return carriers


@Question
def _with_a_phone() -> Values:
    """Ask for those of the `people` who have a phone in use other than the lost one."""
    lost = Blank("phone")
    held = Phone.objects.filter(holder=OuterRef("pk"), state=PhoneState.ENROLLED).order_by()
    signed_in = PersonalSession.objects.filter(
        employee=OuterRef("pk"),
        closed_at=None,
        until__gt=Blank("now"),
        phone__state=PhoneState.ENROLLED,
    ).order_by()
    rows = Employee.objects.filter(
        Exists(held.exclude(pk=lost)) | Exists(signed_in.exclude(phone=lost)),
        Among("pk", "people"),
    )
    return rows.order_by().values_list("pk", "number", "name", "care_team")
