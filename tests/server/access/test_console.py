"""The pages for staff: who may look, what they show, and what they never show."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Intent, MotorResult, Refusal
from nyckelfri.door.reasons import Reason
from nyckelfri.server import console
from nyckelfri.server.console import texts
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Role, User
from nyckelfri.server.visits.actions import ingest
from serverworld import PASSWORD, Handset

HERE = Path(console.__file__).parent


@pytest.fixture
def planner(cast: Any, password_hash: str, set_clock: Any, settings: Any) -> Browser:
    """A planner of the municipality, logged in, reading Swedish."""
    return _log_in(None, password_hash, settings)


def _log_in(team: Any, password_hash: str, settings: Any, role: str = Role.PLANNER) -> Browser:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    number = f"2000{Employee.objects.count()}"
    user = User.objects.create(username=number, password=password_hash)
    Employee.objects.create(
        number=number,
        name="Planerare",
        role=role,
        care_team=team,
        user=user,
        employed_from="2024-01-01",
    )
    browser = Browser(headers={"accept-language": "sv"})
    answer = browser.post("/logga-in/", {"username": number, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/oppningar/")
    return browser


@pytest.fixture
def visited(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> None:
    """Alice's visit of 40 minutes, a refusal, a jam, an entrance, and something unreadable."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    grants = {row.installation: row for row in rows}
    home, entrance = grants[locks.at_home], grants[locks.at_entrance]
    locks.entrance.use(entrance)
    locks.home.use(home, Command.UNLOCK, after=120)
    locks.home.use(home, Command.LOCK, after=40 * 60)
    subject = home.employee.subject.identifier
    refusal = Refusal(Reason.TOO_FAR, home.serial, subject, home.thumbprint, Command.UNLOCK)
    locks.home.write(refusal, after=60, mark=Mark.APPROXIMATE)
    locks.home.use(home, Command.LOCK, after=60, result=MotorResult.JAMMED)
    locks.home.write(Intent(bytes(8), bytes(8), bytes(8), Command.UNLOCK), after=60)
    for batch in (locks.entrance.batch(), locks.home.batch(), b"rubbish"):
        ingest(batch, phone=alices_phone.row, now=moment + timedelta(hours=2))


