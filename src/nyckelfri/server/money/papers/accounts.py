"""Which accounts money is booked on, as a municipality has decided it from a date on.

House rules: the defaults follow Kommun-Bas and are a proposal: the finance office has to confirm
each of them. A setting counts from its day, so that a file of last year is the same when it is
made again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

_ACCOUNT: Final = re.compile(r"[0-9]{3,8}")
_COST_CENTRE: Final = re.compile(r"[0-9A-Za-z-]{0,16}")
_INCOME: Final = {"alarm": "3133", "meals": "3026"}
_NAMES: Final = {
    "1510": "Kundfordringar",
    "2510": "Leverantörsskulder",
    "3026": "Måltider, social omsorg",
    "3132": "Avgifter, social omsorg",
    "3133": "Avgifter, trygghetslarm",
    "3139": "Nedsatta avgifter, social omsorg",
    "3690": "Öresutjämning",
    "4630": "Köp av huvudverksamhet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Accounts by what they are for; ValueError for one that is not three to eight digits.

    `income` and `purchase` are by article and service, `other_income` and `other_purchase` for
    those that are not there. `cost_centre` follows income and purchase. `names` are by account.
    """

    valid_from: date = date.min
    receivable: str = "1510"
    payable: str = "2510"
    reduction: str = "3139"
    rounding: str = "3690"
    income: Mapping[str, str] = field(default_factory=_INCOME.copy)
    other_income: str = "3132"
    purchase: Mapping[str, str] = field(default_factory=dict)
    other_purchase: str = "4630"
    cost_centre: str = ""
    names: Mapping[str, str] = field(default_factory=_NAMES.copy)

    def __post_init__(self) -> None:
        """ValueError for what cannot be an account."""
        each = (self.receivable, self.payable, self.reduction, self.rounding, self.other_income)
        for account in (
            *each, self.other_purchase, *self.income.values(), *self.purchase.values(), *self.names
        ):  # fmt: skip
            if not _ACCOUNT.fullmatch(account):
                raise ValueError(f"an account is three to eight digits, not {account!r}")
        if not _COST_CENTRE.fullmatch(self.cost_centre):
            raise ValueError("a cost centre is up to sixteen letters and digits")

    def income_of(self, article: str) -> str:
        """The account of what clients pay for an article."""
        return self.income.get(article, self.other_income)

    def purchase_of(self, service: str) -> str:
        """The account of what providers are paid for a service."""
        return self.purchase.get(service, self.other_purchase)


def on(day: date, known: Iterable[Accounts]) -> Accounts:
    """The accounts that count on a day: the newest of them, else the defaults."""
    current = [each for each in known if each.valid_from <= day]
    return max(current, key=lambda each: each.valid_from, default=Accounts())
