"""Who can open a client's doors at a moment and why, and why somebody cannot.

House rules: reads only. Nothing is judged here: the rules of care say who may, the issued
grants say what lies on phones, and both are told, since a lock goes by what it is handed.
Names are of staff; the client has none here. A past moment is told by the plans as they
are stored now, with what was withdrawn later; what was issued then is the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from nyckelfri.care import explain as care
from nyckelfri.care import whynot
from nyckelfri.care.explain import DoorOpeners
from nyckelfri.care.facts import WhyNot
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE
from nyckelfri.care.world import PhoneStanding, World
from nyckelfri.door import grants
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import rights, worlds
from nyckelfri.server.access.because import Because, Dates, Names, Person, Times
from nyckelfri.server.access.models import Absence, Withdrawal
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Door, Installation
from nyckelfri.server.people.models import Employee
from nyckelfri.server.questions import Among, Blank, Question, Row, Values, ask


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A signed grant on a phone; `revoked_at` if it was taken back before the moment."""

    phone: str
    not_before: datetime
    until: datetime
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CanOpen:
    """Somebody to whom the rules give a door; without a phone it is of no use to them yet.

    `until`: when it ends if nothing changes. `grant` is what lies on a phone of theirs.
    """

    person: Person
    since: datetime
    until: datetime
    because: tuple[Because, ...]
    phone: PhoneStanding
    grant: HeldGrant | None


@dataclass(frozen=True, slots=True)
class Left:
    """A grant that the rules no longer give and a phone may still hold.

    It opens until the lock has heard that it is withdrawn, at the latest `grant.until`.
    """

    person: Person
    grant: HeldGrant


