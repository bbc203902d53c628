"""Why nothing was issued, credited, disputed or paid.

House rules: an error carries a closed code, so that a page can say it in the reader's language;
the text says what to do and names nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Snag(StrEnum):
    """Why nothing was changed."""

    NOT_ALLOWED = "not_allowed"
    MONTH_OPEN = "month_open"
    RUNNING = "running"
    NO_SENDER = "no_sender"
    WRONG_DAYS = "wrong_days"
    NO_AMOUNTS = "no_amounts"
    CREDITED = "credited"
    NOT_CREDITED = "not_credited"
    IS_CREDIT = "is_credit"
    NO_LINE = "no_line"
    SETTLED = "settled"
    NO_TEXT = "no_text"
    LONG_TEXT = "long_text"
    NO_SUPPLIER = "no_supplier"
    NO_STATEMENT = "no_statement"
    KNOWN = "known"
    KNOWN_NUMBER = "known_number"
    WRONG_BUYER = "wrong_buyer"
    NO_CREDITED = "no_credited"
    PART_CREDIT = "part_credit"
    PAST_DAY = "past_day"
    BAD_RULES = "bad_rules"


_TEXTS: Final = {
    Snag.NOT_ALLOWED: "Your role does not allow this",
    Snag.MONTH_OPEN: "Close the month first, so that its visits stand",
    Snag.RUNNING: "The month is being made already: wait until that has ended",
    Snag.NO_SENDER: "Fill in who sends the invoices: organisation number, bankgiro, telephone",
    Snag.WRONG_DAYS: "The last day to pay must come after the day of issue",
    Snag.NO_AMOUNTS: "Record the law's amounts for the month first",
    Snag.CREDITED: "The invoice is credited already",
    Snag.NOT_CREDITED: "The client has an invoice for the month: credit it first",
    Snag.IS_CREDIT: "A credit is not credited: make a new invoice",
    Snag.NO_LINE: "The invoice has no such line",
    Snag.SETTLED: "The dispute is settled: open a new one",
    Snag.NO_TEXT: "Write down what is said",
    Snag.LONG_TEXT: "The text is too long: say it in 1000 characters",
    Snag.NO_SUPPLIER: "The file's sender is no provider of ours",
    Snag.NO_STATEMENT: "There is no statement for that provider and month to check against",
    Snag.KNOWN: "That file has been taken in already",
    Snag.KNOWN_NUMBER: "The provider has sent another invoice with that number: ask for a new one",
    Snag.WRONG_BUYER: "The invoice is addressed to somebody else",
    Snag.NO_CREDITED: "A credit names one invoice that has been taken in: ask for a new one",
    Snag.PART_CREDIT: "A credit takes back a whole invoice: ask for one of the same amount",
    Snag.PAST_DAY: "Rules begin with a month of which nothing has been issued",
    Snag.BAD_RULES: "The rules cannot be like that: correct the value",
}


class MoneyError(Exception):
    """Nothing was changed; `snag` says why, `detail` more about it where there is more."""

    def __init__(self, snag: Snag, detail: str = "") -> None:
        super().__init__(": ".join(part for part in (_TEXTS[snag], detail) if part))
        self.snag = snag
        self.detail = detail
