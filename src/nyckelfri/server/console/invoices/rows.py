"""What the pages of invoices show, as plain values.

House rules: reads only; a template never gets a client, but what `persons.shown` lets out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import persons
from nyckelfri.server.console import work as works
from nyckelfri.server.console.invoices import common
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.links import href
from nyckelfri.server.console.persons import ShownClient
from nyckelfri.server.console.work import Work
from nyckelfri.server.money.models import Dispute, Invoice, LeftOut, MonthRun
from nyckelfri.server.money.queries_invoices import Standing

_TONES: Final = {
    MonthRun.State.RUNNING: "pending",
    MonthRun.State.DONE: "good",
    MonthRun.State.STOPPED: "bad",
}


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A month in the list."""

    key: str
    word: str
    state: str
    tone: str
    invoices: int
    total: str
    left_out: int


def month_line(standing: Standing) -> MonthLine:
    """One row of the list of months."""
    run, closed = standing.run, standing.month.closed_at
    if run is not None and run.state == MonthRun.State.RUNNING:
        state, tone = "making", "pending"
    elif closed is None:
        state, tone = "open", "calm"
    elif standing.left_out:
        state, tone = "partly", "warn"
    else:
        state, tone = ("invoiced", "good") if standing.invoices else ("closed", "warn")
    return MonthLine(
        key=common.month_key(standing.month.first),
        word=common.month_word(standing.month.first).capitalize(),
        state=text(f"month_{state}"),
        tone=tone,
        invoices=standing.invoices,
        total=common.kronor(standing.total),
        left_out=standing.left_out,
    )


def close_href(viewer: Viewer) -> str:
    """Where a month is closed; empty for who may not."""
    return href("visit_months") if viewer.may(Permission.CLOSE_MONTH) else ""


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in words."""

    pk: int
    begun_at: datetime
    by: str
    state: str
    tone: str
    made: int | None
    left_out: int | None
    issued: date
    due: date


def run_line(run: MonthRun) -> RunLine:
    """One run; without figures before it has ended."""
    state = MonthRun.State(run.state)
    ended = state is MonthRun.State.DONE
    return RunLine(
        pk=run.pk,
        begun_at=run.begun_at,
        by=run.begun_by.name,
        state=text(f"run_{state.value}"),
        tone=_TONES[state],
        made=run.made if ended else None,
        left_out=run.left_out if ended else None,
        issued=run.issued,
        due=run.due,
    )


def work(run: MonthRun, now: datetime) -> Work:
    """How far a run has come."""
    path = reverse("invoice_run", args=[run.pk])
    return works.work(run, path, lambda _: text["making"], since=run.changed_at, now=now)


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A client without an invoice: why, and where it is put right (empty: nowhere here)."""

    who: ShownClient
    why: str
    todo: str
    href: str


def left_line(row: LeftOut, viewer: Viewer) -> LeftLine:
    """One who was left out."""
    assert row.client is not None, "a client is left out of invoices, and nobody else"  # noqa: S101
    who = persons.shown(row.client, viewer)
    detail = {name: str(value) for name, value in row.detail.items()}
    article = f"article_{detail.get('article', '')}"
    said = {
        "article": text(article) if detail.get("article") else "",
        "day": detail.get("day", ""),
        "visits": detail.get("visits", ""),
        "ref": detail.get("ref", ""),
    }
    return LeftLine(
        who=who,
        why=text(f"why_{row.why}", **said),
        todo=text(f"todo_{row.why}"),
        href=_WHERE[LeftOut.Why(row.why)](viewer, who.number, detail),
    )


Where = Callable[[Viewer, str, dict[str, str]], str]


def _rules(name: str) -> Where:
    def where(viewer: Viewer, _number: str, _detail: dict[str, str]) -> str:
        return href(name) if viewer.may(Permission.SET_MONEY_RULES) else ""

    return where


def _visits(viewer: Viewer, number: str, _detail: dict[str, str]) -> str:
    return href("client_visits", number) if viewer.may(Permission.SEE_VISITS) else ""


def _visit(viewer: Viewer, _number: str, detail: dict[str, str]) -> str:
    return visit_href(viewer, detail.get("ref", ""))


def visit_href(viewer: Viewer, pk: str) -> str:
    """The page of a visit; empty for who may not see it."""
    seen = viewer.may(Permission.SEE_VISITS) and pk.isdigit()
    return href("visit", pk) if seen else ""


def _fee(_viewer: Viewer, number: str, _detail: dict[str, str]) -> str:
    return href("client_fee", number)


def _client(viewer: Viewer, number: str, _detail: dict[str, str]) -> str:
    return href("client", number) if viewer.may(Permission.SEE_CLIENTS) else ""


_WHERE: Final[dict[LeftOut.Why, Where]] = {
    LeftOut.Why.NOT_REVIEWED: _visits,
    LeftOut.Why.NO_PRICE: _rules("fee_tariff"),
    LeftOut.Why.TWO_PRICES: _rules("fee_tariff"),
    LeftOut.Why.NO_AMOUNTS: _rules("fee_amounts"),
    LeftOut.Why.WRONG_BASIS: _fee,
    LeftOut.Why.WRONG_VISIT: _visit,
    LeftOut.Why.WRONG_ROW: _client,
    LeftOut.Why.NO_SENDER: _rules("fee_sender"),
}


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice in a list."""

    number: int
    name: str
    who: ShownClient
    month: str
    total: str
    issued: date
    due: date
    state: str
    tone: str


def invoice_line(invoice: Invoice, viewer: Viewer) -> InvoiceLine:
    """One row of a list; `credited_by` is read with it."""
    state, tone = standing_of(invoice)
    return InvoiceLine(
        number=invoice.number,
        name=common.name(invoice),
        who=persons.shown(invoice.client, viewer),
        month=common.month_word(invoice.month.first),
        total=common.kronor(invoice.total),
        issued=invoice.issued,
        due=invoice.due,
        state=text(f"invoice_{state}"),
        tone=tone,
    )


def standing_of(invoice: Invoice) -> tuple[str, str]:
    """Whether it counts: a key of the words, and its tone."""
    if invoice.kind == Invoice.Kind.CREDIT:
        return "credit", "calm"
    return ("credited", "warn") if hasattr(invoice, "credited_by") else ("stands", "good")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """An invoice or a credit beside another of the same month."""

    name: str
    href: str
    issued: date
    total: str


def version_line(invoice: Invoice) -> VersionLine:
    """One of the others."""
    return VersionLine(
        name=common.name(invoice),
        href=href("invoice", str(invoice.number)),
        issued=invoice.issued,
        total=common.kronor(invoice.total),
    )


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """What a client questions, in a list."""

    href: str
    what: str
    opened_at: datetime
    by: str
    state: str
    tone: str


def dispute_line(dispute: Dispute) -> DisputeLine:
    """One of them; `opened_by` is read with it."""
    state = dispute.outcome or "waiting"
    return DisputeLine(
        href=href("dispute", str(dispute.pk)),
        what=questioned(dispute.line),
        opened_at=dispute.opened_at,
        by=dispute.opened_by.name,
        state=text(f"dispute_{state}"),
        tone={"waiting": "warn", Dispute.Outcome.CORRECTED: "good"}.get(state, "calm"),
    )


def questioned(line: int) -> str:
    """Which line is questioned, in words."""
    return text("about_line", line=line) if line else text("about_all")
