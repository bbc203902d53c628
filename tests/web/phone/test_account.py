"""PIN, password, enrolment: what a phone needs before it shows a key, and how it loses all."""

from __future__ import annotations

import pytest
from doorworld import HOUR, NOON, Door, identifier

from phoneserver import CODE, PASSWORD, PIN, STRANGER, USER
from webphone import DAY, PageError, PagePhone, PageServer, entry, opening

WRONG, OTHER = "135790", "975310"


def fails(phone: PagePhone, name: str, *args: object) -> PageError:
    with pytest.raises(PageError) as caught:
        phone.step(name, *args)
    return caught.value


def nothing_of_anybody(phone: PagePhone) -> bool:
    kept = phone.step("dump")
    return not (kept["sealed"] or kept["stays"] or kept["facts"] or "vault" in kept["meta"])


@pytest.mark.sentence(5)
@pytest.mark.sentence(13)
@pytest.mark.threat(35)
def test_ten_wrong_pins_in_a_row_wipe_the_phone_but_not_what_waits_for_the_server(
    full: PagePhone, server: PageServer
) -> None:
    told = entry()
    full.step("keepEntry", told)
    for left in range(9, 0, -1):
        assert fails(full, "unlock", WRONG).left == left
    assert fails(full, "unlock", WRONG).name == "WipedError"
    assert full.step("state") == "new"
    assert nothing_of_anybody(full)
    assert full.step("dump")["keys"] == ["seal"]
    assert fails(full, "unlock", PIN).name == "NotEnrolledError"
    old = server.phone_x
    full.enrol()
    assert server.phone_x != old
    full.step("sync")
    assert [sent["id"] for sent in server.entered] == [told["id"]], "the next one carries it home"


def test_the_right_pin_forgets_the_wrong_ones(full: PagePhone) -> None:
    for _ in range(9):
        fails(full, "unlock", WRONG)
    full.step("unlock", PIN)
    assert fails(full, "unlock", WRONG).left == 9


@pytest.mark.threat(35)
def test_a_try_counts_even_if_the_plug_is_pulled_before_it_is_judged(full: PagePhone) -> None:
    for _ in range(9):
        full.step("dieAt", 0, "after")
        full.step("unlock", WRONG)
        assert full.died
        full.restart()
    assert fails(full, "unlock", WRONG).name == "WipedError"


def test_a_changed_pin_opens_and_the_old_one_counts_as_wrong(full: PagePhone) -> None:
    full.step("changePin", PIN, OTHER)
    full.step("lock")
    assert fails(full, "unlock", PIN).left == 9
    full.step("unlock", OTHER)
    assert full.step("day") == DAY
    assert fails(full, "changePin", WRONG, PIN).left == 9


@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567890123", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16", "12 456"],
)
def test_a_pin_is_six_to_twelve_digits(phone: PagePhone, pin: str) -> None:
    phone.step("signIn", USER, PASSWORD)
    assert "6 to 12 digits" in str(fails(phone, "choosePin", pin))
    phone.step("choosePin", PIN)


def test_a_wrong_code_enrols_nothing_and_an_enrolled_phone_is_not_enrolled_over(
    phone: PagePhone,
) -> None:
    assert fails(phone, "enrol", CODE).name == "AlreadyEnrolledError"
    phone.step("destroy", "nothing")
    assert fails(phone, "enrol", "WRONG").code == "code_refused"
    assert phone.step("state") == "new"
    assert phone.step("dump")["keys"] == []


@pytest.mark.threat(40)
def test_a_phone_enrolled_anew_mid_shift_has_a_new_key_and_nothing_of_the_old(
    full: PagePhone, server: PageServer
) -> None:
    old = server.phone_x
    full.step("destroy", "nothing")
    full.enrol()
    assert server.phone_x != old
    assert full.step("state") == "free"
    assert nothing_of_anybody(full)
    server.grants.clear()
    full.sign_in()
    assert full.step("grants") == []


@pytest.mark.sentence(5)
@pytest.mark.sentence(13)
def test_a_person_must_have_signed_in_with_the_right_password(phone: PagePhone) -> None:
    assert fails(phone, "signedIn").name == "LockedError"
    assert fails(phone, "signIn", USER, "gissning").code == "wrong_credentials"
    assert fails(phone, "choosePin", PIN).name == "SignInError"
    assert nothing_of_anybody(phone)
    phone.sign_in()
    assert phone.step("signedIn")["number"] == "1001"


@pytest.mark.sentence(5)
def test_a_session_ends_with_the_shift(full: PagePhone, server: PageServer) -> None:
    full.clock = server.session_ends - 1
    assert full.step("state") == "open"
    full.clock = server.session_ends
    assert full.step("state") == "over"
    assert fails(full, "signedIn").name == "SignInError"


