"""The office once a week is over: visits followed to their end, reviewed, invoiced and paid.

House rules: a face like any other: it calls actions and queries and changes nothing itself. Needs
Django set up. No clock is moved: actions are told a later moment. Papers are not printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Q

from nyckelfri.care.billing import BillingError
from nyckelfri.care.pay import Statement
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statutory import by_factors
from nyckelfri.care.times import local_moment, month_after
from nyckelfri.server.access import viewers
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import actions_rules, actions_run, actions_statements, known, pay
from nyckelfri.server.money import models as money
from nyckelfri.server.money.models import STANDS, Invoice, InvoicedVisit, MoneyRules
from nyckelfri.server.money.papers import stored
from nyckelfri.server.money.papers.content import InvoiceContent
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_derive, actions_month, actions_review, months
from nyckelfri.server.visits.actions_review import Corrected
from nyckelfri.server.visits.errors import VisitError
from nyckelfri.server.visits.models import DoorEvent, LooseSign, Month, PhoneEntry, Visit

_LATER: Final = 6
"""Days after which no visit waits for a journal any more."""
_ISSUED: Final = timedelta(days=9)
"""How long after the month its invoices are made."""
_WHY: Final = "har talat med kunden och personalen"
_SENDER: Final = Sender(
    name="Björkviks kommun",
    address="Rådhustorget 1",
    postcode="940 36",
    town="Björkvik",
    org_number="212999-2083",
    bankgiro="5050-1055",
    telephone="0940-100 00, vardagar 8–16",
)
_WORDS: Final = ("visit_start", "visit_end", "unplanned", "missed", "declined")
_PROVEN: Final = ("signed", "plain")


@dataclass(frozen=True, slots=True)
class Sign:
    """A row of evidence: `what` is door, label, refused (a label that proves nothing) or word."""

    ref: str
    what: str
    employee: str
    at: float
    place: str
    """The lock, or the client whose label it is or who is spoken of."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit as it counts; moments are Unix seconds, 0 where there is none."""

    pk: int
    employee: str
    client: str
    day: date
    planned: int | None
    outcome: str
    grade: str
    entry: float
    exit: float
    flags: tuple[str, ...]
    refs: tuple[str, ...]
    approved: bool
    corrected: bool
    provider: int | None

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.exit - self.entry


# From evidence to visits.


def derive(now: datetime) -> None:
    """Let days go by until everything has come home that ever does, with a round on each."""
    for days in range(_LATER):
        actions_derive.derive_waiting(now + timedelta(days=days))


def signs() -> Iterator[Sign]:
    """All evidence that visits can be made of, by an opinion of our own of what that is."""
    for pk, at, number, lock in DoorEvent.objects.filter(
        result="done", command__in=(1, 2), employee__isnull=False,
        installation__door__clients__isnull=False,
    ).distinct().values_list(
        "pk", "at", "employee__number", "installation__lock_unit__external_id"
    ):  # fmt: skip
        yield Sign(f"d{pk}", "door", number, at.timestamp(), lock)
    said = PhoneEntry.objects.filter(
        flaw__in=("", "others_client", "other_visit"), at__isnull=False, employee__isnull=False
    )
    for pk, said_at, number, client, kind, verdict in said.filter(client__isnull=False).values_list(
        "pk", "at", "employee__number", "client__external_id", "kind", "verdict"
    ):
        what = "word" if kind in _WORDS else ""
        if kind == "tap":
            what = "label" if verdict in _PROVEN else "refused"
        if what and said_at is not None:
            yield Sign(f"p{pk}", what, number, said_at.timestamp(), client)


def entered() -> Counter[str]:
    """How often each entry is stored, by the id that the phone gave it."""
    return Counter(str(uuid) for uuid in PhoneEntry.objects.values_list("uuid", flat=True))


def verdicts() -> dict[str, str]:
    """What each reading of a label proves, by the id that the phone gave it."""
    rows = PhoneEntry.objects.exclude(verdict="").values_list("uuid", "verdict")
    return {str(uuid): verdict for uuid, verdict in rows}


def visits() -> list[Seen]:
    """All visits, in order."""
    rows = Visit.objects.order_by("day", "entry", "pk").select_related("correction")
    rows = rows.select_related("employee", "client")
    return [_seen(row) for row in rows]


def loose() -> Counter[str]:
    """How often each sign is flagged by itself."""
    refs = LooseSign.objects.values_list("refs", flat=True)
    return Counter(ref for several in refs for ref in several)


def _seen(row: Visit) -> Seen:
    said = row.counted
    return Seen(
        pk=row.pk,
        employee=row.employee.number,
        client=row.client.external_id,
        day=row.day,
        planned=row.planned_id,
        outcome=said.outcome,
        grade=row.grade,
        entry=said.entry.timestamp() if said.entry else 0,
        exit=said.exit.timestamp() if said.exit else 0,
        flags=tuple(row.flags),
        refs=tuple(sign[0] for sign in row.signs),
        approved=row.approved_at is not None,
        corrected=row.correction_id is not None,
        provider=row.provider_id,
    )


