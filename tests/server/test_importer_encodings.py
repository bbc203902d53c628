"""The same files in every encoding that care systems write, and the ones that are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nyckelfri.server.homes.models import Client
from nyckelfri.server.importer import reading
from nyckelfri.server.importer.faults import Faults

if TYPE_CHECKING:
    from townworld import Town


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_names_and_lines_are_the_same_in_every_encoding(
    town: Town, encoding: str, newline: str
) -> None:
    checked = town.check(encoding, newline)
    assert not checked.faults
    clients = checked.files.by_key("brukare")
    assert clients["B4"].values["namn"] == "Ida Öman"
    assert clients["B4"].line == 5


def test_letters_written_with_combining_marks_are_the_same_letters(town: Town) -> None:
    town.change("brukare", "Ida Öman", "Ida O\u0308man")
    assert town.check().files.by_key("brukare")["B4"].values["namn"] == "Ida Öman"


def test_utf16_is_refused_with_advice(town: Town) -> None:
    assert {fault.code for fault in town.check("utf-16").faults} == {"utf16"}


def _only_fault(content: bytes) -> tuple[int, str]:
    faults = Faults()
    assert reading.parse("x.csv", content, faults) is None
    (fault,) = faults
    return fault.line, fault.code


def test_byte_that_no_encoding_has_is_refused_on_its_line() -> None:
    assert _only_fault(b"a;b\r\nc;d\r\n\x81;e\r\n") == (3, "encoding")


def test_bom_and_broken_utf8_is_not_read_as_something_else() -> None:
    assert _only_fault(b"\xef\xbb\xbfa;b\nc;\xe5\n") == (2, "encoding")


def test_utf8_and_windows_1252_in_one_file_are_refused_and_not_garbled() -> None:
    content = "namn\nÅsa\n".encode() + "Örjan\n".encode("cp1252")
    assert _only_fault(content) == (2, "mixed_encoding")


@pytest.mark.django_db
def test_import_in_another_encoding_changes_nothing(town: Town) -> None:
    assert town.bring_in().stored
    before = list(Client.objects.values())
    for encoding, newline in (("cp1252", "\r\n"), ("utf-8-sig", "\n")):
        town.write(encoding, newline)
        assert not town.check(encoding, newline).faults
    assert all(not counts["changed"] for counts in town.bring_in().counts.values())
    assert list(Client.objects.values()) == before
