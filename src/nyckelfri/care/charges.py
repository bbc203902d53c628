"""What a client got and was granted in a month, as lines to pay for.

House rules: time is exact seconds until a line is made, which is once for an article and a price,
downwards. Nothing here says who performed a visit, so no price can depend on it. The lines are
the same in whatever order the rows come.
"""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from nyckelfri.care.billing import (
    Article,
    Basis,
    BillingError,
    Line,
    Trace,
    Unit,
    Why,
    days_of,
    kronor,
)
from nyckelfri.care.feepolicy import Charged, Doubled, FeePolicy, Monthly, Split
from nyckelfri.care.performed import Outcome
from nyckelfri.care.times import BEGINNING, DateRange, require_aware, stretch
from nyckelfri.care.world import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from nyckelfri.care.tariff import Price, Tariff

_TIMED: Final = {
    Service.CARE.value: Article.CARE,
    Service.HOUSEHOLD.value: Article.HOUSEHOLD,
}
"""Services whose time is charged; the time of all others is not."""
_SERVICES: Final = frozenset(service.value for service in Service)
_RANK: Final = {Outcome.PERFORMED: 2, Outcome.MISSED: 1, Outcome.DECLINED: 0}
"""What a visit can be charged as, and which counts where two came to one visit."""
_MINUTE: Final = 60


class VisitRow(NamedTuple):
    """A visit as it is charged: `day` is the local day on which it began.

    `services` in the order planned, as `care.world.Service` values; `begin` and `end` are aware.
    Two visits with the same `planned_id` are one visit by two.
    """

    ref: str
    day: date
    outcome: Outcome
    services: tuple[str, ...]
    begin: datetime | None
    end: datetime | None
    grade: str = ""
    planned_id: str | None = None
    is_alarm: bool = False


class Delivery(NamedTuple):
    """Meals that came that day."""

    ref: str
    day: date
    meals: int


class Extent(enum.Enum):
    """What the extent of a decision counts."""

    MINUTES_A_DAY = "minutes_a_day"
    HOURS_A_WEEK = "hours_a_week"
    """A day is a seventh of it."""
    ITEMS_A_WEEK = "items_a_week"
    MONTH = "month"


_SECONDS_A_DAY: Final = {
    Extent.MINUTES_A_DAY: Fraction(60),
    Extent.HOURS_A_WEEK: Fraction(3600, 7),
}


class Decision(NamedTuple):
    """What somebody was granted: so much of a service on each of these days."""

    ref: str
    service: str
    extent: Decimal
    unit: Extent
    dates: DateRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMonth:
    """What one client got and was granted in the month that begins on `month`.

    Decisions and days away may reach outside the month; visits and deliveries may not.
    """

    month: date
    visits: Sequence[VisitRow] = ()
    deliveries: Sequence[Delivery] = ()
    decisions: Sequence[Decision] = ()
    away: Sequence[DateRange] = ()


class _Running(NamedTuple):
    """A decision on one of its days."""

    day: date
    decision: Decision


Row = TypeVar("Row", Trace, _Running)


def charge(client: ClientMonth, tariff: Tariff, policy: FeePolicy) -> tuple[Line, ...]:
    """The lines of a client's month, in order of article and day.

    BillingError where something cannot be charged: no price that day or two, a performed visit
    without its times or services, a row that comes twice or lies outside the month.
    """
    _refuse(client)
    maker = _Maker(client, tariff, policy)
    visits = _counted(client.visits, policy)
    timed = _timed(visits, policy)
    lines: list[Line] = []
    for service, article in _TIMED.items():
        if policy.charged is Charged.GRANTED:
            lines += maker.granted(article, service)
        else:
            lines += maker.performed(article, service, timed[article])
    lines += maker.monthly(Article.ALARM, Service.ALARM.value)
    lines += maker.pieces(Article.MEALS, _delivered(client.deliveries))
    lines += maker.pieces(Article.MISSED_VISIT, _in_vain(visits, policy))
    return tuple(lines)


