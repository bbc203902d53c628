"""A phone's life and personal sign-in: what gets in, and what does not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from doorworld import private_key

from nyckelfri.door import signed
from nyckelfri.door.grants import thumbprint
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones import actions, actions_signin, codes, queries, tries
from nyckelfri.server.phones.errors import (
    CodeRefusedError,
    PhoneError,
    PhoneStateError,
    TooManyTriesError,
    WrongCredentialsError,
)
from nyckelfri.server.phones.models import FailedTry, PersonalSession
from serverworld import PASSWORD, Handset

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
X = signed.coordinate(private_key(850).public_key())


@pytest.fixture
def phone(cast: Any, moment: datetime) -> Phone:
    return actions.register(label="Ny", holder=cast.alice, actor="test", now=moment)


def invite(phone: Phone, now: datetime) -> str:
    return actions.invite(phone, actor="test", now=now)


def enrol(code: str, now: datetime, x: bytes = X) -> actions.Enrolled:
    return actions.enrol(code, public_key=x, model="Test", now=now)


def test_code_is_ten_characters_that_nobody_mistakes(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    assert len(code) == 10
    assert not set("IO01") & set(codes.ALPHABET)
    assert len(codes.ALPHABET) == 32
    assert codes.normalise(codes.show(code).lower() + "\n") == code
    assert codes.normalise("ABCD-EFG-H1K") is None


@pytest.mark.sentence(6)
def test_code_enrols_one_phone_once(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    done = enrol(code, moment + MINUTE)
    assert done.phone.state == PhoneState.ENROLLED
    assert done.phone.thumbprint == thumbprint(X)
    assert queries.phone_of(done.token) == done.phone
    with pytest.raises(CodeRefusedError):
        enrol(code, moment + MINUTE, signed.coordinate(private_key(851).public_key()))


def test_neither_code_nor_token_is_stored(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    phone.refresh_from_db()
    assert phone.enrolment_code_hash is not None
    done = enrol(code, moment)
    row = Phone.objects.values().get(pk=phone.pk)
    assert done.token not in row.values()
    assert done.token.hex() not in repr(done)
    assert code not in str(list(AuditEvent.objects.values()))


@pytest.mark.threat(52)
def test_code_dies_after_fifteen_minutes(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    with pytest.raises(CodeRefusedError):
        enrol(code, moment + codes.LIFETIME)
    enrol(code, moment + codes.LIFETIME - MINUTE)


@pytest.mark.threat(52)
def test_five_wrong_tries_kill_a_code(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    for _ in range(4):
        with pytest.raises(CodeRefusedError):
            enrol(wrong, moment)
    assert enrol(code, moment), "four wrong tries are forgiven"
    actions.block(phone, reason="test", actor="test", now=moment)
    actions.unblock(phone, reason="test", actor="test", now=moment)
    code = invite(phone, moment)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    for _ in range(5):
        with pytest.raises(CodeRefusedError):
            enrol(wrong, moment)
    with pytest.raises(CodeRefusedError):
        enrol(code, moment)
    assert enrol(invite(phone, moment), moment), "a new code helps"


@pytest.mark.threat(52)
def test_guesses_at_another_code_do_not_kill_this_one(
    phone: Phone, cast: Any, moment: datetime
) -> None:
    code = invite(phone, moment)
    other = "AAAA" if code[:4] != "AAAA" else "BBBB"
    for _ in range(7):
        with pytest.raises(CodeRefusedError):
            enrol(other + "222222", moment)
    assert enrol(code, moment)


def test_wrong_used_expired_and_senseless_codes_sound_alike(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    texts = set()
    for typed, now in (
        ("ZZZZ222222", moment),
        ("no code", moment),
        ("", moment),
        (code, moment + HOUR),
    ):
        with pytest.raises(CodeRefusedError) as caught:
            enrol(typed, now)
        texts.add(str(caught.value))
    assert len(texts) == 1


def test_guessing_at_all_codes_is_slowed_down(phone: Phone, moment: datetime) -> None:
    invite(phone, moment)
    for number in range(100):
        guess = codes.ALPHABET[number % 32] * 3 + codes.ALPHABET[number // 32] + "222222"
        with pytest.raises(CodeRefusedError):
            enrol(guess, moment)
    with pytest.raises(TooManyTriesError) as caught:
        enrol("QQQQ222222", moment)
    assert caught.value.retry_after == 15 * 60


def test_same_key_on_two_phones_is_refused(
    phone: Phone, alices_phone: Handset, moment: datetime
) -> None:
    code = invite(phone, moment)
    with pytest.raises(PhoneStateError, match="another phone"):
        enrol(code, moment, alices_phone.public_key)


def test_point_off_the_curve_is_no_key(phone: Phone, moment: datetime) -> None:
    code = invite(phone, moment)
    with pytest.raises(signed.SignatureError):
        enrol(code, moment, b"\xff" * 32)


@pytest.mark.sentence(12)
@pytest.mark.threat(35)
def test_block_ends_the_session_and_needs_a_decision_of_its_own_to_lift(
    alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    row = alices_phone.row
    done = actions_signin.sign_in(row, username="10001", password=PASSWORD, now=moment)
    actions.block(row, reason="lost", actor="test", now=moment)
    blocked = queries.phone_of(alices_phone.token)
    assert blocked is not None
    assert blocked.state == PhoneState.BLOCKED
    assert queries.session_of(done.token, blocked, moment) is None
    with pytest.raises(PhoneStateError):
        invite(row, moment)
    unblocked = actions.unblock(row, reason="found", actor="test", now=moment)
    assert queries.session_of(done.token, unblocked, moment) is None
    assert unblocked.public_key_x is None, "it must be enrolled anew"
    verbs = list(AuditEvent.objects.values_list("verb", flat=True))
    assert verbs.count("staff:phone:block") == verbs.count("staff:phone:unblock") == 1


def test_retired_phone_never_comes_back(alices_phone: Handset, moment: datetime) -> None:
    row = actions.retire(alices_phone.row, reason="old", actor="test", now=moment)
    for deed in (actions.block, actions.unblock):
        with pytest.raises(PhoneStateError):
            deed(row, reason="x", actor="test", now=moment)
    with pytest.raises(PhoneStateError):
        invite(row, moment)


# Personal sign-in.


def sign_in(phone: Handset, now: datetime, name: str = "10001", word: str = PASSWORD) -> Any:
    return actions_signin.sign_in(phone.row, username=name, password=word, now=now)


@pytest.mark.sentence(11)
def test_session_lasts_until_the_shift_ends_with_its_margin(
    cast: Any, alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    done = sign_in(alices_phone, moment)
    shift = Shift.objects.get(employee=cast.alice)
    assert done.session.until == shift.end + HOUR / 2
    assert queries.session_of(done.token, alices_phone.row, done.session.until - MINUTE)
    assert queries.session_of(done.token, alices_phone.row, done.session.until) is None


def test_session_is_never_longer_than_sixteen_hours(
    cast: Any, alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    Shift.objects.filter(employee=cast.alice).update(end=moment + 20 * HOUR)
    assert sign_in(alices_phone, moment).session.until == moment + 16 * HOUR
    Shift.objects.filter(employee=cast.alice).delete()
    assert sign_in(alices_phone, moment).session.until == moment + 8 * HOUR


@pytest.mark.sentence(13)
@pytest.mark.threat(41)
def test_session_is_worth_nothing_on_another_phone(
    alices_phone: Handset, bobs_phone: Handset, passwords: None, moment: datetime
) -> None:
    done = sign_in(alices_phone, moment)
    assert queries.session_of(done.token, alices_phone.row, moment) is not None
    assert queries.session_of(done.token, bobs_phone.row, moment) is None


@pytest.mark.threat(41)
def test_next_person_on_a_shared_phone_ends_the_session_of_the_one_before(
    alices_phone: Handset, bobs_phone: Handset, passwords: None, moment: datetime
) -> None:
    first = sign_in(alices_phone, moment)
    second = sign_in(alices_phone, moment, "10002")
    assert queries.session_of(first.token, alices_phone.row, moment) is None
    sign_in(bobs_phone, moment, "10002")
    assert queries.session_of(second.token, alices_phone.row, moment) is None
    assert PersonalSession.objects.filter(closed_at=None).count() == 1


def test_wrong_name_wrong_password_and_former_employee_sound_alike(
    cast: Any, alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    Employee.objects.filter(pk=cast.charlie.pk).update(employed_till=date(2026, 11, 22))
    texts = set()
    for name, word in (("10001", "wrong password"), ("nobody", PASSWORD), ("10003", PASSWORD)):
        with pytest.raises(WrongCredentialsError) as caught:
            sign_in(alices_phone, moment, name, word)
        texts.add(str(caught.value))
    assert len(texts) == 1
    assert not PersonalSession.objects.exists()


@pytest.mark.threat(59)
def test_employment_that_ends_ends_the_session(
    cast: Any, alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    done = sign_in(alices_phone, moment)
    Employee.objects.filter(pk=cast.alice.pk).update(employed_till=date(2026, 11, 22))
    assert queries.session_of(done.token, alices_phone.row, moment) is None


@pytest.mark.threat(51)
@pytest.mark.parametrize("name", ["10001", "nobody"])
def test_guessing_passwords_on_a_phone_ends_after_five(
    alices_phone: Handset, passwords: None, moment: datetime, name: str
) -> None:
    """Also with names that nobody has, and also when the right one comes at last."""
    for _ in range(5):
        with pytest.raises(WrongCredentialsError):
            sign_in(alices_phone, moment, name, "wrong password")
    with pytest.raises(TooManyTriesError) as caught:
        sign_in(alices_phone, moment + 5 * MINUTE)
    assert caught.value.retry_after == 10 * 60
    assert sign_in(alices_phone, moment + 15 * MINUTE)


@pytest.mark.threat(51)
def test_guessing_one_name_from_many_phones_ends_after_ten(
    cast: Any, keys: Any, passwords: None, moment: datetime
) -> None:
    handsets = [Handset.enrol(f"{n}", cast.bob, 860 + n, moment) for n in range(3)]
    for handset in handsets[:2]:
        for _ in range(5):
            with pytest.raises(WrongCredentialsError):
                sign_in(handset, moment, "10001", "wrong password")
    with pytest.raises(TooManyTriesError):
        sign_in(handsets[2], moment, " 10001 ")
    assert sign_in(handsets[2], moment, "10002"), "others can still sign in"


def test_one_s_own_successes_do_not_buy_more_guesses(
    alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    for _ in range(5):
        assert sign_in(alices_phone, moment, "10002")
        with pytest.raises(WrongCredentialsError):
            sign_in(alices_phone, moment, "10001", "wrong password")
    with pytest.raises(TooManyTriesError):
        sign_in(alices_phone, moment, "10002")


def test_try_is_counted_before_it_is_judged(alices_phone: Handset, moment: datetime) -> None:
    """So that a hundred guesses at the same moment are a hundred."""
    key = [(FailedTry.Kind.PHONE, "x")]
    counted = [tries.count(key, now=moment) for _ in range(5)]
    with pytest.raises(TooManyTriesError):
        tries.count(key, now=moment)
    counted[0].forgive()
    assert tries.count(key, now=moment)


def test_what_was_typed_as_a_name_is_not_stored(
    alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    with pytest.raises(WrongCredentialsError):
        sign_in(alices_phone, moment, "MyPassword1!", "x")
    stored = [bytes(key) for key in FailedTry.objects.values_list("key", flat=True)]
    assert len(stored) == 2
    assert all(len(key) == 32 for key in stored)
    assert "MyPassword1!" not in str(list(AuditEvent.objects.values()))


def test_sign_out_closes_the_session(
    alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    done = sign_in(alices_phone, moment)
    actions_signin.sign_out(done.session, now=moment)
    assert queries.session_of(done.token, alices_phone.row, moment) is None


@pytest.mark.parametrize(
    ("word", "problem"),
    [("short", "12"), ("password1234", "vanligt|common"), ("x" * 257, "at most 256")],
)
def test_weak_or_endless_password_is_refused(
    cast: Any, moment: datetime, word: str, problem: str
) -> None:
    with pytest.raises(PhoneError, match=problem):
        actions_signin.set_password(cast.alice, word, actor="test", now=moment)
    cast.alice.refresh_from_db()
    assert cast.alice.user is None


def test_user_name_of_somebody_else_is_refused(
    cast: Any, passwords: None, moment: datetime
) -> None:
    with pytest.raises(PhoneError, match="Somebody else"):
        actions_signin.set_password(cast.bob, PASSWORD, username="10001", actor="test", now=moment)


def test_new_password_ends_open_sessions(
    cast: Any, alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    done = sign_in(alices_phone, moment)
    cast.alice.refresh_from_db()
    actions_signin.set_password(cast.alice, "another long password", actor="test", now=moment)
    assert queries.session_of(done.token, alices_phone.row, moment) is None
