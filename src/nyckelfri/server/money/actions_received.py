"""A provider's own invoice is taken in, and held to our statement line by line.

House rules: check → change → audit row, in one transaction. What the file says is compared and
never believed; nothing is paid by a verdict. A file that cannot be checked leaves nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from nyckelfri.care import statementcheck
from nyckelfri.care.billing import NOTHING
from nyckelfri.care.statementcheck import InvoiceVerdict
from nyckelfri.care.statementcheck import ReceivedInvoice as Claim
from nyckelfri.care.times import ZONE
from nyckelfri.server import turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Provider
from nyckelfri.server.money import checks, known, pay
from nyckelfri.server.money.checks import Findings
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import MoneyRules, ReceivedInvoice, Statement
from nyckelfri.server.money.papers import received_claim, received_xml
from nyckelfri.server.money.papers.content import Kind
from nyckelfri.server.money.papers.received import Fault, InvoiceFaultError, What
from nyckelfri.server.money.papers.received import ReceivedInvoice as File
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.turns import Turn

_LONGEST_NUMBER: Final = 64
_LARGEST: Final = 10**11
"""Kronor that a row has room for."""
_Verdict = ReceivedInvoice.Verdict


def take_in(viewer: Viewer, data: bytes, *, now: datetime) -> ReceivedInvoice:
    """Check a provider's Peppol file against our newest statement for its month, and keep both.

    InvoiceFaultError says what in the file cannot be read, MoneyError what else is in the way. A
    credit takes back one invoice that was taken in, whole.
    """
    if not viewer.may(Permission.PAY_PROVIDERS):
        raise MoneyError(Snag.NOT_ALLOWED)
    file = received_xml.read_invoice(data)
    claim = received_claim.claim(file)
    if len(file.number) > _LONGEST_NUMBER:
        raise InvoiceFaultError([Fault(What.TOO_LONG, "ID")])
    if abs(claim.total) >= _LARGEST:
        raise InvoiceFaultError([Fault(What.NOT_A_NUMBER, "PayableAmount")])
    _must_be_to_us(file, now)
    digest = hashlib.sha256(data).digest()
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        provider = Provider.objects.filter(org_number=claim.supplier_id).first()
        if provider is None:
            raise MoneyError(Snag.NO_SUPPLIER, claim.supplier_id)
        if ReceivedInvoice.objects.filter(digest=digest).exists():
            raise MoneyError(Snag.KNOWN)
        if ReceivedInvoice.objects.filter(provider=provider, number=file.number).exists():
            raise MoneyError(Snag.KNOWN_NUMBER)
        judge = _judged if file.kind is Kind.INVOICE else _credited
        statement, found = judge(file, replace(claim, supplier_id=str(provider.pk)), provider)
        agrees = found.verdicts == (InvoiceVerdict.SAME,)
        row = ReceivedInvoice.objects.create(
            provider=provider,
            statement=statement,
            number=file.number,
            total=claim.total,
            data=data,
            digest=digest,
            verdict=_Verdict.AGREES if agrees else _Verdict.DIFFERS,
            findings=checks.stored(found),
            received_at=now,
            received_by=viewer.employee,
        )
        details = {"statement": statement.number, "verdict": row.verdict, "digest": digest.hex()}
        deed = audit.Deed(Verb.RECEIVED_CHECK, f"received-invoice:{row.pk}", details=details)
        audit.record([deed], actor=viewer.actor, now=now)
    return row


def _must_be_to_us(file: File, now: datetime) -> None:
    """Refuse what is addressed to somebody else, as far as both numbers are known."""
    today = now.astimezone(ZONE).date()
    ours = known.rules(MoneyRules.Kind.SENDER, Sender, today).org_number.replace("-", "")
    if ours and file.buyer_org and ours[-10:] != file.buyer_org[-10:]:
        raise MoneyError(Snag.WRONG_BUYER)


def _judged(_file: File, claim: Claim, provider: Provider) -> tuple[Statement, Findings]:
    """An invoice, held to the newest statement of its month."""
    first = claim.first.replace(day=1)
    of_month = Statement.objects.filter(provider=provider, month__first=first)
    statement = of_month.order_by("version").last()
    if statement is None:
        raise MoneyError(Snag.NO_STATEMENT)
    earlier = _accepted(statement)
    return statement, checks.of(
        claim, statementcheck.check(claim, pay.content(statement), earlier=earlier)
    )


def _accepted(statement: Statement) -> list[str]:
    """Numbers of the invoices that this provider's month was accepted by, and none took back."""
    rows = ReceivedInvoice.objects.filter(
        provider=statement.provider_id,
        statement__month=statement.month_id,
        verdict=_Verdict.AGREES,
    )
    found = [(number, checks.read(data)) for number, data in rows.values_list("number", "findings")]
    taken_back = {each.credits for _, each in found}
    return [number for number, each in found if not each.credits and number not in taken_back]


def _credited(file: File, claim: Claim, provider: Provider) -> tuple[Statement, Findings]:
    """A credit, held to the invoice that it names."""
    rows = ReceivedInvoice.objects.filter(provider=provider, number__in=file.credits)
    invoice = rows.select_related("statement").first()
    if len(file.credits) != 1 or invoice is None or invoice.statement is None:
        raise MoneyError(Snag.NO_CREDITED)
    if invoice.total <= NOTHING or invoice.total != -claim.total:
        raise MoneyError(Snag.PART_CREDIT)
    ours = ReceivedInvoice.objects.filter(provider=provider, findings__credits=invoice.number)
    if ours.exists():
        raise MoneyError(Snag.CREDITED)
    return invoice.statement, Findings(
        first=claim.first,
        last=claim.last,
        verdicts=(InvoiceVerdict.SAME,),
        lines=(),
        difference=NOTHING,
        credits=invoice.number,
    )
