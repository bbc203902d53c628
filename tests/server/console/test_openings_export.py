"""Openings as files: what is in them, what never is, and that taking one is noted."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from openpyxl.reader.excel import load_workbook

from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.openings import export
from nyckelfri.server.homes.models import Client
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits.models import DoorEvent

CSV, EXCEL = "/oppningar/oppningar.csv", "/oppningar/oppningar.xlsx"


def fetched(browser: Browser, path: str, status: int = 200) -> bytes:
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.getvalue()


def table(browser: Browser, query: str = "") -> list[list[str]]:
    data = fetched(browser, f"{CSV}?{query}")
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet(browser: Browser, query: str = "") -> list[list[Any]]:
    book = load_workbook(io.BytesIO(fetched(browser, f"{EXCEL}?{query}")))  # type: ignore[no-untyped-call]  # it has no types
    cells = [list(row) for row in book.worksheets[0].iter_rows()]
    assert not any(cell.data_type == "f" for row in cells for cell in row)
    return [[cell.value for cell in row] for row in cells]


def test_both_files_have_the_rows_of_the_page_in_a_swedish_spreadsheet_s_form(
    planner: Browser, visited: None
) -> None:
    rows = table(planner)
    assert rows[0][:3] == ["När", "Anställningsnummer", "Vem"]
    assert len(rows) == 7
    assert ["2026-11-23 07:02:00", "10001", "Alice"] in [row[:3] for row in rows]
    minutes = rows[0].index("Minuter")
    assert "40" in [row[minutes] for row in rows]
    in_excel = sheet(planner)
    assert [[str(cell or "") for cell in row] for row in in_excel] == rows
    assert 40 in [row[minutes] for row in in_excel]


@pytest.mark.threat(53)
@pytest.mark.parametrize("name", ["=HYPERLINK(0)", "+46", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_that_is_a_formula_stays_a_name(
    planner: Browser, visited: None, cast: Any, name: str
) -> None:
    Employee.objects.filter(pk=cast.alice.pk).update(name=name)
    names = [row[2] for row in table(planner)]
    assert f"'{name}" in names
    assert name not in names
    sheet(planner)


@pytest.mark.threat(53)
def test_separators_and_quotes_in_a_name_make_no_new_cell(
    planner: Browser, visited: None, cast: Any
) -> None:
    Employee.objects.filter(pk=cast.alice.pk).update(name='A";=1+1;"\r\n=2')
    rows = table(planner)
    assert len(rows) == 7
    assert {len(row) for row in rows} == {12}


@pytest.mark.threat(67)
def test_file_of_one_client_shows_no_other_not_even_one_who_shares_the_door(
    planner: Browser, visited: None, cast: Any
) -> None:
    Client.objects.filter(pk=cast.other_client.pk).update(front_door=cast.client.front_door)
    everybody = table(planner)
    of_one = table(planner, "kund=B0001")
    assert any("B0002" in cell for row in everybody for cell in row)
    assert len(of_one) > 1
    assert not any("B0002" in cell for row in of_one for cell in row)
    assert len(table(planner, "kund=B0009")) == 1


def test_protected_client_s_address_is_in_the_file_for_named_staff_only(
    planner: Browser, visited: None, cast: Any, moment: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    homes = [row for row in table(planner) if "B0001" in row]
    assert homes
    assert not any("Kyrkogatan 1 1101" in row for row in homes)
    NamedStaff.objects.create(
        employee=Employee.objects.get(name="Planerare"),
        client=cast.client,
        reason="Planerar",
        recorded_at=moment,
    )
    assert any("Kyrkogatan 1 1101" in row for row in table(planner))


def test_taking_a_file_is_noted_with_its_extent(
    planner: Browser, visited: None, moment: Any
) -> None:
    table(planner, "kund=B0001&fran=2026-11-23&till=2026-11-23")
    noted = AuditEvent.objects.get(verb=Verb.LIST_EXPORT)
    assert noted.object_id == "client:B0001"
    assert noted.details["count"] == 5
    assert noted.details["fran"] == noted.details["till"] == "2026-11-23"
    sheet(planner)
    assert AuditEvent.objects.filter(verb=Verb.LIST_EXPORT, object_id="list:openings").exists()


def test_no_file_of_more_than_a_month(planner: Browser, visited: None) -> None:
    for path in (CSV, EXCEL):
        said = fetched(planner, f"{path}?fran=2026-10-01&till=2026-11-23", status=422)
        assert "högst 31 dagar" in said.decode()
    assert not AuditEvent.objects.filter(verb=Verb.LIST_EXPORT).exists()


def test_excel_has_a_limit_and_says_what_to_do(
    planner: Browser, visited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_IN_EXCEL", 3)
    assert "färre dagar" in fetched(planner, EXCEL, status=422).decode()


def test_who_may_look_but_not_export_gets_no_file(visited: None, log_in: Any) -> None:
    browser = log_in(Role.SERVICE_CENTRE)
    assert "Ta ut som fil" not in browser.get("/oppningar/").content.decode()
    fetched(browser, CSV, status=403)


def test_a_company_s_file_has_its_own_staff_only(visited: None, cast: Any, log_in: Any) -> None:
    assert len(table(log_in(team=cast.other_team))) == 1
    assert len(table(log_in(team=cast.team))) == 6


def test_a_day_of_many_openings_is_read_in_pieces(
    planner: Browser, visited: None, monkeypatch: pytest.MonkeyPatch, moment: Any
) -> None:
    whole = table(planner)
    monkeypatch.setattr(export, "_AT_ONCE", 2)
    assert table(planner) == whole
    DoorEvent.objects.update(at=moment + timedelta(days=1))
    assert len(table(planner, "fran=2026-11-23&till=2026-11-24")) == 7
