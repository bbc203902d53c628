"""Signing in with password and second step: who gets in, and what guessing meets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.urls import reverse

import permissionrows
from accountsworld import Person, Surfer, activated, log_in
from nyckelfri.server.accounts.hashers import OneLane
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones.models import FailedTry
from serverworld import PASSWORD

WRONG = "hör inte ihop"
OFTEN = "För många försök"


def test_password_and_one_time_code_open_the_console(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    assert surfer.get("/").status_code == 200
    assert "20001" in surfer.says("/konto/")
    assert AuditEvent.objects.get(verb=Verb.CONSOLE_SIGN_IN).details == {"way": "totp"}


@pytest.mark.sentence(13)
def test_password_alone_opens_no_page(pia: Person, surfer: Surfer) -> None:
    said = {"login": "20001", "password": PASSWORD}
    assert surfer.leads("/logga-in/", **said) == "/logga-in/steg-2/"
    for path in ("/", "/konto/", "/oppningar/", "/konto/app/", "/konto/reservkoder/"):
        assert surfer.leads(path).startswith("/logga-in/")


def test_password_without_a_second_step_asks_for_a_manager_s_code_and_sets_nothing_up(
    hire: Any, surfer: Surfer
) -> None:
    employee = hire()
    employee.user = User.objects.create_user("20001", password=PASSWORD)
    employee.save()
    where = surfer.leads("/logga-in/", login="20001", password=PASSWORD)
    assert "aktiveringskod" in surfer.says(where, 403)
    assert surfer.leads("/konto/app/").startswith("/logga-in/")


@pytest.mark.threat(51)
@pytest.mark.parametrize("name", ["20001", "nobody"])
def test_guessing_a_password_ends_after_ten_whether_the_name_is_known_or_not(
    pia: Person, surfer: Surfer, name: str
) -> None:
    for number in range(10):
        assert WRONG in surfer.says("/logga-in/", 422, login=name, password=f"wrong {number}")
    assert OFTEN in surfer.says("/logga-in/", 422, login=name, password=PASSWORD)


@pytest.mark.threat(51)
def test_guessing_from_one_address_ends_after_fifty(pia: Person, surfer: Surfer) -> None:
    for number in range(50):
        surfer.post("/logga-in/", {"login": f"name {number}", "password": "wrong"})
    assert OFTEN in surfer.says("/logga-in/", 422, login="20001", password=PASSWORD)


@pytest.mark.threat(51)
def test_guessing_a_code_ends_after_five_in_every_browser(pia: Person) -> None:
    for number in range(5):
        other = Surfer()
        other.post("/logga-in/", {"login": "20001", "password": PASSWORD})
        assert "Koden stämmer inte" in other.says("/logga-in/steg-2/", 422, code=f"00000{number}")
    said = {"login": "20001", "password": PASSWORD}
    surfer = Surfer()
    assert surfer.leads("/logga-in/", **said) == "/logga-in/steg-2/"
    assert OFTEN in surfer.says("/logga-in/steg-2/", 422, code=pia.code())
    assert OFTEN in surfer.says("/logga-in/steg-2/", 422, code=pia.recovery[0])


@pytest.mark.threat(51)
def test_codes_are_guessed_at_most_twenty_times_a_day(
    pia: Person, surfer: Surfer, set_clock: Any, moment: datetime
) -> None:
    surfer.post("/logga-in/", {"login": "20001", "password": PASSWORD})
    for quarter in range(4):
        set_clock(moment + timedelta(minutes=16 * quarter))
        for _ in range(5):
            surfer.says("/logga-in/steg-2/", 422, code="000000")
    set_clock(moment + timedelta(hours=3))
    assert OFTEN in surfer.says("/logga-in/steg-2/", 422, code=pia.code())
    set_clock(moment + timedelta(hours=25))
    assert surfer.leads("/logga-in/steg-2/", code=pia.recovery[0]) == "/"


@pytest.mark.threat(51)
def test_a_code_that_was_seen_is_worth_nothing_even_in_another_process(pia: Person) -> None:
    code = pia.code()
    first, second = Surfer(), Surfer()
    for surfer in (first, second):
        surfer.post("/logga-in/", {"login": "20001", "password": PASSWORD})
    assert first.leads("/logga-in/steg-2/", code=code) == "/"
    cache.clear()  # what another process has in its memory
    assert "redan använts" in second.says("/logga-in/steg-2/", 422, code=code)


def test_a_recovery_code_opens_once(pia: Person) -> None:
    for surfer, status in ((Surfer(), 302), (Surfer(), 422)):
        surfer.post("/logga-in/", {"login": "20001", "password": PASSWORD})
        answer = surfer.post(
            "/logga-in/steg-2/", {"code": f" {pia.recovery[0][:4]} {pia.recovery[0][4:]}"}
        )
        assert answer.status_code == status


@pytest.mark.threat(51)
def test_a_session_planted_before_the_sign_in_is_worth_nothing_after_it(pia: Person) -> None:
    thief, victim = Surfer(), Surfer()
    thief.post("/logga-in/", {"login": "nobody", "password": "x"})
    session = thief.session
    session["planted"] = "1"
    session.save()
    victim.cookies["sessionid"] = str(session.session_key)
    log_in(victim, pia)
    assert victim.session.session_key != session.session_key
    assert victim.is_in()
    thief.cookies["sessionid"] = str(session.session_key)
    assert not thief.is_in()


@pytest.mark.threat(51)
def test_every_form_needs_its_own_token(pia: Person) -> None:
    strict = Surfer(enforce_csrf_checks=True)
    for name, row in permissionrows.ROWS.items():
        if "POST" in row.methods and not row.of:
            assert strict.post(reverse(name), {"x": "y"}).status_code == 403, name


@pytest.mark.threat(51)
@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_signing_in_leads_nowhere_else(pia: Person, surfer: Surfer, where: str) -> None:
    said = {"login": "20001", "password": PASSWORD, "next": where}
    surfer.post("/logga-in/", said)
    assert surfer.leads("/logga-in/steg-2/", code=pia.code()) == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(pia: Person, surfer: Surfer) -> None:
    assert surfer.leads("/oppningar/") == "/logga-in/?next=/oppningar/"
    assert 'name="next" value="/oppningar/"' in surfer.says("/logga-in/?next=/oppningar/")
    said = {"login": "20001", "password": PASSWORD, "next": "/oppningar/"}
    surfer.post("/logga-in/", said)
    assert surfer.leads("/logga-in/steg-2/", code=pia.code()) == "/oppningar/"


@pytest.mark.threat(51)
@pytest.mark.parametrize("who", ["nobody", "20001", "closed", "former"])
def test_every_refusal_looks_alike_and_costs_one_hash(
    hire: Any, pia: Person, surfer: Surfer, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    if who == "closed":
        User.objects.update(is_active=False)
    if who == "former":
        Employee.objects.update(employed_till="2026-11-22")
    name, word = ("nobody", "x") if who == "nobody" else ("20001", PASSWORD)
    word = "wrong" if who == "20001" else word
    hashed = []

    def counted(real: Any) -> Any:
        def deed(*args: Any) -> Any:
            hashed.append(real.__name__)
            return real(*args)

        return deed

    for name_of_deed in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name_of_deed)
        monkeypatch.setattr(Argon2PasswordHasher, name_of_deed, counted(real))
    assert WRONG in surfer.says("/logga-in/", 422, login=name, password=word)
    assert len(hashed) == 1
    assert AuditEvent.objects.filter(verb=Verb.CONSOLE_REFUSE).count() == 1


def test_what_was_typed_stands_nowhere(pia: Person, surfer: Surfer) -> None:
    surfer.says("/logga-in/", 422, login="my password as a name", password="hunter2 hunter2")
    rows = [str(row) for row in AuditEvent.objects.values_list()]
    rows += [str(row) for row in FailedTry.objects.values_list()]
    assert not [row for row in rows if "hunter2" in row or "my password" in row]


@pytest.fixture
def passwords_cost_what_they_cost_in_use(cost_in_use: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OneLane, "memory_cost", cost_in_use)


@pytest.mark.usefixtures("passwords_cost_what_they_cost_in_use")
def test_passwords_are_hashed_as_the_document_says(surfer: Surfer, hire: Any, moment: Any) -> None:
    stored = activated(surfer, hire(), moment).employee.user
    assert stored is not None
    stored.refresh_from_db()
    assert stored.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
    assert OneLane.memory_cost == 46 * 1024


def test_english_is_complete(hire: Any, moment: datetime) -> None:
    surfer = Surfer("en")
    assert "do not belong together" in surfer.says("/logga-in/", 422, login="x", password="y")
    activated(surfer, hire(), moment)
    assert "Where you are logged in" in surfer.says("/konto/")


def test_a_wrong_code_is_not_shown_again_and_the_page_keeps_our_words(
    pia: Person, surfer: Surfer
) -> None:
    surfer.post("/logga-in/", {"login": "20001", "password": PASSWORD})
    page = surfer.says("/logga-in/steg-2/", 422, code="987654")
    assert "987654" not in page
    assert "Sex siffror ur appen" in page


def test_an_empty_form_says_what_is_missing(surfer: Surfer) -> None:
    assert surfer.says("/logga-in/", 422, login="", password="").count("Fyll i") == 2
