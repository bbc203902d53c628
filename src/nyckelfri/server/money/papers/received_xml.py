"""The strict reader of a provider's Peppol BIS Billing 3 file.

House rules: the file comes from outside. It is refused whole above a size, with a document type
or an entity in it, or where a field that is needed is missing, stands twice or does not read.
What is not needed is passed over. An invoice that comes out agrees with itself.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NoReturn, TypeVar

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nyckelfri.server.money.papers import checkdigits, received_sums, ubl
from nyckelfri.server.money.papers.content import Kind
from nyckelfri.server.money.papers.plain import line as plain
from nyckelfri.server.money.papers.received import (
    Adjustment,
    Fault,
    InvoiceFaultError,
    ReceivedInvoice,
    ReceivedLine,
    Totals,
    Vat,
    What,
)

LARGEST: Final = 10 * 1024 * 1024
"""So many bytes may a file have: some ten thousand lines."""
_LONGEST: Final = 1000
_MOST: Final = 100
"""So many faults are told at once."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")
"""Few enough digits that quantity x price / base is exact enough to compare."""
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,2})?")
_CODE: Final = re.compile(r"[A-Z0-9]{1,3}")
_NOTHING: Final = Decimal(0)
_T = TypeVar("_T")


def read_invoice(data: bytes) -> ReceivedInvoice:
    """The invoice or credit of the file; InvoiceFaultError for what cannot be checked."""
    if len(data) > LARGEST:
        _refuse(What.TOO_LARGE, "")
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        _refuse(What.FORBIDDEN, "")
    except (ET.ParseError, ValueError, LookupError):
        _refuse(What.NOT_XML, "")
    invoice = _invoice(root)
    if found := received_sums.faults(invoice):
        raise InvoiceFaultError(found[:_MOST])
    return invoice


def _refuse(what: What, where: str, found: str = "") -> NoReturn:
    raise InvoiceFaultError([Fault(what, where, found[:40])])


@dataclass(frozen=True, slots=True)
class _Place:
    """An element of the file, and how it is named to people; no element: it is not there.

    In UBL what holds elements is of one namespace and what says something of another.
    """

    element: ET.Element | None
    where: str

    def all(self, name: str) -> list[_Place]:
        """The elements of a name in this one, numbered."""
        found = [] if self.element is None else self.element.findall(f"{{{ubl.CAC}}}{name}")
        return [_Place(each, f"{self.where}{name} {n}/") for n, each in enumerate(found, 1)]

    def one(self, name: str) -> _Place:
        """The element of a name, which stands at most once."""
        found = self.all(name)
        if len(found) > 1:
            _refuse(What.TWICE, f"{self.where}{name}")
        return _Place(found[0].element if found else None, f"{self.where}{name}/")

    def leaf(self, path: str) -> ET.Element | None:
        """What says something at a path, which stands at most once."""
        *names, last = path.split("/")
        place = self
        for name in names:
            place = place.one(name)
        if place.element is None:
            return None
        found = place.element.findall(f"{{{ubl.CBC}}}{last}")
        if len(found) > 1:
            _refuse(What.TWICE, self.where + path)
        return found[0] if found else None

    def text(self, path: str) -> str:
        """What stands at a path, as one line; empty where nothing does."""
        leaf = self.leaf(path)
        said = "" if leaf is None else plain("".join(leaf.itertext()))
        if len(said) > _LONGEST:
            _refuse(What.TOO_LONG, self.where + path)
        return said

    def need(self, path: str) -> str:
        """The same, where something has to stand."""
        return self.text(path) or _refuse(What.MISSING, self.where + path)

    def code(self, path: str) -> str:
        """A short code in capitals, which has to stand."""
        code = self.need(path)
        return code if _CODE.fullmatch(code) else _refuse(What.NOT_PEPPOL, self.where + path, code)

    def date(self, path: str) -> date | None:
        """A day, where one stands."""
        return self._read(path, _DATE, date.fromisoformat, What.NOT_A_DATE)

    def number(self, path: str) -> Decimal | None:
        """A quantity or a rate, where one stands."""
        return self._read(path, _NUMBER, Decimal, What.NOT_A_NUMBER)

    def amount(self, path: str, form: re.Pattern[str] = _AMOUNT) -> Decimal | None:
        """An amount in kronor, where one stands."""
        amount = self._read(path, form, Decimal, What.NOT_A_NUMBER)
        leaf = self.leaf(path)
        if leaf is not None and (unit := leaf.get("currencyID", "")) != ubl.CURRENCY:
            _refuse(What.NOT_KRONOR, self.where + path, unit)
        return amount

    def sure(self, value: _T | None, path: str) -> _T:
        """The value, which has to stand at the path."""
        return _refuse(What.MISSING, self.where + path) if value is None else value

    def _read(
        self, path: str, form: re.Pattern[str], read: Callable[[str], _T], wrong: What
    ) -> _T | None:
        said = self.text(path)
        try:
            if form.fullmatch(said):
                return read(said)
        except ValueError:
            pass
        return _refuse(wrong, self.where + path, said) if said else None


