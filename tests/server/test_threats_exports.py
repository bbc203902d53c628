"""What leaves as a file holds no formula, no markup of somebody's making, and nobody else.

Every file that the pages give is asked for by its address; CSV and Excel are read by other
programs than the one that wrote them.
"""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from django.test import Client as Browser
from django.urls import reverse
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader
from pytest_django import Settings

import permissionrows as table
import permissionworld
from auditworld import settle
from nyckelfri.server.audit import queries
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import sheets
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.actions import ingest
from permissionworld import World
from serverfixtures import alices_phone, charlies_phone, keys, locks, set_clock
from serverworld import Handset

__all__ = ["alices_phone", "charlies_phone", "keys", "locks", "set_clock"]
NASTY: Final = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "]]><script>alert(1)</script>",
    '"><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "</t></is></c></row></sheetData>",
    "_x0041_",
    "a\x00b\x0bc\x1fd",
    'A";=1+1;"',
    "x" * 40_000,
)
EXPORTS: Final = {"openings_export": "kund", "audit_export": "om"}
"""Every address that gives a table as a file, and what it calls the client."""


@pytest.fixture
def world(
    cast: Any, locks: Any, alices_phone: Handset, charlies_phone: Handset, set_clock: Any,
    settings: Settings, moment: Any,
) -> World:  # fmt: skip
    """Both providers' staff have been in their own client's home, and been looked at."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.MUNICIPALITY, settings.TELEPHONE = "Björkviks kommun", "0123-400 00"
    Client.objects.filter(pk=cast.client.pk).update(name="Elsa Ek")
    Client.objects.filter(pk=cast.other_client.pk).update(name="Folke Fors")
    homes = (
        (cast.alice, alices_phone, locks.home, locks.at_home),
        (cast.charlie, charlies_phone, locks.other_home, locks.at_other_home),
    )
    for employee, phone, lock, installation in homes:
        rows = actions_issue.issue_for(employee, phone.row, now=moment)
        lock.use(next(row for row in rows if row.installation == installation), 1, after=60)
        ingest(lock.batch(), phone=phone.row, now=moment)
    return World(cast, moment)


def fetched(browser: Browser, path: str) -> bytes:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.getvalue()


def words(browser: Browser, path: str) -> str:
    """Everything that a file of any form says."""
    data = fetched(browser, path)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "".join(packed.read(name).decode() for name in packed.namelist())
    if data.startswith(b"%PDF"):
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    return data.decode("utf-8-sig")


@pytest.mark.threat(53)
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_cell_is_text_in_another_program_whatever_it_says(text: str) -> None:
    lines: list[list[sheets.Cell]] = [["Heading", "Other"], [text, 1]]
    with sheets.as_excel(lines, "Ändringslogg") as file:
        book = io.BytesIO(file.read())
    with zipfile.ZipFile(book) as packed:
        for name in packed.namelist():
            root = ET.fromstring(packed.read(name))  # noqa: S314 -- what we wrote ourselves
            assert not [each for each in root.iter() if each.tag.endswith("}f")]
            assert b"<!ENTITY" not in packed.read(name)
    read: Any = load_workbook(book)  # type: ignore[no-untyped-call]  # it has no types
    (cells,) = list(read.worksheets[0].iter_rows(min_row=2))
    assert [cell.data_type for cell in cells] in (["s", "n"], ["inlineStr", "n"], ["n", "n"])
    written = "".join(sheets.as_csv(lines))
    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert len(rows) == 2
    assert len(rows[1]) == 2
    assert rows[1][0][:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


@pytest.mark.threat(53)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_staff_with_such_names_break_no_file(world: World, form: str) -> None:
    browser = permissionworld.browser_of(table.AUDITOR, world)
    for at, text in enumerate(NASTY[:-1]):
        number = f"4{at:04}"
        Employee.objects.create(
            number=number, name=text.replace("\x00", ""), role="planner",
            employed_from="2024-01-01",
        )  # fmt: skip
    for name in EXPORTS:
        assert len(fetched(browser, reverse(name, args=[form]))) > 100


@pytest.mark.threat(67)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", EXPORTS)
def test_file_of_one_client_does_not_name_another(world: World, name: str, form: str) -> None:
    browser = permissionworld.browser_of(table.AUDITOR, world)
    for number in ("B0001", "B0002"):
        browser.get(f"/oppningar/?kund={number}")
    settle()
    said = words(browser, f"{reverse(name, args=[form])}?{EXPORTS[name]}=B0001")
    assert "B0001" in said
    for other in ("B0002", "Folke", "Storgatan"):
        assert other not in said


@pytest.mark.threat(67)
def test_letter_to_one_client_does_not_name_another(world: World) -> None:
    browser = permissionworld.browser_of(table.PLANNER, world)
    said = words(browser, reverse("letter", args=["B0001"]))
    assert "Elsa Ek" in said
    assert "Alice" in said
    for other in ("B0002", "Folke", "Storgatan", "Charlie", "19341123", "19370812"):
        assert other not in said


@pytest.mark.threat(67)
def test_client_who_shares_a_door_is_in_nobody_else_s_letter(world: World, cast: Any) -> None:
    Client.objects.filter(pk=cast.other_client.pk).update(front_door=cast.client.front_door)
    browser = permissionworld.browser_of(table.PLANNER, world)
    assert "Folke" not in words(browser, reverse("letter", args=["B0001"]))


@pytest.mark.threat(67)
def test_every_file_that_leaves_is_known_here_and_noted(world: World) -> None:
    files = {name for name in table.ROWS if name.endswith("_export")}
    assert files == set(EXPORTS)
    browser = permissionworld.browser_of(table.AUDITOR, world)
    for name in EXPORTS:
        fetched(browser, reverse(name, args=["csv"]))
    settle()
    assert queries.of_kind(Verb.LIST_EXPORT).count() == len(EXPORTS)
