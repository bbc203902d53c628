"""The audit log on pages: every row in words, who has looked, the proof, the files."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from openpyxl.reader.excel import load_workbook
from pytest_django import Settings

from auditworld import event_at, execute, settle, unguarded
from nyckelfri.server.audit import actions, origins, proofs, queries
from nyckelfri.server.audit.models import AuditEvent, AuditProof
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.audit import export
from nyckelfri.server.console.audit.kinds import OF_KIND, Kind
from nyckelfri.server.console.audit.texts import TEXTS
from nyckelfri.server.homes.models import Client
from nyckelfri.server.jobs.worker import do_tasks
from nyckelfri.server.people.models import Role

LOG, PROOFS = "/logg/", "/logg/kedja/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "data"


@pytest.fixture
def auditor(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.AUDITOR, name="Granskare")
    return browser


def deed(
    verb: Verb, object_id: str, now: datetime, actor: str = "employee:10001", **more: Any
) -> None:
    with transaction.atomic():
        actions.record([actions.Deed(verb, object_id, **more)], actor=actor, now=now)
    settle()


@pytest.fixture
def deeds(cast: Any, alices_phone: Any, moment: datetime) -> str:
    """A block, an import, a look at Alice's client; the id of Alice's phone."""
    phone = alices_phone.row.identifier.hex()
    with origins.coming_from(f"phone:{phone} 192.0.2.7"):
        deed(Verb.PHONE_BLOCK, f"phone:{phone}", moment, reason="Tappad på bussen")
    deed(Verb.IMPORT_CHANGE, "client:B0001", moment - DAY, "system:import",
         details={"attributes": ["address", "name"]})  # fmt: skip
    with origins.coming_from("web 192.0.2.9 session 3f2a9c01"):
        deed(Verb.CLIENT_LOOK, "client:B0001", moment - 2 * DAY, "employee:10002",
             details={"unit": "team:G1"})  # fmt: skip
    return str(phone)


def test_every_verb_is_of_one_kind_and_has_words() -> None:
    of_a_kind = [verb for verbs in OF_KIND.values() for verb in verbs]
    assert sorted(of_a_kind) == sorted(Verb)
    assert set(OF_KIND) == set(Kind)
    assert [verb for verb in Verb if f"verb_{verb.name.lower()}" not in TEXTS] == []
    both = [TEXTS[f"verb_{verb.name.lower()}"] for verb in Verb]
    assert len(set(both)) == len(both), "two deeds have the same words"


def test_row_says_who_what_about_whom_when_from_where_and_why(
    auditor: Browser, deeds: str, read: Any
) -> None:
    shown = read(auditor, LOG)
    for words in ("Alice", "10001", "Spärrade telefonen", "Tappad på bussen", "192.0.2.7",
                  "Importen", "Ändrade vid import", "address, name", "Läste om en kund",
                  "Webbläsare 192.0.2.9, inloggning 3f2a9c01"):  # fmt: skip
        assert words in shown, words
    assert shown.index("Spärrade telefonen") < shown.index("Ändrade vid import")
    label = AuditEvent.objects.count()
    assert f"Rad {label}" not in shown, "the reader's own look is not in what it shows"


def test_rows_read_in_english(auditor: Browser, deeds: str) -> None:
    answer = auditor.get(LOG, headers={"accept-language": "en"}).content.decode()
    assert "Blocked the phone" in answer
    assert "Read about a client" in answer


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ({"sort": "looks"}, "Läste om en kund", "Spärrade telefonen"),
        ({"vem": "10002"}, "Läste om en kund", "Ändrade vid import"),
        ({"vem": "system:import"}, "Ändrade vid import", "Läste om en kund"),
        ({"om": "B0001"}, "Ändrade vid import", "Spärrade telefonen"),
        ({"fran": "2026-11-23", "till": "2026-11-23"}, "Spärrade telefonen", "Läste om en kund"),
    ],
)
def test_choice_leads_to_an_address_of_numbers_and_days(
    auditor: Browser, deeds: str, read: Any, asked: dict[str, str], shown: str, hidden: str
) -> None:
    answer = auditor.post(LOG, asked)
    assert answer.status_code == 302
    rows = read(auditor, answer["Location"]).partition("<tbody>")[2].partition("</tbody>")[0]
    assert shown in rows
    assert hidden not in rows


@pytest.mark.threat(64)
@pytest.mark.parametrize("field", ["vem", "om"])
@pytest.mark.parametrize(
    "words", ["Alice", "Test Person", "19341123-2394", "341123-2394", "193411232394", "åäö1", "a:b"]
)
def test_name_or_birth_number_never_becomes_an_address(
    auditor: Browser, deeds: str, read: Any, field: str, words: str
) -> None:
    assert "inte ett namn eller personnummer" in read(auditor, LOG, 422, **{field: words})
    assert words not in str(list(AuditEvent.objects.values_list("details", flat=True)))


def test_wrong_days_are_said_and_one_person_may_be_followed_longer_than_all(
    auditor: Browser, deeds: str, read: Any
) -> None:
    quarter = {"fran": "2026-01-01", "till": "2026-11-23"}
    assert "högst 93 dagar" in read(auditor, LOG, 422, **quarter)
    assert auditor.post(LOG, {**quarter, "vem": "10002"}).status_code == 302
    for day in ("x", "0001-01-01", "2026-02-30"):
        assert "Ange två datum" in read(auditor, f"{LOG}?fran={day}&till={day}")


@pytest.mark.threat(61)
def test_whoever_reads_the_log_is_in_it(auditor: Browser, deeds: str, read: Any) -> None:
    read(auditor, f"{LOG}?om=B0001")
    read(auditor, "/logg/om/client/B0001/")
    settle()
    rows = list(queries.of_kind(Verb.AUDIT_LOOK))
    assert [row.details["om"] for row in rows] == ["B0001", "client:B0001"]
    assert {row.actor.partition(":")[0] for row in rows} == {"employee"}
    assert "Läste i ändringsloggen" in read(auditor, LOG)


@pytest.mark.threat(65)
def test_who_has_looked_at_somebody_is_one_page_away(
    auditor: Browser, deeds: str, read: Any, moment: datetime
) -> None:
    deed(Verb.EMPLOYEE_LOOK, "employee:10001", moment, "employee:10003", reason="openings")
    of_client = read(auditor, "/logg/om/client/B0001/")
    assert "Bob" in of_client
    assert "G1" in of_client
    assert "Ändrade vid import" not in of_client
    assert "Charlie" in read(auditor, "/logg/om/employee/10001/")
    assert "Ingen har läst" in read(auditor, f"/logg/om/phone/{deeds}/")


@pytest.mark.parametrize(
    "path", ["client/B9999", "employee/99999", "phone/00", "phone/0000000000000000", "lock/L1"]
)
def test_nobody_who_does_not_exist_has_been_looked_at(auditor: Browser, path: str) -> None:
    assert auditor.get(f"/logg/om/{path}/").status_code == 404


@pytest.mark.threat(67)
def test_protected_client_is_a_number_in_the_log(
    auditor: Browser, deeds: str, cast: Any, read: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True, name="Hemlig Person")
    for path in (LOG, "/logg/om/client/B0001/"):
        shown = read(auditor, path)
        assert "B0001" in shown
        assert "Hemlig Person" not in shown
        assert "Kyrkogatan" not in shown


@pytest.mark.threat(50)
@pytest.mark.parametrize("path", [LOG, PROOFS, "/logg/logg.csv", "/logg/om/client/B0001/"])
def test_log_is_for_those_who_may_read_it(cast: Any, log_in: Any, path: str) -> None:
    for role in (Role.PLANNER, Role.PROVIDER_MANAGER, Role.CARE_ASSESSOR, Role.SERVICE_CENTRE):
        assert log_in(role, team=cast.team).get(path).status_code == 403
    assert log_in(Role.AUDITOR, team=cast.other_team).get(path).status_code == 403
    assert log_in(Role.SYSTEM_MANAGER).get(path).status_code == 200


def test_long_log_comes_in_parts_without_gaps_and_with_few_questions(
    auditor: Browser, cast: Any, moment: datetime, read: Any
) -> None:
    with transaction.atomic():
        many = [
            actions.Deed(Verb.SHIFT_ADD, f"shift:S{at:03}", details={"employee": "10001"})
            for at in range(120)
        ]
        actions.record(many, actor="employee:10001", now=moment - DAY)
    settle()
    seen, path = [], f"{LOG}?sort=plans"
    while path:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            shown = read(auditor, path)
        assert len(asked) <= 12
        seen += re.findall(r"S\d{3}", shown)
        further = re.search(r'rel="next" href="([^"]+)"', shown)
        path = LOG + further[1].replace("&amp;", "&") if further else ""
    assert seen == [f"S{at:03}" for at in reversed(range(120))]


def fetched(browser: Browser, path: str, status: int = 200) -> bytes:
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.getvalue()


@pytest.mark.threat(53)
@pytest.mark.parametrize("reason", ["=HYPERLINK(0)", "+1", "-1", "@SUM(A1)", '";=1+1;"\r\n=2'])
def test_reason_that_is_a_formula_stays_a_reason_in_both_files(
    auditor: Browser, deeds: str, moment: datetime, reason: str
) -> None:
    deed(Verb.PHONE_BLOCK, f"phone:{deeds}", moment, reason=reason)
    data = fetched(auditor, "/logg/logg.csv?sort=phones").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(data, newline=""), delimiter=";"))
    assert {len(row) for row in rows} == {10}
    said = f"'{reason}" if reason[0] in "=+-@" else reason
    assert said in [row[6] for row in rows]
    book = load_workbook(io.BytesIO(fetched(auditor, "/logg/logg.xlsx?sort=phones")))  # type: ignore[no-untyped-call]  # it has no types
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)


def test_file_has_the_rows_of_the_page_is_bounded_and_is_noted(
    auditor: Browser, deeds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = fetched(auditor, "/logg/logg.csv?om=B0001").decode("utf-8-sig")
    assert len(data.splitlines()) == 3
    settle()
    (noted,) = queries.of_kind(Verb.LIST_EXPORT)
    assert (noted.object_id, noted.details["count"], noted.details["om"]) == (
        "list:audit", 2, "B0001",
    )  # fmt: skip
    monkeypatch.setattr(export, "MOST", 1)
    assert "färre dagar" in fetched(auditor, "/logg/logg.csv?om=B0001", 422).decode()
    assert "datum" in fetched(auditor, "/logg/logg.csv?fran=x", 422).decode()


def test_proof_is_asked_for_runs_beside_the_pages_and_is_shown(
    transactional_db: None, auditor: Browser, deeds: str, read: Any
) -> None:
    assert "inte kontrollerats än" in read(auditor, LOG)
    assert auditor.post(PROOFS).status_code == 302
    waiting = auditor.get(PROOFS, headers={"HX-Request": "true"}).content.decode()
    assert "Väntar på att börja" in waiting
    assert "<html" not in waiting
    assert 'hx-trigger="every 1s"' in waiting
    do_tasks()
    shown = read(auditor, PROOFS)
    assert "Loggen är hel." in shown
    assert "every 1s" not in shown
    row = AuditProof.objects.get()
    assert row.head is not None
    banner = read(auditor, LOG)
    assert bytes(row.head).hex()[:16] in banner
    assert "Granskare" in banner
    assert "nyckelfri audit verify" in shown


@pytest.mark.threat(61)
def test_broken_log_is_said_on_every_page_of_it(
    auditor: Browser, deeds: str, read: Any, moment: datetime
) -> None:
    with unguarded():
        execute("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", event_at(2).pk)
    row = proofs.begin(actor="employee:10001", now=moment)
    proofs.prove.func(row.pk)
    for path in (LOG, PROOFS):
        assert "Loggen är bruten vid rad 2." in read(auditor, path)
    shown = read(auditor, PROOFS)
    assert "säger något annat än när den skrevs" in shown
    assert "Ändra inget" in shown


def test_proof_that_nobody_works_on_says_so(auditor: Browser, read: Any, moment: datetime) -> None:
    proofs.begin(actor="employee:10001", now=moment - timedelta(minutes=5))
    assert "Inget har hänt på en stund" in read(auditor, PROOFS)
