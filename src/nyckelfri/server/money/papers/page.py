"""An invoice as what its pages say: texts in their places, for the template to lay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from nyckelfri.care.billing import Basis, Limit, Unit
from nyckelfri.care.times import ZONE
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.content import (
    InvoiceContent,
    InvoiceLine,
    Kind,
    Rest,
    Shown,
    Sign,
)
from nyckelfri.server.money.papers.plain import line
from nyckelfri.server.money.papers.words import OF, Language, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under named columns; `total` is a last row that stands out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What one line rests on: days, each with its rows under the columns after the first."""

    heading: str
    under: str
    columns: tuple[str, ...]
    days: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the template is told."""

    language: str
    sender: str
    recipient: tuple[str, ...]
    date: str
    title: str
    amount_label: str
    amount: str
    amount_note: str
    payment: tuple[tuple[str, str], ...]
    bought_heading: str
    bought: Table
    reckoned_heading: str
    reckoned: tuple[str, ...]
    headroom_heading: str
    headroom: Table | None
    ask_heading: str
    ask: tuple[str, ...]
    messages: tuple[str, ...]
    behind_heading: str
    behind_intro: str
    behind: tuple[Behind, ...]
    footer: str
    small_print: str


def page(content: InvoiceContent, language: Language = Language.SWEDISH) -> Page:
    """The pages of the invoice in a language.

    A credit does not say again what the invoice that it takes back has explained.
    """
    words = OF[language]
    month = f"{words.months[content.last.month - 1]} {content.last.year}"
    invoice = content.kind is Kind.INVOICE
    name = (words.name if invoice else words.name_credit).format(number=content.number)
    return Page(
        language=language.value,
        sender=line(content.seller.name),
        recipient=_recipient(content),
        date=words.issued.format(name=name, date=words.date(content.issued)),
        title=(words.title if invoice else words.title_credit).format(month=month),
        amount_label=words.to_pay if invoice else words.given_back,
        amount=words.money(content.total),
        amount_note=_amount_note(content, words),
        payment=_payment(content, words),
        bought_heading=words.bought,
        bought=_bought(content, words),
        reckoned_heading=words.reckoned,
        reckoned=_reckoned(content, words) if invoice else (),
        headroom_heading=words.headroom,
        headroom=_headroom(content, words) if invoice else None,
        ask_heading=words.ask,
        ask=_ask(content, words),
        messages=tuple(line(each) for each in content.messages),
        behind_heading=words.behind,
        behind_intro=words.behind_intro,
        behind=tuple(_behind(each, words) for each in content.lines if invoice),
        footer=words.page.format(
            name=name, seller=line(content.seller.name), page="{page}", pages="{pages}"
        ),
        small_print=_small_print(content, words),
    )


def _recipient(content: InvoiceContent) -> tuple[str, ...]:
    buyer = content.buyer
    town = f"{buyer.postcode} {buyer.town}"
    return tuple(text for each in (buyer.name, *buyer.address, town) if (text := line(each)))


def _amount_note(content: InvoiceContent, words: Words) -> str:
    if content.credits:
        return words.credit_note.format(reason=line(content.credits.reason).rstrip("."))
    return "" if content.total else words.nothing_to_pay


def _payment(content: InvoiceContent, words: Words) -> tuple[tuple[str, str], ...]:
    if content.credits:
        credited = content.credits
        said = words.credited.format(number=credited.number, date=words.date(credited.issued))
        return ((words.credit_of, said),)
    if not content.total:
        return ()
    giro = checkdigits.bankgiro(content.seller.bankgiro)
    return (
        (words.pay_by, words.date(content.due)),
        (words.pay_to, f"{giro[:-4]}-{giro[-4:]}"),
        (words.reference, content.reference),
    )


def _bought(content: InvoiceContent, words: Words) -> Table:
    rows = [
        (
            line(each.text),
            _quantity(each, words),
            words.prices[each.unit].format(price=words.money(each.price)),
            words.figure(each.amount),
        )
        for each in content.lines
    ]
    if content.fee.reduction:
        taken = words.reduction[content.fee.limit]
        rows.append((taken, "", "", words.figure(-content.fee.reduction)))
    if content.fee.rounding:
        rows.append((words.rounding, "", "", words.figure(-content.fee.rounding)))
    total = (words.sum, "", "", words.figure(content.total))
    return Table(columns=words.bought_columns, rows=tuple(rows), total=total)


def _quantity(of: InvoiceLine, words: Words) -> str:
    if of.unit is Unit.HOUR:
        return duration(of.quantity * 60, words)
    if of.unit is Unit.PIECE:
        return words.pieces.format(pieces=of.quantity)
    whole = of.quantity == of.of
    return words.whole_month if whole else words.part_of_month.format(days=of.quantity, of=of.of)


def duration(seconds: int, words: Words) -> str:
    """A time as `1 tim 30 min`; seconds where there are any."""
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = (
        (hours, words.hours.format(hours=hours)),
        (minutes, words.minutes.format(minutes=minutes)),
        (left, words.seconds.format(seconds=left)),
    )
    return " ".join(said for much, said in parts if much) or parts[1][1]


def _reckoned(content: InvoiceContent, words: Words) -> tuple[str, ...]:
    fee, said = content.fee, []
    if fee.capped:
        below = fee.limit is Limit.TARIFF and fee.headroom is not None
        said.append(
            words.by_tariff[fee.limit].format(
                what=_names(content, words, capped=True),
                capped=words.money(fee.capped),
                cap=words.money(fee.cap),
                headroom=words.money(fee.headroom or 0),
                reduction=words.money(fee.reduction),
                below=words.below_headroom if below else "",
            )
        )
    if fee.free:
        what = _names(content, words, capped=False)
        said.append(words.apart.format(what=what, free=words.money(fee.free)))
    if fee.capped and fee.headroom is None:
        said.append(words.no_income)
    return (*said, words.same_price)


def _names(content: InvoiceContent, words: Words, *, capped: bool) -> str:
    """The lines of one kind in a row, each once: "Omvårdnad, service och trygghetslarm"."""
    lines = dict.fromkeys(line(each.text) for each in content.lines if each.capped is capped)
    first, *others = lines
    names = [first, *(f"{name[0].lower()}{name[1:]}" for name in others)]
    return f" {words.and_} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _headroom(content: InvoiceContent, words: Words) -> Table | None:
    fee = content.fee
    if fee.headroom is None or not fee.terms:
        return None
    last = words.headroom_is if fee.headroom else words.headroom_none
    return Table(
        columns=words.headroom_columns,
        rows=tuple((words.terms[term.what], words.figure(term.amount)) for term in fee.terms),
        total=(last, words.figure(fee.headroom)),
    )


def _ask(content: InvoiceContent, words: Words) -> tuple[str, ...]:
    seller = content.seller
    whom = f"{line(seller.name)}: {line(seller.telephone)}"
    return tuple(text for text in (whom, line(seller.email), words.ask_how) if text)


def _behind(of: InvoiceLine, words: Words) -> Behind:
    visits = [rest for rest in of.rests_on if rest.basis is Basis.VISIT]
    timed = of.unit is Unit.HOUR
    decisions = dict.fromkeys(rest.decision for rest in of.rests_on)
    one = next(iter(decisions)) if len(decisions) == 1 else None
    under = [words.decision.format(decision=line(one))] if one else []
    if timed and any(_lasted(rest) > rest.seconds for rest in visits):
        under.append(words.shared_visit)
    columns = words.columns_timed if timed else words.columns_visits
    return Behind(
        heading=f"{line(of.text)}: {_quantity(of, words)}",
        under=". ".join(under),
        columns=columns if visits else words.columns_other,
        days=tuple(
            (day, tuple(_row(rest, words, one, timed=timed) for rest in group))
            for day, group in groupby(visits or of.rests_on, key=lambda rest: _day(rest, words))
        ),
    )


def _lasted(rest: Rest) -> int:
    if rest.begin is None or rest.end is None:
        return 0
    return int((rest.end - rest.begin).total_seconds())


def _day(rest: Rest, words: Words) -> str:
    day = f"{words.weekdays[rest.day.weekday()]} {words.day(rest.day)}"
    return words.from_day.format(day=day) if rest.basis is Basis.DECISION else day


def _row(rest: Rest, words: Words, one: str | None, *, timed: bool) -> tuple[str, ...]:
    proof = _proof(rest, words, one)
    if rest.basis is Basis.DECISION:
        return words.days.format(days=rest.quantity), proof
    if rest.basis is not Basis.VISIT:
        return str(rest.quantity), proof
    clock = "–".join(_clock(each, words) for each in (rest.begin, rest.end) if each)
    return clock, duration(rest.seconds, words) if timed else str(rest.quantity), proof


def _proof(rest: Rest, words: Words, one: str | None) -> str:
    """What shows it, in words; and its decision where the line's rests on several."""
    said = _said(rest.signs, words)
    if one is None and rest.decision:
        said.append(f"{words.decision.format(decision=line(rest.decision))}.")
    return " ".join(said)


