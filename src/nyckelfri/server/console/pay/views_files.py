"""A statement as files: the paper, and every visit in a table. Each is a row of the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase

from nyckelfri.care.pay import Statement as Made
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import sheets
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.pay import common, visits
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.console.pay.views_statement import issued
from nyckelfri.server.console.sheets import Cell
from nyckelfri.server.money import known, pay
from nyckelfri.server.money import queries_pay as queries
from nyckelfri.server.money.models import MoneyRules, Statement
from nyckelfri.server.money.papers import paywords, statement_pdf
from nyckelfri.server.money.papers import statement as papers
from nyckelfri.server.money.papers.words import Language
from nyckelfri.server.money.sender import Sender

_FORMS: Final = ("csv", "xlsx")
_AT_ONCE: Final = 2000
_COLUMNS: Final = (
    "line", "service", "area", "ground", "day", "client_number", "made", "planned", "seconds",
    "price", "percent", "proof",
)  # fmt: skip
Row = tuple[str, str, list[Cell]]
"""Reference and client of a visit, and the cells around what is known of it."""


@page(Permission.SEE_PAY)
def as_pdf(request: PageRequest, number: int, language: str) -> HttpResponse:
    """The paper."""
    row = common.the_statement(request, number)
    if language not in {each.value for each in Language}:
        raise Http404
    said = issued(row, queries.versions(row), _sender(row))
    try:
        data = statement_pdf.render(pay.content(row), said, request.now, Language(language))
    except statement_pdf.StatementPdfError:
        return show(
            request,
            "console/pay/trouble.html",
            "pay",
            {"problem": text["no_pdf_hint"]},
            words=text,
            heading=text["no_pdf"],
            trail=[common.months_step(), common.statement_step(row)],
            status=503,
        )
    _record(request, row, "pdf", 1)
    name = f'inline; filename="underlag-{number}-{language}.pdf"'
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": name})


@page(Permission.SEE_PAY)
def as_table(request: PageRequest, number: int, form: str) -> HttpResponseBase:
    """Every visit of the statement, paid or not, as a table."""
    row = common.the_statement(request, number)
    if form not in _FORMS:
        raise Http404
    made = pay.content(row)
    _record(request, row, form, sum(len(each.traces) for each in made.lines) + len(made.unpaid))
    lines = _table(row, made, request.viewer)
    return sheets.answer(lines, f"underlag-{number}-besok", common.name(row), form)


def _sender(row: Statement) -> str:
    """What the municipality was called when the statement was made."""
    day = row.made_at.astimezone(ZONE).date()
    return known.rules(MoneyRules.Kind.SENDER, Sender, day).name or settings.MUNICIPALITY


def _record(request: PageRequest, row: Statement, form: str, count: int) -> None:
    audit.look(
        Verb.MONEY_EXPORT,
        f"statement:{row.number}",
        actor=request.viewer.actor,
        details={"form": form, "count": count},
        now=request.now,
    )


def _table(row: Statement, made: Made, viewer: Viewer) -> Iterator[list[Cell]]:
    yield [text(f"column_{name}") for name in _COLUMNS]
    some: list[Row] = []
    for each in _rows(made):
        some.append(each)
        if len(some) == _AT_ONCE:
            yield from _cells(some, row, viewer)
            some = []
    yield from _cells(some, row, viewer)


def _rows(made: Made) -> Iterator[Row]:
    language = common.paper_language()
    for line in made.lines:
        said = papers.line(line, language)
        for trace in line.traces:
            yield trace.ref, trace.client_id, [
                line.number, said.service, said.area, said.ground, trace.day.isoformat(),
                trace.seconds, line.price, line.percent,
            ]  # fmt: skip
    whys = paywords.OF[language].whys
    for unpaid in made.unpaid:
        yield unpaid.ref, unpaid.client_id, [
            "", "", "", whys[unpaid.why], unpaid.day.isoformat(), 0, "", ""
        ]  # fmt: skip


def _cells(some: Sequence[Row], row: Statement, viewer: Viewer) -> Iterator[list[Cell]]:
    numbers = visits.numbers(client for _, client, _ in some)
    found = visits.known([ref for ref, *_ in some], viewer, row.made_at)
    for ref, client, cells in some:
        of = found.get(ref, visits.Known())
        yield [*cells[:5], numbers.get(client, ""), of.made, of.planned, *cells[5:], of.proof]
