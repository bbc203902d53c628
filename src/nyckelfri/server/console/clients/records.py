"""What is recorded of a client, as the page shows it: plain values in the reader's language.

House rules: reads only, and all by one query. Names of clients come from `persons` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import OuterRef, Q, Subquery

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import worlds
from nyckelfri.server.access.actions_care import WITH_TEAMS
from nyckelfri.server.access.models import HealthAssignment, NamedStaff, Withdrawal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients import latest
from nyckelfri.server.console.clients.openers import Named, named
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.homes.models import CareDecision, Client, ProviderChoice
from nyckelfri.server.locks.models import Door, Installation, LockUnit, NfcLabel
from nyckelfri.server.questions import Blank, Question, Row, Values, ask

_EMPLOYEE = ("employee__number", "employee__name")


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of provider; `pk` where it can still be undone."""

    service: str
    provider: str
    team: str
    first: date
    last: date | None
    standing: str
    state: str
    here: bool
    pk: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A care decision; `number` where it can be ended."""

    number: str
    service: str
    extent: str
    ground: str
    timing: str
    first: date
    last: date | None
    standing: str
    state: str


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit on a door; `since` is when it came into service there, None if it is not."""

    number: str
    model: str
    status: str
    state: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Entrusted:
    """Somebody who is named, assigned or withdrawn, until when and why; `pk` of that row."""

    pk: int
    who: Named
    first: date | None
    last: date | datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """All that is recorded of a client.

    Of choices and decisions what is in force first, then what comes, then what was. `named`
    may see the name and address under protected identity; `partner` is the number of whoever
    shares the home, if the viewer may see them.
    """

    choices: list[Choice]
    decisions: list[Decision]
    home: Unit | None
    entrance: Unit | None
    labels: list[tuple[str, str, str]]
    named: list[Entrusted]
    assigned: list[Entrusted]
    withdrawals: list[Entrusted]
    partner: str
    openings: list[latest.Opening]


def of(client: Client, viewer: Viewer, now: datetime) -> Records:
    """What is recorded of a client, as far as the viewer may see it."""
    today = now.astimezone(ZONE).date()
    sees_openings = viewer.may(Permission.SEE_OPENINGS)
    # Without a partner there is nothing to ask.
    partners = viewer.clients(now).filter(pk__in=[client.partner_id])
    choices, decisions, units, labels, named_staff, assigned, withdrawn, partner, *openings = ask(
        _choices,
        _decisions,
        _units,
        _labels,
        _named_staff,
        _assigned,
        _withdrawals if viewer.whole_municipality else _withdrawals_of_their_own,
        partners.order_by().values_list("external_id"),
        *([latest.question(viewer)] if sees_openings else []),
        client=client.pk,
        front_door=client.front_door_id,
        entrance=client.entrance_id,
        provider=viewer.provider,
        now=now,
        today=today,
    )
    at_home = [row for row in units if row[3] == client.front_door_id]
    at_entrance = [row for row in units if row[3] != client.front_door_id]
    return Records(
        choices=_by_standing(_choice(row, today) for row in choices),
        decisions=_by_standing(_decision(row, today) for row in decisions),
        home=_unit(at_home),
        entrance=_unit(at_entrance),
        labels=[
            (number, place if viewer.sees(client) else "", text(f"label_{kind}"))
            for number, place, kind in sorted(labels)
        ],
        named=_entrusted(named_staff, viewer),
        assigned=_entrusted(assigned, viewer),
        withdrawals=_entrusted(withdrawn, viewer),
        partner=partner[0][0] if partner else "",
        openings=latest.openings(openings[0], viewer) if sees_openings else [],
    )


@Question
def _choices() -> Values:
    rows = ProviderChoice.objects.filter(client_id=Blank("client"), withdrawn_at=None)
    return rows.order_by().values_list(
        "pk",
        "service",
        "provider__name",
        "care_team__name",
        "valid_from",
        "valid_till",
        "recorded_here",
    )


@Question
def _decisions() -> Values:
    rows = CareDecision.objects.filter(client_id=Blank("client"), withdrawn_at=None)
    return rows.order_by().values_list(
        "external_id", "service", "amount", "unit", "ground", "timing", "valid_from", "valid_till"
    )


