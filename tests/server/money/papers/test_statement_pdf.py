"""A statement of pay as a PDF: what it says, and that it can be read aloud."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from nyckelfri.care.pay import Ground, PayPolicy, Statement
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statements import statement
from nyckelfri.server.money.papers.statement import Issued
from nyckelfri.server.money.papers.statement_pdf import render
from nyckelfri.server.money.papers.words import Language
from payworld import NOVEMBER, hourly, percent, visit
from pdftags import structure

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
ISSUED = Issued(
    number=12,
    version=2,
    replaces=7,
    made=date(2026, 12, 7),
    sender="Björkviks kommun",
    provider="Omtanke Hemtjänst AB",
    org_number="559992-4429",
)


def made() -> Statement:
    """Visits in two areas, one declined, one not made."""
    prices = Prices(
        [
            hourly("care", "464.00"),
            hourly("care", "506.70", area="Landsbygd"),
            percent("care", "50", Ground.DECLINED),
        ]
    )
    care = {"services": ("care",)}
    visits = [
        visit("1", 2, 95, **care),
        visit("2", 3, 30.5, area="Landsbygd", **care),
        visit("3", 4, 30, outcome=Outcome.DECLINED, **care),
        visit("4", 5, 30, outcome=Outcome.NOT_MADE, **care),
    ]
    return statement("p", NOVEMBER, visits, prices=prices, policies=[PayPolicy()])


def said(issued: Issued = ISSUED, language: Language = Language.SWEDISH) -> str:
    reader = PdfReader(BytesIO(render(made(), issued, NOW, language)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.sentence(76)
def test_the_paper_says_what_is_paid_line_by_line_and_what_is_not() -> None:
    text = said()
    for words in (
        "Björkviks kommun Underlag 12, gjort 7 december 2026",
        "Omtanke Hemtjänst AB Org.nr 559992-4429",
        "Underlag för ersättning, november 2026",
        "Ersättning att fakturera 1 112,47 kr",
        "Det här är version 2. Den ersätter underlag 7 helt.",
        "1 Omvårdnad. Utförda besök. 1 1 tim 35 min 464,00 kr per timme 734,67",
        "2 Omvårdnad. Kunden avböjde. 1 30 min 50 % av 464,00 kr per timme 116,00",
        "3 Omvårdnad, Landsbygd. Utförda besök. 1 31 min 506,70 kr per timme 261,80",
        "Summa 1 112,47",
        "Besöket blev inte av. 1",
        "Ange underlagets radnummer",
        "Underlag 12 · Omtanke Hemtjänst AB · sida 1 av 1",
    ):
        assert words in text, words
    assert made().total == Decimal("1112.47")


def test_the_same_in_english() -> None:
    text = said(language=Language.ENGLISH)
    assert "Statement of pay, November 2026" in text
    assert "50 % of 464.00 kr an hour" in text


def test_it_can_be_read_aloud() -> None:
    reader = PdfReader(BytesIO(render(made(), ISSUED, NOW)))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "sv-SE"
    tags = structure(catalogue["/StructTreeRoot"])
    assert tags.count("/H1") == 1
    assert tags.count("/Table") == 2
    assert tags.count("/TH") == 8
    assert tags.index("/H1") < tags.index("/H2") < tags.index("/Table")


@pytest.mark.threat(53)
def test_a_name_is_text_and_never_markup() -> None:
    name = '#panic("x") *Omtanke* $x$ \u202egnol'
    issued = Issued(
        number=1, version=1, replaces=None, made=date(2026, 12, 7), sender=name, provider=name,
        org_number="#eval",
    )  # fmt: skip
    assert '#panic("x") *Omtanke* $x$ gnol' in said(issued)
