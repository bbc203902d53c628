"""The invoice as a PDF: what it says, where each line leads, and what it may not do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from nyckelfri.care.billing import Unit
from nyckelfri.server.money.papers.content import (
    InvoiceContent,
    Shown,
    Sign,
    Term,
    What,
    credit,
)
from nyckelfri.server.money.papers.pdf import render
from nyckelfri.server.money.papers.words import Language
from papersworld import BUYER, NOW, TERMS, alarm, hours, invoice, meals
from pdftags import structure


def pages(content: InvoiceContent, language: Language = Language.SWEDISH) -> list[str]:
    reader = PdfReader(BytesIO(render(content, NOW, language)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.sentence(72)
@pytest.mark.sentence(75)
def test_first_page_says_what_to_pay_to_whom_when_and_why_this_much() -> None:
    household = hours(4, article="household", text="Service", price="373.00", account="3132")
    lines = (hours(60), household, alarm(), meals())
    first, *_ = pages(invoice(*lines, terms=TERMS))
    for words in (
        "Björkviks kommun Faktura 1042, skickad 3 december 2026",
        "Kerstin Björk Kyrkogatan 36 lgh 1203 940 36 Björkvik",
        "Faktura för november 2026",
        "Att betala 2 486,00 kr",
        "31 december 2026",
        "5050-1055",
        "104265",
        "Omvårdnad 25 tim 133,00 kr i timmen 3 325,00",
        "Service 1 tim 40 min 373,00 kr i timmen 621,66",
        "Trygghetslarm hela månaden 227,00 kr i månaden 227,00",
        "Matlåda 12 st 68,00 kr styck 816,00",
        "Avdrag för din inkomst −2 503,66",
        "Omvårdnad, service och trygghetslarm skulle kosta 4 173,66 kr enligt kommunens taxa.",
        "Din inkomst räcker till 1 670,00 kr i månaden",
        "Matlåda räknas inte in i högsta avgiften och kostar 816,00 kr.",
        "Det du ska ha kvar att leva på (minimibelopp) −6 470,00",
        "Priset är detsamma vilken utförare du än har valt. Låset på dörren kostar inget.",
        "0123-400 00, vardagar 8–17",
        "Har det blivit fel får du en ny faktura.",
        "Org.nr 212999-2083 · Momsnr SE212999208301 · Godkänd för F-skatt. Ingen moms",
    ):
        assert words in first, words


@pytest.mark.sentence(71)
def test_each_line_leads_to_its_visits_what_proves_them_and_the_decision() -> None:
    content = invoice(hours(150), alarm(15), meals())
    _, *rest = pages(content)
    said = " ".join(rest)
    for visit in content.lines[0].rests_on:
        assert visit.begin is not None
        assert visit.end is not None
        clock = f"{visit.begin.hour + 1:02}.{visit.begin:%M}–{visit.end.hour + 1:02}.{visit.end:%M}"
        assert f"{clock} {visit.quantity} min" in said
    for words in (
        "Omvårdnad: 62 tim 30 min Beslut D00003",
        "söndag 1 november 07.02–07.27 25 min Dörren låstes upp 07.02 och låstes 07.27.",
        "10.03–10.28 25 min Dörren låstes upp 10.03 och låstes 10.28. Etiketten lästes av 10.03",
        "Antecknat av personalen: Glömde telefonen.",
        "Trygghetslarm: 15 av 30 dagar Beslut D00002",
        "från måndag 16 november 15 dagar Enligt ditt beslut.",
        "Matlåda: 12 st Beslut D00010",
        "måndag 23 november 1 Levererat.",
    ):
        assert words in said, words


def test_a_long_month_names_its_columns_on_every_page() -> None:
    _, *rest = pages(invoice(hours(150)))
    assert len(rest) > 3
    assert all("Dag Klockan Tid Det här visar besöket" in page for page in rest)
    assert f"sida {len(rest) + 1} av {len(rest) + 1}" in rest[-1]


def test_decisions_stand_at_their_visits_where_a_line_rests_on_several() -> None:
    line = hours(2)
    first, second = line.rests_on
    mixed = replace(line, rests_on=(first, replace(second, decision="D00099")))
    said = " ".join(pages(invoice(mixed)))
    assert "Beslut D00003." in said
    assert "Beslut D00099." in said


def shortfall(content: InvoiceContent) -> str:
    return re.sub(r".*Så har vi räknat (.*?) Priset är.*", r"\1", pages(content)[0])


def test_why_this_much_in_each_case() -> None:
    assert shortfall(invoice(hours(6), terms=TERMS)) == (
        "Omvårdnad kostar 332,50 kr enligt kommunens taxa. Det är inte mer än högsta avgiften, som "
        "är 2 660,05 kr i månaden, och inte mer än din inkomst räcker till. Därför betalar du "
        "enligt taxan."
    )
    assert shortfall(invoice(hours(150))) == (
        "Omvårdnad skulle kosta 8 312,50 kr enligt kommunens taxa. Men ingen behöver betala mer "
        "än högsta avgiften, som är 2 660,05 kr i månaden. Därför drar vi av 5 652,45 kr. Du har "
        "inte lämnat uppgift om din inkomst. Har du låg inkomst kan avgiften bli lägre. Ring oss "
        "så hjälper vi dig."
    )
    assert shortfall(invoice(meals())) == (
        "Matlåda räknas inte in i högsta avgiften och kostar 816,00 kr."
    )


def test_an_income_that_leaves_nothing_means_nothing_to_pay() -> None:
    poor = (Term(what=What.SHARED_INCOME, amount=Decimal("6000.00")), *TERMS[2:])
    first, *_ = pages(invoice(hours(6), terms=poor))
    assert "Att betala 0,00 kr Du behöver inte betala något." in first
    assert "Hälften av era inkomster efter skatt 6 000,00" in first
    assert "Räcker inte till någon avgift 0,00" in first
    assert "Bankgiro" not in first


def test_a_credit_says_what_it_takes_back_and_why() -> None:
    back = credit(
        invoice(terms=TERMS), number=1043, issued=date(2026, 12, 20), reason="Ett besök för mycket."
    )
    (said,) = pages(back)
    for words in (
        "Kreditfaktura 1043, skickad 20 december 2026",
        "Avgift som tas bort",
        "1042 från 3 december 2026",
        "Har du redan betalat den får du tillbaka pengarna.",
        "Anledning: Ett besök för mycket. ",
    ):
        assert words in said, words
    assert "Att betala" not in said
    assert "OCR" not in said


def test_the_same_in_english() -> None:
    first, *rest = pages(invoice(hours(60), alarm(), terms=TERMS), Language.ENGLISH)
    assert "To pay 1,670.00 kr" in first
    assert "Omvårdnad 25 h 133.00 kr an hour 3,325.00" in first
    assert "Sunday 1 November 07:02–07:27 25 min The door was unlocked 07:02" in rest[0]


def test_a_visit_s_time_is_told_to_the_second_and_that_it_is_shared() -> None:
    line = hours(2)
    first, second = line.rests_on
    shared = replace(first, quantity=12, seconds=12 * 60 + 31)
    other = replace(second, quantity=12, seconds=12 * 60 + 30)
    said = " ".join(pages(invoice(replace(line, quantity=25, rests_on=(shared, other)))))
    assert "Omvårdnad: 25 min Beslut D00003. När du fick hjälp med flera saker" in said
    assert "07.02–07.27 12 min 31 s Dörren" in said
    assert "10.03–10.28 12 min 30 s Dörren" in said
    assert "När du fick hjälp" not in " ".join(pages(invoice(line)))


def test_time_by_decision_shows_the_visits_or_the_decision() -> None:
    line, granted = hours(3), alarm(20).rests_on
    visits = replace(line, quantity=60, rests_on=(*line.rests_on, *granted))
    said = " ".join(pages(invoice(visits)))
    assert "Omvårdnad: 1 tim Dag Klockan Tid" in said
    assert "13.04–13.29 25 min Etiketten" in said
    said = " ".join(pages(invoice(replace(line, quantity=60, rests_on=granted))))
    assert "från onsdag 11 november 20 dagar Enligt ditt beslut." in said


def test_a_visit_in_vain_is_a_piece_with_its_time_of_day() -> None:
    (visit,) = hours(1).rests_on
    missed = hours(
        1,
        article="missed_visit",
        text="Bomkörning",
        unit=Unit.PIECE,
        quantity=1,
        rests_on=(replace(visit, quantity=1, seconds=0),),
    )
    said = " ".join(pages(invoice(missed)))
    assert "Bomkörning: 1 st Beslut D00003 Dag Klockan Antal" in said
    assert "07.02–07.27 1 Dörren" in said


def test_ore_that_are_left_off_are_told() -> None:
    first, *_ = pages(invoice(hours(6), whole=True))
    assert "Ören som vi stryker −0,50 Summa 332,00" in first
    assert "Att betala 332,00 kr" in first


def test_clocks_are_swedish_through_the_night_when_they_are_set_back() -> None:
    line = hours(1)
    begin, end = (datetime(2026, 10, 25, hour, 50, tzinfo=UTC) for hour in (0, 1))
    signs = (Shown(sign=Sign.UNLOCKED, at=begin), Shown(sign=Sign.LOCKED, at=end))
    night = replace(
        line.rests_on[0],
        day=date(2026, 10, 25),
        quantity=60,
        seconds=3600,
        begin=begin,
        end=end,
        signs=signs,
    )
    said = " ".join(pages(invoice(replace(line, quantity=60, rests_on=(night,)))))
    assert "02.50–02.50 1 tim Dörren låstes upp 02.50 och låstes 02.50." in said


def test_it_can_be_read_aloud() -> None:
    for language, tag in ((Language.SWEDISH, "sv-SE"), (Language.ENGLISH, "en-GB")):
        reader = PdfReader(BytesIO(render(invoice(hours(40)), NOW, language)))
        catalogue: Any = reader.trailer["/Root"]
        assert catalogue["/MarkInfo"]["/Marked"]
        assert catalogue["/Lang"] == tag
        assert "pdfuaid:part>1<" in catalogue["/Metadata"].get_data().decode()
        tags = structure(catalogue["/StructTreeRoot"])
        assert tags.count("/H1") == 1
        assert tags.count("/Table") == 2
        assert tags.count("/TH") == 8
        assert tags.index("/H1") < tags.index("/H2") < tags.index("/Table")


@pytest.mark.threat(53)
@pytest.mark.parametrize(
    "text",
    [
        '#import "/etc/passwd"',
        '#read("/etc/hostname")',
        "*fet* _kursiv_ $x$ // bort",
        "= Rubrik",
        '"}] #panic()',
        "{page} {0} {content.seller}",
    ],
)
def test_text_of_people_is_text_and_never_markup(text: str) -> None:
    line = hours(1, text=text)
    noted = replace(line.rests_on[0], signs=(Shown(sign=Sign.BY_HAND, note=text),))
    content = invoice(
        replace(line, rests_on=(noted,)), buyer=replace(BUYER, name=text), messages=(text,)
    )
    said = pages(content)
    assert said[0].count(text) >= 3
    assert said[1].count(text) == 2


@pytest.mark.parametrize("name", ["محمد علي", "王小明", "Zoë Ñandú", "🔑x", "a\u0000b", "x" * 400])
def test_an_invoice_is_made_whatever_script_a_name_is_in(name: str) -> None:
    assert pages(invoice(buyer=replace(BUYER, name=name)))


@pytest.mark.threat(67)
def test_an_invoice_shows_its_own_client_and_nobody_else() -> None:
    other = replace(BUYER, name="Nils Jansson")
    pages(invoice(buyer=other))
    assert "Nils" not in " ".join(pages(invoice()))


def test_the_same_invoice_is_the_same_file() -> None:
    assert render(invoice(), NOW) == render(invoice(), NOW)


def test_many_long_messages_do_not_push_anything_off_the_paper() -> None:
    said = pages(invoice(hours(3), terms=TERMS, messages=("Ord på vägen. " * 60,) * 4))
    assert "Har det blivit fel får du en ny faktura." in " ".join(said)