def page(browser: Browser, path: str = "/oppningar/", status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.sentence(19)
@pytest.mark.sentence(20)
@pytest.mark.sentence(21)
@pytest.mark.sentence(23)
def test_page_tells_who_opened_which_door_when_and_for_how_long(
    planner: Browser, visited: None
) -> None:
    shown = page(planner)
    assert shown.count("<tr>") == 7
    assert "Alice <small>10001</small>" in shown
    assert "Kyrkogatan 1 1101" in shown
    assert "2026-11-23 <b>07:02:00</b>" in shown
    assert "40 min" in shown
    assert "Port</small>" in shown
    assert "Du står för långt bort" in shown
    assert "ungefärlig" in shown
    assert "Låset kärvade" in shown
    assert "Okänd person" in shown


@pytest.mark.sentence(22)
def test_filter_by_client_and_day(planner: Browser, visited: None, cast: Any) -> None:
    assert page(planner, "/oppningar/?kund=B0001").count("<tr>") == 6
    assert page(planner, "/oppningar/?kund=test+pers").count("<tr>") == 6
    assert "Inga öppningar" in page(planner, "/oppningar/?kund=B0002")
    assert "Inga öppningar" in page(planner, "/oppningar/?fran=2026-11-20&till=2026-11-22")
    assert page(planner, "/oppningar/?fran=2026-11-23&till=2026-11-23").count("<tr>") == 7


@pytest.mark.parametrize(
    "query",
    [
        "fran=x",
        "fran=2026-11-24&till=2026-11-23",
        "fran=2020-01-01&till=2026-11-23",
        "fran=0001-01-01&till=0001-01-02",
        "till=9999-12-31",
        "sida=-1",
        "sida=x",
        "kund=%00",
        "kund=%F0%9F%94%91",
    ],
)
def test_page_survives_senseless_queries(planner: Browser, visited: None, query: str) -> None:
    assert "Öppningar" in page(planner, f"/oppningar/?{query}")


def test_kept_items_are_shown_until_somebody_has_dealt_with_them(
    planner: Browser, visited: None
) -> None:
    assert '<span class="count">2</span>' in page(planner)
    shown = page(planner, "/att-granska/")
    assert "Går inte att läsa" in shown
    assert "Behörigheten är inte utfärdad här" in shown


def test_empty_pages_say_so(planner: Browser) -> None:
    assert "Inga öppningar" in page(planner)
    assert "Ingenting att granska" in page(planner, "/att-granska/")


def test_page_in_english(planner: Browser, visited: None) -> None:
    answer = planner.get("/oppningar/", headers={"accept-language": "en"})
    shown = answer.content.decode()
    assert '<html lang="en">' in shown
    assert "Every time staff unlocked or locked" in shown
    assert "You are too far away" in shown


def test_planner_of_a_company_sees_its_own_staff_only(
    cast: Any, visited: None, password_hash: str, set_clock: Any, settings: Any
) -> None:
    theirs = _log_in(cast.other_team, password_hash, settings)
    shown = page(theirs)
    assert "Alice" not in shown
    assert "Kyrkogatan" not in shown
    page(theirs, "/att-granska/", status=403)
    ours = _log_in(cast.team, password_hash, settings)
    assert "Alice" in page(ours)


@pytest.mark.parametrize("role", [Role.ASSISTANT_NURSE, Role.DOOR_INSTALLER, Role.ACCOUNTANT])
def test_other_roles_see_no_openings(
    cast: Any, visited: None, password_hash: str, set_clock: Any, settings: Any, role: str
) -> None:
    browser = _log_in(None, password_hash, settings, role)
    for path in ("/oppningar/", "/att-granska/"):
        shown = page(browser, path, status=403)
        assert "Alice" not in shown
        assert "systemansvarig" in shown


@pytest.mark.parametrize("path", ["/oppningar/", "/att-granska/"])
def test_nobody_sees_a_page_without_logging_in(db: None, path: str) -> None:
    answer = Browser().get(path)
    assert answer.headers["Location"] == f"/logga-in/?next={path}"


def test_protected_client_s_address_and_name_find_nothing_in_the_list(
    planner: Browser, visited: None, cast: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    shown = page(planner, "/oppningar/?kund=B0001")
    assert "Skyddad identitet B0001" in shown
    assert "Kyrkogatan 1 1101" not in shown
    assert "Inga öppningar" in page(planner, "/oppningar/?kund=test+person")


@pytest.mark.threat(51)
def test_guessing_a_password_in_the_browser_ends_after_ten(planner: Browser, cast: Any) -> None:
    browser = Browser(headers={"accept-language": "sv"})
    number = Employee.objects.get(name="Planerare").number
    for _ in range(10):
        answer = browser.post("/logga-in/", {"username": number, "password": "wrong"})
        assert "hör inte ihop" in answer.content.decode()
    answer = browser.post("/logga-in/", {"username": number, "password": PASSWORD})
    assert "För många försök" in answer.content.decode()


@pytest.mark.threat(51)
def test_log_in_and_out_need_the_form_s_own_token(planner: Browser) -> None:
    strict = Browser(enforce_csrf_checks=True)
    for path in ("/logga-in/", "/logga-ut/", "/sprak/"):
        assert strict.post(path, {"username": "x", "password": "y"}).status_code == 403


def test_pages_load_nothing_from_elsewhere_and_have_no_inline_style_or_script(
    planner: Browser, visited: None
) -> None:
    for path in ("/oppningar/", "/att-granska/", "/logga-ut/"):
        if path == "/logga-ut/":
            shown = Browser().get("/logga-in/").content.decode()
        else:
            shown = page(planner, path)
        assert not re.findall(r"https?://", shown)
        assert not re.findall(r"<script|style=|onclick", shown)
    css = Browser().get("/stil.css")
    assert css.headers["Content-Type"].startswith("text/css")
    assert b"http" not in css.content
    assert b"@import" not in css.content


def test_every_word_in_the_templates_exists_in_both_languages() -> None:
    used = set()
    for path in HERE.glob("templates/console/*.html"):
        used |= set(re.findall(r"words\.(\w+)", path.read_text(encoding="utf-8")))
    assert used
    assert used <= set(texts.TEXTS)
    assert all(len(both) == 2 and all(both) for both in texts.TEXTS.values())


def test_every_code_that_can_be_stored_has_words() -> None:
    from nyckelfri.server.visits.models import DoorEvent, Kept

    wanted = {f"kept_{reason.value}" for reason in Kept.Reason}
    wanted |= {f"result_{result.value}" for result in DoorEvent.Result}
    wanted |= {f"{kind}_{c.value}" for kind in ("command", "asked") for c in DoorEvent.Command}
    wanted |= {f"clock_{mark.value}" for mark in Mark}
    assert wanted <= set(texts.TEXTS)
