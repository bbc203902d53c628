"""Visits follow from evidence: a local day is derived, and what differs is written.

House rules: to derive a day again changes nothing; what is approved or corrected is never
changed, and what newer evidence says of it is noted beside it. One transaction for some days, so
that work over a month goes on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from django.db import transaction

from nyckelfri.care import derive
from nyckelfri.care.performed import Loose
from nyckelfri.care.times import ZONE, DateRange, local_moment
from nyckelfri.server import bulk, turns
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import (
    actions_patterns,
    evidence,
    models,
    newer,
    queries_signs,
    rules,
)
from nyckelfri.server.visits.models import LooseSign, TouchedDay, VisitDay
from nyckelfri.server.visits.performers import Performer, Performers
from nyckelfri.server.visits.queries_signs import Register

Told = tuple[Any, ...]
"""What the evidence says of a visit, in the order of `newer.TOLD`."""
_FIELDS: Final = tuple(name.removesuffix("_id") for name in newer.TOLD)
_A_DAY: Final = timedelta(days=1)
_SPAN: Final = 7
"""Days that are derived together: more would hold too much in memory, fewer read signs twice."""
_WAITS: Final = 4
"""For how many days after its own a day's visits may still wait for journals to come home."""
_AGAIN: Final = timedelta(hours=1)
"""How often such a day is derived again; at last when that time is over, however late."""


@dataclass(slots=True)
class Outcomes:
    """What deriving changed: visits made, changed and gone, and approved ones contested."""

    made: int = 0
    changed: int = 0
    gone: int = 0
    contested: int = 0


def derive_days(
    days: Iterable[date], *, now: datetime, progress: Callable[[date], None] = lambda _: None
) -> Outcomes:
    """Derive each of these days; `progress` is told a day before it and those after it begin."""
    spans, sum_ = list(_spans(days)), Outcomes()
    if not spans:
        return sum_
    known, staff = queries_signs.register(), Performers.read()
    for span in spans:
        progress(span[0])
        with bulk.unsearched():
            _derive(span, known, staff, sum_, now)
    return sum_


def derive_waiting(now: datetime) -> Outcomes:
    """Derive the days for which evidence has come, and those that still wait for some."""
    today = now.astimezone(ZONE).date()
    touched = set(TouchedDay.objects.filter(day__lte=today).values_list("day", flat=True))
    derived = dict(VisitDay.objects.filter(day__lte=today).values_list("day", "derived_at"))
    recent = {today - timedelta(days=back) for back in range(_WAITS + 1)}
    wait = {day for day, at in derived.items() if at < _waits_until(day) and at <= now - _AGAIN}
    return derive_days(sorted(touched | wait | recent - derived.keys()), now=now)


def _waits_until(day: date) -> datetime:
    return local_moment(day + timedelta(days=_WAITS + 1), time.min)


def _spans(days: Iterable[date]) -> Iterator[list[date]]:
    """The days in order, those that follow each other together, so that signs are read once."""
    changes = rules.changes()
    span: list[date] = []
    for day in sorted(set(days)):
        if span and (day - span[-1] > _A_DAY or len(span) == _SPAN or day in changes):
            yield span
            span = []
        span.append(day)
    if span:
        yield span


@transaction.atomic
def _derive(
    days: Sequence[date], known: Register, staff: Performers, sum_: Outcomes, now: datetime
) -> None:
    for day in days:
        turns.alone(Turn.VISITS, day.isoformat())
    # What comes while we read leaves a row that stays, and the day is derived once more.
    seen = list(TouchedDay.objects.filter(day__in=days).values_list("pk", flat=True))
    signs = queries_signs.around(days[0], days[-1], known)
    found = derive.derive(signs, rules.on(days[0]), now)
    named, starts = evidence.named(signs), {plan.planned_id: plan.start for plan in signs.plans}
    told: dict[date, dict[str, Told]] = {day: {} for day in days}
    for visit in found.visits:
        own = told.get(derive.local_day(visit, starts))
        if own is not None:
            own[visit.key] = newer.told(visit, named)
    loose: dict[date, dict[str, Loose]] = {day: {} for day in days}
    for each in found.loose:
        if each.flag is not None:
            of_day = loose.get(derive.local_day(each, starts))
            if of_day is not None:
                of_day[key_of(each)] = each
    for day in days:
        _write_visits(day, told[day], staff, sum_)
        _write_loose(day, loose[day])
        VisitDay.objects.update_or_create(day=day, defaults={"derived_at": now})
    actions_patterns.note(days, known.home_of)
    TouchedDay.objects.filter(pk__in=seen).delete()


