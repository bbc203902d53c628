"""Making an account one's own by a manager's code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accountsworld import (
    MANAGER,
    NEW_PASSWORD,
    Person,
    Surfer,
    activated,
    add_app,
    code_for,
    log_in,
    use_code,
)
from nyckelfri.cli import main
from nyckelfri.server.accounts import actions
from nyckelfri.server.accounts.errors import AccountError
from nyckelfri.server.accounts.models import Activation
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, Role
from serverworld import PASSWORD

SET_UP = "/konto/borja/"


def refused(surfer: Surfer, number: str, code: str) -> str:
    return surfer.says("/aktivera/", 422, username=number, code=code, new=PASSWORD, again=PASSWORD)


@pytest.fixture
def boss(hire: Any, moment: datetime) -> Surfer:
    """A system manager, logged in."""
    surfer = Surfer()
    activated(surfer, hire(Role.SYSTEM_MANAGER, "90001"), moment)
    return surfer


def test_code_own_password_and_app_make_a_whole_session(
    hire: Any, surfer: Surfer, moment: datetime
) -> None:
    person = activated(surfer, hire(), moment)
    assert len(person.recovery) == 10
    assert surfer.get("/").status_code == 200
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert verbs >= {Verb.ACCOUNT_INVITE, Verb.ACCOUNT_ACTIVATE, Verb.STEP_ADD}


def test_until_the_second_step_is_there_only_its_own_pages_open(
    hire: Any, surfer: Surfer, moment: datetime
) -> None:
    employee = hire()
    use_code(surfer, employee, code_for(employee, moment))
    for path in ("/", "/konto/", "/oppningar/", "/konto/losenord/", "/konto/reservkoder/"):
        assert surfer.leads(path) == SET_UP
    before = surfer.session.session_key
    add_app(surfer, Person(employee))
    assert surfer.session.session_key != before
    assert surfer.is_in()


@pytest.mark.threat(52)
def test_a_code_works_until_the_second_step_is_there_and_then_no_more(
    hire: Any, moment: datetime
) -> None:
    employee = hire()
    code = code_for(employee, moment)
    interrupted, again, thief = Surfer(), Surfer(), Surfer()
    assert use_code(interrupted, employee, code) == SET_UP
    assert use_code(again, employee, code.lower().replace("-", " "), NEW_PASSWORD) == SET_UP
    assert interrupted.leads("/konto/app/").startswith("/logga-in/")  # the password has changed
    add_app(again, Person(employee))
    assert "hör inte ihop" in refused(thief, "20001", code)


@pytest.mark.threat(52)
def test_a_session_for_setting_up_ends_with_its_code(
    hire: Any, surfer: Surfer, moment: datetime, set_clock: Any
) -> None:
    employee = hire()
    use_code(surfer, employee, code_for(employee, moment))
    code_for(employee, moment)  # the manager gives another
    assert surfer.leads("/konto/app/").startswith("/logga-in/?varfor=dag")
    use_code(surfer, employee, code_for(employee, moment))
    set_clock(moment + timedelta(hours=24))
    assert surfer.leads("/konto/app/").startswith("/logga-in/?varfor=dag")


@pytest.mark.threat(52)
def test_wrong_old_and_unknown_codes_sound_alike_and_guessing_ends_after_five(
    hire: Any, surfer: Surfer, moment: datetime, set_clock: Any
) -> None:
    employee = hire()
    code = code_for(employee, moment)
    old = {refused(surfer, "nobody", code), refused(surfer, "20001", "ABCD-EFGH-JKLM-NPQR")}
    assert all("hör inte ihop" in page for page in old)
    for _ in range(4):
        refused(surfer, "20001", "wrong")
    assert "För många försök" in refused(surfer, "20001", code)
    set_clock(moment + timedelta(hours=24))
    assert "hör inte ihop" in refused(surfer, "20001", code)


def test_a_weak_password_leaves_the_code_good(hire: Any, surfer: Surfer, moment: datetime) -> None:
    employee = hire()
    code = code_for(employee, moment)
    said = {"username": "20001", "code": code, "new": "20001", "again": "20001"}
    assert "minst 12 tecken" in surfer.says("/aktivera/", 422, **said)
    assert use_code(surfer, employee, code) == SET_UP


@pytest.mark.threat(51)
def test_a_code_voids_password_steps_and_sessions_of_whoever_had_the_account(
    pia: Person, surfer: Surfer, moment: datetime
) -> None:
    intruder = Surfer()
    log_in(intruder, pia)
    assert use_code(surfer, pia.employee, code_for(pia.employee, moment), NEW_PASSWORD) == SET_UP
    assert not intruder.is_in()
    assert not Authenticator.objects.exists()


def test_giving_a_code_changes_nothing_until_it_is_used(
    pia: Person, surfer: Surfer, moment: datetime
) -> None:
    code_for(pia.employee, moment)
    log_in(surfer, pia)
    assert surfer.is_in()


@pytest.mark.threat(51)
def test_closing_the_old_way_in_works_at_once(
    pia: Person, surfer: Surfer, moment: datetime
) -> None:
    log_in(surfer, pia)
    actions.begin_anew(pia.employee, reason="lost phone", actor=MANAGER, now=moment)
    assert not surfer.is_in()
    assert "hör inte ihop" in surfer.says("/logga-in/", 422, login="20001", password=PASSWORD)
    assert AuditEvent.objects.get(verb=Verb.ACCOUNT_RESET).reason == "lost phone"


def test_care_staff_get_a_password_for_the_phone_and_no_session(
    hire: Any, surfer: Surfer, moment: datetime
) -> None:
    employee = hire(Role.ASSISTANT_NURSE)
    where = use_code(surfer, employee, code_for(employee, moment))
    assert "logga in på telefonen" in surfer.says(where)
    assert surfer.leads("/konto/app/").startswith("/logga-in/")


@pytest.mark.threat(51)
def test_nobody_gives_themselves_a_code(pia: Person, boss: Surfer, moment: datetime) -> None:
    for deed in (actions.invite, actions.begin_anew):
        more = {"reason": "x"} if deed is actions.begin_anew else {}
        with pytest.raises(AccountError, match="themselves"):
            deed(pia.employee, actor="employee:20001", now=moment, **more)
    assert "Ingen ger sig själv" in boss.says("/konto/kod/90001/")
    assert "Ingen ger sig själv" in boss.says("/konto/kod/90001/", x="")
    assert not Activation.objects.filter(employee__number="90001", closed_at=None).exists()


def test_a_manager_s_page_shows_the_code_once(
    boss: Surfer, hire: Any, surfer: Surfer, moment: datetime
) -> None:
    employee = hire()
    assert "inget konto än" in boss.says("/konto/kod/20001/")
    answer = boss.post("/konto/kod/20001/")
    code = answer.context["code"]
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert "2026-11-24 07:00" in answer.content.decode()
    assert code not in boss.says("/konto/kod/20001/")
    assert code.replace("-", "") not in str(list(AuditEvent.objects.values_list()))
    assert use_code(surfer, employee, code) == SET_UP


def test_a_manager_closes_the_old_way_in_for_a_reason(pia: Person, boss: Surfer) -> None:
    assert "ett nytt andra steg" in boss.says("/konto/kod/20001/")
    assert "Fyll i" in boss.says("/konto/kod/20001/", 422, stop="on", why=" ")
    assert "secret" in boss.says("/konto/kod/20001/", stop="on", why="Tappad telefon")
    assert not Authenticator.objects.filter(user__employee=pia.employee).exists()


@pytest.mark.threat(50)
def test_a_company_s_manager_gives_codes_to_their_own_staff_only(
    hire: Any, cast: Any, surfer: Surfer, moment: datetime
) -> None:
    activated(surfer, hire(Role.PROVIDER_MANAGER, "80001", cast.other_team), moment)
    assert surfer.post(f"/konto/kod/{cast.charlie.number}/").status_code == 200
    assert surfer.post(f"/konto/kod/{cast.alice.number}/").status_code == 404
    assert not Activation.objects.filter(employee=cast.alice).exists()


def test_nobody_gets_a_code_before_or_after_the_employment(
    hire: Any, boss: Surfer, moment: datetime
) -> None:
    employee = hire()
    Employee.objects.filter(pk=employee.pk).update(employed_from="2026-12-01")
    with pytest.raises(AccountError, match="has not begun"):
        actions.invite(employee, actor=MANAGER, now=moment)
    assert "upphört eller inte börjat" in boss.says("/konto/kod/20001/")


def test_first_administrator_comes_in_by_the_terminal(
    hire: Any, surfer: Surfer, capsys: pytest.CaptureFixture[str], moment: datetime
) -> None:
    employee = hire(Role.SYSTEM_MANAGER)
    assert main(["server", "account-code", "20001", "--username", "root"]) == 0
    out = capsys.readouterr()
    assert "as root" in out.err
    employee.refresh_from_db()
    said = {"username": "root", "code": out.out, "new": PASSWORD, "again": PASSWORD}
    assert surfer.leads("/aktivera/", **said) == SET_UP
    assert main(["server", "account-code", "20001", "--why", "lost"]) == 0
    assert not surfer.is_in()


def test_a_user_name_is_given_once(hire: Any, moment: datetime) -> None:
    code_for(hire(), moment)
    other = hire(number="20002")
    with pytest.raises(AccountError, match="Somebody else"):
        actions.invite(other, username="20001", actor=MANAGER, now=moment)