# From visits to money.


def reckon(first: date, clients: Collection[str]) -> None:
    """Approve what fits, and what stands out of some; then close the month, bill it and pay.

    Looked at one by one is what stands out of these `clients`, and of the provider of whom least
    does: a month of a municipality in which nobody worked but one week is days of office work.
    """
    now = local_moment(month_after(first), time(9)) + _ISSUED
    planner, accountant = _of(Role.PLANNER), _of(Role.ACCOUNTANT)
    of_month = Visit.objects.filter(day__range=(first, months.last_of(first)))
    for day in sorted(set(of_month.values_list("day", flat=True))):
        actions_review.approve_fitting(planner, day, now=now)
    left = of_month.filter(approved_at=None).order_by("pk")
    waiting = Counter(left.exclude(provider=None).values_list("provider", flat=True))
    least = min(waiting, key=lambda provider: (waiting[provider], provider), default=None)
    looked_at = left.filter(Q(client__external_id__in=clients) | Q(provider=least))
    for row in looked_at.select_related("client", "correction"):
        _settle(planner, row, now)
    month = actions_month.close(accountant, first, now=now)
    _prepare(accountant, first, now)
    issued = now.date()
    run = actions_run.begin_alone(
        accountant, month, issued=issued, due=issued + timedelta(days=30), now=now
    )
    actions_run.work(run, lambda: now)
    actions_statements.work(actions_statements.begin_alone(accountant, month, now=now), lambda: now)


def _settle(planner: Viewer, row: Visit, now: datetime) -> None:
    """Approve what stands out; what nobody can approve was not made."""
    try:
        actions_review.approve(planner, row, reason=_WHY, seen=actions_review.version(row), now=now)
    except VisitError:
        not_made = Corrected(Outcome.NOT_MADE, None, None, ())
        seen = actions_review.version(row)
        actions_review.correct(planner, row, not_made, reason=_WHY, seen=seen, now=now)
        row.refresh_from_db()
        seen = actions_review.version(row)
        actions_review.approve(planner, row, reason=_WHY, seen=seen, now=now)


def _prepare(accountant: Viewer, first: date, now: datetime) -> None:
    """Who sends the invoices, and the law's amounts of a year that this program does not know."""
    if not MoneyRules.objects.filter(kind=MoneyRules.Kind.SENDER).exists():
        actions_rules.record_rules(
            accountant,
            MoneyRules.Kind.SENDER,
            replace(_SENDER, valid_from=month_after(first)),
            reason=_WHY,
            now=now,
        )
    try:
        known.reckoning(first)
    except BillingError:
        amounts = by_factors(
            date(first.year, 1, 1), Decimal(60_000), single=Decimal("1.4789"),
            cohabiting=Decimal("1.2066"), source="simulerat",
        )  # fmt: skip
        actions_rules.record_amounts(accountant, amounts, now=now)


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice that stands: its row's client, total and visits, and what it says."""

    number: int
    client: str
    total: Decimal
    visits: frozenset[int]
    content: InvoiceContent


def invoices(first: date) -> list[Issued]:
    """Every invoice of a month that stands, by number."""
    linked: dict[int, set[int]] = {}
    for invoice, visit in InvoicedVisit.objects.values_list("invoice_id", "visit_id"):
        linked.setdefault(invoice, set()).add(visit)
    rows = Invoice.objects.filter(STANDS, month__first=first).select_related("client")
    return [
        Issued(
            row.number,
            row.client.external_id,
            row.total,
            frozenset(linked.get(row.pk, ())),
            stored.from_data(row.content),
        )
        for row in rows.order_by("number")
    ]


def statements(first: date) -> list[tuple[int, Decimal, Statement]]:
    """What each provider is paid for a month: the provider, the row's total, what it says."""
    rows = money.Statement.objects.filter(month__first=first).order_by("number")
    return [(row.provider_id, row.total, pay.content(row)) for row in rows]


def left_out(first: date) -> tuple[dict[str, str], dict[int, str]]:
    """Why clients have no invoice of a month, and providers no statement."""
    rows = money.LeftOut.objects.filter(run__month__first=first)
    clients = rows.filter(client__isnull=False).values_list("client__external_id", "why")
    providers = rows.filter(provider__isnull=False).values_list("provider", "why")
    return dict(clients), dict(providers)


def decided(client: str) -> set[str]:
    """The numbers of a client's care decisions."""
    row = Client.objects.get(external_id=client)
    return set(row.care_decisions.values_list("external_id", flat=True))


def is_closed(first: date) -> bool:
    """Whether a month stands."""
    return Month.objects.filter(first=first, closed_at__isnull=False).exists()


def _of(role: Role) -> Viewer:
    """Whoever of the municipality's own has this role."""
    rows = Employee.objects.filter(role=role, care_team=None)
    found = viewers.viewer(rows.order_by("number").first())
    if found is None:
        raise ValueError(f"nobody in the files is a {role}")
    return found