def _write_visits(day: date, said: dict[str, Told], staff: Performers, sum_: Outcomes) -> None:
    """Make the rows of a day be as `said`, by key; what stands is told beside it."""
    changed = []
    for row in _stored(day, said):
        told = said.pop(row.key, None)
        if told == newer.told_of(row) and row.day == day:
            if row.newer is None:
                continue
            row.newer = None
        elif row.approved_at is not None or row.corrections.exists():
            says = newer.of(told)
            if newer.says(row.newer, says):
                continue
            row.newer = says
            sum_.contested += 1
        elif told is None:
            row.delete()
            sum_.gone += 1
            continue
        else:
            for name, value in zip(newer.TOLD, told, strict=True):
                setattr(row, name, value)
            row.day = day
            row.provider_id, row.care_team_id = _performer(told, day, staff)
            sum_.changed += 1
        changed.append(row)
    models.Visit.objects.bulk_update(
        changed, ["day", *_FIELDS, "provider", "care_team", "newer"], batch_size=bulk.BATCH
    )
    sum_.made += len(said)
    names = ("key", "day", "provider", "care_team", *_FIELDS)
    bulk.insert(models.Visit, names, _rows(said, day, staff))


def _stored(day: date, said: Mapping[str, Told]) -> Iterator[models.Visit]:
    """The rows of a day, and those of its visits that lay on another day until now."""
    yield from models.Visit.objects.filter(day=day)
    elsewhere = models.Visit.objects.exclude(day=day)
    start, end = DateRange(day, day).window()
    # A plan that was moved takes its visits along.
    for row in elsewhere.filter(planned__start__gte=start, planned__start__lt=end):
        if row.key in said:
            yield row
    unplanned = sorted(key for key in said if key.startswith("~"))
    for at in range(0, len(unplanned), bulk.BATCH):
        yield from elsewhere.filter(key__in=unplanned[at : at + bulk.BATCH])


def _rows(said: Mapping[str, Told], day: date, staff: Performers) -> Iterator[tuple[Any, ...]]:
    for key, told in said.items():
        written = [_written(each) if type(each) is list else each for each in told]
        yield (key, day, *_performer(told, day, staff), *written)


def _written(value: list[Any]) -> str:
    """JSON of services, flags or signs; the first two are of few kinds."""
    return bulk.as_json(value) if value and isinstance(value[0], list) else _words(*value)


@lru_cache(maxsize=1024)
def _words(*words: str) -> str:
    return bulk.as_json(words)


def _performer(told: Told, day: date, staff: Performers) -> Performer:
    client, employee, services = told[0], told[1], told[newer.TOLD.index("services")]
    return staff.of(employee, client, services, day)


def _write_loose(day: date, said: Mapping[str, Loose]) -> None:
    """Keep what raises a flag; one that somebody has settled stays."""
    flags = {key: loose.flag.value for key, loose in said.items() if loose.flag is not None}
    stored = dict(LooseSign.objects.filter(day=day).values_list("key", "flag"))
    gone = [key for key, flag in stored.items() if flags.get(key) != flag]
    LooseSign.objects.filter(key__in=gone, settled_at=None).delete()
    kept = set(stored) - set(gone)
    kept |= set(LooseSign.objects.filter(key__in=gone).values_list("key", flat=True))
    LooseSign.objects.bulk_create(
        LooseSign(
            key=key,
            day=day,
            flag=flags[key],
            employee_id=None if loose.employee_id is None else int(loose.employee_id),
            client_id=None if loose.client_id is None else int(loose.client_id),
            at=loose.at,
            refs=list(loose.refs),
        )
        for key, loose in said.items()
        if key not in kept
    )


def key_of(loose: Loose) -> str:
    """The name of loose signs: the first of them."""
    return min(loose.refs)