@Question
def _units() -> Values:
    live = Installation.objects.filter(lock_unit=OuterRef("pk"), retired_at=None).order_by()
    doors = Door.objects.filter(Q(pk=Blank("front_door")) | Q(entrance_id=Blank("entrance")))
    rows = LockUnit.objects.filter(door__in=doors.order_by()).order_by()
    return rows.annotate(since=Subquery(live.values("commissioned_at")[:1])).values_list(
        "external_id", "model", "status", "door_id", "since"
    )


@Question
def _labels() -> Values:
    rows = NfcLabel.objects.filter(client_id=Blank("client")).order_by()
    return rows.values_list("external_id", "place", "kind")


@Question
def _named_staff() -> Values:
    rows = NamedStaff.objects.filter(client_id=Blank("client"), ended_at=None).order_by()
    return rows.values_list("pk", *_EMPLOYEE, "reason", "recorded_at", "ended_at")


@Question
def _assigned() -> Values:
    rows = HealthAssignment.objects.filter(
        Q(valid_till=None) | Q(valid_till__gte=Blank("today")),
        client_id=Blank("client"),
        ended_at=None,
    )
    return rows.order_by().values_list("pk", *_EMPLOYEE, "reason", "valid_from", "valid_till")


@Question
def _withdrawals() -> Values:
    return _withdrawn()


@Question
def _withdrawals_of_their_own() -> Values:
    return _withdrawn(employee__care_team__provider=Blank("provider"))


def _withdrawn(**limits: Blank) -> Values:
    """Withdrawals from the client's door that hold now."""
    rows = Withdrawal.objects.filter(
        worlds.not_ended("end", Blank("now")), client_id=Blank("client"), ended_at=None, **limits
    )
    return rows.order_by().values_list("pk", *_EMPLOYEE, "reason", "start", "end")


def _choice(row: Row, today: date) -> Choice:
    pk, service, provider, team, first, last, here = row
    state = _standing(first, last, today)
    return Choice(
        service=text(f"service_{service}"),
        provider=provider,
        team=team or (text("team_of_area") if service in WITH_TEAMS else ""),
        first=first,
        last=last,
        standing=text(f"standing_{state}"),
        state=state,
        here=here,
        pk=pk,
    )


def _decision(row: Row, today: date) -> Decision:
    number, service, amount, unit, ground, timing, first, last = row
    state = _standing(first, last, today)
    return Decision(
        number=number,
        service=text(f"service_{service}"),
        extent=extent(amount, unit),
        ground=text(f"ground_{ground}"),
        timing=timing,
        first=first,
        last=last,
        standing=text(f"standing_{state}"),
        state=state,
    )


def extent(amount: Decimal, unit: str) -> str:
    """How much is granted, in words."""
    whole = amount == amount.to_integral_value()
    said = f"{amount:.0f}" if whole else f"{amount.normalize()}".replace(".", ",")
    return text(f"unit_{unit}", amount=said)


def _standing(first: date, last: date | None, today: date) -> str:
    if first > today:
        return "coming"
    return "past" if last is not None and last < today else "now"


_Standing = TypeVar("_Standing", Choice, Decision)


def _by_standing(rows: Iterable[_Standing]) -> list[_Standing]:
    order = ("now", "coming", "past")
    return sorted(rows, key=lambda row: (order.index(row.state), row.service, row.first))


def _unit(rows: Sequence[Row]) -> Unit | None:
    """The unit on a door: a mounted one before one that only was planned for it."""
    mounted = LockUnit.Status.MOUNTED
    for number, model, status, _, since in sorted(rows, key=lambda row: (row[2] != mounted, row)):
        state = "calm" if status != mounted else "good" if since else "warn"
        return Unit(number, model, text(f"status_{status}"), state, since)
    return None


def _entrusted(rows: Iterable[Row], viewer: Viewer) -> list[Entrusted]:
    return [
        Entrusted(pk, named(number, name, viewer), first, last, reason)
        for pk, number, name, reason, first, last in sorted(rows)
    ]