def _said(signs: Sequence[Shown], words: Words) -> list[str]:
    """A sentence a sign, but one for a door that opened and closed, or a label read twice."""
    said, left = [], list(signs)
    while left:
        first = left.pop(0)
        pair = {Sign.UNLOCKED: Sign.LOCKED, Sign.LABEL: Sign.LABEL}.get(first.sign)
        last = next((each for each in left if each.sign is pair), None)
        note = f": {note.rstrip('.')}" if (note := line(first.note)) else ""
        if last and first.at and last.at:
            left.remove(last)
            both = words.door_both if first.sign is Sign.UNLOCKED else words.label_both
            said.append(both.format(first=_clock(first.at, words), last=_clock(last.at, words)))
        else:
            at = _clock(first.at, words) if first.at else ""
            said.append(words.signs[first.sign].format(at=at, note=note))
    return said


def _clock(at: datetime, words: Words) -> str:
    return at.astimezone(ZONE).strftime(words.clock)


def _small_print(content: InvoiceContent, words: Words) -> str:
    seller = content.seller
    digits = checkdigits.organisation(seller.org_number)
    parts = [line(seller.name), words.org_number.format(number=f"{digits[:6]}-{digits[6:]}")]
    if seller.vat_number:
        parts.append(words.vat_number.format(number=seller.vat_number))
    if seller.f_skatt:
        parts.append(words.f_skatt)
    return f"{' · '.join(parts)}. {words.vat}"
