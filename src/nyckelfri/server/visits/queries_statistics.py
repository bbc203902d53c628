"""What a month is measured from, as the values that `care.statistics` reads.

House rules: reads only, a fixed number of questions for a month of any size; rows come as values,
since a month of a large municipality has half a million. A visit is what counts of it: the
correction in force, else what the evidence says. Ids are primary keys as text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from nyckelfri.care.performed import ALARM, AlarmSign, DoorSign, Grade, Outcome
from nyckelfri.care.statistics import month as of_month
from nyckelfri.care.statistics.facts import VisitFact
from nyckelfri.care.statistics.month import Known, Policy
from nyckelfri.care.times import local_moment, month_after
from nyckelfri.care.visits import Movement
from nyckelfri.server.homes.models import Client
from nyckelfri.server.visits.models import DoorEvent, ForeignAlarm, ForeignDoorEvent, Visit

WHOLE: Final = None
"""Stands for the whole municipality where a provider's primary key may stand."""
_COORDINATION: Final = 60
"""What is added to the day of birth in a coordination number."""
_A_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 5000
_OUTCOMES: Final = {each.value: each for each in Outcome}
_GRADES: Final = {each.value: each for each in Grade}
_BY_HAND, _NOTHING = Grade.BY_HAND.value, Grade.NONE.value


class _Register(NamedTuple):
    """By client's primary key."""

    home_of: dict[int, str]
    born: dict[int, date]


def known(month: date, policy: Policy) -> dict[int | None, Known]:
    """What is known of a month, by provider, and of the whole (`WHOLE`)."""
    register = _register()
    facts = _facts(*of_month.span(month), register)
    alarms = _alarms(month)
    doors = _doors(month, alarms[WHOLE], register, policy)
    home_of = {str(client): home for client, home in register.home_of.items()}
    born = {str(client): day for client, day in register.born.items()}
    return {
        provider: Known(facts[provider], alarms[provider], doors, born, home_of)
        for provider in {WHOLE, *facts, *alarms}
    }


def _register() -> _Register:
    found = _Register({}, {})
    rows = Client.objects.order_by().values_list("pk", "front_door_id", "personal_number")
    for client, door, number in rows:
        found.home_of[client] = f"d{door}" if door else f"c{client}"
        day = birth_date(number)
        if day is not None:
            found.born[client] = day
    return found


def birth_date(number: str) -> date | None:
    """The day in a personal or coordination number; None for what is neither."""
    try:
        day = int(number[6:8])
        return date(int(number[:4]), int(number[4:6]), day % _COORDINATION)
    except ValueError:
        return None


def _facts(first: date, last: date, register: _Register) -> Mapping[int | None, list[VisitFact]]:
    found: defaultdict[int | None, list[VisitFact]] = defaultdict(list)
    whole = found[WHOLE]
    # One text for each number, and one list of services, however many visits have it.
    text: dict[int | None, str] = {None: ""}
    some: dict[tuple[str, ...], tuple[str, ...]] = {}
    for provider, row in _visits(first, last):
        client, team, employee, planned, start, finish, reason, grade, *said = row
        outcome, entry, until, services = said
        services = some.setdefault(tuple(services), tuple(services))
        for key in (client, team, employee):
            if key not in text:
                text[key] = str(key)
        if entry is None and start is None:
            continue
        fact = VisitFact(
            client_id=text[client],
            home_id=register.home_of[client],
            team_id=text[team],
            employee_id=text[employee],
            planned_id="" if planned is None else str(planned),
            services=services,
            outcome=_OUTCOMES[outcome],
            grade=_GRADES[grade],
            start=start,
            finish=finish,
            entry=entry,
            exit=until,
            alarm=planned is None and reason == ALARM,
        )
        whole.append(fact)
        if provider is not None:
            found[provider].append(fact)
    return found


def _visits(first: date, last: date) -> Iterator[tuple[int | None, Sequence[Any]]]:
    """Provider and values of each visit; a visit's day may be another than when it began."""
    rows = Visit.objects.filter(day__range=(first - _A_DAY, last + _A_DAY)).order_by()
    values: Any = rows.values_list(
        "provider_id",
        "client_id", "care_team_id", "employee_id", "planned_id", "planned__start", "planned__end",
        "reason", "grade",
        "outcome", "entry", "exit", "services", "correction_id",
        "correction__outcome", "correction__entry", "correction__exit", "correction__services",
    )  # fmt: skip
    for provider, *row in values.iterator(chunk_size=_AT_ONCE):
        shared, told, correction, said = row[:8], row[8:12], row[12], row[13:]
        if correction is not None:
            told = said
            # What nothing told of, somebody's word does.
            shared[7] = _BY_HAND if shared[7] == _NOTHING else shared[7]
        yield provider, [*shared, *told]


def _alarms(month: date) -> Mapping[int | None, list[AlarmSign]]:
    """Alarms of the month; a provider's are those that its staff took."""
    found: defaultdict[int | None, list[AlarmSign]] = defaultdict(list)
    start, end = _moments(month)
    rows = ForeignAlarm.objects.filter(at__gte=start, at__lt=end).order_by("pk")
    for pk, client, at, employee, on_site, provider in rows.values_list(
        "pk", "client_id", "at", "employee_id", "on_site_at", "employee__care_team__provider_id"
    ):
        taker = None if employee is None else str(employee)
        sign = AlarmSign(f"A{pk}", str(client), at, taker, on_site)
        for whose in {WHOLE, provider}:
            found[whose].append(sign)
    return found


def _doors(
    month: date, alarms: Sequence[AlarmSign], register: _Register, policy: Policy
) -> list[DoorSign]:
    """Openings of the homes of these alarms, by those who took them."""
    takers = {int(alarm.employee_id) for alarm in alarms if alarm.employee_id is not None}
    homes = {register.home_of[int(alarm.client_id)] for alarm in alarms}
    start, end = _moments(month)
    within = {"at__gte": start, "at__lt": end + policy.alarms.longest, "employee__in": takers}
    own = DoorEvent.objects.filter(
        result=DoorEvent.Result.DONE, command=DoorEvent.Command.UNLOCK, **within
    ).values_list("pk", "installation__door_id", "employee_id", "at", "received_at")
    others = ForeignDoorEvent.objects.filter(
        what=ForeignDoorEvent.What.UNLOCKED, **within
    ).values_list("pk", "lock_unit__door_id", "employee_id", "at", "received_at")
    return [
        DoorSign(f"{table}{pk}", str(employee), home, Movement.UNLOCKED, at, received)
        for table, rows in (("d", own), ("D", others))
        for pk, door, employee, at, received in rows.order_by()
        for home in (f"d{door}",)
        if home in homes
    ]


def _moments(month: date) -> tuple[datetime, datetime]:
    """When a month begins and ends."""
    return local_moment(month, time.min), local_moment(month_after(month), time.min)
