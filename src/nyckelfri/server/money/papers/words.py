"""What an invoice says to its reader, in Swedish and in English; no rule stands here."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from typing import Final

from nyckelfri.care.billing import Limit, Unit
from nyckelfri.server.money.papers.content import Sign, What


class Language(enum.Enum):
    """Of a paper."""

    SWEDISH = "sv"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Texts of one language; braces are filled by `page.py`."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    and_: str
    decimal_comma: str
    thousands: str
    clock: str
    title: str
    title_credit: str
    name: str
    name_credit: str
    issued: str
    page: str
    to_pay: str
    pay_by: str
    pay_to: str
    reference: str
    nothing_to_pay: str
    given_back: str
    credit_of: str
    credited: str
    credit_note: str
    bought: str
    bought_columns: tuple[str, ...]
    sum: str
    rounding: str
    reckoned: str
    by_tariff: dict[Limit, str]
    below_headroom: str
    apart: str
    no_income: str
    same_price: str
    reduction: dict[Limit, str]
    headroom: str
    headroom_columns: tuple[str, ...]
    headroom_is: str
    headroom_none: str
    terms: dict[What, str]
    ask: str
    ask_how: str
    behind: str
    behind_intro: str
    decision: str
    from_day: str
    days: str
    shared_visit: str
    columns_timed: tuple[str, ...]
    columns_visits: tuple[str, ...]
    columns_other: tuple[str, ...]
    hours: str
    minutes: str
    seconds: str
    whole_month: str
    part_of_month: str
    pieces: str
    prices: dict[Unit, str]
    signs: dict[Sign, str]
    door_both: str
    label_both: str
    vat: str
    f_skatt: str
    org_number: str
    vat_number: str

    def money(self, amount: object) -> str:
        """An amount with its öre, as `1 670,00 kr`."""
        return f"{self.figure(amount)}\u00a0kr"

    def figure(self, amount: object) -> str:
        """An amount without its unit; below zero behind a real minus sign."""
        text = f"{amount:,.2f}".replace("-", "−")
        return text.replace(",", "_").replace(".", self.decimal_comma).replace("_", self.thousands)

    def day(self, day: date) -> str:
        """A day without its year, as `2 november`."""
        return f"{day.day}\u00a0{self.months[day.month - 1]}"

    def date(self, day: date) -> str:
        """A day with its year."""
        return f"{self.day(day)}\u00a0{day.year}"


SWEDISH: Final = Words(
    months=(
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ),
    weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    and_="och",
    decimal_comma=",",
    thousands="\u00a0",
    clock="%H.%M",
    title="Faktura för {month}",
    title_credit="Kreditfaktura för {month}",
    name="Faktura {number}",
    name_credit="Kreditfaktura {number}",
    issued="{name}, skickad {date}",
    page="{name} · {seller} · sida {page} av {pages}",
    to_pay="Att betala",
    pay_by="Senast",
    pay_to="Bankgiro",
    reference="OCR-nummer",
    nothing_to_pay="Du behöver inte betala något.",
    given_back="Avgift som tas bort",
    credit_of="Gäller faktura",
    credited="{number} från {date}",
    credit_note=(
        "Den fakturan gäller inte längre. Har du redan betalat den får du tillbaka pengarna. "
        "Har du inte betalat den ska du inte göra det. Anledning: {reason}."
    ),
    bought="Det här gäller fakturan",
    bought_columns=("Vad", "Hur mycket", "Pris", "Kronor"),
    sum="Summa",
    rounding="Ören som vi stryker",
    reckoned="Så har vi räknat",
    by_tariff={
        Limit.TARIFF: (
            "{what} kostar {capped} enligt kommunens taxa. Det är inte mer än högsta avgiften, "
            "som är {cap} i månaden{below}. Därför betalar du enligt taxan."
        ),
        Limit.CAP: (
            "{what} skulle kosta {capped} enligt kommunens taxa. Men ingen behöver betala mer än "
            "högsta avgiften, som är {cap} i månaden. Därför drar vi av {reduction}."
        ),
        Limit.HEADROOM: (
            "{what} skulle kosta {capped} enligt kommunens taxa. Men du ska ha pengar kvar att "
            "leva på. Din inkomst räcker till {headroom} i månaden, och mer tar vi inte. "
            "Därför drar vi av {reduction}."
        ),
    },
    below_headroom=", och inte mer än din inkomst räcker till",
    apart="{what} räknas inte in i högsta avgiften och kostar {free}.",
    no_income=(
        "Du har inte lämnat uppgift om din inkomst. Har du låg inkomst kan avgiften bli lägre. "
        "Ring oss så hjälper vi dig."
    ),
    same_price="Priset är detsamma vilken utförare du än har valt. Låset på dörren kostar inget.",
    reduction={
        Limit.TARIFF: "",
        Limit.CAP: "Avdrag för högsta avgiften",
        Limit.HEADROOM: "Avdrag för din inkomst",
    },
    headroom="Vad din inkomst räcker till",
    headroom_columns=("Varje månad", "Kronor"),
    headroom_is="Räcker till avgift",
    headroom_none="Räcker inte till någon avgift",
    terms={
        What.INCOME: "Din inkomst efter skatt",
        What.SHARED_INCOME: "Hälften av era inkomster efter skatt",
        What.HOUSING_SUPPLEMENT: "Bostadstillägg",
        What.HOUSING_COST: "Kostnad för bostaden",
        What.MINIMUM_AMOUNT: "Det du ska ha kvar att leva på (minimibelopp)",
        What.ADDITION: "Det du får behålla utöver det",
    },
    ask="Undrar du något, eller har det blivit fel?",
    ask_how=(
        "Säg vilken rad det gäller. Vi tar reda på hur det var och svarar dig. "
        "Har det blivit fel får du en ny faktura."
    ),
    behind="Det här bygger fakturan på",
    behind_intro=(
        "Här står varje besök och vad som visar att det gjordes. Stämmer något inte? Ring oss."
    ),
    decision="Beslut {decision}",
    from_day="från {day}",
    days="{days} dagar",
    shared_visit="När du fick hjälp med flera saker är besökets tid delad mellan dem.",
    columns_timed=("Dag", "Klockan", "Tid", "Det här visar besöket"),
    columns_visits=("Dag", "Klockan", "Antal", "Det här visar besöket"),
    columns_other=("Dag", "Antal", "Det här visar det"),
    hours="{hours} tim",
    minutes="{minutes} min",
    seconds="{seconds} s",
    whole_month="hela månaden",
    part_of_month="{days} av {of} dagar",
    pieces="{pieces} st",
    prices={
        Unit.HOUR: "{price} i timmen",
        Unit.MONTH: "{price} i månaden",
        Unit.PIECE: "{price} styck",
    },
    signs={
        Sign.UNLOCKED: "Dörren låstes upp {at}.",
        Sign.LOCKED: "Dörren låstes {at}.",
        Sign.LABEL: "Etiketten hemma hos dig lästes av {at}.",
        Sign.BY_HAND: "Antecknat av personalen{note}.",
        Sign.ALARM: "Du larmade {at}.",
        Sign.CLOSED_BY_RULE: "När besöket slutade vet vi inte, så tiden är räknad i underkant.",
        Sign.DELIVERED: "Levererat.",
        Sign.DECIDED: "Enligt ditt beslut.",
    },
    door_both="Dörren låstes upp {first} och låstes {last}.",
    label_both="Etiketten lästes av {first} och {last}.",
    vat="Ingen moms: social omsorg är undantagen från skatteplikt.",
    f_skatt="Godkänd för F-skatt",
    org_number="Org.nr {number}",
    vat_number="Momsnr {number}",
)
ENGLISH: Final = Words(
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    and_="and",
    decimal_comma=".",
    thousands=",",
    clock="%H:%M",
    title="Invoice for {month}",
    title_credit="Credit note for {month}",
    name="Invoice {number}",
    name_credit="Credit note {number}",
    issued="{name}, sent {date}",
    page="{name} · {seller} · page {page} of {pages}",
    to_pay="To pay",
    pay_by="No later than",
    pay_to="Bankgiro",
    reference="Reference (OCR)",
    nothing_to_pay="You need not pay anything.",
    given_back="Fee taken back",
    credit_of="For invoice",
    credited="{number} of {date}",
    credit_note=(
        "That invoice no longer counts. If you have paid it, you get the money back. "
        "If you have not paid it, do not. Reason: {reason}."
    ),
    bought="What this is for",
    bought_columns=("What", "How much", "Price", "Kronor"),
    sum="Sum",
    rounding="Öre left off",
    reckoned="How we worked it out",
    by_tariff={
        Limit.TARIFF: (
            "{what} costs {capped} by the municipality's tariff. That is no more than the highest "
            "fee, which is {cap} a month{below}. So you pay by the tariff."
        ),
        Limit.CAP: (
            "{what} would cost {capped} by the municipality's tariff. But nobody has to pay more "
            "than the highest fee, which is {cap} a month. So we take off {reduction}."
        ),
        Limit.HEADROOM: (
            "{what} would cost {capped} by the municipality's tariff. But you shall have money "
            "left to live on. Your income leaves room for {headroom} a month, and we take no "
            "more. So we take off {reduction}."
        ),
    },
    below_headroom=", and no more than your income leaves room for",
    apart="{what} does not count towards the highest fee and costs {free}.",
    no_income=(
        "You have not told us your income. If it is low, the fee may be lower. "
        "Call us and we will help you."
    ),
    same_price="The price is the same whichever provider you chose. The lock costs nothing.",
    reduction={
        Limit.TARIFF: "",
        Limit.CAP: "Taken off for the highest fee",
        Limit.HEADROOM: "Taken off for your income",
    },
    headroom="What your income leaves room for",
    headroom_columns=("Each month", "Kronor"),
    headroom_is="Left for the fee",
    headroom_none="Nothing is left for a fee",
    terms={
        What.INCOME: "Your income after tax",
        What.SHARED_INCOME: "Half of your two incomes after tax",
        What.HOUSING_SUPPLEMENT: "Housing supplement",
        What.HOUSING_COST: "Cost of your home",
        What.MINIMUM_AMOUNT: "What you shall have left to live on (minimum amount)",
        What.ADDITION: "What you may keep beyond that",
    },
    ask="Do you have a question, or is something wrong?",
    ask_how=(
        "Tell us which row it is about. We find out what happened and answer you. "
        "If we were wrong, you get a new invoice."
    ),
    behind="What the invoice rests on",
    behind_intro=(
        "Here is each visit, and what shows that it was made. Is something not right? Call us."
    ),
    decision="Decision {decision}",
    from_day="from {day}",
    days="{days} days",
    shared_visit="Where you got help with several things, the visit's time is shared by them.",
    columns_timed=("Day", "Clock", "Time", "What shows the visit"),
    columns_visits=("Day", "Clock", "Number", "What shows the visit"),
    columns_other=("Day", "Number", "What shows it"),
    hours="{hours} h",
    minutes="{minutes} min",
    seconds="{seconds} s",
    whole_month="the whole month",
    part_of_month="{days} of {of} days",
    pieces="{pieces}",
    prices={
        Unit.HOUR: "{price} an hour",
        Unit.MONTH: "{price} a month",
        Unit.PIECE: "{price} each",
    },
    signs={
        Sign.UNLOCKED: "The door was unlocked {at}.",
        Sign.LOCKED: "The door was locked {at}.",
        Sign.LABEL: "The label in your home was read {at}.",
        Sign.BY_HAND: "Noted by staff{note}.",
        Sign.ALARM: "You raised the alarm {at}.",
        Sign.CLOSED_BY_RULE: "When the visit ended is not known; we counted a short one.",
        Sign.DELIVERED: "Delivered.",
        Sign.DECIDED: "By your decision.",
    },
    door_both="The door was unlocked {first} and locked {last}.",
    label_both="The label was read {first} and {last}.",
    vat="No VAT: social care is exempt.",
    f_skatt="Approved for F-tax",
    org_number="Org. no. {number}",
    vat_number="VAT no. {number}",
)
OF: Final = {Language.SWEDISH: SWEDISH, Language.ENGLISH: ENGLISH}