@pytest.mark.threat(48)
def test_while_the_server_is_down_the_pin_opens_and_the_last_person_signs_in_by_password(
    full: PagePhone, server: PageServer
) -> None:
    server.away = True
    full.restart()
    full.step("unlock", PIN)
    assert full.step("state") == "open"
    full.clock = NOON + 20 * HOUR
    assert full.step("state") == "over"
    for username, password in ((USER, "gissning"), ("annan", PASSWORD), STRANGER):
        assert fails(full, "signIn", username, password).name == "WrongPasswordError"
    done = full.step("signIn", USER, PASSWORD)
    assert (done["byServer"], done["needsPin"]) == (False, False)
    assert done["session"]["until"] == full.clock + 16 * HOUR
    assert full.step("signedIn")["name"] == "Anna Ek"
    assert len(full.step("grants")) == 1


def test_guessing_the_password_without_the_server_ends_after_five(
    full: PagePhone, server: PageServer
) -> None:
    server.away = True
    for _ in range(5):
        assert "wrong" in str(fails(full, "signIn", USER, "gissning"))
    assert "too many" in str(fails(full, "signIn", USER, PASSWORD))
    server.away = False
    assert full.step("signIn", USER, PASSWORD)["byServer"]


def test_without_the_server_nobody_signs_in_who_has_not_been_here(
    phone: PagePhone, server: PageServer
) -> None:
    server.away = True
    assert fails(phone, "signIn", USER, PASSWORD).name == "OfflineError"
    server.away = False
    phone.sign_in()
    server.away = True
    phone.step("lock")
    assert fails(phone, "signIn", USER, PASSWORD).name == "OfflineError", "the PIN comes first"


@pytest.mark.threat(41)
def test_a_shared_phone_never_shows_one_persons_keys_to_the_next(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    full.step("keepStay", stay(door))
    told = entry()
    full.step("keepEntry", told)
    assert full.step("signIn", *STRANGER)["needsPin"]
    assert nothing_of_anybody(full), "before anything of the next one is kept"
    assert fails(full, "signedIn").name == "LockedError"
    full.step("choosePin", OTHER)
    assert full.step("session")["name"] == "Bo Lind"
    assert full.step("doors") == full.step("grants") == full.step("stays") == []
    assert full.step("day") is None
    assert full.step("facts") == []
    full.step("lock")
    assert fails(full, "unlock", PIN).left == 9
    full.step("unlock", OTHER)
    full.step("sync")
    (sent,) = server.entered
    assert sent == {**told, "employee": "1001"}, "the next one carries it home, as hers"


@pytest.mark.threat(41)
def test_what_a_sync_brings_for_somebody_who_has_left_is_not_kept_for_the_next(
    full: PagePhone, server: PageServer
) -> None:
    server.day = {**DAY, "digest": "cd" * 16}
    hold = server.hold("sync")
    full.step("beginSync")
    assert hold.reached.wait(10)
    full.step("signIn", *STRANGER)
    full.step("choosePin", OTHER)
    hold.let_go()
    assert full.step("endSync") == "GoneError"
    assert full.step("session")["name"] == "Bo Lind"
    assert full.step("doors") == full.step("grants") == []
    assert full.step("day") is None


def test_the_same_person_goes_on_with_her_pin_and_keys(full: PagePhone) -> None:
    assert not full.step("signIn", USER, PASSWORD)["needsPin"]
    assert len(full.step("grants")) == 1


def test_whoever_has_forgotten_the_pin_signs_in_and_chooses_another(full: PagePhone) -> None:
    full.step("lock")
    assert full.step("signIn", USER, PASSWORD)["needsPin"]
    full.step("choosePin", OTHER)
    assert full.step("grants") == []
    full.step("sync")
    assert len(full.step("grants")) == 1


@pytest.mark.threat(41)
def test_signing_out_forgets_the_person_even_without_the_server(
    full: PagePhone, server: PageServer
) -> None:
    told = entry()
    full.step("keepEntry", told)
    server.away = True
    full.step("signOut")
    assert full.step("state") == "free"
    assert nothing_of_anybody(full)
    server.away = False
    full.step("sync")
    assert [sent["id"] for sent in server.entered] == [told["id"]]


def test_signing_out_tells_the_server(full: PagePhone, server: PageServer) -> None:
    full.step("signOut")
    assert server.calls[-1][0] == "sign-out"


@pytest.mark.threat(35)
@pytest.mark.parametrize("call", ["signIn", "signOut", "sync"])
def test_a_blocked_phone_destroys_everything_but_opening_records_at_the_first_answer(
    full: PagePhone, server: PageServer, call: str
) -> None:
    full.step("keepEntry", entry())
    full.step("keepBatches", 2, 100)
    full.step("keepOpening", opening())
    server.blocked = True
    assert fails(full, call, *((USER, PASSWORD) if call == "signIn" else ())).name == "BlockedError"
    assert full.step("state") == "new"
    kept = {name for name, rows in full.step("dump").items() if rows}
    assert kept == {"openings"}
    assert full.step("waiting")["total"] == 1


def test_a_token_that_the_server_does_not_know_is_told_apart_from_a_session(
    full: PagePhone, server: PageServer
) -> None:
    server.token = "another"
    assert fails(full, "sync").name == "UnknownPhoneError"
    assert len(full.step("grants")) == 1, "that is for a person to decide"


def stay(door: Door) -> dict[str, object]:
    return {
        "installation": door.installation.hex(),
        "serial": identifier("serial 1").hex(),
        "opened": NOON,
        "locked": None,
    }
