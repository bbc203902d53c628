"""A provider's invoice beside our statement, as the page shows it.

House rules: pure; every line of both sides is shown, with what differs in plain words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nyckelfri.care.pay import Per, StatementLine
from nyckelfri.care.statementcheck import Counted, InvoiceVerdict, LineVerdict, ReceivedLine
from nyckelfri.server.console.pay import common
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.console.texts import language
from nyckelfri.server.money.checks import Findings, Line
from nyckelfri.server.money.papers import statement as papers
from nyckelfri.server.money.papers.plain import line as plain
from nyckelfri.server.money.papers.received import SAID, Fault
from nyckelfri.server.money.papers.words import OF

_INVOICE: Final = {InvoiceVerdict.TOTAL: "total_wrong"}
_LINE: Final = {LineVerdict.AMOUNT: "amount_differs"}
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Side:
    """A line of one side: what it is for, how much at what price, and the amount."""

    what: str
    amount: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the invoice beside ours; None where one side has none."""

    theirs: Side | None
    ours: Side | None
    same: bool
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultLine:
    """What is wrong in a file, where, and what stands there."""

    where: str
    what: str
    found: str


def pairs(found: Findings, lines: tuple[StatementLine, ...]) -> list[Pair]:
    """Every line of both sides; those that differ first."""
    ours = {line.number: line for line in lines}
    shown = [_pair(each, ours) for each in found.lines]
    return sorted(shown, key=lambda pair: pair.same)


def verdicts(found: Findings) -> list[str]:
    """What is wrong with the invoice as a whole."""
    return [
        text(f"invoice_{_INVOICE.get(each, each.value)}")
        for each in found.verdicts
        if each is not InvoiceVerdict.SAME
    ]


def faults(found: tuple[Fault, ...]) -> list[FaultLine]:
    """What is wrong in a file, in the language of this request."""
    place = 0 if language() == "sv" else 1
    return [
        FaultLine(
            where=each.where or text["whole_file"],
            what=SAID[each.what][place].format(expected=each.expected),
            found=plain(each.found),
        )
        for each in found
    ]


def _pair(of: Line, ours: dict[int, StatementLine]) -> Pair:
    own = None if of.ours is None else ours.get(of.ours)
    return Pair(
        theirs=None if of.received is None else _theirs(of.received),
        ours=None if own is None else _ours(own),
        same=of.verdicts == (LineVerdict.SAME,),
        verdicts=tuple(text(f"line_{_LINE.get(each, each.value)}") for each in of.verdicts),
    )


def _theirs(line: ReceivedLine) -> Side:
    words = OF[common.paper_language()]
    what = text(
        "their_line",
        text=plain(line.text)[:_MOST],
        quantity=_quantity(line),
        price=f"{common.figure(line.price)} kr",
    )
    return Side(what, words.figure(line.amount))


def _quantity(line: ReceivedLine) -> str:
    """How much they ask for; whole minutes in the form that ours have."""
    whole = line.quantity == line.quantity.to_integral_value()
    if line.counted is Counted.MINUTES and whole and line.quantity >= 0:
        return papers.quantity(Per.HOUR, int(line.quantity), common.paper_language())
    return text(f"count_{line.counted.value}", count=common.figure(line.quantity))


def _ours(line: StatementLine) -> Side:
    said = papers.line(line, common.paper_language())
    what = text(
        "our_line",
        number=line.number,
        service=", ".join(filter(None, (said.service, said.area, said.ground))),
        quantity=said.quantity,
        price=said.price,
    )
    return Side(what, said.amount)
