"""What is known around a local day, as the values that `care.derive` reads.

House rules: reads only, a fixed number of questions for a day of any size; rows come as values,
since a day of a large municipality has fifty thousand. Ids are primary keys as text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from nyckelfri.care.derive import MARGIN
from nyckelfri.care.performed import (
    AlarmSign,
    Away,
    ByHand,
    DoorSign,
    EntranceSign,
    HandSign,
    Home,
    LabelSign,
    Plan,
    Signs,
    Tap,
)
from nyckelfri.care.times import Window, local_moment
from nyckelfri.care.visits import Movement
from nyckelfri.server.homes.models import Client, ClientAbsence, PlannedVisit
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Door, Installation, LockUnit, NfcLabel
from nyckelfri.server.visits.models import (
    DoorEvent,
    ForeignAlarm,
    ForeignDoorEvent,
    ForeignEntry,
    ForeignReading,
    OfficeEntry,
    PhoneEntry,
)

_TOLD: Final = timedelta(days=4)
"""How long after a day a lock's newer events tell that its journal has come home."""
_COUNTED: Final = timedelta(days=31)
"""How far back the counters of labels are looked up."""
_A_DAY: Final = timedelta(days=1)
_MOVED: Final = {
    DoorEvent.Command.UNLOCK: Movement.UNLOCKED,
    DoorEvent.Command.LOCK: Movement.LOCKED,
}
_FOREIGN_MOVED: Final = {
    ForeignDoorEvent.What.UNLOCKED: Movement.UNLOCKED,
    ForeignDoorEvent.What.LOCKED: Movement.LOCKED,
}
_COUNTS: Final = Q(flaw="") | Q(flaw__in=("others_client", "other_visit"))
"""Entries whose author and client are known, whatever somebody shall ask about them."""
_BY_HAND: Final = {
    PhoneEntry.Kind.VISIT_START: ByHand.VISIT,
    PhoneEntry.Kind.VISIT_END: ByHand.VISIT,
    PhoneEntry.Kind.UNPLANNED: ByHand.VISIT,
    PhoneEntry.Kind.MISSED: ByHand.MISSED,
    PhoneEntry.Kind.DECLINED: ByHand.DECLINED,
    PhoneEntry.Kind.UNDO: ByHand.UNDO,
}
_SIGNED: Final = {
    ForeignReading.Signature.RIGHT.value: Tap.SIGNED,
    ForeignReading.Signature.WRONG.value: Tap.FORGED,
}


@dataclass(frozen=True, slots=True)
class Register:
    """What signs are read with: homes by client, and what lies behind each door."""

    homes: Mapping[str, Home]
    home_of: Mapping[int, str]
    """The home of each client."""
    front: Mapping[int, str]
    """The home behind each front door."""
    behind: Mapping[int, frozenset[str]]
    """The homes behind each entrance's door."""
    doors: Mapping[int, int]
    """The door of each installation."""
    units: Mapping[int, int]
    """The door of each unit."""
    labels: Mapping[int, tuple[int, str]]
    """Client and kind of each label."""


def register() -> Register:
    """Read the register; once for as many days as are derived together."""
    mounted = set(
        LockUnit.objects.filter(
            status=LockUnit.Status.MOUNTED, door__kind=Door.Kind.FRONT_DOOR
        ).values_list("door_id", flat=True)
    )
    living: defaultdict[str, list[int]] = defaultdict(list)
    front: dict[int, str] = {}
    locked: set[str] = set()
    behind: defaultdict[int, set[str]] = defaultdict(set)
    entrances = Client.objects.order_by("pk").values_list(
        "pk", "front_door_id", "entrance__door__id"
    )
    for client, door, entrance in entrances:
        home = f"d{door}" if door else f"c{client}"
        living[home].append(client)
        if door:
            front[door] = home
            if door in mounted:
                locked.add(home)
        if entrance:
            behind[entrance].add(home)
    return Register(
        homes={
            home: Home(home, tuple(map(str, clients)), home in locked)
            for home, clients in living.items()
        },
        home_of={client: home for home, clients in living.items() for client in clients},
        front=front,
        behind={door: frozenset(homes) for door, homes in behind.items()},
        doors=dict(Installation.objects.values_list("pk", "door_id")),
        units=dict(LockUnit.objects.values_list("pk", "door_id")),
        labels={
            pk: (client, kind)
            for pk, client, kind in NfcLabel.objects.values_list("pk", "client_id", "kind")
        },
    )


