"""What a lost phone can still open, until when, and who carries the news of its block there.

House rules: reads only, and never a better answer than is known. Every grant that was made
for the phone counts until it expires, whatever has been revoked since: a lock that has not
heard of it cannot know. Only a lock's own journal proves that it has heard. The last expiry
is the end: from then on no lock whose clock is right opens for anything on the phone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command, Scope
from nyckelfri.door.reasons import Reason
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession
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


@dataclass(frozen=True, slots=True)
class Carrier:
    """Somebody whose phone is in use and who passes a door at `at` by the plan."""

    employee: Employee
    at: datetime


@dataclass(frozen=True, slots=True)
class DoorLeft:
    """A door that the phone holds grants for, the last until `until`, and what is known of it."""

    installation: Installation
    until: datetime
    standing: Standing
    since: datetime | None
    """When the lock heard, or when somebody passed with the news."""
    clock_in_doubt: bool
    """Its own clock was not sure when it last wrote: it may end the grants later than `until`."""
    carriers: tuple[Carrier, ...]

    @property
    def open(self) -> bool:
        """Whether the phone may still open it."""
        return self.standing is not Standing.HEARD


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a phone can still open at `at`; `doors` with those first that are open longest."""

    phone: Phone
    at: datetime
    doors: tuple[DoorLeft, ...]

    @property
    def left(self) -> int:
        """How many doors it may still open."""
        return sum(door.open for door in self.doors)

    @property
    def until(self) -> datetime | None:
        """From when on it opens nothing; None where it opens nothing now."""
        return max((door.until for door in self.doors if door.open), default=None)


def exposure(phone: Phone, now: datetime) -> Exposure:
    """What this phone can still open, whoever held it, if nobody sees it again.

    Of a phone that is not blocked: what it would be if it were blocked now.
    """
    grants = _grants(phone, now)
    ends: dict[int, datetime] = {}
    for grant in grants:
        known = ends.get(grant.installation_id, grant.not_after)
        ends[grant.installation_id] = max(known, grant.not_after)
    rows = {grant.installation_id: grant for grant in grants}
    heard = _heard(phone, grants)
    carriers = _carriers(phone, [row.installation for row in rows.values()], ends, now)
    doors = [
        DoorLeft(
            rows[key].installation,
            end,
            *heard.get(key, (Standing.NOT_KNOWN, None)),
            rows[key].mark not in {None, int(Mark.SET)},
            tuple(carriers.get(key, ())[:MAX_CARRIERS]),
        )
        for key, end in ends.items()
    ]
    doors.sort(key=lambda door: (not door.open, -door.until.timestamp(), door.installation.pk))
    return Exposure(phone, now, tuple(doors))


def _grants(phone: Phone, now: datetime) -> list[Any]:
    """Every grant that could open something: also revoked, also under a key it had before.

    Each with `since`, when its key was put into the bulletin, and `mark`, of its lock's clock.
    """
    named = Revocation.objects.filter(kind=Revocation.Kind.PHONE, value=OuterRef("thumbprint"))
    newest = DoorEvent.objects.filter(installation=OuterRef("installation")).order_by("-number")
    rows = (
        Issued.objects.filter(phone=phone, not_after__gt=now)
        .select_related("installation__door", "installation__lock_unit")
        .annotate(
            since=Subquery(named.values("revoked_at")[:1]), mark=Subquery(newest.values("mark")[:1])
        )
    )
    return [row for row in rows if Command.UNLOCK.scope in Scope(row.scope)]


_CLOCKS_DIFFER: Final = timedelta(days=7)
"""So far behind may the clock of a lock be that somebody has passed."""


