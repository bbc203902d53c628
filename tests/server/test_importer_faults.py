"""Every fault is found, on its line, in its column, and nothing else is called a fault."""

from __future__ import annotations

import csv
import json
import os
import string
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.apps import apps

from nyckelfri.server.homes.models import Client
from nyckelfri.server.importer import actions, reading
from nyckelfri.server.importer.check import check
from nyckelfri.server.importer.faults import MOST_A_FILE, Faults
from nyckelfri.server.importer.messages import MESSAGES, Language
from nyckelfri.server.importer.rules import Registered

if TYPE_CHECKING:
    from datetime import datetime

    from databases import Stores
    from townworld import Town

BROKEN = Path(__file__).parents[1] / "data" / "broken"

# file, text replaced, by what, line, column, code
ONE_CHANGE = [
    (
        "leveranser",
        "antal\nB1;2026-11-01;1",
        "antal;antal\nB1;2026-11-01;1;1",
        1,
        "antal",
        "duplicate_column",
    ),
    ("taxa", ";benamning", ";beskrivning", 1, "benamning", "missing_column"),
    ("etiketter", "hallskåp", '"hallskåp', 2, "", "unclosed_quote"),
    ("etiketter", "hallskåp", '"hall"skåp', 2, "", "stray_quote"),
    ("etiketter", "hallskåp", f'"{"x" * 140_000}"', 2, "", "field_too_large"),
    ("portar", "F001-A;F001;", "F001-A;", 2, "", "too_few_columns"),
    ("portar", ";24V;ja", ";24V;ja;", 2, "", "too_many_columns"),
    ("personal", "Åsa Ek", " ", 2, "namn", "required"),
    ("etiketter", "hallskåp", "hall\0skåp", 2, "plats", "nul_byte"),
    ("etiketter", "hallskåp", "hall\x1bskåp", 2, "plats", "control_character"),
    ("brukare", "Karl Ek", "K" * 121, 2, "namn", "too_long"),
    ("larm", "R1;", "R 1;", 2, "larm_id", "bad_id"),
    ("personal", "vikarie", "trollkarl", 7, "roll", "not_in_list"),
    ("brukare", "ja;ja;ensam", "ja;kanske;ensam", 4, "trygghetslarm", "not_yes_no"),
    ("taxa", "133,00", "133.00", 2, "pris", "not_a_number"),
    ("taxa", "133,00", "١٣٣", 2, "pris", "not_a_number"),
    ("leveranser", "2026-11-01;1", "2026-11-01;1,5", 2, "antal", "not_whole"),
    ("beslut", "1,5;tim", "-1,5;tim", 5, "omfattning", "negative"),
    ("handelser", "upplast;;59", "upplast;;101", 2, "batteri", "out_of_range"),
    ("taxa", "133,00", "1000000", 2, "pris", "out_of_range"),
    ("val", "2026-11-25", "2026-11-31", 4, "till", "not_a_date"),
    ("val", "2026-11-25", "20261125", 4, "till", "not_a_date"),
    ("val", "2026-11-25", "9999-12-31", 4, "till", "not_a_date"),
    ("arbetspass", "2026-11-25 15:00", "2026-11-25 24:00", 6, "slut", "not_a_local_time"),
    ("larm", "2026-11-01T02:01:13Z", "2026-11-01 02:01", 2, "tid", "not_a_moment"),
    ("brukare", "19341123-2394", "19341123-2395", 2, "personnummer", "personal_number"),
    ("brukare", "19341123-2394", "341123-2394", 2, "personnummer", "personal_number"),
    ("fastigheter", "559998-3219", "559998-3218", 2, "agare_org_nr", "org_number"),
    (
        "leveranser",
        "B1;2026-11-01;1",
        "B1;2026-11-01;1\nB1;2026-11-01;2",
        3,
        "brukare_id",
        "duplicate_key",
    ),
    ("brukare", "19370812-2381", "19341123-2394", 3, "personnummer", "duplicate_value"),
    ("las", "SN3", "SN2", 4, "serienr", "duplicate_value"),
    ("etiketter", "E1;B1", "E1;B9", 2, "brukare_id", "unknown_reference"),
    ("val", "B3;service;559992-4429", "B3;service;559994-1761", 6, "org_nr", "unknown_reference"),
    ("personal", "2027-12-31", "2024-08-24", 4, "till", "ends_before_start"),
    ("arbetspass", "2026-11-25 15:00", "2026-11-25 07:00", 6, "slut", "ends_before_start"),
    ("manuella", "07:03:00Z", "06:59:00Z", 2, "ut", "ends_before_start"),
    ("arbetspass", "2026-11-25 15:00", "2027-11-25 15:00", 6, "slut", "shift_too_long"),
    ("val", "2026-11-25", "2026-11-26", 5, "fran", "overlapping_choices"),
    ("val", "212999-2083;G1", "212999-2083;G2", 3, "grupp_id", "team_of_other_provider"),
    ("val", "B3;service;559992-4429", "B3;service;559996-4193", 6, "tjanst", "service_not_offered"),
    ("grupper", "Larmgruppen;212999-2083", "L;559992-4429", 5, "org_nr", "night_is_municipal"),
    ("personal", "Fia Sten;;", "Fia Sten;G1;", 7, "grupp_id", "substitute_with_team"),
    ("fastigheter", ";;Jan Ek", ";559998-3219;J", 3, "agare_org_nr", "private_owner_number"),
    ("brukare", "F002;F002-A", "F001;F002-A", 5, "port_id", "entrance_of_other_property"),
    ("brukare", ";;;;L3;", ";;;;L1;", 4, "las_id", "lock_of_wrong_kind"),
    ("las", "F001-A;monterad", ";monterad", 2, "port_id", "entrance_unit_needs_entrance"),
    ("las", "1201;;", "1201;F002-A;", 5, "port_id", "thumb_turn_has_entrance"),
    ("las", "Storgatan 3;;;", "Kyrkogatan 1;1101;;", 4, "adress", "one_lock_a_door"),
    ("las", "SN3", "", 4, "serienr", "serial_missing"),
    ("taxa", "133,00;tim", "133,00;st", 2, "enhet", "wrong_unit"),
    ("taxa", "2025-12-31", "2026-12-31", 3, "fran", "overlapping_prices"),
    ("ersattning", ";;464,00;tim;", ";;64,00;procent;", 2, "enhet", "wrong_unit"),
    ("ersattning", ";;464,00;tim;utford", ";;464,00;procent;avbojt", 2, "pris", "over_a_hundred"),
    (
        "las",
        "SN3;Storgatan 3;;;monterad",
        "SN3;Storgatan 3;;;avbojd",
        4,
        "serienr",
        "serial_too_early",
    ),
]


