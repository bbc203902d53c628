"""A statement of pay in words: what its paper says, and the console's page of it too."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nyckelfri.care.pay import WHOLE, Per, Statement, StatementLine
from nyckelfri.server.homes.models import Service
from nyckelfri.server.money.papers import paywords
from nyckelfri.server.money.papers.page import Table, duration
from nyckelfri.server.money.papers.paywords import PayWords
from nyckelfri.server.money.papers.plain import line as plain
from nyckelfri.server.money.papers.words import OF, Language, Words
from nyckelfri.server.words import SERVICES


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What a statement is beside its lines: `replaces` is the number of the version before."""

    number: int
    version: int
    replaces: int | None
    made: date
    sender: str
    provider: str
    org_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in words; `quantity` has hours and minutes, where time is paid."""

    number: int
    service: str
    area: str
    ground: str
    visits: int
    quantity: str
    price: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that the template is told."""

    language: str
    sender: str
    recipient: tuple[str, ...]
    date: str
    title: str
    total_label: str
    total: str
    note: str
    lines_heading: str
    lines: Table
    unpaid_heading: str
    unpaid: Table | None
    all_paid: str
    reckoned_heading: str
    reckoned: tuple[str, ...]
    invoice_heading: str
    invoice: tuple[str, ...]
    footer: str


def paper(made: Statement, issued: Issued, language: Language = Language.SWEDISH) -> Paper:
    """The pages of a statement in a language."""
    words, own = OF[language], paywords.OF[language]
    month = _month_word(made.month, language)
    name = own.name.format(number=issued.number)
    provider = plain(issued.provider)
    return Paper(
        language=language.value,
        sender=plain(issued.sender),
        recipient=(provider, own.org_number.format(number=plain(issued.org_number))),
        date=own.made.format(name=name, date=words.date(issued.made)),
        title=own.title.format(month=month),
        total_label=own.total,
        total=words.money(made.total),
        note=replaced(issued, own),
        lines_heading=own.lines,
        lines=_lines(made, words, own, language),
        unpaid_heading=own.unpaid,
        unpaid=_unpaid(made, own),
        all_paid=own.all_paid,
        reckoned_heading=own.reckoned,
        reckoned=own.how,
        invoice_heading=own.invoice,
        invoice=own.invoice_how,
        footer=own.page.format(name=name, provider=provider, page="{page}", pages="{pages}"),
    )


def _month_word(first: date, language: Language) -> str:
    """A month in words, `november 2026`."""
    return f"{OF[language].months[first.month - 1]} {first.year}"


def replaced(issued: Issued, own: PayWords) -> str:
    """Which statement this one takes the place of, if any."""
    if issued.replaces is None:
        return ""
    return own.replaces.format(version=issued.version, number=issued.replaces)


def service_word(name: str, language: Language) -> str:
    """What a service is called; a kind that the register does not know, by its own name."""
    if name not in Service.values:
        return plain(name)
    return SERVICES[Service(name)][0 if language is Language.SWEDISH else 1]


def line(of: StatementLine, language: Language) -> Line:
    """A line in words."""
    words, own = OF[language], paywords.OF[language]
    return Line(
        number=of.number,
        service=service_word(of.service, language),
        area=plain(of.area),
        ground=own.grounds[of.ground],
        visits=len({trace.ref for trace in of.traces}),
        quantity=quantity(of.per, of.quantity, language),
        price=price(of.per, of.price, of.percent, language),
        amount=words.figure(of.amount),
    )


def quantity(per: Per, count: int, language: Language) -> str:
    """How much: `41 tim 20 min`, `12 st` or `3 kunder`."""
    if per is Per.HOUR:
        return duration(count * 60, OF[language])
    return paywords.OF[language].count[per].format(count=count)


def price(per: Per, kronor: Decimal, percent: Decimal, language: Language) -> str:
    """At what price: `464,00 kr per timme`, or a part of it."""
    words, own = OF[language], paywords.OF[language]
    said = own.per[per].format(price=words.money(kronor))
    if percent == WHOLE:
        return said
    part = f"{percent.normalize():f}".replace(".", words.decimal_comma)
    return own.reduced.format(percent=part, price=said)


def _lines(made: Statement, words: Words, own: PayWords, language: Language) -> Table:
    rows = [_row(line(each, language)) for each in made.lines]
    total = (own.sum, "", "", "", "", words.figure(made.total))
    return Table(columns=own.columns, rows=tuple(rows), total=total)


def _row(said: Line) -> tuple[str, ...]:
    what = ", ".join(filter(None, (said.service, said.area)))
    return (
        str(said.number),
        f"{what}. {said.ground}.",
        str(said.visits),
        said.quantity,
        said.price,
        said.amount,
    )


def _unpaid(made: Statement, own: PayWords) -> Table | None:
    counted = Counter(each.why for each in made.unpaid)
    if not counted:
        return None
    rows = tuple((own.whys[why], str(count)) for why, count in counted.most_common())
    return Table(columns=own.unpaid_columns, rows=rows, total=(own.sum, str(counted.total())))