@dataclass(frozen=True, slots=True)
class DoorSays:
    """One door: who can open it, and what may still open it though it should not."""

    lock: str
    can: tuple[CanOpen, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class WhoCanOpen:
    """A client's doors at a moment; None for a door without a lock in service."""

    moment: datetime
    home: DoorSays | None
    entrance: DoorSays | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why somebody cannot open: a fact, the moment it ends or ended, what it rests on.

    `fact` is a `care.facts.Fact` value, or `absent`.
    """

    fact: str
    at: datetime | None = None
    provider_name: str = ""
    team_name: str = ""
    decision: Dates | None = None
    choice: Dates | None = None
    shift: Times | None = None
    visit: Times | None = None
    reason: str = ""


ABSENT = "absent"


def who_can_open(client: Client, moment: datetime, now: datetime) -> WhoCanOpen:
    """Tell who can, could or will be able to open at `moment`, as it is known at `now`."""
    policy, world, (rows,) = _around(client, moment, now, _issued)
    said = care.explain(_with_phones(world, past=moment < now), policy, client.external_id, moment)
    held = [_Held(*row) for row in rows]
    openers = [
        one.employee_id for door in (said.home, said.entrance) if door for one in door.openers
    ]
    names = Names(world, {*openers, *(row.employee for row in held)})
    standing = {row.id: row.phone for row in world.employees}

    def door(found: DoorOpeners | None) -> DoorSays | None:
        if found is None:
            return None
        here = sorted(row for row in held if row.lock == found.lock_id)
        return _door(found, here, names, standing, moment)

    return WhoCanOpen(moment, door(said.home), door(said.entrance))


def why_not(
    client: Client, employee: Employee, moment: datetime, now: datetime
) -> tuple[Obstacle, ...]:
    """Tell everything that keeps an employee from the client's front door; () if they can open it.

    Of a past moment the phones they had are not known: only plans are looked at.
    """
    policy, world, (absences, reasons) = _around(
        client, moment, now, _away, _withdrawn, staff=(employee.pk,)
    )
    if moment < now:
        world = _with_phones(world, past=True)
    facts = whynot.why_not(world, policy, employee.number, client.external_id, moment)
    names, withdrawn = Names(world, ()), {str(pk): reason for pk, reason in reasons}
    first = [Obstacle(ABSENT, ended or end) for _, end, ended in sorted(absences)[:1]]
    return (*first, *(_obstacle(fact, names, withdrawn) for fact in facts)) if facts else ()


def _around(
    client: Client, moment: datetime, now: datetime, *also: Question, staff: tuple[int, ...] = ()
) -> tuple[Policy, World, list[list[Row]]]:
    """The policy of a moment, the client's world then, and the answers to what is `also` asked."""
    known = min(moment, now)
    homes, recorded, *others = ask(
        rights.behind,
        policies.recorded,
        *also,
        **rights.doors_of(client),
        moment=moment,
        known=known,
        staff=staff,
    )
    policy = policies.on(moment.astimezone(ZONE).date(), policies.of(recorded))
    world = rights.world_of_client(
        client, (policy,), moment, as_of=known, homes=homes, with_staff=staff
    )
    return policy, world, others


@Question
def _away() -> Values:
    moment = Blank("moment")
    rows = Absence.objects.filter(
        worlds.not_ended("ended_at", moment),
        Among("employee_id", "staff"),
        start__lte=moment,
        end__gt=moment,
    )
    return rows.order_by().values_list("pk", "end", "ended_at")


@Question
def _withdrawn() -> Values:
    return (
        Withdrawal.objects.filter(Among("employee_id", "staff"))
        .order_by()
        .values_list("pk", "reason")
    )


def _with_phones(world: World, *, past: bool) -> World:
    """The same world where nobody is kept out for want of a phone, nor, in the past, by a block."""
    kept = () if past else (PhoneStanding.BLOCKED,)
    return replace(
        world,
        employees=tuple(
            row if row.phone in kept else replace(row, phone=PhoneStanding.IN_USE)
            for row in world.employees
        ),
    )


class _Held(NamedTuple):
    """What is told of a grant that was issued; the one that holds longest comes last."""

    until: datetime
    id: int
    employee: str
    phone: str
    lock: str
    not_before: datetime
    issued_at: datetime
    revoked_at: datetime | None


@Question
def _issued() -> Values:
    """Of the client's doors, what holds at the moment and was issued by then: `_Held`."""
    moment = Blank("moment")
    doors = Door.objects.filter(Q(pk=Blank("front_door")) | Q(entrance_id=Blank("entrance")))
    rows = Issued.objects.filter(
        installation__in=Installation.objects.filter(door__in=doors.order_by()).order_by(),
        scope=int(grants.CARE),
        not_before__lte=moment,
        not_after__gt=moment,
        issued_at__lte=Blank("known"),
    )
    return rows.order_by().values_list(
        "not_after",
        "id",
        "employee__number",
        "phone__label",
        "installation__lock_unit__external_id",
        "not_before",
        "issued_at",
        "revoked_at",
    )


def _door(
    found: DoorOpeners,
    held: Iterable[_Held],
    names: Names,
    standing: dict[str, PhoneStanding],
    moment: datetime,
) -> DoorSays:
    good: dict[str, HeldGrant] = {}
    bad: dict[str, HeldGrant] = {}
    openers = {one.employee_id for one in found.openers}
    for row in held:
        revoked = row.revoked_at if row.revoked_at and row.revoked_at <= moment else None
        grant = HeldGrant(row.phone, row.not_before, row.until, row.issued_at, revoked)
        kept = good if row.employee in openers and revoked is None else bad
        kept[row.employee] = grant
    return DoorSays(
        lock=found.lock_id,
        can=tuple(
            CanOpen(
                person=names.people[one.employee_id],
                since=one.since,
                until=one.until,
                because=tuple(names.because(reason) for reason in one.reasons),
                phone=standing[one.employee_id],
                grant=good.get(one.employee_id),
            )
            for one in found.openers
        ),
        left=tuple(
            Left(names.people[number], grant)
            for number, grant in sorted(bad.items())
            if number not in openers
        ),
    )


def _obstacle(fact: WhyNot, names: Names, withdrawn: Mapping[str, str]) -> Obstacle:
    choice = fact.choice_id or ""
    provider = fact.provider_id or names.choice_provider.get(choice, "")
    return Obstacle(
        fact=fact.fact.value,
        at=fact.at,
        provider_name=names.providers.get(provider, "") if provider else "",
        team_name=names.team(fact.team_id)[0],
        decision=names.decisions.get(fact.decision_id or ""),
        choice=names.choices.get(choice),
        shift=names.shifts.get(fact.shift_id) if fact.shift_id else None,
        visit=names.visits.get(fact.visit_id) if fact.visit_id else None,
        reason=withdrawn.get(fact.withdrawal_id or "", ""),
    )
