"""The phone and the real server: what the one sends the other takes, and the day that it gives."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser

import webtown
import webworld
from webphone import PageError, PagePhone, entry, opening
from webworld import Site

PASSWORD = "höstlöv, kanel och ett paraply"
NOW = int(webtown.MOMENT.timestamp())
ON_THEIR_WAY = """
SELECT DISTINCT e.number FROM people_employee e JOIN homes_plannedvisit v ON v.employee_id = e.id
WHERE datetime(v.start) BETWEEN datetime(?, 'unixepoch') AND datetime(?, 'unixepoch')
AND v.withdrawn_at IS NULL ORDER BY e.number LIMIT 2
"""
ENTERED = """
SELECT p.kind, p.flaw, e.number FROM visits_phoneentry p JOIN people_employee e
ON e.id = p.employee_id WHERE p.uuid = ?
"""


def nyckelfri(site: Site, *words: str) -> str:
    """A command of the server's own."""
    command = [sys.executable, "-m", "nyckelfri.cli", "server", *words]
    environment = webworld._environment(site.directory)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def rows(site: Site, query: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(site.directory / "nyckelfri.sqlite3")) as database:
        return database.execute(query, values).fetchall()


def stored(site: Site, told: dict[str, Any]) -> Any:
    """Kind, flaw and author of an entry, as the server has it."""
    (found,) = rows(site, ENTERED, told["id"].replace("-", ""))
    return found


@pytest.fixture(scope="module")
def people(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Numbers of two who are on their way between visits, with a password each."""
    found = rows(site, ON_THEIR_WAY, NOW, NOW + 3600)
    file = tmp_path_factory.mktemp("password") / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    for (number,) in found:
        nyckelfri(site, "set-password", number, "--password-file", str(file))
    return [number for (number,) in found]


@pytest.fixture
def phone(browser: Browser, site: Site, people: list[str]) -> Iterator[PagePhone]:
    """Enrolled at the real server, with a label of its own."""
    context = browser.new_context()
    opened = PagePhone.beside(context, site.address, clock=NOW)
    label = f"Telefon {uuid.uuid4().hex[:6]}"
    opened.step("enrol", nyckelfri(site, "phone-code", label, "--holder", people[0]))
    opened.label = label
    yield opened
    context.close()
    assert opened.complaints == []


@pytest.mark.sentence(1)
def test_what_a_carer_enters_goes_home_and_the_day_comes(
    phone: PagePhone, site: Site, people: list[str]
) -> None:
    report = phone.sign_in(people[0], PASSWORD)
    assert report["dayChanged"]
    assert report["refused"] == 0
    assert len(phone.step("grants")) == report["grants"] > 0
    day = phone.step("day")
    visit = day["visits"][0]
    client = next(row for row in day["clients"] if row["number"] == visit["client"])
    assert {door["installation"] for door in phone.step("doors")} >= {
        door for door in client["doors"].values() if door is not None
    }
    about = {"client": visit["client"], "visit": visit["id"]}
    lock = phone.step("doors")[0]["installation"]
    told = [
        ("tap", {"label": client["labels"][0]["id"], "use": "start"}),
        ("visit_start", {"how": "label"}),
        ("note", {"text": "Åt bra, ville prata om sin syster."}),
        ("deviation", {"what": "lock", "text": "Trög kolv."}),
        ("lock_fault", {"installation": lock, "what": "jammed", "fallback": False}),
        ("batteries", {"installation": lock}),
        ("visit_end", {"how": "manual", "reason": "label_missing", "services": ["care"]}),
        ("missed", {"reason": "not_home"}),
        ("declined", {"text": "Dottern är där."}),
        ("unplanned", {"reason": "alarm"}),
    ]
    sent = [{**entry(kind, NOW, **detail), **about} for kind, detail in told]
    for each in sent:
        phone.step("keepEntry", each)
    answer = opening(NOW)
    phone.step("keepOpening", answer)
    report = phone.step("sync")
    assert report["sent"] == {"entries": len(sent), "openings": 1, "batches": 0}
    assert report["kept"] == 0
    assert phone.step("waiting")["total"] == 0
    assert [stored(site, each) for each in sent] == [(kind, "", people[0]) for kind, _ in told]
    assert all(fact["conveyed"] for fact in phone.step("facts"))
    alerts = [alert for row in phone.step("day")["clients"] for alert in row["alerts"]]
    assert "lock_fault" in {alert["kind"] for alert in alerts}, "the day tells of it at once"
    assert not phone.step("sync")["dayChanged"]


@pytest.mark.threat(41)
def test_the_next_person_carries_home_what_the_first_has_entered_and_sees_none_of_it(
    phone: PagePhone, site: Site, people: list[str]
) -> None:
    first, second = people
    phone.sign_in(first, PASSWORD)
    visit = phone.step("day")["visits"][0]
    told = {**entry("note", NOW), "client": visit["client"], "visit": visit["id"]}
    phone.step("keepEntry", told)
    phone.sign_in(second, PASSWORD)
    assert stored(site, told) == ("note", "", first)
    assert phone.step("facts") == []
    assert phone.step("session")["number"] == second
    mine = {visit["id"] for visit in phone.step("day")["visits"]}
    assert visit["id"] not in mine


@pytest.mark.threat(35)
def test_a_phone_that_the_office_blocks_is_empty_after_the_first_answer(
    phone: PagePhone, site: Site, people: list[str]
) -> None:
    phone.sign_in(people[0], PASSWORD)
    phone.step("keepEntry", entry("note", NOW))
    nyckelfri(site, "block-phone", phone.label, "--why", "tappad")
    with pytest.raises(PageError) as caught:
        phone.step("sync")
    assert caught.value.name == "BlockedError"
    assert phone.step("state") == "new"
    assert not any(phone.step("dump").values())
