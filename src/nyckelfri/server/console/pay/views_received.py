"""Providers' own invoices: taken in, and what came of holding each to our statement."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.pay import common, received, rows
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.money import actions_received, checks, pay
from nyckelfri.server.money import queries_pay as queries
from nyckelfri.server.money.errors import MoneyError
from nyckelfri.server.money.models import ReceivedInvoice, Statement
from nyckelfri.server.money.papers.received import Fault, InvoiceFaultError, What
from nyckelfri.server.money.papers.received_xml import LARGEST

_MEGABYTE: Final = 1024 * 1024


@page(Permission.PAY_PROVIDERS, "GET", "POST")
def receive(request: PageRequest) -> HttpResponse:
    """Upload a provider's invoice; it is checked at once."""
    problem = ""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            row = actions_received.take_in(request.viewer, _uploaded(request), now=request.now)
        except InvoiceFaultError as error:
            problem, faults = text["file_faults"], error.faults
        except MoneyError as error:
            problem = text(f"snag_{error.snag.value}")
        except LookupError:
            problem = text["no_file"]
        else:
            done(request, text["checked"])
            return redirect("received_invoice", pk=row.pk)
    context = {
        "problem": problem,
        "faults": received.faults(faults),
        "most": LARGEST // _MEGABYTE,
        "back": reverse("pay"),
    }
    return show(
        request,
        "console/pay/receive.html",
        "pay",
        context,
        words=text,
        heading=text["take_in"],
        trail=[common.months_step()],
        status=422 if problem else 200,
    )


def _uploaded(request: PageRequest) -> bytes:
    """The file, unread where it is too large; LookupError where there is none."""
    file = request.FILES.get("file")
    if file is None:
        raise LookupError
    if file.size is None or file.size > LARGEST:
        raise InvoiceFaultError([Fault(What.TOO_LARGE, "")])
    data: bytes = file.read()
    return data


@page(Permission.SEE_PAY)
def show_received(request: PageRequest, pk: int) -> HttpResponse:
    """An invoice beside our statement."""
    row = _the_invoice(request, pk)
    statement = row.statement
    assert statement is not None, "an invoice is taken in against a statement"  # noqa: S101
    return show(
        request,
        "console/pay/received.html",
        "pay",
        _shown(row, statement),
        words=text,
        heading=text("received_of", number=row.number, provider=row.provider.name),
        trail=[common.months_step(), common.month_step(statement.month.first)],
    )


def _shown(row: ReceivedInvoice, statement: Statement) -> dict[str, Any]:
    found = checks.read(row.findings)
    newest = queries.versions(statement)[0]
    return {
        "invoice": rows.received_line(row),
        "agrees": row.verdict == ReceivedInvoice.Verdict.AGREES,
        "credits": found.credits,
        "verdicts": received.verdicts(found),
        "pairs": received.pairs(found, pay.content(statement).lines),
        "total": common.kronor(row.total),
        "our_total": common.kronor(statement.total),
        "difference": common.kronor(abs(found.difference)) if found.difference else "",
        "asks": text["asks_more" if found.difference > 0 else "asks_less"],
        "first": found.first,
        "last": found.last,
        "statement": rows.statement_line(statement),
        "newer": None if newest.pk == statement.pk else rows.version_line(newest, statement),
        "by": row.received_by.name,
    }


@page(Permission.SEE_PAY)
def as_file(request: PageRequest, pk: int) -> HttpResponse:
    """The file as it came, to keep and never to be shown by a browser."""
    row = _the_invoice(request, pk)
    audit.look(
        Verb.MONEY_EXPORT,
        f"received-invoice:{row.pk}",
        actor=request.viewer.actor,
        details={"form": "xml", "count": 1},
        now=request.now,
    )
    headers = {"Content-Disposition": f'attachment; filename="faktura-{row.pk}.xml"'}
    return HttpResponse(bytes(row.data), content_type="application/xml", headers=headers)


def _the_invoice(request: PageRequest, pk: int) -> ReceivedInvoice:
    read = ("provider", "statement__month", "statement__provider", "received_by")
    return get_object_or_404(
        queries.received(request.viewer).select_related(*read), pk=common.key(pk)
    )
