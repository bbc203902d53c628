"""A work phone of the town: the reference phone's own code, with a battery, a clock and coverage.

House rules: everything that the phone keeps lies in its folder and in nothing else, so that a phone
that died goes on from what it had written down.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nyckelfri.door.grants import Command
from nyckelfri.phone import account, vault
from nyckelfri.phone.account import Account
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import Address, BlockedError
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.steps import Progress
from nyckelfri.phone.store import Store
from nyckelfri.phone.sync import Report, Sync
from nyckelfri.phone.values import Door
from nyckelfri.phone.vault import Secrets
from nyckelfri.phone.visit import Visit, Visitor
from nyckelfri.simulate.air import Ear, Weather
from nyckelfri.simulate.notebook import Notebook, line
from nyckelfri.simulate.server import URL, Line, Server

PIN: Final = "246813"
_CHEAP: Final = 10
"""scrypt N = 2^10: to stretch a PIN is slow on purpose, and costs a simulation only time."""


@dataclass(slots=True)
class Handset:
    """One phone. `now` gives the true Unix seconds, `off_by` what its own clock adds."""

    label: str
    folder: Path
    server: Server
    now: Callable[[], float]
    off_by: int = 0
    covered: bool = True
    store: Store = field(init=False, repr=False)
    secrets: Secrets | None = field(default=None, repr=False)
    ear: Ear = field(init=False)

    def __post_init__(self) -> None:
        vault.COST = _CHEAP
        self.store = Store(self.folder)
        self.ear = Ear(weather=Weather(self.label))

    def clock(self) -> int:
        """What it shows, in Unix seconds."""
        return int(self.now()) + self.off_by

    @property
    def reach(self) -> Callable[[Address], Line]:
        """Its way to the server."""
        return line(self.label, self.server, lambda: self.covered, self.notebook)

    @property
    def notebook(self) -> Notebook:
        """What has been entered on it, and waits."""
        return Notebook(self.folder)

    @property
    def said(self) -> int:
        """What it takes the time to be, by the server's clock as it last heard it."""
        return self.clock() + self.store.offset

    @property
    def outbox(self) -> Outbox:
        """What waits for the server."""
        return Outbox(self.store)

    def enrol(self, code: str) -> None:
        """Become the municipality's, by a one-time code."""
        account.enrol(self.store, URL, code, PIN, clock=self.clock, reach=self.reach)
        self.unlock()

    def unlock(self) -> Secrets:
        """The PIN is typed."""
        self.secrets = account.unlock(self.store, PIN)
        return self.secrets

    def copy(self, label: str) -> Handset:
        """Another device that holds all that this one keeps; its owner knows the PIN."""
        folder = self.folder.with_name(label)
        shutil.copytree(self.folder, folder)
        return Handset(label, folder, self.server, self.now, off_by=self.off_by)

    def restart(self) -> None:
        """The app begins anew from what is stored."""
        self.store.__exit__()
        self.store = Store(self.folder)
        self.secrets = None

    def sign_in(self, username: str, password: str) -> bool:
        """Sign a person in; whether the server said so. SignInError, ServerError."""
        secrets = self.secrets or self.unlock()
        person = Account(self.store, secrets, clock=self.clock, reach=self.reach)
        return person.sign_in(username, password)[1]

    def sign_out(self) -> None:
        """Forget the person, if there still is one; a phone that is blocked forgets it all."""
        if not self.store.enrolled:
            return
        secrets = self.secrets or self.unlock()
        with contextlib.suppress(BlockedError):
            Account(self.store, secrets, clock=self.clock, reach=self.reach).sign_out()

    def sync(self) -> Report:
        """Deliver and fetch. Raises a ServerError."""
        secrets = self.secrets or self.unlock()
        client = self.reach(Address.read(URL))
        return Sync(self.store, secrets, client, clock=self.clock).run()

    def doors(self) -> dict[bytes, Door]:
        """The doors that it knows, by installation."""
        secrets = self.secrets or self.unlock()
        return {door.installation: door for door in Book(self.store, secrets.data_key).doors()}

    async def ask(self, door: Door, command: Command, *, search: float) -> Visit:
        """Unlock, lock or service one door, as `phone.visit` does it."""
        return await self._visitor().command(door, command, search=search)

    def _visitor(self) -> Visitor:
        secrets = self.secrets or self.unlock()
        session = Book(self.store, secrets.data_key).session()
        token = session.token if session is not None else None
        client = replace(self.reach(Address.read(URL)), token=secrets.token, session=token)
        progress = Progress(lambda _step: None, self.now)
        return Visitor(self.store, secrets, self.ear, progress, clock=self.clock, client=client)
