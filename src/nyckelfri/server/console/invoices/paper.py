"""What an invoice says, as the page shows it: the paper's own words, and links to what is behind.

House rules: pure but for the addresses; every word of the invoice is `papers.page`'s, so that
page and paper cannot say different things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nyckelfri.care.billing import Basis
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.invoices import common, rows
from nyckelfri.server.money.papers import page as papers
from nyckelfri.server.money.papers.content import InvoiceContent, InvoiceLine, Kind
from nyckelfri.server.money.papers.page import Page, Table


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that a line rests on: each cell of the paper under its column's name.

    `href` leads to a visit.
    """

    day: str
    cells: tuple[tuple[str, str], ...]
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its cells, and all that it rests on."""

    number: int
    cells: tuple[str, ...]
    heading: str
    under: str
    columns: tuple[str, ...]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice in words."""

    said: Page
    lines: tuple[Line, ...]
    taken_off: tuple[tuple[str, ...], ...]
    """Rows of the table that no line stands for."""
    headroom: Table | None


def shown(content: InvoiceContent, viewer: Viewer) -> Paper:
    """The invoice in the language of this request."""
    said = papers.page(content, common.paper_language())
    bought, count = said.bought.rows, len(content.lines)
    lines = tuple(
        Line(
            number=number,
            cells=cells,
            heading=behind.heading if behind else "",
            under=behind.under if behind else "",
            columns=behind.columns if behind else (),
            proofs=tuple(_proofs(line, behind, viewer)) if behind else (),
        )
        for number, (line, cells, behind) in enumerate(
            zip(content.lines, bought[:count], _behind(content, said), strict=True), 1
        )
    )
    return Paper(said, lines, bought[count:], said.headroom)


def _behind(content: InvoiceContent, said: Page) -> tuple[papers.Behind | None, ...]:
    """A credit does not say again what its invoice rests on."""
    return said.behind if content.kind is Kind.INVOICE else (None,) * len(content.lines)


def _proofs(line: InvoiceLine, behind: papers.Behind, viewer: Viewer) -> Iterator[Proof]:
    """As the paper shows them: visits alone where there are any."""
    visits = [rest for rest in line.rests_on if rest.basis is Basis.VISIT]
    shown = ((day, cells) for day, of_day in behind.days for cells in of_day)
    for (day, cells), rest in zip(shown, visits or line.rests_on, strict=True):
        named = tuple(zip(behind.columns[1:], cells, strict=True))
        href = rows.visit_href(viewer, rest.ref) if visits else ""
        yield Proof(day, named, href)
