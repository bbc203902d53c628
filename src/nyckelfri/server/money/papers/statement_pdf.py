"""A statement of pay as a PDF."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from nyckelfri.care.pay import Statement
from nyckelfri.server import typeset
from nyckelfri.server.money.papers.pdf import PARTS
from nyckelfri.server.money.papers.statement import Issued, paper
from nyckelfri.server.money.papers.words import Language

_TEMPLATE: Final = Path(__file__).parent / "statement.typ"


class StatementPdfError(Exception):
    """The statement could not be set; the text says what to do."""


def render(
    made: Statement, issued: Issued, now: datetime, language: Language = Language.SWEDISH
) -> bytes:
    """The statement as PDF (`typeset`); StatementPdfError if it cannot be made."""
    try:
        return typeset.pdf(_TEMPLATE, asdict(paper(made, issued, language)), now, PARTS)
    except typeset.TypesetError:
        raise StatementPdfError(
            f"Statement {issued.number} could not be set as PDF: report its number"
        ) from None
