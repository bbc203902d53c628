"""Approved visits of a month into what their provider is paid.

House rules: values in, a frozen statement out, the same in whatever order they come. Nothing is
left out in silence: a visit is in a line, is unpaid for a reason that is named, or stops the
provider's whole statement with a `PayFault` that says what to put right.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from nyckelfri.care.pay import (
    Ground,
    Kind,
    PaidTime,
    PayFault,
    PayPolicy,
    PayTrace,
    PayVisit,
    Per,
    PriceFault,
    Statement,
    StatementLine,
    Unpaid,
    Why,
    pay_policy_on,
)
from nyckelfri.care.performed import Outcome
from nyckelfri.care.times import stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nyckelfri.care.pay import NewClient
    from nyckelfri.care.payprices import Price, Prices
    from nyckelfri.care.performed import Away

_ORE: Final = Decimal("0.01")
_MINUTE: Final = 60
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_LAST_PAID_DAY_AWAY: Final = 5
_GROUNDS: Final = list(Ground)


class _Due(NamedTuple):
    """A visit to be paid, why, and by which rules."""

    visit: PayVisit
    ground: Ground
    policy: PayPolicy


class _Share(NamedTuple):
    """A visit's time on one service, and what that service pays."""

    service: str
    ground: Ground
    price: Price
    trace: PayTrace


def statement(
    provider_id: str,
    month: date,
    visits: Iterable[PayVisit],
    *,
    prices: Prices,
    policies: Sequence[PayPolicy],
    absences: Iterable[Away] = (),
    new_clients: Iterable[NewClient] = (),
) -> Statement:
    """Work out one provider's pay for a month, given by its first day; other providers' are left.

    `absences` are those that touch the month or the five days before it, whole: what joins on to
    an absence decides which day of it the first of the month is. Raises PayFault, of which a
    missing price is one.
    """
    own = sorted(
        (visit for visit in visits if visit.provider_id == provider_id),
        key=lambda visit: (visit.day, visit.ref),
    )
    _check(month, own)
    away = _Absences(absences)
    due: list[_Due] = []
    unpaid: list[Unpaid] = []
    for visit in own:
        policy = pay_policy_on(visit.day, policies)
        ground = _ground(visit, policy, away)
        if isinstance(ground, Why):
            unpaid.append(_unpaid(visit, ground))
        else:
            due.append(_Due(visit, ground, policy))
    second = _second(due)
    unpaid.extend(_unpaid(visit, Why.SECOND) for visit in second)
    shares = [share for one in due if one.visit not in second for share in _shares(one, prices)]
    for client in sorted(new_clients):
        if client.provider_id == provider_id:
            shares.extend(_welcome(client, month, prices, policies))
    lines = _lines(shares)
    return Statement(
        provider_id=provider_id,
        month=month,
        lines=lines,
        unpaid=tuple(sorted(unpaid, key=lambda one: (one.day, one.ref))),
        total=sum((line.amount for line in lines), Decimal("0.00")),
    )


def _check(month: date, visits: Sequence[PayVisit]) -> None:
    if month.day != 1:
        raise ValueError("a month is given by its first day")
    seen: set[str] = set()
    for visit in visits:
        if (visit.day.year, visit.day.month) != (month.year, month.month):
            raise PayFault(f"visit {visit.ref} of {visit.day} is not of {month:%Y-%m}")
        if visit.ref in seen:
            raise PayFault(f"visit {visit.ref} was given twice; it is paid once")
        seen.add(visit.ref)


def _unpaid(visit: PayVisit, why: Why) -> Unpaid:
    return Unpaid(visit.ref, visit.client_id, visit.day, why)


def _second(due: Iterable[_Due]) -> set[PayVisit]:
    """The lesser ones of doubled visits, where only one is paid: not performed, or shorter."""
    together: dict[str, list[_Due]] = defaultdict(list)
    for one in due:
        if one.visit.planned_id and not one.policy.pay_both:
            together[one.visit.planned_id].append(one)
    best_first = (sorted(same, key=_worth) for same in together.values())
    return {one.visit for _, *others in best_first for one in others}


def _worth(one: _Due) -> tuple[int, str]:
    made = one.ground is Ground.PERFORMED
    return (-_measured(one.visit) if made else 1, one.visit.ref)


def _measured(visit: PayVisit) -> int:
    """Whole seconds from beginning to end."""
    if visit.begin is not None and visit.end is not None:
        start, end = stretch(visit.begin, visit.end)
        if start <= end:
            return (end - start) // _SECOND
    raise PayFault(f"visit {visit.ref} was performed, but has no beginning and end in order")


def _ground(visit: PayVisit, policy: PayPolicy, away: _Absences) -> Ground | Why:
    """Why the visit is paid, or is not."""
    if not visit.services:
        return Why.NO_SERVICE
    if visit.flagged and not policy.pay_flagged:
        return Why.FLAGGED
    if visit.outcome is Outcome.PERFORMED:
        unplanned = policy.time is PaidTime.GRANTED and visit.planned_minutes is None
        return Why.NO_PLAN if unplanned else Ground.PERFORMED
    if visit.outcome in {Outcome.NOT_MADE, Outcome.WAITING}:
        return Why.NOT_MADE
    if visit.planned_minutes is None:
        return Why.NO_PLAN
    if visit.outcome is Outcome.DECLINED:
        return Ground.DECLINED
    if visit.outcome is Outcome.MISSED:
        return policy.missed_as or Why.MISSED
    return away.ground(visit)


