"""What the pages of months and statements show, as plain values.

House rules: reads only; a client is a number here, whoever looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse

from nyckelfri.care.pay import Ground
from nyckelfri.care.times import ZONE
from nyckelfri.server.console import work as works
from nyckelfri.server.console.links import href
from nyckelfri.server.console.pay import common
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.console.work import Work
from nyckelfri.server.homes.models import Provider
from nyckelfri.server.money.models import LeftOut, MonthRun, ReceivedInvoice, Statement
from nyckelfri.server.money.papers import paywords
from nyckelfri.server.money.papers import statement as papers
from nyckelfri.server.money.queries_pay import Standing

_TONES: Final = {ReceivedInvoice.Verdict.AGREES: "good", ReceivedInvoice.Verdict.DIFFERS: "bad"}


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A month in the list, and at the head of its own page."""

    key: str
    word: str
    state: str
    tone: str
    statements: int
    total: str
    left_out: int


def month_line(standing: Standing) -> MonthLine:
    """One row of the list of months."""
    run, closed = standing.run, standing.month.closed_at
    if run is not None and run.state == MonthRun.State.RUNNING:
        state, tone = "making", "pending"
    elif run is not None and run.state == MonthRun.State.STOPPED:
        state, tone = "stopped", "bad"
    elif closed is None:
        state, tone = ("reopened", "warn") if standing.statements else ("open", "calm")
    elif standing.left_out:
        state, tone = "partly", "warn"
    else:
        state, tone = ("made", "good") if standing.statements else ("closed", "warn")
    return MonthLine(
        key=common.month_key(standing.month.first),
        word=common.month_word(standing.month.first).capitalize(),
        state=text(f"month_{state}"),
        tone=tone,
        statements=standing.statements,
        total=common.kronor(standing.total),
        left_out=standing.left_out,
    )


def work(run: MonthRun, now: datetime) -> Work:
    """How far a run has come."""
    path = reverse("pay_month", args=[common.month_key(run.month.first)])
    return works.work(run, path, lambda _: text["making"], since=run.changed_at, now=now)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A statement in a list."""

    number: int
    name: str
    provider: str
    org_number: str
    internal: bool
    version: int
    total: str
    made: datetime


def statement_line(row: Statement) -> StatementLine:
    """One row of a month; `provider` is read with it."""
    return StatementLine(
        number=row.number,
        name=common.name(row),
        provider=row.provider.name,
        org_number=row.provider.org_number,
        internal=row.provider.kind == Provider.Kind.MUNICIPAL,
        version=row.version,
        total=common.kronor(row.total),
        made=row.made_at,
    )


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A provider without a statement: why, what to do, and where (empty: nowhere here)."""

    provider: str
    why: str
    todo: str
    href: str


_WHERE: Final = {
    LeftOut.Why.NOT_REVIEWED: "visits",
    LeftOut.Why.NO_PRICE: "pay_rules",
    LeftOut.Why.TWO_PRICES: "pay_rules",
}
"""The page where something is put right, by name."""


def left_line(row: LeftOut) -> LeftLine:
    """One who was left out."""
    assert row.provider is not None, "a provider is left out of statements, and nobody else"  # noqa: S101
    detail = {name: str(value) for name, value in row.detail.items()}
    language = common.paper_language()
    grounds = paywords.OF[language].grounds
    said = {
        "service": papers.service_word(detail.get("service", ""), language),
        "area": detail.get("area") or text["whole_municipality"],
        "ground": grounds[Ground(detail["ground"])] if detail.get("ground") else "",
        "day": detail.get("day", ""),
        "visits": detail.get("visits", ""),
        "text": detail.get("text", ""),
    }
    return LeftLine(
        provider=row.provider.name,
        why=text(f"why_{row.why}", **said),
        todo=text(f"todo_{row.why}"),
        href=href(_WHERE[LeftOut.Why(row.why)]) if row.why in _WHERE else "",
    )


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A provider's own invoice in a list."""

    pk: int
    number: str
    provider: str
    total: str
    verdict: str
    tone: str
    received: datetime


def received_line(row: ReceivedInvoice) -> ReceivedLine:
    """One row; `provider` is read with it."""
    verdict = ReceivedInvoice.Verdict(row.verdict)
    return ReceivedLine(
        pk=row.pk,
        number=row.number,
        provider=row.provider.name,
        total=common.kronor(row.total),
        verdict=text(f"verdict_{verdict.value}"),
        tone=_TONES[verdict],
        received=row.received_at,
    )


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One of several versions of a provider's month."""

    number: int
    name: str
    version: int
    made: date
    total: str
    here: bool


def version_line(row: Statement, shown: Statement) -> VersionLine:
    """One of them, beside the one that is shown."""
    return VersionLine(
        number=row.number,
        name=common.name(row),
        version=row.version,
        made=row.made_at.astimezone(ZONE).date(),
        total=common.kronor(row.total),
        here=row.pk == shown.pk,
    )