@pytest.mark.parametrize("case", ONE_CHANGE, ids=[f"{c[5]}-{c[0]}-{c[4]}" for c in ONE_CHANGE])
def test_one_fault_is_reported_alone_on_its_line(
    town: Town, case: tuple[str, str, str, int, str, str]
) -> None:
    name, old, new, line, column, code = case
    town.change(name, old, new)
    found = [(fault.file, fault.line, fault.column, fault.code) for fault in town.check().faults]
    assert found == [(f"{name}.csv", line, column, code)]


@pytest.mark.django_db
def test_broken_files_give_exactly_the_expected_faults_and_nothing_is_stored(
    moment: datetime,
) -> None:
    with (BROKEN / "expected-errors.csv").open(newline="", encoding="utf-8-sig") as file:
        expected = [
            (row["file"], int(row["line"]), row["column"])
            for row in csv.DictReader(file, delimiter=";")
            if row["fault"] != "none"
        ]
    assert len(expected) == 22
    report = actions.import_files(BROKEN, actor="system:test", now=moment)
    assert [(fault.file, fault.line, fault.column) for fault in report.faults] == sorted(expected)
    assert not report.stored
    labels = {"audit", "people", "homes", "locks", "importer"}
    stored = [model for model in apps.get_models() if model._meta.app_label in labels]
    assert len(stored) >= 18
    assert not any(model._default_manager.exists() for model in stored)


