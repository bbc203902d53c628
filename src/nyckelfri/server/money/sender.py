"""Who sends invoices, and on which accounts they are booked: a municipality's own settings.

House rules: dated like every rule; what cannot be without (organisation number, bankgiro,
telephone) has no default, and nothing is issued before it is filled in. Accounts are those of
Kommun-BAS that municipalities commonly use; the finance office confirms them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.plain import line


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The municipality as it stands on an invoice, from `valid_from` on.

    ValueError for numbers that cannot be right.
    """

    valid_from: date = date.min
    name: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    org_number: str = ""
    vat_number: str = ""
    bankgiro: str = ""
    telephone: str = ""
    email: str = ""
    f_skatt: bool = False
    days_to_pay: int = 30

    def __post_init__(self) -> None:
        digits = checkdigits.organisation(self.org_number) if self.org_number else ""
        if self.vat_number and self.vat_number != f"SE{digits}01":
            raise ValueError("a Swedish VAT number is SE, the organisation number and 01")
        if self.bankgiro:
            checkdigits.bankgiro(self.bankgiro)
        if self.days_to_pay < 1:
            raise ValueError("there is at least a day to pay")

    @property
    def whole(self) -> bool:
        """Whether invoices can be sent in its name."""
        needed = (self.name, self.org_number, self.bankgiro, self.telephone)
        return all(line(each) for each in needed)
