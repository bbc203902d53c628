"""The letter as a page: what it says, how it is set, and what it may not do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from nyckelfri.server.letters import pdf
from nyckelfri.server.letters.content import Came, Extra, Group, Letter, Sender, write

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SENDER = Sender("Björkviks kommun", "0123-400 00, vardagar 8–17")
NAMES = [f"Personnamn{n} Efternamnsson" for n in range(60)]


def letter(
    *,
    people: int = 3,
    groups: int = 1,
    came: int = 2,
    extra: tuple[Extra, ...] = (),
    recipient: tuple[str, ...] = ("Karl Ek", "Kyrkogatan 1 lgh 1101", "940 36 Björkvik"),
) -> Letter:
    return write(
        sender=SENDER,
        recipient=recipient,
        today=TODAY,
        groups=[
            Group(f"Grupp {n}", f"{people} personer.", tuple(NAMES[:people])) for n in range(groups)
        ],
        came=[Came(name, 40 - n, TODAY) for n, name in enumerate(NAMES[:came])],
        extra=extra,
        providers=[("Kommunens hemtjänst", "070-174 06 58"), ("Utan telefon AB", "")],
    )


def read(data: bytes) -> str:
    reader = PdfReader(BytesIO(data))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


def test_it_says_who_can_open_who_came_and_whom_to_call() -> None:
    said = read(pdf.render(letter(extra=(Extra(date(2026, 11, 12), "Personal sjuk."),)), NOW))
    for words in (
        "Vem kan låsa upp din dörr?",
        "Karl Ek",
        "Grupp 0",
        "Personnamn2 Efternamnsson",
        "De här kom hem till dig 1–21 november",
        "Personnamn1 Efternamnsson",
        "39",
        "Extra besök 12 november: Personal sjuk.",
        "Björkviks kommun: 0123-400 00, vardagar 8–17",
        "Kommunens hemtjänst: 070-174 06 58",
        "alltid att öppna inifrån",
    ):
        assert words in said, words
    assert "Utan telefon" not in said


@pytest.mark.parametrize("groups", [1, 5])
@pytest.mark.parametrize("people", [0, 1, 60])
def test_it_is_one_page_however_many_there_are_and_tells_how_many_were_left_out(
    groups: int, people: int
) -> None:
    long = ("Maximiliana-Alexandra von und zu Öfverstelöjtnantsson", "C/o " + "Gata " * 12)
    extra = tuple(Extra(TODAY, "Ordinarie personal var sjuk " * 6) for _ in range(9))
    made = letter(people=people, groups=groups, came=60, extra=extra, recipient=long)
    said = read(pdf.render(made, NOW))
    assert "och 55 till. Ring så läser vi upp alla." in said
    shown = sum(len(group.people) for group in made.groups)
    hidden = sum(int(group.more.split()[1]) for group in made.groups if group.more)
    assert shown + hidden == people * groups


def test_few_people_make_large_letters_and_many_make_smaller_ones() -> None:
    def largest(made: Letter) -> float:
        sizes: set[float] = set()
        page = PdfReader(BytesIO(pdf.render(made, NOW))).pages[0]
        page.extract_text(
            visitor_text=lambda text, _cm, matrix, _font, size: (
                sizes.add(round(size * abs(matrix[0]), 1)) if "Personnamn" in text else None
            )
        )
        return max(sizes)

    assert largest(letter()) > largest(letter(people=20, groups=4, came=20)) >= 11.5


def test_nobody_came_is_said_in_words() -> None:
    assert "Ingen har låst upp din dörr den här månaden." in read(pdf.render(letter(came=0), NOW))


def test_it_can_be_read_aloud() -> None:
    reader = PdfReader(BytesIO(pdf.render(letter(), NOW)))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "sv-SE"
    assert "pdfuaid:part>1<" in catalogue["/Metadata"].get_data().decode()


@pytest.mark.threat(53)
@pytest.mark.parametrize(
    "name",
    [
        '#import "/etc/passwd"',
        '#read("/etc/hostname")',
        "*fet* _kursiv_ $x$ // bort",
        "= Rubrik",
        '"}] #panic()',
        "\\u{41} `kod` @etikett <märke>",
    ],
)
def test_a_name_is_text_and_never_markup(name: str) -> None:
    said = read(pdf.render(letter(recipient=(name, "Gatan 1")), NOW))
    assert " ".join(name.split()) in said


@pytest.mark.parametrize("name", ["محمد علي", "王小明", "Zoë Ñandú", "🔑", "a\u0000b", "x" * 400])
def test_a_letter_is_made_whatever_script_a_name_is_in(name: str) -> None:
    assert read(pdf.render(letter(recipient=(name, "Gatan 1")), NOW))


def test_the_same_letter_is_the_same_file() -> None:
    assert pdf.render(letter(), NOW) == pdf.render(letter(), NOW)


def test_a_letter_is_made_at_any_moment() -> None:
    assert read(pdf.render(letter(), NOW.replace(microsecond=123_456)))