@pytest.mark.slow
def test_command_reports_faults_as_json_and_exits_with_2(tmp_path: Path, stores: Stores) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nyckelfri.server.importer.cli", str(BROKEN), "--json"],
        env={**stores.environment(tmp_path / "data"), "LANG": "sv_SE.UTF-8"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert done.stderr == ""
    faults = json.loads(done.stdout)
    assert len(faults) == 22
    assert all(set(fault) == {"file", "line", "column", "message"} for fault in faults)
    assert "Slutar innan det börjar" in faults[0]["message"]


@pytest.mark.slow
def test_command_dry_run_exits_with_0_and_keeps_nothing(
    town: Town, tmp_path: Path, stores: Stores
) -> None:
    data = tmp_path / "data"
    town.files["facit"] = "x\n"
    done = subprocess.run(
        [sys.executable, "-m", "nyckelfri.cli", "import", str(town.write()), "--dry-run", "--json"],
        env={**stores.environment(data), "LC_ALL": "C"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["stored"] is False
    assert report["files"]["brukare.csv"] == {
        "created": 4,
        "changed": 0,
        "unchanged": 0,
        "withdrawn": 0,
    }
    assert [remark["file"] for remark in report["remarks"]] == ["facit.csv"]
    assert stores.rows(data, "SELECT count(*) FROM homes_client") == [(0,)]


@pytest.mark.django_db
@pytest.mark.threat(53)
def test_spreadsheet_formula_as_a_name_is_stored_as_plain_text(town: Town) -> None:
    formula = '=HYPERLINK("http://exempel.invalid/";"Klicka här")'
    town.change("brukare", "Karl Ek", '"' + formula.replace('"', '""') + '"')
    assert town.bring_in().stored
    assert Client.objects.get(external_id="B1").name == formula


def test_line_is_the_physical_one_after_line_breaks_inside_quotation_marks(town: Town) -> None:
    town.change("brukare", "Ring på", '"Ring på\nvänta\nring igen"')
    town.change("brukare", "Ida Öman", "")
    for newline in ("\n", "\r\n"):
        (fault,) = town.check(newline=newline).faults
        assert (fault.line, fault.column, fault.code) == (7, "namn", "required")


def test_overlap_is_reported_once_on_the_later_line_and_names_the_other(town: Town) -> None:
    town.change("arbetspass", "P5;10002;2026-11-25", "P5;10001;2026-11-24")
    town.change("arbetspass", "2026-11-25 15:00", "2026-11-24 15:00")
    town.drop("planerade_besok", "V6")
    (fault,) = town.check().faults
    assert (fault.file, fault.line, fault.code) == ("arbetspass.csv", 6, "overlapping_shifts")
    assert "on line 3" in fault.message(Language.ENGLISH)


def test_second_employee_of_a_visit_cannot_be_at_another_visit(town: Town) -> None:
    town.change("planerade_besok", "09:45;omvardnad,service;", "09:45;omvardnad;10001")
    town.change(
        "planerade_besok", "2026-11-23 09:00;2026-11-23 09:45", "2026-11-23 08:45;2026-11-23 09:45"
    )
    (fault,) = town.check().faults
    assert (fault.line, fault.column, fault.code) == (4, "start", "overlapping_visits")


def test_second_employee_is_not_the_first(town: Town) -> None:
    town.change("planerade_besok", "omvardnad,service;", "omvardnad,service;10003")
    (fault,) = town.check().faults
    assert (fault.line, fault.column, fault.code) == (4, "dubbel", "same_employee_twice")


def test_partner_must_name_the_client_back(town: Town) -> None:
    town.change("brukare", ";sammanboende;B1;", ";sammanboende;;")
    (fault,) = town.check().faults
    assert (fault.line, fault.column, fault.code) == (2, "partner_id", "partner_not_mutual")


def test_partner_cannot_be_oneself(town: Town) -> None:
    town.change("brukare", ";nej;ensam;;\n", ";nej;ensam;B4;\n")
    (fault,) = town.check().faults
    assert (fault.line, fault.column, fault.code) == (5, "partner_id", "partner_is_self")


def test_partners_share_one_lock(town: Town) -> None:
    town.change("brukare", "Karin Ek;Kyrkogatan 1;1101;F001;F001-A;L2", "K;K;1101;F001;F001-A;L4")
    found = {(fault.line, fault.code) for fault in town.check().faults}
    assert found == {(2, "partner_other_lock"), (3, "partner_other_lock")}


def test_entrance_unit_needs_the_owners_consent(town: Town) -> None:
    town.change("portar", "24V;ja", "24V;tillfragad")
    (fault,) = town.check().faults
    assert (fault.file, fault.line, fault.column) == ("las.csv", 2, "port_id")
    assert fault.code == "no_consent"


def test_choice_without_team_needs_one_team_of_the_provider_in_the_area(town: Town) -> None:
    town.change("grupper", "hemtjanst;Centrum\nG2", "hemtjanst;Norr\nG2")
    found = [(fault.file, fault.line, fault.code) for fault in town.check().faults]
    assert found == [("val.csv", 2, "no_team_in_area"), ("val.csv", 5, "no_team_in_area")]


def test_missing_plan_is_a_fault_and_missing_evidence_is_not(town: Town) -> None:
    for name in ("handelser", "avlasningar", "manuella", "leveranser", "franvaro", "larm"):
        del town.files[name]
    assert not town.check().faults
    del town.files["val"]
    (fault,) = town.check().faults
    assert (fault.file, fault.line, fault.code) == ("val.csv", 0, "missing_file")


def test_file_that_is_unknown_is_a_remark_and_left_alone(town: Town) -> None:
    town.files["facit"] = "besok_id\nV1\n"
    checked = town.check()
    assert not checked.faults
    assert [(each.file, each.code) for each in checked.remarks] == [("facit.csv", "unknown_file")]


def test_file_name_that_is_no_text_is_named_without_a_traceback(town: Town) -> None:
    directory = town.write()
    (directory / os.fsdecode(b"b\xe5t\x1b[31m.csv")).write_bytes(b"x")
    (remark,) = check(directory, Registered()).remarks
    assert remark.file == "b?t[31m.csv"


def test_column_that_is_unknown_is_a_remark(town: Town) -> None:
    town.change("leveranser", "antal\nB1;2026-11-01;1", "antal;kock\nB1;2026-11-01;1;Kim")
    checked = town.check()
    assert not checked.faults
    assert [(each.line, each.column, each.code) for each in checked.remarks] == [
        (1, "kock", "unknown_column")
    ]


def test_broken_row_is_not_called_unknown_by_rows_that_refer_to_it(town: Town) -> None:
    town.change("personal", "10001;Åsa Ek;", "10001;")
    town.change("brukare", "Per Björk", "")
    found = {(fault.file, fault.code) for fault in town.check().faults}
    assert found == {("personal.csv", "too_few_columns"), ("brukare.csv", "required")}


def test_directory_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "nothing", Registered()).faults
    assert fault.code == "no_directory"


def test_pipe_in_place_of_a_file_is_refused_and_not_waited_for(town: Town) -> None:
    directory = town.write()
    (directory / "larm.csv").unlink()
    os.mkfifo(directory / "larm.csv")
    (fault,) = check(directory, Registered()).faults
    assert (fault.file, fault.code) == ("larm.csv", "unreadable_file")


def test_empty_file_is_a_fault(town: Town) -> None:
    town.files["larm"] = ""
    (fault,) = town.check().faults
    assert (fault.file, fault.code) == ("larm.csv", "empty_file")


def test_file_over_the_limit_is_refused_unread(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 2000)
    town.files["larm"] += "x" * 2000
    (fault,) = town.check().faults
    assert (fault.file, fault.code) == ("larm.csv", "file_too_large")


def test_lines_over_the_limit_are_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINES", 10)
    for number in range(20):
        town.add("leveranser", f"B1;2026-12-{number + 1:02};1")
    (fault,) = town.check().faults
    assert (fault.file, fault.line, fault.code) == ("leveranser.csv", 11, "too_many_lines")


def test_a_file_of_nothing_but_faults_is_listed_up_to_a_limit(town: Town) -> None:
    town.files["leveranser"] += "B1;x;1\n" * (MOST_A_FILE + 200)
    found = list(town.check().faults)
    assert len(found) == MOST_A_FILE + 1
    assert found[0].code == "more_faults"


def test_no_message_repeats_a_personal_identity_number_or_a_name(town: Town) -> None:
    town.change("etiketter", "E1;B1", "E1;19341123-2394")
    town.change("brukare", "19370812-2381", "19370812-2382")
    town.change("personal", "Bo Berg;G1", "Bo Berg;19430668-2396")
    for language in Language:
        text = " ".join(fault.message(language) for fault in town.check().faults)
        assert text
        for secret in ("19341123", "19370812", "19430668", "Berg"):
            assert secret not in text


def test_every_message_is_a_sentence_with_the_same_blanks_in_both_languages() -> None:
    for code, texts in MESSAGES.items():
        blanks = [{name for _, name, _, _ in string.Formatter().parse(text)} for text in texts]
        assert blanks[0] == blanks[1], code
        assert all(text.endswith(".") for text in texts), code


def test_every_fault_code_has_a_test() -> None:
    here = Path(__file__).parent
    tests = "".join(path.read_text(encoding="utf-8") for path in here.rglob("test_*.py"))
    assert [code for code in MESSAGES if f'"{code}"' not in tests] == []


def test_faults_come_in_the_order_of_file_line_and_column() -> None:
    faults = Faults()
    for file, line, column in [("b", 2, "x"), ("a", 9, "y"), ("b", 2, "a"), ("a", 1, "z")]:
        faults.add(file, line, column, "required")
    order = [(fault.file, fault.line, fault.column) for fault in faults]
    assert order == [("a", 1, "z"), ("a", 9, "y"), ("b", 2, "a"), ("b", 2, "x")]
