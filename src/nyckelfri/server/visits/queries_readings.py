"""Readings of labels that do not fit, found when somebody asks.

House rules: reads only, a fixed number of queries for any number of readings. What lies
near its own door's use is left out by the database; the rules judge the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import DateTimeField, Exists, ExpressionWrapper, Max, OuterRef, Q, QuerySet

from nyckelfri.care import readings as care
from nyckelfri.care import visits
from nyckelfri.care.readings import Fit, Reading
from nyckelfri.care.visits import LockEvent
from nyckelfri.door.clock import Mark
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import DoorEvent, PhoneEntry

_Verdict = PhoneEntry.Verdict
PROVES_NOTHING: Final = (
    _Verdict.FORGED, _Verdict.REPLAYED, _Verdict.UNSIGNED, _Verdict.UNKNOWN,
)  # fmt: skip
"""Verdicts that stand out by themselves."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A reading that stands out, by its verdict or by its fit."""

    entry: PhoneEntry
    why: str


def odd(rows: QuerySet[PhoneEntry], now: datetime) -> list[Odd]:
    """Those of these readings that stand out, in their order."""
    some = list(
        rows.exclude(verdict="")
        .filter(may_stand_out())
        .select_related(
            "label__client", "employee__care_team", "visit__employee", "visit__second_employee"
        )
    )
    asked = [row for row in some if row.verdict not in PROVES_NOTHING]
    fits = _fits(asked, now)
    return [
        Odd(row, fits[row.pk].value if row.pk in fits else row.verdict)
        for row in some
        if fits.get(row.pk) not in {Fit.FITS, Fit.WAITING}
    ]


def may_stand_out() -> Q:
    """Every reading that may stand out, and few others: what the rules need not look at is out."""
    home = OuterRef("label__client__front_door")
    used = DoorEvent.objects.filter(
        employee=OuterRef("employee"),
        installation__door=home,
        result=DoorEvent.Result.DONE,
        at__gte=_shifted("at", -care.NEAR),
        at__lte=_shifted("at", care.NEAR),
    )
    lock = Installation.objects.filter(door=home, retired_at=None)
    at_work = DoorEvent.objects.filter(
        employee=OuterRef("employee"),
        at__gte=_shifted("at", -visits.LONGEST_STAY),
        at__lte=OuterRef("at"),
    )
    before = PhoneEntry.objects.filter(
        chip=OuterRef("chip"),
        verdict=_Verdict.SIGNED,
        counter__gt=OuterRef("counter"),
        at__lt=_shifted("at", -care.SAME_TAP),
    )
    without = ~Exists(used) & (Q(Exists(lock)) | Q(Exists(at_work)))
    return Q(verdict__in=PROVES_NOTHING) | without | Q(Exists(before))


def _shifted(name: str, by: timedelta) -> Any:
    return ExpressionWrapper(OuterRef(name) + by, output_field=DateTimeField())


def _fits(rows: Sequence[PhoneEntry], now: datetime) -> dict[int, Fit]:
    """How each of these readings fits."""
    if not rows:
        return {}
    homes = _homes(rows)
    companions = _companions(rows)
    events = _events(rows, companions)
    told = _told({lock for locks in homes.values() for lock in locks})
    taps = _taps(rows)
    found = {}
    for row in rows:
        reading = _reading(row, homes, companions)
        near = [
            event
            for number in (reading.employee_id, *reading.companions)
            for event in events.get(number, ())
            if abs(event.at - reading.at) <= visits.LONGEST_STAY
        ]
        until = [told[lock] for lock in reading.lock_ids if lock in told]
        found[row.pk] = care.judge(
            reading,
            events=near,
            taps=taps.get(row.chip or b"", ()),
            home_until=min(until) if len(until) == len(reading.lock_ids) and until else None,
            now=now,
        )
    return found


def _reading(
    row: PhoneEntry, homes: dict[int, list[str]], companions: dict[int, frozenset[str]]
) -> Reading:
    front = row.label.client.front_door_id if row.label else None
    return Reading(
        employee_id=row.employee.number if row.employee else "",
        at=row.at or row.received_at,
        lock_ids=frozenset(homes.get(front or 0, ())),
        companions=companions.get(row.visit_id or 0, frozenset()),
        counter=row.counter,
    )


def _homes(rows: Sequence[PhoneEntry]) -> dict[int, list[str]]:
    """By front door: the locks in service on it, now."""
    doors = {row.label.client.front_door_id for row in rows if row.label}
    found: defaultdict[int, list[str]] = defaultdict(list)
    units = Installation.objects.filter(door__in=doors - {None}, retired_at=None).order_by()
    for door, identifier in units.values_list("door_id", "identifier"):
        found[door].append(bytes(identifier).hex())
    return found


def _companions(rows: Sequence[PhoneEntry]) -> dict[int, frozenset[str]]:
    """By visit: everybody whom its plan names."""
    found = {}
    for row in rows:
        if row.visit is not None:
            planned = (row.visit.employee, row.visit.second_employee)
            found[row.visit.pk] = frozenset(each.number for each in planned if each is not None)
    return found


def _events(
    rows: Sequence[PhoneEntry], companions: dict[int, frozenset[str]]
) -> dict[str, list[LockEvent]]:
    """By employee number: what they did at doors around these readings."""
    moments = [row.at for row in rows if row.at is not None]
    people = {row.employee.number for row in rows if row.employee}
    people.update(*companions.values())
    if not moments or not people:
        return {}
    done = DoorEvent.objects.filter(
        result=DoorEvent.Result.DONE,
        command__in=(DoorEvent.Command.UNLOCK, DoorEvent.Command.LOCK),
        employee__number__in=people,
        at__gte=min(moments) - visits.LONGEST_STAY,
        at__lte=max(moments) + visits.LONGEST_STAY,
    ).exclude(mark=Mark.LOST)
    found: defaultdict[str, list[LockEvent]] = defaultdict(list)
    for row in queries.lock_events(done):
        found[row.employee_id].append(row)
    return found


def _told(locks: set[str]) -> dict[str, datetime]:
    """By lock: the time of the newest thing that its journal has told."""
    rows = DoorEvent.objects.filter(
        installation__identifier__in=[bytes.fromhex(lock) for lock in locks]
    ).exclude(mark=Mark.LOST)
    newest = rows.order_by().values("installation__identifier").annotate(newest=Max("at"))
    return {
        bytes(identifier).hex(): at
        for identifier, at in newest.values_list("installation__identifier", "newest")
    }


def _taps(rows: Sequence[PhoneEntry]) -> dict[bytes, list[tuple[int, datetime]]]:
    """By chip: counter and time of what it signed after any of these, and claims to be earlier."""
    signed = [row for row in rows if row.counter is not None and row.at is not None]
    if not signed:
        return {}
    later = PhoneEntry.objects.filter(
        verdict=_Verdict.SIGNED,
        chip__in={row.chip for row in signed},
        counter__gt=min(row.counter for row in signed if row.counter is not None),
        at__lt=max(row.at for row in signed if row.at is not None),
    )
    found: defaultdict[bytes, list[tuple[int, datetime]]] = defaultdict(list)
    for row in later.order_by().only("chip", "counter", "at"):
        if row.chip is not None and row.counter is not None and row.at is not None:
            found[row.chip].append((row.counter, row.at))
    return found
