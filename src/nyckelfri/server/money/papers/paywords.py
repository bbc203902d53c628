"""What a statement of pay says to its reader, in Swedish and in English; no rule stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nyckelfri.care.pay import Ground, Per, Why
from nyckelfri.server.money.papers.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class PayWords:
    """Texts of one language; braces are filled by `statement.py`."""

    title: str
    name: str
    made: str
    page: str
    total: str
    for_month: str
    replaces: str
    lines: str
    columns: tuple[str, ...]
    sum: str
    per: dict[Per, str]
    count: dict[Per, str]
    reduced: str
    grounds: dict[Ground, str]
    unpaid: str
    unpaid_columns: tuple[str, ...]
    all_paid: str
    whys: dict[Why, str]
    reckoned: str
    how: tuple[str, ...]
    invoice: str
    invoice_how: tuple[str, ...]
    org_number: str


SWEDISH: Final = PayWords(
    title="Underlag för ersättning, {month}",
    name="Underlag {number}",
    made="{name}, gjort {date}",
    page="{name} · {provider} · sida {page} av {pages}",
    total="Ersättning att fakturera",
    for_month="Besök i {month}",
    replaces="Det här är version {version}. Den ersätter underlag {number} helt.",
    lines="Det här ersätts",
    columns=("Rad", "Tjänst", "Besök", "Hur mycket", "Pris", "Kronor"),
    sum="Summa",
    per={
        Per.HOUR: "{price} per timme",
        Per.PIECE: "{price} per besök",
        Per.MONTH: "{price} per kund",
        Per.PERCENT: "{price}",
    },
    count={
        Per.HOUR: "{count}",
        Per.PIECE: "{count} st",
        Per.MONTH: "{count} kunder",
        Per.PERCENT: "{count}",
    },
    reduced="{percent} % av {price}",
    grounds={
        Ground.PERFORMED: "Utförda besök",
        Ground.DECLINED: "Kunden avböjde",
        Ground.MISSED: "Ingen var hemma",
        Ground.ABSENCE_DAY_1: "Kunden borta, första dagen",
        Ground.ABSENCE_DAYS_2_5: "Kunden borta, dag 2–5",
        Ground.NEW_CLIENT: "Ny kund",
    },
    unpaid="Det här ersätts inte",
    unpaid_columns=("Varför", "Besök"),
    all_paid="Alla besök i månaden ersätts.",
    whys={
        Why.NOT_MADE: "Besöket blev inte av.",
        Why.FLAGGED: "Något stack ut, och reglerna ersätter inte sådana besök.",
        Why.SECOND: "Det andra av två besök samtidigt, där ett ersätts.",
        Why.MISSED: "Ingen var hemma, och reglerna ersätter inte det.",
        Why.NO_PLAN: "Besöket var inte planerat.",
        Why.NO_SERVICE: "Det är inte känt vad som gjordes.",
        Why.LONG_ABSENCE: "Kunden hade varit borta i mer än fem dagar.",
    },
    reckoned="Så är det räknat",
    how=(
        (
            "Tiden i en rad läggs ihop sekund för sekund, avrundas till hela minuter och "
            "multipliceras med priset. Varje rad avrundas till hela ören."
        ),
        "Vilka besök en rad vilar på står i filen till underlaget. Ersättningen är utan moms.",
    ),
    invoice="När ni fakturerar",
    invoice_how=(
        (
            "Ange underlagets radnummer på varje rad (i Peppol: OrderLineReference), och månaden "
            "som period. Då stäms fakturan av rad för rad så fort den kommer."
        ),
    ),
    org_number="Org.nr {number}",
)
ENGLISH: Final = PayWords(
    title="Statement of pay, {month}",
    name="Statement {number}",
    made="{name}, made {date}",
    page="{name} · {provider} · page {page} of {pages}",
    total="Pay to invoice",
    for_month="Visits in {month}",
    replaces="This is version {version}. It replaces statement {number} altogether.",
    lines="This is paid",
    columns=("Line", "Service", "Visits", "How much", "Price", "Kronor"),
    sum="Sum",
    per={
        Per.HOUR: "{price} an hour",
        Per.PIECE: "{price} a visit",
        Per.MONTH: "{price} a client",
        Per.PERCENT: "{price}",
    },
    count={
        Per.HOUR: "{count}",
        Per.PIECE: "{count}",
        Per.MONTH: "{count} clients",
        Per.PERCENT: "{count}",
    },
    reduced="{percent} % of {price}",
    grounds={
        Ground.PERFORMED: "Visits made",
        Ground.DECLINED: "The client declined",
        Ground.MISSED: "Nobody was at home",
        Ground.ABSENCE_DAY_1: "The client was away, first day",
        Ground.ABSENCE_DAYS_2_5: "The client was away, days 2–5",
        Ground.NEW_CLIENT: "New client",
    },
    unpaid="This is not paid",
    unpaid_columns=("Why", "Visits"),
    all_paid="Every visit of the month is paid.",
    whys={
        Why.NOT_MADE: "The visit was not made.",
        Why.FLAGGED: "Something stood out, and the rules do not pay such visits.",
        Why.SECOND: "The second of two visits at once, of which one is paid.",
        Why.MISSED: "Nobody was at home, and the rules do not pay for that.",
        Why.NO_PLAN: "The visit was not planned.",
        Why.NO_SERVICE: "It is not known what was done.",
        Why.LONG_ABSENCE: "The client had been away for more than five days.",
    },
    reckoned="How it is reckoned",
    how=(
        (
            "The time of a line is added up second by second, rounded to whole minutes and "
            "multiplied by the price. Each line is rounded to whole öre."
        ),
        "Which visits a line rests on stands in the file to the statement. Pay carries no VAT.",
    ),
    invoice="When you invoice",
    invoice_how=(
        (
            "Give the statement's line number on each line (in Peppol: OrderLineReference), and "
            "the month as the period. Then the invoice is checked line by line when it comes."
        ),
    ),
    org_number="Org. no. {number}",
)
OF: Final = {Language.SWEDISH: SWEDISH, Language.ENGLISH: ENGLISH}
