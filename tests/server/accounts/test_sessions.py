"""When a session ends, and what somebody sees of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from accountsworld import MANAGER, NEW_PASSWORD, Person, Surfer, activated, log_in
from nyckelfri.server.accounts import actions, sessions
from nyckelfri.server.accounts.sessions import Ended, Worth
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones import actions_signin
from serverworld import PASSWORD

T = 1_800_000_000
HOUR, MINUTE = 3600, 60


def session(opened: int = T, seen: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sessions.begin(found, Worth.FULL, opened)
    if seen is not None:
        sessions.note(found, seen)
    return found


@pytest.mark.parametrize(
    ("seen", "now", "why"),
    [
        (T, T, None),
        (T, T + 30 * MINUTE - 1, None),
        (T, T + 30 * MINUTE, Ended.IDLE),
        (T + 9 * HOUR + 40 * MINUTE, T + 10 * HOUR - 1, None),
        (T + 9 * HOUR + 40 * MINUTE, T + 10 * HOUR, Ended.DAY),
        (T, T - 59, None),
        (T, T - 61, Ended.DAY),  # the clock was set back
    ],
)
def test_a_session_ends_after_half_an_hour_of_rest_and_ten_hours_in_all(
    seen: int, now: int, why: Ended | None
) -> None:
    assert sessions.ended(session(seen=seen), now) is why


@pytest.mark.parametrize(
    "strange",
    [{}, {"nyckelfri": None}, {"nyckelfri": {}}, {"nyckelfri": {"worth": "all"}}, {"nyckelfri": 7}],
)
def test_a_session_that_was_not_begun_here_is_worth_nothing(strange: dict[str, Any]) -> None:
    assert sessions.worth(strange) is None
    assert sessions.ended(strange, T) is Ended.UNKNOWN
    assert not sessions.is_fresh(strange, T)


def test_a_look_is_noted_once_a_minute_at_most() -> None:
    found = session()
    sessions.note(found, T + 59)
    assert sessions.times(found) == (T, T)
    sessions.note(found, T + 60)
    assert sessions.times(found) == (T, T + 60)


@pytest.mark.threat(51)
def test_no_other_way_of_logging_in_opens_a_page(pia: Person, surfer: Surfer) -> None:
    user = pia.employee.user
    assert user is not None
    surfer.force_login(user)
    assert surfer.leads("/konto/") == "/logga-in/?varfor=session&next=%2Fkonto%2F"
    assert "gäller inte längre" in surfer.says("/logga-in/?varfor=session")


@pytest.mark.parametrize(("part", "word"), [("seen", "vila"), ("opened", "dag")])
def test_a_browser_that_was_left_open_is_logged_out_and_told_why(
    pia: Person, surfer: Surfer, part: str, word: str
) -> None:
    log_in(surfer, pia)
    surfer.age(11 * HOUR, part)
    assert surfer.leads("/konto/").startswith(f"/logga-in/?varfor={word}")
    assert not surfer.is_in()


def test_a_piece_of_a_page_leads_the_whole_page_to_the_log_in(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    surfer.age(HOUR, "seen")
    answer = surfer.post("/oppningar/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/logga-in/?varfor=vila"


@pytest.mark.threat(51)
def test_a_session_ends_with_the_employment(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    Employee.objects.update(employed_till="2026-11-22")
    assert "varfor=anstallning" in surfer.leads("/konto/")
    Employee.objects.update(employed_till=None)
    assert not surfer.is_in()  # and does not come back


@pytest.mark.threat(51)
def test_a_session_ends_when_the_account_is_closed(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    User.objects.update(is_active=False)
    assert not surfer.is_in()


@pytest.mark.threat(51)
def test_a_new_password_ends_every_other_session_and_the_phone_s(pia: Person) -> None:
    here, there = Surfer(), Surfer()
    log_in(here, pia)
    log_in(there, pia)
    said = {"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert here.leads("/konto/losenord/", **said) == "/konto/"
    assert here.is_in()
    assert not there.is_in()
    assert "hör inte ihop" in there.says("/logga-in/", 422, login="20001", password=PASSWORD)


@pytest.mark.threat(51)
def test_a_password_set_from_the_terminal_ends_every_session(
    pia: Person, surfer: Surfer, moment: datetime
) -> None:
    log_in(surfer, pia)
    actions_signin.set_password(pia.employee, NEW_PASSWORD, actor="terminal", now=moment)
    assert not surfer.is_in()


@pytest.mark.threat(51)
def test_changing_the_password_needs_the_old_one_and_counts(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    for _ in range(10):
        page = surfer.says(
            "/konto/losenord/", 422, old="mistaken", new=NEW_PASSWORD, again=NEW_PASSWORD
        )
        assert "Lösenordet stämmer inte" in page
        assert "mistaken" not in page
    page = surfer.says("/konto/losenord/", 422, old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert "För många försök" in page


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        ("short", "short", "minst 12 tecken"),
        ("passwordpassword", "different passwords", "inte lika"),
        ("password1234", "password1234", "vanligt"),
        ("x" * 257, "x" * 257, "högst 256"),
        ("", "", "Fyll i"),
    ],
)
def test_a_weak_password_is_refused_in_plain_words(
    pia: Person, surfer: Surfer, new: str, again: str, says: str
) -> None:
    log_in(surfer, pia)
    assert says in surfer.says("/konto/losenord/", 422, old=PASSWORD, new=new, again=again)


def test_my_sessions_are_shown_and_can_be_ended_one_by_one(pia: Person) -> None:
    here, there = Surfer(), Surfer()
    log_in(there, pia)
    log_in(here, pia)
    assert here.says("/konto/").count('class="tag good">den här') == 1
    rows = here.get("/konto/").context["sessions"]
    assert [row["here"] for row in rows] == [True, False]
    assert here.leads(f"/konto/inloggningar/{rows[1]['number']}/avsluta/", x="") == "/konto/"
    assert not there.is_in()
    assert here.is_in()
    assert AuditEvent.objects.get(verb=Verb.CONSOLE_END).object_id == "employee:20001"


def test_all_others_can_be_ended_at_once(pia: Person) -> None:
    here, there = Surfer(), Surfer()
    log_in(there, pia)
    log_in(here, pia)
    assert here.leads("/konto/inloggningar/avsluta/", x="") == "/konto/"
    assert not there.is_in()
    assert here.is_in()
    assert len(here.get("/konto/").context["sessions"]) == 1


@pytest.mark.threat(50)
def test_somebody_else_s_session_cannot_be_ended(
    hire: Any, pia: Person, surfer: Surfer, moment: datetime
) -> None:
    mine = Surfer()
    log_in(mine, pia)
    number = mine.get("/konto/").context["sessions"][0]["number"]
    activated(surfer, hire(number="20002"), moment)
    assert surfer.post(f"/konto/inloggningar/{number}/avsluta/").status_code == 404
    assert mine.is_in()


def test_a_manager_ends_everything_at_once(pia: Person, surfer: Surfer, moment: datetime) -> None:
    log_in(surfer, pia)
    assert actions.end_sessions(pia.employee, actor=MANAGER, now=moment) == 1
    assert not surfer.is_in()
