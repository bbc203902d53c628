"""Who sends invoices, and on which accounts they are booked: a municipality's own settings.

House rules: dated like every rule; what cannot be without (organisation number, bankgiro,
telephone) has no default, and nothing is issued before it is filled in. Accounts are those of
Kommun-BAS that municipalities commonly use; the finance office confirms them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The municipality as it stands on an invoice, from `valid_from` on."""

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

    @property
    def whole(self) -> bool:
        """Whether invoices can be sent in its name."""
        return all((self.name, self.org_number, self.bankgiro, self.telephone))