def _refuse(client: ClientMonth) -> None:
    """Raise BillingError for rows of another month, and for one that would be paid twice."""
    days = days_of(client.month)
    for rows, why in ((client.visits, Why.WRONG_VISIT), (client.deliveries, Why.WRONG_ROW)):
        seen: set[str] = set()
        for row in rows:
            if not days[0] <= row.day <= days[-1]:
                text = f"{row.ref} is of {row.day}, outside {client.month:%Y-%m}"
                raise BillingError(why, text, ref=row.ref)
            if row.ref in seen:
                raise BillingError(why, f"{row.ref} comes twice", ref=row.ref)
            seen.add(row.ref)


def _counted(visits: Iterable[VisitRow], policy: FeePolicy) -> list[VisitRow]:
    """Visits that can be charged, and of two to one visit the one that is, by policy."""
    once = policy.doubled is Doubled.ONCE
    chosen: dict[tuple[str | None, str], VisitRow] = {}
    for row in visits:
        if row.outcome not in _RANK or (row.is_alarm and not policy.alarm_visits):
            continue
        key = (row.planned_id, "") if once and row.planned_id else (None, row.ref)
        other = chosen.setdefault(key, row)
        if other is not row:
            chosen[key] = max(row, other, key=_weight)
    return list(chosen.values())


def _weight(row: VisitRow) -> tuple[int, int, str]:
    """What decides which of two to one visit counts: performed, then longer."""
    performed = row.outcome is Outcome.PERFORMED
    return _RANK[row.outcome], _seconds(row) if performed else 0, row.ref


def _seconds(row: VisitRow) -> int:
    """How long a performed visit lasted, in whole seconds; BillingError if nobody knows."""
    if row.begin is None or row.end is None:
        raise _wrong(row, "was performed and lacks its begin or end; correct it")
    require_aware(f"begin of visit {row.ref}", row.begin)
    require_aware(f"end of visit {row.ref}", row.end)
    start, end = stretch(row.begin, row.end)
    if end < start:
        raise _wrong(row, "ends before it begins; correct it")
    lasted = end - start
    return lasted.days * 86_400 + lasted.seconds


def _wrong(row: VisitRow, what: str) -> BillingError:
    text = f"visit {row.ref} of {row.day} {what}"
    return BillingError(Why.WRONG_VISIT, text, ref=row.ref, day=row.day)


