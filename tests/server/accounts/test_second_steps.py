"""Getting, showing again and losing second steps; and what strangers send as passkeys."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accountsworld import Person, Surfer, code_for, log_in, use_code
from nyckelfri.server.accounts import vault
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from serverworld import PASSWORD

JUNK = [
    "",
    "x",
    "null",
    "7",
    '"x"',
    "[]",
    "{}",
    "[" * 5_000,
    '{"id": 1, "rawId": 1, "response": 1, "type": 1}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
    json.dumps({
        "id": "AA", "rawId": "AA", "type": "public-key",
        "response": {
            "clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA",
            "userHandle": "AA", "attestationObject": "AA",
        },
    }),
    json.dumps({
        "id": "AA", "rawId": "AA", "type": "public-key",
        "response": {
            "clientDataJSON": "e30", "authenticatorData": "A" * 100, "signature": "AA",
            "userHandle": "MQ", "attestationObject": "oA",
        },
    }),
]  # fmt: skip


def test_the_only_second_step_cannot_be_removed(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    assert "ditt enda andra steg" in surfer.says("/konto/app/ta-bort/")
    surfer.post("/konto/app/ta-bort/")
    assert Authenticator.objects.filter(type="totp").exists()


def test_one_of_two_can_be_removed_and_it_is_recorded(pia: Person, surfer: Surfer) -> None:
    user = pia.employee.user
    assert user is not None
    other = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Min nyckel 1"})
    log_in(surfer, pia)
    assert "Min nyckel 1" in surfer.says(f"/konto/nyckel/{other.pk}/ta-bort/")
    assert surfer.leads(f"/konto/nyckel/{other.pk}/ta-bort/", x="") == "/konto/"
    assert not Authenticator.objects.filter(type="webauthn").exists()
    assert AuditEvent.objects.get(verb=Verb.STEP_REMOVE).details == {"kind": "webauthn"}


@pytest.mark.threat(51)
def test_after_five_minutes_it_is_asked_again_and_the_password_is_not_enough(
    pia: Person, surfer: Surfer
) -> None:
    log_in(surfer, pia)
    assert surfer.get("/konto/nyckel/").status_code == 200
    surfer.age(5 * 60)
    for path in (
        "/konto/nyckel/",
        "/konto/app/ta-bort/",
        "/konto/reservkoder/",
        "/konto/reservkoder/nya/",
    ):
        assert surfer.leads(path).startswith("/konto/igen/kod/?next=")
    assert surfer.leads("/konto/igen/", password=PASSWORD) == "/konto/igen/kod/"
    again = "/konto/igen/kod/?next=/konto/nyckel/"
    assert "Koden stämmer inte" in surfer.says(again, 422, code="000000")
    assert surfer.leads(again, code=pia.recovery.pop()) == "/konto/nyckel/"
    assert surfer.get("/konto/nyckel/").status_code == 200


@pytest.mark.threat(51)
def test_guessing_again_counts_with_the_guesses_at_sign_in(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    surfer.age(5 * 60)
    for _ in range(5):
        surfer.says("/konto/igen/kod/", 422, code="000000")
    assert "För många försök" in surfer.says("/konto/igen/kod/", 422, code=pia.recovery[0])


def test_recovery_codes_are_shown_once_and_made_anew(pia: Person, surfer: Surfer) -> None:
    log_in(surfer, pia)
    page = surfer.says("/konto/reservkoder/")
    assert not [code for code in pia.recovery if code in page]
    assert "redan visats" in page
    assert surfer.leads("/konto/reservkoder/nya/", x="") == "/konto/reservkoder/"
    fresh = surfer.get("/konto/reservkoder/").context["unused_codes"]
    assert len(set(fresh)) == 10
    assert not set(fresh) & set(pia.recovery)
    assert "10 kvar" in surfer.says("/konto/")
    assert AuditEvent.objects.filter(verb=Verb.CODES_MAKE).count() == 1


def test_secrets_are_sealed_in_the_database(pia: Person) -> None:
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert pia.secret not in stored
    assert not [code for code in pia.recovery if code in stored]
    sealed = Authenticator.objects.get(type="totp").data["secret"]
    assert vault.unseal(sealed) == pia.secret


@pytest.mark.threat(51)
@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_what_is_no_passkey_is_refused_and_breaks_nothing(
    pia: Person, surfer: Surfer, junk: str
) -> None:
    surfer.get("/logga-in/nyckel/", headers={"Accept": "application/json"})
    assert surfer.leads("/logga-in/nyckel/", credential=junk) == "/logga-in/?varfor=nyckel"
    surfer.post("/logga-in/", {"login": "20001", "password": PASSWORD})
    surfer.get("/logga-in/steg-2/")
    assert surfer.post("/logga-in/steg-2/", {"credential": junk}).status_code == 422
    surfer.leads("/logga-in/steg-2/", code=pia.code())
    surfer.get("/konto/nyckel/")
    assert "kändes inte igen" in surfer.says("/konto/nyckel/", 422, credential=junk, name="x")
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_options_for_a_passkey_name_nobody(pia: Person, surfer: Surfer) -> None:
    answer = surfer.get("/logga-in/nyckel/", headers={"Accept": "application/json"})
    options = answer.json()["request_options"]["publicKey"]
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")


def test_the_app_s_picture_is_in_the_page_and_from_nowhere_else(
    hire: Any, pia: Person, surfer: Surfer, moment: datetime
) -> None:
    employee = hire(number="20002")
    use_code(surfer, employee, code_for(employee, moment))
    page = surfer.says("/konto/app/")
    assert 'src="data:image/svg+xml;base64,' in page
    wrong = surfer.says("/konto/app/", 422, code="000000")
    assert "Koden stämmer inte" in wrong