def _invoice(root: ET.Element) -> ReceivedInvoice:
    kinds = {f"{{{name}}}{ubl.ROOTS[kind]}": kind for kind, name in ubl.NAMESPACES.items()}
    kind, top = kinds.get(root.tag), _Place(root, "")
    if kind is None or not top.text("CustomizationID").startswith(ubl.CUSTOMIZATION):
        _refuse(What.NOT_PEPPOL, "CustomizationID")
    type_code = f"{ubl.ROOTS[kind]}TypeCode"
    if (code := top.need(type_code)) != ubl.TYPE_CODES[kind]:
        _refuse(What.NOT_PEPPOL, type_code, code)
    if (unit := top.need("DocumentCurrencyCode")) != ubl.CURRENCY:
        _refuse(What.NOT_KRONOR, "DocumentCurrencyCode", unit)
    supplier = top.one("AccountingSupplierParty").one("Party")
    customer = top.one("AccountingCustomerParty").one("Party")
    taxes = {
        each.text("TaxScheme/ID").upper(): each.text("CompanyID").upper()
        for each in supplier.all("PartyTaxScheme")
    }
    return ReceivedInvoice(
        kind=kind,
        number=top.need("ID"),
        issued=top.sure(top.date("IssueDate"), "IssueDate"),
        due=top.date("DueDate"),
        first=top.date("InvoicePeriod/StartDate"),
        last=top.date("InvoicePeriod/EndDate"),
        note=top.text("Note"),
        order=top.text("OrderReference/ID"),
        contract=top.text("ContractDocumentReference/ID"),
        credits=tuple(
            each.need("InvoiceDocumentReference/ID") for each in top.all("BillingReference")
        ),
        supplier_org=_organisation(supplier, taxes.get("VAT", "")),
        supplier_name=supplier.need("PartyLegalEntity/RegistrationName"),
        vat_number=taxes.pop("VAT", ""),
        f_skatt=ubl.F_SKATT in taxes.values(),
        buyer_name=customer.need("PartyLegalEntity/RegistrationName"),
        buyer_org=customer.text("PartyLegalEntity/CompanyID").replace("-", ""),
        buyer_reference=top.text("BuyerReference"),
        bankgiro=_account(top, ubl.BANKGIRO),
        plusgiro=_account(top, ubl.PLUSGIRO),
        payment_reference=next(
            (said for each in top.all("PaymentMeans") if (said := each.text("PaymentID"))), ""
        ),
        lines=_lines(top, kind),
        adjustments=_adjustments(top),
        vat=tuple(_vat(each) for each in top.one("TaxTotal").all("TaxSubtotal")),
        totals=_totals(top),
    )


def _organisation(supplier: _Place, vat_number: str) -> str:
    """The supplier's number, which a Swedish VAT number holds too."""
    path = "PartyLegalEntity/CompanyID"
    said = supplier.text(path) or vat_number.removeprefix("SE").removesuffix("01")
    try:
        return checkdigits.organisation(said)
    except ValueError:
        _refuse(What.NO_ORG_NUMBER if said else What.MISSING, supplier.where + path, said)


def _account(top: _Place, branch: str) -> str:
    for means in top.all("PaymentMeans"):
        account = means.one("PayeeFinancialAccount")
        if account.text("FinancialInstitutionBranch/ID") == branch:
            return account.need("ID")
    return ""


