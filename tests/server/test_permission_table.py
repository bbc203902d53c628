"""Every address of the server, every method, every role: who is let in and who is not.

House rules: the table is `permissionrows`, written by hand; the addresses are the server's
own. An address without a row fails, a row without an address fails, and so does every
answer that is not as the table says.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

import permissionrows as table
import permissionworld
from nyckelfri.server.people.models import Phone, PhoneState
from permissionrows import CALLS, PERSONAS, ROWS
from serverfixtures import (
    alices_phone,
    charlies_phone,
    keys,
    password_hash,
    passwords,
    set_clock,
)
from serverworld import PASSWORD, Api, Handset, b64

__all__ = ["alices_phone", "charlies_phone", "keys", "password_hash", "passwords", "set_clock"]
_DOORS = ("/logga-in/?", "/konto/borja/")
_ANSWERED = {400, 409, 422, 503}
"""What whoever is let in may also be told: wrong form, somebody was first, not ready."""
_OTHER = ("PUT", "PATCH", "DELETE")
_HALVES = (sorted(PERSONAS)[::3], sorted(PERSONAS)[1::3], sorted(PERSONAS)[2::3])


@pytest.fixture
def world(
    cast: Any,
    alices_phone: Handset,
    charlies_phone: Handset,
    set_clock: Any,
    settings: Settings,
    moment: Any,
) -> permissionworld.World:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    return permissionworld.World(cast, moment)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    names = [name for name, _ in permissionworld.addresses()]
    assert len(names) == len(set(names)), "two addresses have one name"
    assert {*ROWS, *CALLS} == set(names)


def test_no_row_names_somebody_who_does_not_exist() -> None:
    assert all(row.who <= PERSONAS for row in ROWS.values())
    assert all(call.who <= table.CALLERS for call in CALLS.values())


@pytest.mark.threat(50)
@pytest.mark.parametrize("personas", _HALVES, ids=["a", "b", "c"])
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(
    world: permissionworld.World, personas: list[str]
) -> None:
    wrong = []
    for persona in personas:
        browser = permissionworld.browser_of(persona, world)
        for name, row in ROWS.items():
            of = {part: world.value(what, persona) for part, what in row.of.items()}
            for method in row.methods.split():
                answer = _asked(browser, method, reverse(name, kwargs=of))
                if _is_let_in(answer) != (persona in row.who):
                    wrong.append(f"{persona}: {method} {name} answers {_says(answer)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.threat(50)
def test_a_method_that_is_not_in_the_table_is_refused(world: permissionworld.World) -> None:
    browser = permissionworld.browser_of(table.SYSTEM, world)
    wrong = []
    for name, row in ROWS.items():
        of = {part: world.value(what, table.SYSTEM) for part, what in row.of.items()}
        for method in {*_OTHER, "GET", "POST"} - {*row.methods.split()}:
            answer = _asked(browser, method, reverse(name, kwargs=of))
            if _is_let_in(answer):
                wrong.append(f"{method} {name} answers {_says(answer)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.threat(50)
@pytest.mark.threat(37)
def test_each_caller_of_the_phone_api_is_let_in_where_the_table_says(
    world: permissionworld.World, alices_phone: Handset, passwords: None
) -> None:
    wrong = []
    callers = _callers(alices_phone)
    for name, call in CALLS.items():
        for who, headers in callers.items():
            status = _called(headers, name, blocked=who == table.BLOCKED)
            let_in = status not in {401, 403, 405} and name != "phone:api-root"
            if let_in != (who in call.who):
                wrong.append(f"{who}: {name} answers {status}")
    assert not wrong, "\n".join(wrong)


def _asked(browser: Browser, method: str, path: str) -> HttpResponseBase:
    """Ask, and let what it changed be forgotten, cookies too."""
    cookies, before = copy.deepcopy(browser.cookies), transaction.savepoint()
    answer = browser.generic(method, path)
    transaction.savepoint_rollback(before)
    browser.cookies = cookies
    return answer


def _is_let_in(answer: HttpResponseBase) -> bool:
    if answer.status_code == 302:
        there = answer.headers["Location"]
        return there != "/logga-in/" and not there.startswith(_DOORS)
    return answer.status_code < 400 or answer.status_code in _ANSWERED


def _says(answer: HttpResponseBase) -> str:
    return f"{answer.status_code} {answer.headers.get('Location', '')}"


def _callers(phone: Handset) -> dict[str, dict[str, str]]:
    token = {"Authorization": f"Bearer {b64(phone.token)}"}
    api = Api(phone.token)
    assert api.sign_in("10001").status == 200
    signed_in = {**token, "Nyckelfri-Session": str(api.session)}
    return {
        table.STRANGER: {},
        table.PHONE: token,
        table.CARER: signed_in,
        table.BLOCKED: signed_in,
    }


_BODIES: dict[str, dict[str, str]] = {
    "phone:enrol": {"code": "", "public_key": b64(bytes(32)), "model": ""},
    "phone:sign_in": {"username": "10001", "password": PASSWORD},
    "phone:time": {"installation": "00" * 8, "nonce": b64(bytes(8))},
    "phone:installations": {"lock": "L0001", "record": b64(b"record")},
    "phone:label": {"label": b64(b"label")},
}
"""Of the right form, so that it is looked at who asks."""


def _called(headers: dict[str, str], name: str, *, blocked: bool) -> int:
    body, before = json.dumps(_BODIES.get(name, {})).encode(), transaction.savepoint()
    if blocked:
        Phone.objects.update(state=PhoneState.BLOCKED)
    answer = Browser().post(reverse(name), body, content_type="application/json", headers=headers)
    transaction.savepoint_rollback(before)
    return int(answer.status_code)