def _timed(visits: Iterable[VisitRow], policy: FeePolicy) -> dict[Article, list[Trace]]:
    """The time of performed visits by article, every second of a visit once."""
    found: dict[Article, list[Trace]] = defaultdict(list)
    for row in visits:
        if row.outcome is not Outcome.PERFORMED:
            continue
        services = (Service.CARE.value,) if row.is_alarm else row.services
        if not services:
            raise _wrong(row, "names no service; say what was done")
        if policy.split is Split.FIRST:
            services = services[:1]
        each, over = divmod(_seconds(row), len(services))
        for service in services:
            seconds, over = each + over, 0
            article = _TIMED.get(service)
            if article is not None:
                found[article].append(_of_visit(row, seconds // _MINUTE, seconds))
            elif service not in _SERVICES:
                raise _wrong(row, f"names {service!r}, which is no service")
    return found


def _of_visit(row: VisitRow, quantity: int, seconds: int = 0) -> Trace:
    return Trace(Basis.VISIT, row.ref, row.day, quantity, row.begin, row.end, row.grade, seconds)


def _in_vain(visits: Iterable[VisitRow], policy: FeePolicy) -> list[Trace]:
    return [_of_visit(row, 1) for row in visits if row.outcome in policy.in_vain]


def _delivered(deliveries: Iterable[Delivery]) -> list[Trace]:
    for row in deliveries:
        if row.meals < 0:
            text = f"delivery {row.ref} is of fewer than none; correct it"
            raise BillingError(Why.WRONG_ROW, text, ref=row.ref)
    return [Trace(Basis.DELIVERY, row.ref, row.day, row.meals) for row in deliveries if row.meals]


def _in_order(trace: Trace) -> tuple[date, datetime, str]:
    return trace.day, trace.begin or BEGINNING, trace.ref


class _Maker:
    """Makes a client's lines: one for an article and a price."""

    def __init__(self, client: ClientMonth, tariff: Tariff, policy: FeePolicy) -> None:
        self._client = client
        self._tariff = tariff
        self._policy = policy
        self._days = days_of(client.month)

    def performed(self, article: Article, service: str, visits: list[Trace]) -> Iterator[Line]:
        """Lines of the time of visits, up to what was granted where the policy says so."""
        granted: list[_Running] = []
        left: Fraction | None = None
        if self._policy.charged is Charged.SMALLER:
            granted = self._running(service)
            left = _granted(granted)
        for price, traces in self._by_price(article, sorted(visits, key=_in_order)):
            seconds = Fraction(sum(trace.seconds for trace in traces))
            behind = traces
            if left is not None:
                if seconds > left:
                    seconds, behind = left, traces + _decided(granted)
                left -= seconds
            yield from self._line(price, int(seconds // _MINUTE), traces, behind)

    def granted(self, article: Article, service: str) -> Iterator[Line]:
        """Lines of granted time."""
        for price, days in self._by_price(article, self._running(service)):
            yield from self._line(price, int(_granted(days) // _MINUTE), days, _decided(days))

    def monthly(self, article: Article, service: str) -> Iterator[Line]:
        """Lines of what runs by the month: the days on which it was granted, or them all."""
        running = self._running(service)
        if self._policy.monthly is Monthly.WHOLE:
            decisions = dict.fromkeys(row.decision for row in running)
            running = [_Running(day, decision) for day in self._days for decision in decisions]
        for price, days in self._by_price(article, running):
            yield from self._line(price, len({row.day for row in days}), days, _decided(days))

    def pieces(self, article: Article, pieces: list[Trace]) -> Iterator[Line]:
        """Lines of what is counted."""
        for price, traces in self._by_price(article, sorted(pieces, key=_in_order)):
            yield from self._line(price, sum(trace.quantity for trace in traces), traces, traces)

    def _running(self, service: str) -> list[_Running]:
        """Decisions on a service, day by day; without days away where the policy says so."""
        away = self._client.away if self._policy.away_is_free else ()
        decisions = sorted(
            (row for row in self._client.decisions if row.service == service),
            key=attrgetter("ref"),
        )
        return [
            _Running(day, decision)
            for day in self._days
            if not any(dates.holds(day) for dates in away)
            for decision in decisions
            if decision.dates.holds(day)
        ]

    def _by_price(self, article: Article, rows: Sequence[Row]) -> Iterator[tuple[Price, list[Row]]]:
        """Rows in order of days, in groups of one price."""
        for price, group in groupby(rows, lambda row: self._tariff.on(article, row.day)):
            yield price, list(group)

    def _line(
        self, price: Price, quantity: int, rows: Sequence[Row], behind: Sequence[Trace]
    ) -> Iterator[Line]:
        """One line of these rows, or none of nothing."""
        if quantity == 0:
            return
        of = len(self._days) if price.unit is Unit.MONTH else 1
        parts = _MINUTE if price.unit is Unit.HOUR else of
        yield Line(
            article=price.article,
            text=price.text,
            unit=price.unit,
            quantity=quantity,
            price=price.price,
            amount=kronor(price.price * quantity / parts),
            first=rows[0].day,
            last=rows[-1].day,
            capped=price.article not in self._policy.outside_cap,
            traces=tuple(behind),
            of=of,
        )


def _granted(days: Iterable[_Running]) -> Fraction:
    """The seconds granted on these days, exact; BillingError for what grants no time."""
    seconds = Fraction()
    for _, decision in days:
        if decision.unit not in _SECONDS_A_DAY:
            text = f"decision {decision.ref} grants no time; correct its extent"
            raise BillingError(Why.WRONG_ROW, text, ref=decision.ref)
        seconds += Fraction(decision.extent) * _SECONDS_A_DAY[decision.unit]
    return seconds


def _decided(days: Sequence[_Running]) -> list[Trace]:
    """The decisions of these days, each with its first and how many they are."""
    counted = Counter(row.decision for row in days)
    first = {row.decision: row.day for row in reversed(days)}
    return [
        Trace(Basis.DECISION, decision.ref, first[decision], count)
        for decision, count in counted.items()
    ]
