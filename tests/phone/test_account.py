"""PIN, password, enrolment: what a phone needs before it shows a key, and how it loses all."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from doorworld import HOUR, NOON, Door, identifier

from nyckelfri.phone import account, vault
from nyckelfri.phone.account import SignInError, WipedError
from nyckelfri.phone.client import BlockedError, RefusedError, UnreachableError
from nyckelfri.phone.store import Store, StoreError
from nyckelfri.phone.values import Stay
from nyckelfri.phone.vault import VaultError, WrongPinError
from phoneserver import ADDRESS, CODE, LABEL, PASSWORD, PIN, STRANGER, USER, SmallServer
from phoneworld import Phone

WRONG = "135790"


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.fixture
def full(phone: Phone, server: SmallServer, door: Door) -> Phone:
    """Signed in, with a door and its grant."""
    server.allow(door)
    phone.sign_in()
    return phone


def test_nobody_else_on_the_machine_may_read_the_state(full: Phone) -> None:
    folder = full.store.folder
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}
    assert modes == {"phone.db": "0o600", "vault": "0o600"}


@pytest.mark.threat(37)
def test_cloned_storage_without_the_pin_gives_no_key_no_token_no_name_and_no_address(
    full: Phone, door: Door
) -> None:
    disk = everything(full.store.folder)
    scalar = full.secrets.key.private_numbers().private_value.to_bytes(32, "big")
    for secret in (
        scalar,
        full.secrets.data_key,
        full.secrets.token.encode(),
        door.record.radio_key,
        LABEL.encode(),
        ADDRESS.encode(),
        b"Granv",
        b"Anna Ek",
        PASSWORD.encode(),
        USER.encode(),
        PIN.encode(),
    ):
        assert secret not in disk
    assert b"PRIVATE KEY" not in disk


@pytest.mark.sentence(5)
@pytest.mark.sentence(13)
@pytest.mark.threat(35)
def test_ten_wrong_pins_in_a_row_wipe_the_phone(full: Phone) -> None:
    for left in range(9, 0, -1):
        with pytest.raises(WrongPinError, match=f"{left} tries left"):
            account.unlock(full.store, WRONG)
    with pytest.raises(WipedError):
        account.unlock(full.store, WRONG)
    assert not full.store.enrolled
    assert full.store.rows("SELECT * FROM grants") == []
    assert full.store.rows("SELECT * FROM sealed") == []
    with pytest.raises(StoreError, match="enrol"):
        account.unlock(full.store, PIN)


def test_the_right_pin_forgets_the_wrong_ones(full: Phone) -> None:
    for _ in range(9):
        with pytest.raises(WrongPinError):
            account.unlock(full.store, WRONG)
    account.unlock(full.store, PIN)
    with pytest.raises(WrongPinError, match="9 tries left"):
        account.unlock(full.store, WRONG)


def test_a_try_counts_even_if_the_plug_is_pulled_before_it_is_judged(
    full: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulled(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(vault, "unlock", pulled)
    for _ in range(10):
        with pytest.raises(KeyboardInterrupt):
            account.unlock(full.store, WRONG)
    monkeypatch.undo()
    with pytest.raises(WipedError):
        account.unlock(full.store, PIN)


@pytest.mark.parametrize(
    "pin",
    ["", "12345", "1234567890123", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16", "12 456"],
)
def test_a_pin_is_six_to_twelve_digits(tmp_path: Path, server: SmallServer, pin: str) -> None:
    with Store(tmp_path / "new") as store, pytest.raises(ValueError, match="6 to 12 digits"):
        account.enrol(store, server.url, CODE, pin, clock=lambda: NOON)
    assert server.calls == [], "a code is not spent on a bad PIN"


def test_a_wrong_code_enrols_nothing(tmp_path: Path, server: SmallServer) -> None:
    with Store(tmp_path / "new") as store:
        with pytest.raises(RefusedError, match="new code"):
            account.enrol(store, server.url, "WRONG", PIN, clock=lambda: NOON)
        assert not store.enrolled


def test_an_enrolled_phone_is_not_enrolled_over(full: Phone, server: SmallServer) -> None:
    with pytest.raises(StoreError, match="already"):
        account.enrol(full.store, server.url, CODE, PIN, clock=lambda: NOON)


@pytest.mark.threat(40)
def test_a_phone_enrolled_anew_mid_shift_has_a_new_key_and_nothing_of_the_old(
    full: Phone, server: SmallServer
) -> None:
    old = server.phone_x
    full.store.destroy(outbox=False)
    account.enrol(full.store, server.url, CODE, PIN, clock=lambda: NOON)
    assert server.phone_x != old
    again = Phone(full.store, account.unlock(full.store, PIN))
    assert again.book.session() is None
    assert again.book.doors() == []
    assert again.book.grants() == []


@pytest.mark.sentence(5)
@pytest.mark.sentence(13)
def test_pin_alone_opens_nothing_a_person_must_have_signed_in(phone: Phone) -> None:
    with pytest.raises(SignInError, match="sign-in"):
        phone.account.signed_in()
    with pytest.raises(RefusedError, match="wrong name or password"):
        phone.account.sign_in(USER, "gissning")
    with pytest.raises(SignInError):
        phone.account.signed_in()
    phone.sign_in()
    assert phone.account.signed_in().number == "1001"


@pytest.mark.sentence(5)
def test_a_session_ends_with_the_shift(full: Phone, server: SmallServer) -> None:
    full.clock = server.session_ends - 1
    full.account.signed_in()
    full.clock = server.session_ends
    with pytest.raises(SignInError):
        full.account.signed_in()


@pytest.mark.threat(48)
def test_while_the_server_is_down_the_last_person_signs_in_with_their_password(
    full: Phone, server: SmallServer
) -> None:
    server.go_away()
    full.clock = NOON + 20 * HOUR
    for username, password in ((USER, "gissning"), ("annan", PASSWORD), STRANGER):
        with pytest.raises(SignInError, match="wrong"):
            full.account.sign_in(username, password)
    session, by_server = full.account.sign_in(USER, PASSWORD)
    assert not by_server
    assert session.until == full.clock + 16 * HOUR
    assert full.account.signed_in().name == "Anna Ek"
    assert len(full.book.grants()) == 1


def test_guessing_the_password_without_the_server_ends_after_five(
    full: Phone, server: SmallServer
) -> None:
    server.go_away()
    for _ in range(5):
        with pytest.raises(SignInError, match="wrong"):
            full.account.sign_in(USER, "gissning")
    with pytest.raises(SignInError, match="too many"):
        full.account.sign_in(USER, PASSWORD)


def test_the_first_sign_in_needs_the_server(phone: Phone, server: SmallServer) -> None:
    server.go_away()
    with pytest.raises(UnreachableError, match="coverage"):
        phone.account.sign_in(USER, PASSWORD)


@pytest.mark.threat(41)
def test_a_shared_phone_never_shows_one_persons_keys_to_the_next(
    full: Phone, server: SmallServer, door: Door
) -> None:
    full.book.keep_stay(Stay(door.installation, identifier("serial 1"), NOON))
    full.account.sign_in(*STRANGER)
    assert full.book.doors() == []
    assert full.book.grants() == []
    assert full.store.stay(door.installation) is None
    session = full.book.session()
    assert session is not None
    assert session.name == "Bo Lind"


def test_the_same_person_signing_in_again_keeps_her_keys(full: Phone) -> None:
    full.account.sign_in(USER, PASSWORD)
    assert len(full.book.grants()) == 1


@pytest.mark.threat(41)
def test_signing_out_forgets_the_person_even_without_the_server(
    full: Phone, server: SmallServer
) -> None:
    server.go_away()
    full.account.sign_out()
    assert full.book.session() is None
    assert full.book.doors() == []
    assert full.book.grants() == []


@pytest.mark.sentence(95)
@pytest.mark.threat(35)
@pytest.mark.parametrize("call", ["sync", "sign_in"])
def test_a_blocked_phone_destroys_key_token_grants_and_doors_at_the_first_answer(
    full: Phone, server: SmallServer, call: str
) -> None:
    server.blocked = True
    with pytest.raises(BlockedError):
        full.sync() if call == "sync" else full.account.sign_in(USER, PASSWORD)
    assert not full.store.enrolled
    disk = everything(full.store.folder)
    assert b"Granv" not in disk
    assert full.store.rows("SELECT count(*) FROM grants")[0][0] == 0
    assert full.store.rows("SELECT count(*) FROM meta")[0][0] == 0
    assert not (full.store.folder / "vault").exists()


def test_a_wipe_that_was_cut_short_is_finished_at_the_next_start(
    full: Phone, tmp_path: Path
) -> None:
    (full.store.folder / "vault").unlink()
    with Store(tmp_path / "phone") as again:
        assert not again.enrolled
        assert again.rows("SELECT * FROM grants") == []


def test_a_damaged_vault_says_what_to_do(full: Phone) -> None:
    path = full.store.folder / "vault"
    good = path.read_bytes()
    for bad in (b"", b"\x00", good[:-1], os.urandom(200)):
        path.write_bytes(bad)
        with pytest.raises(VaultError, match="enrol it again"):
            vault.unlock(path, PIN)
    for at in range(0, len(good), 9):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises((VaultError, WrongPinError)):
            vault.unlock(path, PIN)


def test_exchanged_or_damaged_rows_of_the_address_book_are_noticed(full: Phone) -> None:
    with full.store.transaction() as change:
        (session,) = change.execute("SELECT value FROM sealed WHERE name='session'").fetchone()
        change.execute("UPDATE sealed SET value = ? WHERE name = 'doors'", (session,))
    with pytest.raises(StoreError, match="damaged"):
        full.book.doors()


def test_a_state_that_is_no_database_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "phone.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Store(folder)


def test_a_state_of_a_newer_phone_is_left_alone(full: Phone, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "phone" / "phone.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        Store(tmp_path / "phone")