def _lines(top: _Place, kind: Kind) -> tuple[ReceivedLine, ...]:
    name = f"{ubl.ROOTS[kind]}Line"
    lines = tuple(_line(each, ubl.QUANTITIES[kind]) for each in top.all(name))
    if not lines:
        _refuse(What.MISSING, name)
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.id in seen:
            _refuse(What.TWICE, f"{name} {number}/ID", line.id)
        seen.add(line.id)
    return lines


def _line(line: _Place, quantity: str) -> ReceivedLine:
    item, price = line.one("Item"), line.one("Price")
    base = price.number("BaseQuantity")
    if base is not None and base <= 0:
        _refuse(What.NOT_A_NUMBER, f"{price.where}BaseQuantity", str(base))
    counted = line.leaf(quantity)
    return ReceivedLine(
        id=line.need("ID"),
        name=item.need("Name"),
        quantity=line.sure(line.number(quantity), quantity),
        unit=("" if counted is None else counted.get("unitCode", ""))
        or _refuse(What.MISSING, f"{line.where}{quantity}/unitCode"),
        price=price.sure(price.amount("PriceAmount", _NUMBER), "PriceAmount"),
        base=Decimal(1) if base is None else base,
        amount=line.sure(line.amount("LineExtensionAmount"), "LineExtensionAmount"),
        category=item.code("ClassifiedTaxCategory/ID"),
        percent=item.number("ClassifiedTaxCategory/Percent") or _NOTHING,
        note=line.text("Note"),
        description=item.text("Description"),
        sellers_item=item.text("SellersItemIdentification/ID"),
        buyers_item=item.text("BuyersItemIdentification/ID"),
        order_line=line.text("OrderLineReference/LineID"),
        object_id=line.text("DocumentReference/ID"),
        account=line.text("AccountingCost"),
        first=line.date("InvoicePeriod/StartDate"),
        last=line.date("InvoicePeriod/EndDate"),
        adjustments=_adjustments(line),
    )


def _adjustments(place: _Place) -> tuple[Adjustment, ...]:
    return tuple(
        Adjustment(
            charge=_is_charge(each),
            amount=each.sure(each.amount("Amount"), "Amount"),
            reason=each.text("AllowanceChargeReason") or each.text("AllowanceChargeReasonCode"),
            category=each.text("TaxCategory/ID"),
            percent=each.number("TaxCategory/Percent") or _NOTHING,
        )
        for each in place.all("AllowanceCharge")
    )


def _is_charge(adjustment: _Place) -> bool:
    said = adjustment.need("ChargeIndicator")
    if said not in {"true", "false"}:
        _refuse(What.NOT_PEPPOL, f"{adjustment.where}ChargeIndicator", said)
    return said == "true"


def _vat(part: _Place) -> Vat:
    return Vat(
        category=part.code("TaxCategory/ID"),
        percent=part.number("TaxCategory/Percent") or _NOTHING,
        base=part.sure(part.amount("TaxableAmount"), "TaxableAmount"),
        tax=part.sure(part.amount("TaxAmount"), "TaxAmount"),
        reason=part.text("TaxCategory/TaxExemptionReason")
        or part.text("TaxCategory/TaxExemptionReasonCode"),
    )


def _totals(top: _Place) -> Totals:
    total, tax = top.one("LegalMonetaryTotal"), top.one("TaxTotal")

    def need(name: str) -> Decimal:
        return total.sure(total.amount(name), name)

    def perhaps(name: str) -> Decimal:
        return total.amount(name) or _NOTHING

    return Totals(
        lines=need("LineExtensionAmount"),
        off=perhaps("AllowanceTotalAmount"),
        on=perhaps("ChargeTotalAmount"),
        without_vat=need("TaxExclusiveAmount"),
        vat=tax.sure(tax.amount("TaxAmount"), "TaxAmount"),
        with_vat=need("TaxInclusiveAmount"),
        prepaid=perhaps("PrepaidAmount"),
        rounding=perhaps("PayableRoundingAmount"),
        payable=need("PayableAmount"),
    )
