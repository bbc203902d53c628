"""One statement: its lines, what each rests on, what is not paid, what differs from before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from django.http import Http404, HttpResponse
from django.urls import reverse

from nyckelfri.care.pay import PayTrace, Per, Unpaid, Why
from nyckelfri.care.statementchanges import LineChange, Part, VisitChange, changes
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, shell
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.pay import common, rows, visits
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.money import pay
from nyckelfri.server.money import queries_pay as queries
from nyckelfri.server.money.models import Statement
from nyckelfri.server.money.papers import paywords
from nyckelfri.server.money.papers import statement as papers
from nyckelfri.server.money.papers.page import duration
from nyckelfri.server.money.papers.words import OF

_MOST: Final = 200
"""Changed visits that are shown; the files have all."""
Told = TypeVar("Told", PayTrace, Unpaid)


@page(Permission.SEE_PAY)
def show_statement(request: PageRequest, number: int) -> HttpResponse:
    """The statement: its sum, lines, what is not paid, and its versions."""
    row = common.the_statement(request, number)
    made, versions = pay.content(row), queries.versions(row)
    context = {
        **_head(row, versions),
        "paper": papers.paper(made, issued(row, versions), common.paper_language()),
        "lines": [papers.line(each, common.paper_language()) for each in made.lines],
        "versions": [rows.version_line(each, row) for each in versions],
        "languages": [("sv", text["pdf_sv"]), ("en", text["pdf_en"])],
    }
    return _show(request, row, "console/pay/statement.html", context)


@page(Permission.SEE_PAY)
def show_line(request: PageRequest, number: int, line: int) -> HttpResponse:
    """A line and the visits that it rests on."""
    row = common.the_statement(request, number)
    of = next((each for each in pay.content(row).lines if each.number == line), None)
    if of is None:
        raise Http404
    said = papers.line(of, common.paper_language())
    context = {
        **_of_visits(request, row, of.traces, lambda trace: _time(trace.seconds)),
        "line": said,
        "timed": of.per is Per.HOUR,
    }
    heading = text("line_of", number=line, what=said.service)
    return _show(request, row, "console/pay/line.html", context, heading)


@page(Permission.SEE_PAY)
def show_unpaid(request: PageRequest, number: int) -> HttpResponse:
    """What is not paid, and why."""
    row = common.the_statement(request, number)
    whys = paywords.OF[common.paper_language()].whys
    unpaid = pay.content(row).unpaid
    context = _of_visits(request, row, unpaid, lambda each: whys[each.why])
    return _show(request, row, "console/pay/unpaid.html", context, text["unpaid_visits"])


@page(Permission.SEE_PAY)
def show_changes(request: PageRequest, number: int) -> HttpResponse:
    """What differs from the version before."""
    row = common.the_statement(request, number)
    before = pay.earlier(row)
    if before is None:
        raise Http404
    found = changes(pay.content(before), pay.content(row))
    some = found.visits[:_MOST]
    looks.at_list(request, "pay", len(some))
    clients = visits.numbers(each.client_id for each in some)
    context = {
        **_head(row, [row, before]),
        "before": rows.version_line(before, row),
        "after": rows.version_line(row, row),
        "difference": common.kronor(row.total - before.total),
        "lines": [_line_change(each) for each in found.lines],
        "visits": [_visit_change(each, clients, request) for each in some],
        "more": len(found.visits) - len(some),
    }
    template = "console/pay/changes.html"
    return _show(request, row, template, context, text("changes_of", number=row.number))


def issued(row: Statement, versions: Sequence[Statement], sender: str = "") -> papers.Issued:
    """What a statement is beside its lines; `versions` are the newest first."""
    before = [each for each in versions if each.version < row.version]
    return papers.Issued(
        number=row.number,
        version=row.version,
        replaces=before[0].number if before else None,
        made=row.made_at.astimezone(ZONE).date(),
        sender=sender,
        provider=row.provider.name,
        org_number=row.provider.org_number,
    )


def _time(seconds: int) -> str:
    """A time to the second, `44 min 25 s`; empty for none."""
    return duration(seconds, OF[common.paper_language()]) if seconds else ""


def _head(row: Statement, versions: Sequence[Statement]) -> dict[str, Any]:
    newest = max(versions, key=lambda each: each.version)
    return {
        "statement": rows.statement_line(row),
        "month": common.month_step(row.month.first),
        "newer": None if newest.pk == row.pk else rows.version_line(newest, row),
    }


def _of_visits(
    request: PageRequest, row: Statement, found: Sequence[Told], say: Callable[[Told], str]
) -> dict[str, Any]:
    """A list of visits, some at a time, with what `say` says of each; the look is noted."""
    part = _part(found, keyset.asked(request))
    looks.at_list(request, "pay", len(part.rows))
    some = [(each.ref, each.client_id, each.day, say(each)) for each in part.rows]
    return {
        "statement": rows.statement_line(row),
        "visits": visits.shown(some, request.viewer, row.made_at),
        "count": len(found),
        "part": part,
    }


def _part(found: Sequence[Any], after: str) -> keyset.Part[Any]:
    """The part of a list after the row with this place in it."""
    if after and not (after.isascii() and after.isdigit() and len(after) < keyset.LONGEST_KEY):
        raise Http404
    start = int(after or 0)
    if start and start >= len(found):
        raise Http404
    end = start + keyset.SIZE
    return keyset.Part(
        list(found[start:end]), str(end) if end < len(found) else "", first=not after
    )


def _show(
    request: PageRequest, row: Statement, template: str, context: dict[str, Any], heading: str = ""
) -> HttpResponse:
    own = [shell.Step(reverse("statement", args=[row.number]), common.name(row))] if heading else []
    return show(
        request,
        template,
        "pay",
        context,
        words=text,
        heading=heading or text("statement_of", number=row.number, provider=row.provider.name),
        trail=[common.months_step(), common.month_step(row.month.first), *own],
    )


def _line_change(change: LineChange) -> dict[str, str]:
    """A line before and after, in words."""
    language = common.paper_language()
    before, after = (None if each is None else papers.line(each, language) for each in change)
    of = after or before
    assert of is not None, "a change has a line on one side at least"  # noqa: S101
    return {
        "service": ", ".join(filter(None, (of.service, of.area))),
        "ground": of.ground,
        "price": of.price,
        "before": _said(before),
        "after": _said(after),
    }


def _said(line: papers.Line | None) -> str:
    return "" if line is None else text("line_amount", amount=line.amount, quantity=line.quantity)


def _visit_change(
    change: VisitChange, clients: dict[str, str], request: PageRequest
) -> dict[str, Any]:
    return {
        "day": change.day,
        "client": clients.get(change.client_id, ""),
        "before": [_brings(each) for each in change.before],
        "after": [_brings(each) for each in change.after],
        "href": common.visit_href(request.viewer, change.ref),
    }


def _brings(part: Part) -> str:
    """What a visit brings to a line, or why nothing."""
    language = common.paper_language()
    if isinstance(part.of, Why):
        return paywords.OF[language].whys[part.of]
    said = papers.line(part.of, language)
    return text("brings", service=said.service, ground=said.ground, time=_time(part.seconds))