def around(first: date, last: date, known: Register) -> Signs:
    """All signs of these local days and of what may belong to their visits."""
    start, end = local_moment(first, time.min), local_moment(last + _A_DAY, time.min)
    window = Window(start - MARGIN, end + MARGIN)
    doors: list[DoorSign] = []
    entrances: list[EntranceSign] = []
    for sign in (*_door_events(window, known), *_foreign_events(window, known)):
        if isinstance(sign, DoorSign):
            doors.append(sign)
        else:
            entrances.append(sign)
    return Signs(
        doors=doors,
        entrances=entrances,
        labels=[*_taps(window, known), *_foreign_readings(window, known)],
        by_hand=[*_entries(window), *_foreign_entries(window), *_office(window)],
        alarms=list(_alarms(window)),
        plans=list(_plans(window)),
        away=list(_away(first, last)),
        homes=known.homes,
        told_until=_told(window, known),
        counts=_counts(window),
        rights=_rights(window, known),
    )


def _sign(
    known: Register, door: int, movement: Movement, *told: Any
) -> DoorSign | EntranceSign | None:
    """A front door's movement, or an entrance opened; None for a door where nobody lives.

    `told` are the name of the row, employee, and when it was and came.
    """
    ref, employee, at, received = told
    home = known.front.get(door)
    if home is not None:
        return DoorSign(ref, str(employee), home, movement, at, received)
    homes = known.behind.get(door)
    if homes is None or movement is Movement.LOCKED:
        return None
    return EntranceSign(ref, str(employee), homes, at, received)


def _door_events(window: Window, known: Register) -> Iterator[DoorSign | EntranceSign]:
    rows = _within(DoorEvent.objects.all(), "at", window).filter(
        result=DoorEvent.Result.DONE, command__in=_MOVED, employee__isnull=False
    )
    for pk, installation, employee, command, at, received in rows.values_list(
        "pk", "installation_id", "employee_id", "command", "at", "received_at"
    ):
        door, movement = known.doors[installation], _MOVED[command]
        sign = _sign(known, door, movement, f"d{pk}", employee, at, received)
        if sign is not None:
            yield sign


def _foreign_events(window: Window, known: Register) -> Iterator[DoorSign | EntranceSign]:
    rows = _within(ForeignDoorEvent.objects.all(), "at", window).filter(
        what__in=_FOREIGN_MOVED, employee__isnull=False
    )
    for pk, unit, employee, what, at, received in rows.values_list(
        "pk", "lock_unit_id", "employee_id", "what", "at", "received_at"
    ):
        door, movement = known.units[unit], _FOREIGN_MOVED[what]
        sign = _sign(known, door, movement, f"D{pk}", employee, at, received)
        if sign is not None:
            yield sign


def _taps(window: Window, known: Register) -> Iterator[LabelSign]:
    rows = (
        _within(PhoneEntry.objects.all(), "at", window)
        .exclude(verdict="")
        .filter(_COUNTS | Q(flaw="unknown_label"), employee__isnull=False)
    )
    for pk, employee, client, label, at, received, verdict, chip, counter in rows.values_list(
        "pk", "employee_id", "client_id", "label_id", "at", "received_at", "verdict", "chip",
        "counter",
    ):  # fmt: skip
        whose = known.labels[label][0] if label else client
        if whose is not None:
            yield LabelSign(
                f"p{pk}", str(employee), str(whose), at, received, Tap(verdict),
                bytes(chip).hex() if chip else "", counter,
            )  # fmt: skip


def _foreign_readings(window: Window, known: Register) -> Iterator[LabelSign]:
    rows = _within(ForeignReading.objects.all(), "at", window)
    for pk, employee, label, at, received, counter, signature in rows.values_list(
        "pk", "employee_id", "label_id", "at", "received_at", "counter", "signature"
    ):
        client, kind = known.labels[label]
        counts = kind == NfcLabel.Kind.COUNTING
        tap = _SIGNED.get(signature, Tap.UNSIGNED if counts else Tap.PLAIN)
        yield LabelSign(
            f"R{pk}", str(employee), str(client), at, received, tap,
            _chip(label) if counter is not None else "", counter,
        )  # fmt: skip


def _entries(window: Window) -> Iterator[HandSign]:
    rows = _within(PhoneEntry.objects.all(), "at", window).filter(
        _COUNTS, kind__in=_BY_HAND, employee__isnull=False, client__isnull=False
    )
    for pk, kind, employee, client, visit, at, received, detail in rows.values_list(
        "pk", "kind", "employee_id", "client_id", "visit_id", "at", "received_at", "detail"
    ):
        by_hand = detail.get("how") == "manual"
        yield HandSign(
            ref=f"p{pk}",
            employee_id=str(employee),
            client_id=str(client),
            kind=_BY_HAND[kind],
            received_at=received,
            at=at,
            planned_id=str(visit) if visit else None,
            entry=at if by_hand and kind == PhoneEntry.Kind.VISIT_START else None,
            exit=at if by_hand and kind == PhoneEntry.Kind.VISIT_END else None,
            reason=detail.get("reason", ""),
            services=tuple(detail.get("services", ())),
            begins=kind in {PhoneEntry.Kind.VISIT_START, PhoneEntry.Kind.UNPLANNED},
            ends=kind == PhoneEntry.Kind.VISIT_END,
        )


