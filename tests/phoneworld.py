"""A phone under test, and locks on an air in memory: the real controller on the real store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from doorworld import NOON
from lockworld import Lock, PipeEnd, pipe

from nyckelfri.door import advert
from nyckelfri.phone import account
from nyckelfri.phone.account import Account
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import Address, Client
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.steps import Progress, Step
from nyckelfri.phone.store import Store
from nyckelfri.phone.sync import Report, Sync
from nyckelfri.phone.vault import Secrets
from nyckelfri.phone.visit import Visitor
from nyckelfri.radio.link import LinkClosed
from phoneserver import CODE, PASSWORD, PIN, USER, SmallServer
from unitworld import Unit

# Locks on an air in memory.


@dataclass(frozen=True)
class Heard:
    payload: bytes
    station: Station


@dataclass
class Station:
    """A lock that advertises; `cut_after` ends its next link after so many messages."""

    lock: Lock
    radio_key: bytes
    strength: int = -50
    cut_after: int | None = None
    deadly: bool = False
    links: int = 0

    @property
    def payload(self) -> bytes:
        if self.lock.store.state.identity is None:
            return b""  # let go, and silent
        reading = self.lock.memory.reading
        return advert.pseudonym(self.radio_key, None if reading.mark == 2 else reading.time // 3600)


class PhoneDied(BaseException):
    """The battery of the phone is empty: nothing after this line runs."""


class CutEnd(PipeEnd):
    """A phone's end that is lost, or dies, after `cut` messages both ways."""

    cut = 0
    deadly = False

    def _count(self) -> None:
        self.cut -= 1
        if self.cut < 0:
            self.lost("walked away")
            if self.other is not None:
                self.other.lost("the phone walked away")
            raise PhoneDied if self.deadly else LinkClosed("walked away")

    async def send(self, message: bytes) -> None:
        self._count()
        await super().send(message)

    async def receive(self, timeout: float, limit: int, pace: int | None = None) -> bytes:  # noqa: ASYNC109 - the link's contract
        message = await super().receive(timeout, limit, pace)
        self._count()
        return message


@dataclass
class Air:
    """A radio for the phone that reaches the stations in memory."""

    stations: list[Station]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    searched: list[int] = field(default_factory=list)

    async def find(self, payloads: Collection[bytes], timeout: float) -> Heard | None:  # noqa: ASYNC109 - the radio's contract
        self.searched.append(len(payloads))
        await asyncio.sleep(0)
        for station in self.stations:
            if station.payload in payloads:
                return Heard(station.payload, station)
        return None

    async def connect(self, found: Heard) -> PipeEnd:
        station = found.station
        station.links += 1
        lock_end, phone_end = pipe(station.strength)
        if station.cut_after is not None:
            cut = CutEnd(station.strength)
            cut.cut, station.cut_after = station.cut_after, None
            cut.deadly = station.deadly
            cut.other, lock_end.other = lock_end, cut
            phone_end = cut

        async def serve() -> None:
            await station.lock.controller.serve(lock_end)
            await lock_end.close()

        self.tasks.add(asyncio.ensure_future(serve()))
        return phone_end

    async def settle(self) -> None:
        """Until every lock has finished with its links and its motor."""
        if self.tasks:
            await asyncio.wait(self.tasks)
        for station in self.stations:
            await station.lock.controller.finish()


@dataclass(frozen=True)
class FoundUnit:
    payload: bytes


@dataclass
class UnitAir:
    """A radio for the phone that reaches one unit; `cut_after` as with a station.

    `out_of_reach`: once that link is cut nothing more is heard of the unit.
    """

    unit: Unit
    cut_after: int | None = None
    deadly: bool = False
    out_of_reach: bool = False

    async def find(self, payloads: Collection[bytes], timeout: float) -> FoundUnit | None:  # noqa: ASYNC109 - the radio's contract
        said = self.unit.radio.payload
        if said is None or said not in payloads or (self.out_of_reach and self.cut_after is None):
            return None
        return FoundUnit(said)

    async def connect(self, _found: FoundUnit) -> PipeEnd:
        if self.cut_after is None:
            return self.unit.radio.connect()
        cut = CutEnd(-48)
        cut.cut, cut.deadly, self.cut_after = self.cut_after, self.deadly, None
        return self.unit.radio.connect(cut)


# The phone.


@dataclass
class Phone:
    """An enrolled, unlocked phone. `clock` is what it believes the time is."""

    store: Store
    secrets: Secrets
    clock: int = NOON
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def enrol(cls, folder: Path, server: SmallServer, *, clock: int = NOON) -> Phone:
        store = Store(folder)
        account.enrol(store, server.url, CODE, PIN, clock=lambda: clock)
        return cls(store, account.unlock(store, PIN), clock)

    @property
    def client(self) -> Client:
        session = self.book.session()
        url = self.store.text("server")
        token = session.token if session else None
        return Client(Address.read(url), self.secrets.token, token)

    @property
    def book(self) -> Book:
        return Book(self.store, self.secrets.data_key)

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.store)

    @property
    def account(self) -> Account:
        return Account(self.store, self.secrets, clock=lambda: self.clock)

    def sync(self) -> Report:
        return Sync(self.store, self.secrets, self.client, clock=lambda: self.clock).run()

    def sign_in(self, username: str = USER, password: str = PASSWORD) -> Report:
        self.account.sign_in(username, password)
        return self.sync()

    def visitor(self, air: Air, *, online: bool = False) -> Visitor:
        return Visitor(
            self.store,
            self.secrets,
            air,
            Progress(self.steps.append, time.monotonic),
            clock=lambda: self.clock,
            client=self.client if online else None,
        )