class _Absences:
    """Absences by client; those that overlap or follow on each other's heels are one."""

    def __init__(self, absences: Iterable[Away]) -> None:
        self._runs: dict[str, list[tuple[date, date]]] = defaultdict(list)
        for absence in sorted(absences, key=lambda one: (one.first, one.last or date.max)):
            runs = self._runs[absence.client_id]
            last = absence.last or date.max
            if runs and (runs[-1][1] == date.max or absence.first <= runs[-1][1] + _DAY):
                runs[-1] = (runs[-1][0], max(runs[-1][1], last))
            else:
                runs.append((absence.first, last))

    def ground(self, visit: PayVisit) -> Ground | Why:
        """What a visit that fell away is paid as: by the day of the absence it would have been."""
        for first, last in self._runs.get(visit.client_id, ()):
            if first <= visit.day <= last:
                day = (visit.day - first).days + 1
                if day == 1:
                    return Ground.ABSENCE_DAY_1
                late = day > _LAST_PAID_DAY_AWAY
                return Why.LONG_ABSENCE if late else Ground.ABSENCE_DAYS_2_5
        raise PayFault(
            f"visit {visit.ref} fell away on {visit.day}, but the client was not away that day; "
            "record the absence or correct the visit"
        )


def _shares(due: _Due, prices: Prices) -> Iterable[_Share]:
    """Divide a visit's paid time between its services.

    Those with fixed minutes get them; the others share what is left alike, and the first of them
    gets the odd seconds too, as in a client's fee.
    """
    visit = due.visit
    known = {kind.name: kind for kind in due.policy.kinds}
    kinds = [known.get(name, Kind(name, name)) for name in dict.fromkeys(visit.services)]
    fixed = sum(kind.minutes * _MINUTE for kind in kinds if kind.minutes is not None)
    free = sum(kind.minutes is None for kind in kinds)
    each, odd = divmod(max(0, _paid_seconds(due) - fixed), free) if free else (0, 0)
    for kind in kinds:
        if kind.minutes is not None:
            seconds = kind.minutes * _MINUTE
        else:
            seconds, odd = each + odd, 0
        price = prices.on(visit.day, (kind.name, kind.service), visit.area, due.ground)
        trace = PayTrace(visit.ref, visit.client_id, visit.day, seconds, visit.grade)
        yield _Share(kind.name, due.ground, price, trace)


def _paid_seconds(due: _Due) -> int:
    if due.ground is Ground.PERFORMED and due.policy.time is PaidTime.PERFORMED:
        return _measured(due.visit)
    return (due.visit.planned_minutes or 0) * _MINUTE


def _welcome(
    client: NewClient, month: date, prices: Prices, policies: Sequence[PayPolicy]
) -> Iterable[_Share]:
    """What a new client brings, at the hourly price of what is performed."""
    if (client.day.year, client.day.month) != (month.year, month.month):
        raise PayFault(f"client {client.client_id} was new on {client.day}, not in {month:%Y-%m}")
    policy = pay_policy_on(client.day, policies)
    if not policy.new_client_minutes:
        return
    known = {kind.name: kind.service for kind in policy.kinds}
    names = (client.service, known.get(client.service, client.service))
    price = prices.on(client.day, names, client.area, Ground.PERFORMED)
    if price.row.per is not Per.HOUR:
        what = "a new client is paid by the hour, and there is no price by the hour"
        raise PriceFault(client.service, client.area, Ground.NEW_CLIENT, client.day, what)
    seconds = policy.new_client_minutes * _MINUTE
    trace = PayTrace(client.ref, client.client_id, client.day, seconds, None)
    yield _Share(client.service, Ground.NEW_CLIENT, price, trace)


def _lines(shares: Iterable[_Share]) -> tuple[StatementLine, ...]:
    """One line for each service, ground and price."""
    monthly: dict[tuple[str, Ground, str], Price] = {}
    gathered: dict[tuple[str, Ground, Price], list[PayTrace]] = defaultdict(list)
    for share in shares:
        price = share.price
        if price.row.per is Per.MONTH:
            # A client is paid for once a month, at the price of the first visit.
            price = monthly.setdefault((share.service, share.ground, share.trace.client_id), price)
        gathered[share.service, share.ground, price].append(share.trace)
    return tuple(
        _line(number, *key, tuple(gathered[key]))
        for number, key in enumerate(sorted(gathered, key=_place), start=1)
    )


def _place(key: tuple[str, Ground, Price]) -> tuple[str, str, int]:
    """Where a line stands; of those that differ in price alone, the earlier comes first."""
    service, ground, price = key
    return (service, price.area, _GROUNDS.index(ground))


def _line(
    number: int, service: str, ground: Ground, price: Price, traces: tuple[PayTrace, ...]
) -> StatementLine:
    row = price.row
    if row.per is Per.HOUR:
        quantity = (sum(trace.seconds for trace in traces) + _MINUTE // 2) // _MINUTE
        parts = _MINUTE
    else:
        quantity = len({trace.client_id for trace in traces} if row.per is Per.MONTH else traces)
        parts = 1
    exact = row.price * quantity * price.percent / (100 * parts)
    return StatementLine(
        number=number,
        service=service,
        area=price.area,
        ground=ground,
        per=row.per,
        quantity=quantity,
        price=row.price,
        percent=price.percent,
        amount=exact.quantize(_ORE, ROUND_HALF_UP),
        first=min(trace.day for trace in traces),
        last=max(trace.day for trace in traces),
        traces=traces,
    )
