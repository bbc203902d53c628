"""An invoice as a PDF."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from nyckelfri.server import typeset
from nyckelfri.server.money.papers.content import InvoiceContent
from nyckelfri.server.money.papers.page import page
from nyckelfri.server.money.papers.words import Language

PARTS: Final = Path(__file__).parent / "parts.typ"
"""What all papers have in common."""
_TEMPLATE: Final = Path(__file__).parent / "invoice.typ"


class InvoicePdfError(Exception):
    """The invoice could not be set; the text says what to do."""


def render(content: InvoiceContent, now: datetime, language: Language = Language.SWEDISH) -> bytes:
    """The invoice as PDF (`typeset`); InvoicePdfError if it cannot be made."""
    try:
        return typeset.pdf(_TEMPLATE, asdict(page(content, language)), now, PARTS)
    except typeset.TypesetError:
        raise InvoicePdfError(
            f"Invoice {content.number} could not be set as PDF: report its number"
        ) from None