def _heard(phone: Phone, grants: list[Any]) -> dict[int, tuple[Standing, datetime | None]]:
    """By installation: what its journal tells of the block, the better news first."""
    since = [grant.since for grant in grants]
    if not since or None in since:
        return {}
    blocked = max(since)
    refused = Q(reason__in=(Reason.PHONE_BLOCKED, Reason.GRANT_REVOKED))
    itself = Q(reason=Reason.PHONE_BLOCKED, issued__in=[grant.pk for grant in grants])
    later = Q(issued__issued_at__gte=blocked) & ~Q(issued__phone=phone)
    events = DoorEvent.objects.filter(
        itself | refused & Q(issued__revoked_at__gte=blocked) | later,
        installation_id__in={grant.installation_id for grant in grants},
        # Nothing that came before the block tells of it; what is much older is not looked at.
        received_at__gte=blocked,
        at__gte=blocked - _CLOCKS_DIFFER,
    ).order_by("-number")
    found: dict[int, tuple[Standing, datetime | None]] = {}
    for key, reason, at in events.values_list("installation_id", "reason", "at"):
        proof = reason in {Reason.PHONE_BLOCKED, Reason.GRANT_REVOKED}
        # From the newest back, so that the first time of the best news is what stays.
        if proof or found.get(key, (Standing.PASSED,))[0] is Standing.PASSED:
            found[key] = Standing.HEARD if proof else Standing.PASSED, at
    return found


def _carriers(
    phone: Phone, installations: Iterable[Installation], ends: dict[int, datetime], now: datetime
) -> dict[int, list[Carrier]]:
    """By installation: who comes there by the plan before the phone's grants have expired."""
    homes = {row.door_id: row.pk for row in installations if row.door.entrance_id is None}
    entrances = {row.door.entrance_id: row.pk for row in installations if row.door.entrance_id}
    if not ends:
        return {}
    visits = list(
        PlannedVisit.objects.filter(
            Q(client__front_door__in=homes) | Q(client__entrance__in=entrances),
            withdrawn_at=None,
            end__gt=now,
            start__lt=max(ends.values()),
        )
        .annotate(
            away=_away("employee"),
            instead=_substitute("employee"),
            second_away=_away("second_employee"),
            second_instead=_substitute("second_employee"),
        )
        .values_list(
            "start",
            "end",
            "client__front_door_id",
            "client__entrance_id",
            "employee_id",
            "away",
            "instead",
            "second_employee_id",
            "second_away",
            "second_instead",
            named=True,
        )
        .order_by("start", "pk")
    )
    people = {person for visit in visits for person in _seats(visit)}
    staff = {row.pk: row for row in _with_a_phone(phone, people, now)}
    found: defaultdict[int, list[Carrier]] = defaultdict(list)
    for visit in visits:
        come = [staff[person] for person in _seats(visit) if person in staff]
        places = homes.get(visit.client__front_door_id), entrances.get(visit.client__entrance_id)
        for key in places:
            if key is not None and visit.start < ends[key]:
                # Whoever is inside passes the lock again when they leave.
                at = visit.start if visit.start >= now else visit.end
                found[key] += [Carrier(each, at) for each in come]
    return found


def _away(person: str) -> Exists:
    rows = Absence.objects.filter(
        employee=OuterRef(person), ended_at=None, start__lte=OuterRef("start")
    )
    return Exists(rows.filter(end__gt=OuterRef("start")))


def _substitute(person: str) -> Subquery:
    rows = Takeover.objects.filter(visit=OuterRef("pk"), instead_of=OuterRef(person), ended_at=None)
    return Subquery(rows.values("employee_id")[:1])


def _seats(visit: Any) -> list[int]:
    """Whom a visit is made by, after takeovers and without whoever is away."""
    first = visit.instead or (None if visit.away else visit.employee_id)
    second = visit.second_instead or (None if visit.second_away else visit.second_employee_id)
    return [person for person in (first, second) if person is not None]


def _with_a_phone(lost: Phone, people: Iterable[int], now: datetime) -> QuerySet[Employee]:
    """Those of `people` who have a phone in use other than the lost one."""
    held = Phone.objects.filter(holder=OuterRef("pk"), state=PhoneState.ENROLLED)
    signed_in = PersonalSession.objects.filter(
        employee=OuterRef("pk"), closed_at=None, until__gt=now, phone__state=PhoneState.ENROLLED
    )
    return Employee.objects.filter(
        Exists(held.exclude(pk=lost.pk)) | Exists(signed_in.exclude(phone=lost)),
        pk__in=list(people),
    )
