"""What every command of the phone has at hand, and how it comes by PIN and password.

House rule: a secret comes from a prompt, a file or the environment, never from the command line,
where every process of the machine can read it.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nyckelfri import clock
from nyckelfri.phone import account
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import Address, Client
from nyckelfri.phone.screen import Screen
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import Door
from nyckelfri.phone.vault import Secrets
from nyckelfri.phone.words import text

PIN_VARIABLE: Final = "NYCKELFRI_PIN"
PASSWORD_VARIABLE: Final = "NYCKELFRI_PASSWORD"  # noqa: S105 - the name of a variable
_LEAST_ID: Final = 4


class UsageError(Exception):
    """The call is wrong; the text says how it should be."""


@dataclass(frozen=True, slots=True)
class Context:
    """One command: its arguments, the phone's store, and where it speaks."""

    args: argparse.Namespace
    store: Store
    screen: Screen

    def clock(self) -> int:
        """This phone's own Unix seconds, right or wrong."""
        return clock.now_seconds()

    @property
    def now(self) -> int:
        """Server-corrected Unix seconds."""
        return self.clock() + self.store.offset

    def unlock(self) -> Secrets:
        """The phone's secrets, for the PIN."""
        pin = self.secret(self.args.pin_file, PIN_VARIABLE, "pin")
        return account.unlock(self.store, pin)

    def book(self, secrets: Secrets) -> Book:
        """Doors, grants and session."""
        return Book(self.store, secrets.data_key)

    def client(self, secrets: Secrets) -> Client:
        """The server, as this phone and whoever is signed in."""
        session = self.book(secrets).session()
        token = session.token if session is not None else None
        return Client(Address.read(self.store.text("server")), secrets.token, token)

    def secret(self, file: Path | None, variable: str, prompt: str) -> str:
        """A secret from `file`, else the environment, else the person."""
        if file is not None:
            try:
                return file.read_text(encoding="utf-8").rstrip("\r\n")
            except OSError as error:
                raise UsageError(f"cannot read {file}: {error.strerror}") from None
        value = os.environ.get(variable)
        if value is not None:
            return value
        if not sys.stdin.isatty():
            raise UsageError(f"no terminal to ask at: use a file, or set {variable}")
        return getpass.getpass(text(prompt, self.screen.language))


def pick(doors: list[Door], wanted: str) -> Door:
    """The one door that `wanted` names: installation id, or label, or an unmistakable part of one.

    Raises UsageError with the doors that there are.
    """
    low = wanted.casefold().strip()
    tests = (
        lambda door: door.installation.hex() == low or door.label.casefold() == low,
        lambda door: len(low) >= _LEAST_ID and door.installation.hex().startswith(low),
        lambda door: low in door.label.casefold(),
    )
    for test in tests:
        found = [door for door in doors if test(door)]
        if len(found) == 1:
            return found[0]
        if found:
            labels = ", ".join(f"{door.label} ({door.installation.hex()})" for door in found)
            raise UsageError(f"that could be several doors, say more: {labels}")
    raise UsageError("no such door on this phone: see `list`, or sync")
