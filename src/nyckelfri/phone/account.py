"""Belonging to a municipality and to a person: enrolment, PIN, signing in and out.

House rules: a door needs phone, PIN, and a user name with its password. The password is checked
by the server; when that is away, by what the phone kept of the last time, so that a server that
is down for a day closes no door. Passwords, PINs and codes are in no error text and no log.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import fields, signed
from nyckelfri.door.keyset import Root
from nyckelfri.phone import vault, wire
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import Address, BlockedError, Client, ServerError, UnreachableError
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.store import AlreadyEnrolledError, NotEnrolledError, Store, put
from nyckelfri.phone.values import Session
from nyckelfri.phone.vault import MAX_TRIES, Secrets, WrongPinError

MODEL: Final = "reference"
LONGEST: Final = 16 * 3600
"""Seconds that a sign-in without the server lasts at most."""
MAX_MISSES: Final = 5
"""Wrong passwords after which only the server can sign in."""
_SALT: Final = 16


class WipedError(Exception):
    """Too many wrong PINs: the phone holds nothing any more. Enrol it again."""


class SignInError(Exception):
    """Nobody is signed in, or the password is wrong; the text says what to do."""


class WrongPasswordError(SignInError):
    """The server is away, and this is not what was typed the last time."""


def enrol(
    store: Store,
    url: str,
    code: str,
    pin: str,
    *,
    clock: Callable[[], int],
    key: ec.EllipticCurvePrivateKey | None = None,
    random: Callable[[int], bytes] = os.urandom,
    reach: Callable[[Address], Client] = Client,
) -> str:
    """Make this phone one of the municipality's; its id. ValueError, StoreError, ServerError.

    `reach` gives the way to the server at an address.
    """
    if store.enrolled:
        raise AlreadyEnrolledError
    vault.check_pin(pin)
    address = Address.read(url)
    key = key or ec.generate_private_key(ec.SECP256R1())
    body = {
        "code": code,
        "public_key": wire.encode(signed.coordinate(key.public_key())),
        "model": MODEL,
    }
    before = clock()
    answer = reach(address).call("enrol", body)
    offset = wire.get(answer, "server_time", int) - (before + clock()) // 2
    phone, token = wire.get(answer, "phone", str), wire.get(answer, "token", str)
    root = wire.decode(answer.get("root"))
    try:
        Root.read(root)
    except (fields.ObjectError, signed.SignatureError):
        raise wire.AnswerError("the server sent no valid root: call support") from None
    store.destroy(outbox=False)
    with store.transaction() as change:
        put(change, "server", url)
        put(change, "root", root)
        put(change, "offset", offset)
        put(change, "phone", phone)
        vault.create(store.vault, pin, Secrets(key, token, random(32)), random=random)
    return phone


def unlock(store: Store, pin: str) -> Secrets:
    """The phone's secrets; WrongPinError says how many tries are left, the last one wipes."""
    if not store.enrolled:
        raise NotEnrolledError
    tries = store.count_try()
    if tries <= MAX_TRIES:
        try:
            secrets = vault.unlock(store.vault, pin)
        except WrongPinError:
            left = MAX_TRIES - tries
            if left > 0:
                raise WrongPinError(
                    f"wrong PIN: {left} tries left, then all is wiped", left=left
                ) from None
        else:
            store.forget_tries()
            return secrets
    store.destroy(outbox=False)
    raise WipedError(f"{MAX_TRIES} wrong PINs: this phone is wiped; enrol it again")


class Account:
    """Signing in and out on an unlocked phone; `clock` is this phone's own Unix seconds.

    `reach` gives the way to the server at an address.
    """

    def __init__(
        self,
        store: Store,
        secrets: Secrets,
        *,
        clock: Callable[[], int],
        random: Callable[[int], bytes] = os.urandom,
        reach: Callable[[Address], Client] = Client,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._book = Book(store, secrets.data_key, random=random)
        self._client = replace(reach(Address.read(store.text("server"))), token=secrets.token)

    def sign_in(self, username: str, password: str) -> tuple[Session, bool]:
        """Who is signed in now, and whether the server said so. SignInError, ServerError."""
        try:
            answer = self._client.call("sign-in", {"username": username, "password": password})
        except UnreachableError:
            return self._without_server(username, password), False
        except BlockedError:
            self._store.destroy(outbox=False)
            raise
        employee = wire.get(answer, "employee", dict)
        salt = self._random(_SALT)
        session = Session(
            number=wire.get(employee, "number", str),
            name=wire.get(employee, "name", str),
            until=wire.get(answer, "until", int),
            token=wire.get(answer, "session", str),
            salt=salt,
            verifier=_verifier(username, password, salt),
        )
        self._book.keep_session(session)
        return session, True

    def sign_out(self) -> None:
        """Forget the person and what was theirs, and tell the server if it can be reached."""
        session = self._book.session()
        if session is None:
            return
        self._book.end_session()
        if session.token is None:
            return
        try:
            replace(self._client, session=session.token).call("sign-out", {})
        except BlockedError:
            self._store.destroy(outbox=False)
            raise
        except ServerError:
            pass  # it ends by itself, and this phone has forgotten it

    def signed_in(self) -> Session:
        """Who may open doors now; SignInError."""
        session = self._book.session()
        if session is None or self._clock() + self._store.offset >= session.until:
            raise SignInError("nobody is signed in: use `sign-in` with your user name")
        return session

    def _without_server(self, username: str, password: str) -> Session:
        session = self._book.session()
        if session is None:
            raise UnreachableError("the server does not answer: the first sign-in needs coverage")
        if session.misses >= MAX_MISSES:
            raise WrongPasswordError("too many wrong passwords: sign in where there is coverage")
        # Counted before it is tried, as with the PIN.
        self._book.keep_session(replace(session, misses=session.misses + 1))
        given = _verifier(username, password, session.salt)
        if not hmac.compare_digest(given, session.verifier):
            raise WrongPasswordError("wrong user name or password, and the server does not answer")
        until = self._clock() + self._store.offset + LONGEST
        again = replace(session, until=max(session.until, until), misses=0)
        self._book.keep_session(again)
        return again


def _verifier(username: str, password: str, salt: bytes) -> bytes:
    return vault.stretch(f"{username}\0{password}", salt)


def waiting_note(store: Store) -> str:
    """What would be lost by wiping now, for people; empty when nothing waits."""
    waiting = Outbox(store).waiting()
    return f"{waiting.total} records wait for the server" if waiting.total else ""
