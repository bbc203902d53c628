"""Single sign-on against a certified provider, and everything that it could say falsely.

House rules: the provider is a program of its own on loopback; every step goes over HTTP.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from pytest_django import Settings

import providerworld
from accountsworld import Person, Surfer, activated
from nyckelfri.server.accounts import choices
from nyckelfri.server.accounts.choices import ChoiceError, SingleSignOn
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, Role, User
from providerworld import MFA, Provider

BACK = "http://testserver/logga-in/kommunen/svar/"
START = "/logga-in/kommunen/"
SECRET = "not a real secret"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with providerworld.running(BACK) as provider:
        yield provider


def chosen(issuer: str, **more: str) -> SingleSignOn:
    said = {"ISSUER": issuer, "CLIENT_ID": "nyckelfri", "CLIENT_SECRET": SECRET, **more}
    found = choices.single_sign_on(
        {f"NYCKELFRI_OIDC_{name}": value for name, value in said.items()}
    )
    assert found is not None
    return found


@pytest.fixture
def provider(running: Provider, settings: Settings) -> Iterator[Provider]:
    """The provider, telling the truth, trusted with the second step."""
    settings.ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
    settings.SINGLE_SIGN_ON = chosen(running.issuer, SECOND_STEP=MFA)
    yield running
    running.lies()


def arrives(surfer: Surfer, back: str) -> str:
    """Come back as a browser does: without the cookie first, then with it."""
    stranger = Surfer().says(back)
    assert 'http-equiv="refresh"' in stranger
    return surfer.leads(f"{back}&_redir=")


def test_whoever_the_provider_vouches_for_is_in(
    pia: Person, surfer: Surfer, provider: Provider
) -> None:
    assert 'href="/logga-in/kommunen/"' in surfer.says("/logga-in/")
    where = surfer.leads(START)
    assert where.startswith(f"{provider.issuer}/auth?")
    assert "code_challenge_method=S256" in where
    assert arrives(surfer, provider.says_yes(where, "20001", MFA)) == "/"
    assert surfer.is_in()
    assert AuditEvent.objects.get(verb=Verb.CONSOLE_SIGN_IN).details == {"way": "single sign-on"}
    assert AuditEvent.objects.filter(verb=Verb.ACCOUNT_LINK).count() == 1


def test_second_time_the_same_link_is_used(pia: Person, surfer: Surfer, provider: Provider) -> None:
    for browser in (surfer, Surfer()):
        assert arrives(browser, provider.says_yes(browser.leads(START), "20001", MFA)) == "/"
    assert SocialAccount.objects.count() == 1


def test_without_the_provider_s_second_step_ours_is_asked_for(
    pia: Person, surfer: Surfer, provider: Provider
) -> None:
    back = provider.says_yes(surfer.leads(START), "20001")
    assert arrives(surfer, back) == "/logga-in/steg-2/"
    assert not surfer.is_in()
    assert surfer.leads("/logga-in/steg-2/", code=pia.code()) == "/"


def test_a_provider_that_is_not_trusted_with_it_never_skips_ours(
    pia: Person, surfer: Surfer, provider: Provider, settings: Settings
) -> None:
    settings.SINGLE_SIGN_ON = chosen(provider.issuer)
    back = provider.says_yes(surfer.leads(START), "20001", MFA)
    assert arrives(surfer, back) == "/logga-in/steg-2/"


def test_without_any_second_step_nobody_is_in(
    hire: Any, surfer: Surfer, provider: Provider
) -> None:
    employee = hire()
    employee.user = User.objects.create_user("20001")
    employee.save()
    back = provider.says_yes(surfer.leads(START), "20001")
    assert arrives(surfer, back) == "/logga-in/inte-aktiverad/"


def test_it_leads_to_the_page_that_was_asked_for(
    pia: Person, surfer: Surfer, provider: Provider
) -> None:
    where = surfer.leads(f"{START}?next=/konto/")
    assert arrives(surfer, provider.says_yes(where, "20001", MFA)) == "/konto/"
    other = Surfer()
    where = other.leads(f"{START}?next=https://evil.example/")
    assert arrives(other, provider.says_yes(where, "20001", MFA)) == "/"


@pytest.mark.parametrize(
    ("case", "word", "says"),
    [
        ("nobody", "okand", "någon anställd här"),
        ("former", "anstallning", "upphört eller inte börjat"),
        ("no account", "konto", "aktiveringskod"),
        ("closed", "konto", "aktiveringskod"),
    ],
)
def test_it_finds_people_and_never_makes_any(
    pia: Person, surfer: Surfer, provider: Provider, case: str, word: str, says: str
) -> None:
    if case == "former":
        Employee.objects.update(employed_till="2026-11-22")
    if case == "no account":
        Employee.objects.update(user=None)
    if case == "closed":
        User.objects.update(is_active=False)
    before = User.objects.count()
    name = "31337" if case == "nobody" else "20001"
    where = arrives(surfer, provider.says_yes(surfer.leads(START), name, MFA))
    assert where == f"/logga-in/nekad/?varfor={word}"
    assert says in surfer.says(where, 403)
    assert not surfer.is_in()
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


@pytest.mark.threat(51)
@pytest.mark.parametrize(
    "lie",
    [
        "issuer",
        "token issuer",
        "audience",
        "expired",
        "signature",
        "no signature",
        "person",
        "nothing",
    ],
)
def test_an_answer_that_is_not_whole_lets_nobody_in(
    pia: Person, surfer: Surfer, provider: Provider, lie: str
) -> None:
    where = surfer.leads(START)
    provider.lies(lie)
    where = arrives(surfer, provider.says_yes(where, "20001", MFA))
    assert where == "/logga-in/nekad/?varfor=fel"
    assert "svarade inte som den ska" in surfer.says(where, 403)
    assert not surfer.is_in()
    assert not SocialAccount.objects.exists()


@pytest.mark.threat(51)
def test_an_answer_works_once_and_in_the_browser_that_asked(
    pia: Person, surfer: Surfer, provider: Provider
) -> None:
    back = provider.says_yes(surfer.leads(START), "20001", MFA)
    victim = Surfer()
    assert victim.leads(f"{back}&_redir=") == "/logga-in/nekad/?varfor=for-sent"
    assert arrives(surfer, back) == "/"
    surfer.post("/logga-ut/")
    assert surfer.leads(f"{back}&_redir=") == "/logga-in/nekad/?varfor=for-sent"
    assert not surfer.is_in()


@pytest.mark.threat(51)
def test_a_forged_state_and_a_forged_code_let_nobody_in(
    pia: Person, surfer: Surfer, provider: Provider
) -> None:
    where = surfer.leads(START)
    state = where.partition("state=")[2].partition("&")[0]
    forged = f"/logga-in/kommunen/svar/?code=forged&state={state}"
    assert arrives(surfer, forged) == "/logga-in/nekad/?varfor=fel"
    forged = "/logga-in/kommunen/svar/?code=forged&state=forged"
    assert arrives(surfer, forged) == "/logga-in/nekad/?varfor=for-sent"


def test_breaking_off_leads_back_without_blame(
    pia: Person, surfer: Surfer, provider: Provider
) -> None:
    where = arrives(surfer, provider.says_no(surfer.leads(START)))
    assert where == "/logga-in/nekad/?varfor=avbruten"


@pytest.mark.threat(51)
def test_one_person_there_is_one_person_here(
    hire: Any, pia: Person, surfer: Surfer, provider: Provider, moment: datetime
) -> None:
    arrives(surfer, provider.says_yes(surfer.leads(START), "20001", MFA))
    other = activated(Surfer(), hire(Role.PLANNER, "20002"), moment)
    SocialAccount.objects.update(user=other.employee.user)
    stranger = Surfer()
    where = arrives(stranger, provider.says_yes(stranger.leads(START), "20001", MFA))
    assert where == "/logga-in/nekad/?varfor=koppling"
    third = Surfer()
    where = arrives(third, provider.says_yes(third.leads(START), "20002", MFA))
    assert where == "/logga-in/nekad/?varfor=koppling"


def test_nothing_of_what_the_provider_said_is_kept(
    pia: Person, surfer: Surfer, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for browser in (surfer, Surfer()):
            arrives(browser, provider.says_yes(browser.leads(START), "20001"))
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()
    for row in Session.objects.all():
        assert "access" not in str(row.get_decoded())
        assert "employee_number" not in str(row.get_decoded())
    assert not [each for each in caplog.records if SECRET in each.getMessage()]


def test_a_user_name_may_be_what_is_matched(
    pia: Person, surfer: Surfer, provider: Provider, settings: Settings
) -> None:
    User.objects.update(username="pia")
    settings.SINGLE_SIGN_ON = chosen(provider.issuer, MATCH="username", SECOND_STEP=MFA)
    assert arrives(surfer, provider.says_yes(surfer.leads(START), "pia", MFA)) == "/"


def test_a_provider_that_is_away_is_said_in_plain_words(
    pia: Person, surfer: Surfer, settings: Settings
) -> None:
    settings.SINGLE_SIGN_ON = chosen("http://localhost:9/")
    assert surfer.leads(START) == "/logga-in/nekad/?varfor=fel"


def test_where_none_is_chosen_there_is_none(surfer: Surfer) -> None:
    assert surfer.get(START).status_code == 404
    assert surfer.get("/logga-in/kommunen/svar/?code=x&state=y").status_code == 404
    assert "kommunens konto" not in surfer.says("/logga-in/")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"ISSUER": ""}, "ISSUER"),
        ({"CLIENT_ID": ""}, "CLIENT_ID"),
        ({"CLIENT_SECRET": ""}, "CLIENT_SECRET_FILE"),
        ({"MATCH": "mail"}, "number or username"),
        ({"ISSUER": "http://login.example"}, "https"),
        ({"ISSUER": "https://login.example/?x=1"}, "https"),
    ],
)
def test_a_half_chosen_provider_is_said_at_the_start(more: dict[str, str], says: str) -> None:
    said = {"ISSUER": "https://login.example", **more}
    with pytest.raises(ChoiceError, match=says):
        chosen(said.pop("ISSUER"), **said)


def test_the_secret_comes_from_a_file_and_is_in_no_repr(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    choice = chosen("https://login.example", CLIENT_SECRET="", CLIENT_SECRET_FILE=str(file))
    assert choice.secret() == SECRET
    assert SECRET not in repr(chosen("https://login.example"))
    file.unlink()
    with pytest.raises(ChoiceError, match="cannot be read"):
        choice.secret()


def test_none_is_chosen_where_nothing_is_said() -> None:
    assert choices.single_sign_on({"NYCKELFRI_OIDC_ISSUER": " ", "PATH": "/"}) is None