def _foreign_entries(window: Window) -> Iterator[HandSign]:
    rows = _within(ForeignEntry.objects.all(), "entry", window)
    for pk, employee, client, visit, entry, until, why, received in rows.values_list(
        "pk", "employee_id", "visit__client_id", "visit_id", "entry", "exit", "why", "received_at"
    ):
        declined = why == ForeignEntry.Why.DECLINED
        yield HandSign(
            ref=f"E{pk}",
            employee_id=str(employee),
            client_id=str(client),
            kind=ByHand.DECLINED if declined else ByHand.VISIT,
            received_at=received,
            at=entry,
            planned_id=str(visit),
            entry=entry,
            exit=until,
            reason=why,
        )


def _office(window: Window) -> Iterator[HandSign]:
    rows = _within(OfficeEntry.objects.filter(withdrawn_at=None), "entry", window)
    for pk, employee, client, visit, kind, entry, until, services, reason, at in rows.values_list(
        "pk", "employee_id", "client_id", "visit_id", "kind", "entry", "exit", "services",
        "reason", "entered_at",
    ):  # fmt: skip
        yield HandSign(
            ref=f"o{pk}",
            employee_id=str(employee),
            client_id=str(client),
            kind=ByHand(kind),
            received_at=at,
            at=entry,
            planned_id=str(visit) if visit else None,
            entry=entry,
            exit=until,
            reason=reason,
            services=tuple(services),
        )


def _alarms(window: Window) -> Iterator[AlarmSign]:
    rows = _within(ForeignAlarm.objects.all(), "at", window)
    for pk, client, at, employee, on_site in rows.values_list(
        "pk", "client_id", "at", "employee_id", "on_site_at"
    ):
        yield AlarmSign(f"A{pk}", str(client), at, str(employee) if employee else None, on_site)


def _plans(window: Window) -> Iterator[Plan]:
    rows = PlannedVisit.objects.filter(
        withdrawn_at=None, start__lt=window.end, end__gt=window.start
    ).order_by()
    for pk, client, employee, second, start, end, services in rows.values_list(
        "pk", "client_id", "employee_id", "second_employee_id", "start", "end", "services"
    ):
        staff = (str(employee),) if second is None else (str(employee), str(second))
        yield Plan(str(pk), str(client), staff, start, end, tuple(services))


def _away(first: date, last: date) -> Iterator[Away]:
    rows = ClientAbsence.objects.filter(
        Q(valid_till=None) | Q(valid_till__gte=first - _A_DAY), valid_from__lte=last + _A_DAY
    ).order_by()
    for client, begins, ends, why in rows.values_list(
        "client_id", "valid_from", "valid_till", "why"
    ):
        yield Away(str(client), begins, ends, why)


def _told(window: Window, known: Register) -> dict[str, datetime]:
    """How far each home's lock has told of itself: its newest event of these days."""
    ahead = Window(window.start, window.end + _TOLD)
    ours = _within(DoorEvent.objects.all(), "at", ahead).values_list("installation_id")
    theirs = _within(ForeignDoorEvent.objects.all(), "at", ahead).values_list("lock_unit_id")
    found: dict[str, datetime] = {}
    for rows, doors in ((ours, known.doors), (theirs, known.units)):
        for pk, newest in rows.annotate(newest=Max("at")):
            home = known.front.get(doors[pk])
            if home is not None:
                found[home] = max(newest, found.get(home, newest))
    return found


def _counts(window: Window) -> dict[str, int]:
    """The highest count of each label that another system read, before these days.

    Readings that phones brought here were held to their counters when they came.
    """
    rows = ForeignReading.objects.filter(
        at__lt=window.start,
        at__gte=window.start - _COUNTED,
        counter__isnull=False,
        signature=ForeignReading.Signature.RIGHT,
    )
    highest = rows.order_by().values_list("label_id").annotate(highest=Max("counter"))
    return {_chip(label): count for label, count in highest}


def _rights(window: Window, known: Register) -> dict[str, dict[str, list[Window]]]:
    """When staff had a key to a home with a lock of ours, as long as it was not taken back."""
    rows = Issued.objects.filter(not_before__lt=window.end, not_after__gt=window.start).order_by()
    found: defaultdict[str, defaultdict[str, list[Window]]] = defaultdict(lambda: defaultdict(list))
    for employee, installation, begins, ends, revoked in rows.values_list(
        "employee_id", "installation_id", "not_before", "not_after", "revoked_at"
    ):
        home = known.front.get(known.doors[installation])
        if home is not None:
            until = ends if revoked is None else min(ends, revoked)
            found[home][str(employee)].append(Window(begins, until))
    return {home: dict(theirs) for home, theirs in found.items()}


def _chip(label: int) -> str:
    return f"label {label}"


def _within(rows: QuerySet[Any], name: str, window: Window) -> QuerySet[Any]:
    return rows.filter(**{f"{name}__gte": window.start, f"{name}__lt": window.end}).order_by()
