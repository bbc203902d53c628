"""Codes, tries and sign-ins, many at once."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest
from doorworld import private_key

import raceworld
from nyckelfri.door import signed
from nyckelfri.server.people.models import Phone, PhoneState, User
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones import actions_signin, codes, tries
from nyckelfri.server.phones.errors import (
    CodeRefusedError,
    PhoneStateError,
    TooManyTriesError,
    WrongCredentialsError,
)
from nyckelfri.server.phones.models import FailedTry, PersonalSession
from raceworld import at_once, meet_after, once_between
from serverworld import PASSWORD, Handset


def _open() -> list[tuple[str, str]]:
    rows = PersonalSession.objects.filter(closed_at=None).order_by("phone__label")
    return [(row.phone.label, row.employee.name) for row in rows]


def _sign_in(phone: Handset, employee: Any, now: datetime, password: str = PASSWORD) -> Any:
    return partial(
        actions_signin.sign_in, phone.row, username=employee.number, password=password, now=now
    )


@pytest.mark.threat(29)
def test_twenty_guesses_at_once_are_twenty_tries(db: None, moment: datetime) -> None:
    guess = partial(tries.count, [(FailedTry.Kind.NAME, "alice")], now=moment)
    found = at_once(*[guess] * 20)
    refused = [each for each in found if isinstance(each, TooManyTriesError)]
    assert len(refused) == 10, found
    assert FailedTry.objects.count() == 10


def test_one_code_typed_on_two_phones_at_once_enrols_one(
    keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = phones.register(label="A", holder=cast.alice, actor="test", now=moment)
    code = phones.invite(phone, actor="test", now=moment)
    meet_after(monkeypatch, phones, "_invited")
    points = [signed.coordinate(private_key(seed).public_key()) for seed in (900, 901)]
    found = at_once(
        *[partial(phones.enrol, code, public_key=x, model="T", now=moment) for x in points]
    )
    assert sorted(type(each).__name__ for each in found) == ["CodeRefusedError", "Enrolled"]
    assert Phone.objects.get().state == PhoneState.ENROLLED


def test_one_key_enrolled_by_two_codes_at_once_belongs_to_one_phone(
    keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [
        phones.invite(
            phones.register(label=label, holder=cast.alice, actor="test", now=moment),
            actor="test",
            now=moment,
        )
        for label in ("A", "B")
    ]
    meet_after(monkeypatch, phones, "_invited")
    x = signed.coordinate(private_key(900).public_key())
    found = at_once(
        *[partial(phones.enrol, code, public_key=x, model="T", now=moment) for code in codes]
    )
    assert {type(each) for each in found} == {phones.Enrolled, PhoneStateError}, found


@pytest.mark.sentence(5)
def test_one_person_signing_in_on_two_phones_at_once_is_signed_in_on_one(
    keys: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meet_after(monkeypatch, actions_signin, "_until")
    found = at_once(
        _sign_in(alices_phone, cast.alice, moment), _sign_in(bobs_phone, cast.alice, moment)
    )
    assert all(isinstance(each, actions_signin.SignedIn) for each in found), found
    assert len(_open()) == 1


def test_two_people_signing_in_on_one_phone_at_once_leave_one_signed_in(
    keys: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meet_after(monkeypatch, actions_signin, "_until")
    found = at_once(
        _sign_in(alices_phone, cast.alice, moment), _sign_in(alices_phone, cast.bob, moment)
    )
    assert all(isinstance(each, actions_signin.SignedIn) for each in found), found
    assert len(_open()) == 1


def test_two_people_who_swap_phones_at_a_change_of_shift_do_not_wait_for_each_other(
    keys: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for phone, person in ((alices_phone, cast.alice), (bobs_phone, cast.bob)):
        _sign_in(phone, person, moment)()
    meet_after(monkeypatch, actions_signin, "_close")
    found = at_once(
        _sign_in(alices_phone, cast.bob, moment), _sign_in(bobs_phone, cast.alice, moment)
    )
    assert all(isinstance(each, actions_signin.SignedIn) for each in found), found
    assert _open() == [("A", "Bob"), ("B", "Alice")]


@pytest.mark.sentence(13)
@pytest.mark.threat(29)
def test_sign_in_with_the_old_password_does_not_outlive_the_change_of_it(
    keys: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once_between(
        monkeypatch,
        actions_signin,
        "authenticate",
        partial(
            actions_signin.set_password,
            cast.alice,
            "another good password",
            actor="test",
            now=moment,
        ),
    )
    with pytest.raises(WrongCredentialsError):
        _sign_in(alices_phone, cast.alice, moment)()
    raceworld.finish()
    assert _open() == []


def test_same_user_name_given_to_two_people_at_once_is_given_to_one(
    keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_after(monkeypatch, User, "set_password")
    found = at_once(
        *[
            partial(
                actions_signin.set_password,
                person,
                "a password of some length",
                username="anna",
                actor="test",
                now=moment,
            )
            for person in (cast.alice, cast.bob)
        ]
    )
    assert sorted(type(each).__name__ for each in found) == ["PhoneError", "User"], found


@pytest.mark.sentence(95)
def test_sign_in_while_the_phone_is_blocked_leaves_no_open_session(
    keys: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once_between(
        monkeypatch,
        actions_signin,
        "_until",
        partial(phones.block, alices_phone.row, reason="lost", actor="test", now=moment),
    )
    _sign_in(alices_phone, cast.alice, moment)()
    raceworld.finish()
    assert _open() == []
    assert Phone.objects.get(pk=alices_phone.row.pk).state == PhoneState.BLOCKED


def test_phone_blocked_by_two_people_at_once_is_blocked_once(
    keys: Any, cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    from nyckelfri.server.audit.models import AuditEvent
    from nyckelfri.server.audit.verbs import Verb

    call = partial(phones.block, alices_phone.row, reason="lost", actor="test", now=moment)
    found = at_once(call, call)
    assert all(isinstance(each, Phone) for each in found), found
    assert AuditEvent.objects.filter(verb=Verb.PHONE_BLOCK).count() == 1


def test_code_given_while_the_phone_is_retired_is_worth_nothing(
    keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = phones.register(label="A", holder=cast.alice, actor="test", now=moment)
    once_between(
        monkeypatch,
        codes,
        "make",
        partial(phones.retire, phone, reason="broken", actor="test", now=moment),
    )
    code = phones.invite(phone, actor="test", now=moment)
    raceworld.finish()
    x = signed.coordinate(private_key(900).public_key())
    with pytest.raises(CodeRefusedError):
        phones.enrol(code, public_key=x, model="T", now=moment)
