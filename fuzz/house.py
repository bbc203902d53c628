"""One commissioned lock under fuzzing, with everything about it that must always hold.

House rules: store, memory and controller are the real ones; the motor is simulated behind a gate
that asks, at each start, whether this movement is owed to a proven grant. The rule asked here is
written out from docs/protocol.md, section 7, and shares no code with the lock's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from doorworld import HOUR, NOON
from lockworld import THRESHOLD, make_store

from fuzz.scratch import scratch
from fuzz.target import InvariantError, hold
from fuzz.town import DOOR, HERE, Paper, grant_point
from nyckelfri.door import delivery, journal, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import Command
from nyckelfri.door.keyset import Purpose
from nyckelfri.lock import ports
from nyckelfri.lock.adapters.simulated import SimulatedBattery, SimulatedMotor, SimulatedStrike
from nyckelfri.lock.controller import Controller
from nyckelfri.lock.memory import Memory
from nyckelfri.lock.store import Store
from sealworld import KEYS, unwrapping

_SCOPE: Final = {Command.UNLOCK: 1, Command.LOCK: 2, Command.SERVICE: 4}


@cache
def template(kind: Kind) -> Path:
    """The store of a lock that has just been commissioned."""
    path = scratch() / f"template-{kind}.db"
    make_store(path, HERE, DOOR, kind=kind).close()
    return path


@dataclass(slots=True)
class Attempt:
    """What a phone has really shown on a link: `genuine` if nobody touched it on the way."""

    paper: Paper
    command: int
    strength: int | None
    genuine: bool = False
    started: bool = False


class Gate:
    """The motor port: asks before each movement, then lets the simulated one go."""

    def __init__(self, inner: SimulatedMotor | SimulatedStrike, ask: Callable[[], None]) -> None:
        self.inner = inner
        self._ask = ask

    def ready(self) -> bool:
        """As the motor says."""
        return self.inner.ready()

    async def start(self, command: ports.MotorCommand) -> None:
        """Move, if it is owed."""
        self._ask()
        await self.inner.start(command)

    async def finished(self) -> ports.MotorResult:
        """As the motor says."""
        return await self.inner.finished()

    async def unlock(self) -> ports.MotorResult:
        """Unlock and wait."""
        await self.start(ports.MotorCommand.UNLOCK)
        return await self.finished()

    async def lock(self) -> ports.MotorResult:
        """Lock and wait."""
        await self.start(ports.MotorCommand.LOCK)
        return await self.finished()


class House:
    """The unit, its power, its time; `true_now` is the time outside."""

    def __init__(self, kind: Kind, path: Path) -> None:
        self.kind = kind
        self.path = path
        self._loop = asyncio.get_running_loop()
        self._jumped = 0
        self.battery = SimulatedBattery()
        inner = SimulatedStrike(0.5) if kind is Kind.ENTRANCE_UNIT else SimulatedMotor(0.3)
        self.motor = Gate(inner, self._owed)
        self.attempt: Attempt | None = None
        self.fault: InvariantError | None = None
        self.moved: list[tuple[bytes, int]] = []
        """Serial and command of each movement."""
        self._stay: tuple[bytes, int] | None = None
        self.store: Store
        self.memory: Memory
        self.controller: Controller
        self._seen = (0, 0, 0, 0)
        self.power_on(NOON)

    @property
    def true_now(self) -> int:
        """Unix seconds."""
        return NOON + int(self._loop.time()) + self._jumped

    def wait(self, seconds: int) -> None:
        """Let time pass at once."""
        self._jumped += seconds

    def power_on(self, hardware: int | None) -> None:
        """Start the program; `hardware` is what the clock chip says."""
        self.store = Store.open(self.path)
        self.memory = Memory(
            self.store, ticks=lambda: self._loop.time() + self._jumped, hardware=hardware
        )
        self.memory.settle()
        self.controller = Controller(
            self.memory, self.motor, self.battery, machine_seconds=self._loop.time
        )
        self.check()

    async def power_off(self) -> None:
        """Everything stops where it is; only what was committed stays."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.attempt = None
        self.store.close()

    def check(self) -> None:
        """What may only rise has not fallen."""
        trust, tip = self.memory.trust, self.store.state.running.tip
        epoch, issued = trust.bulletin.number if trust.bulletin else (0, 0)
        seen = (trust.key_set.epoch, trust.key_set.number, tip.number, tip.acknowledged)
        hold(all(map(int.__ge__, seen, self._seen)), "numbers only rise")
        newer = trust.key_set.epoch > self._seen[0]
        hold(newer or trust.clock.floor >= self._floor, "the floor never falls in an epoch")
        hold(newer or (epoch, issued) >= self._bulletin, "no older bulletin is taken")
        hold(tip.acknowledged <= tip.number, "nothing is acknowledged before it is written")
        self._seen, self._floor, self._bulletin = seen, trust.clock.floor, (epoch, issued)

    _floor = 0
    _bulletin = (0, 0)

    def _owed(self) -> None:
        """Hold that the movement that is about to start is owed to the attempt on the link."""
        try:
            self._move()
        except InvariantError as error:
            # The lock's own task fails with it; what that leads to is not what was found.
            self.fault = error
            raise

    def _move(self) -> None:
        attempt, running = self.attempt, self.store.state.running
        hold(attempt is not None and attempt.genuine, "a movement is owed to a proven grant")
        if attempt is None:
            return
        hold(not attempt.started, "a proven grant moves the bolt once")
        attempt.started = True
        hold(running.pending[-1:] == (running.tip.number,), "the intent is committed first")
        hold(self._allowed(attempt), "the clock allows the movement")
        self.moved.append((attempt.paper.grant.serial, attempt.command))
        if attempt.command == Command.UNLOCK:
            self._stay = (attempt.paper.grant.serial, self.memory.reading.time)

    def _allowed(self, attempt: Attempt) -> bool:
        trust, now, grant = self.memory.trust, self.memory.reading, attempt.paper.grant
        kinds = (1,) if self.kind is Kind.ENTRANCE_UNIT else (1, 2)
        hold(attempt.command in kinds, "only these commands move anything")
        hold(grant.scope & _SCOPE[Command(attempt.command)], "the scope allows it")
        signers = [key.point for key in trust.key_set.keys if key.purpose is Purpose.GRANT]
        hold(grant_point(attempt.paper) in signers, "a key of today signed it")
        hold(grant.installation == self.memory.installation, "the grant is for this door")
        hold(0 < grant.not_after - grant.not_before <= 16 * HOUR, "the window is short")
        if trust.bulletin is not None:
            hold(grant.phone_thumbprint not in trust.bulletin.phones, "the phone is not blocked")
            hold(grant.serial not in trust.bulletin.serials, "the grant is not revoked")
        near = attempt.strength is not None and attempt.strength >= THRESHOLD
        hold(near, "the phone is near")
        stay = self._stay
        leaving = attempt.command == Command.LOCK and stay is not None and stay[0] == grant.serial
        if leaving and stay is not None and 0 <= now.time - stay[1] <= 4 * HOUR:
            return True
        hold(grant.not_after > trust.clock.floor, "nothing opens that had expired at the floor")
        early = {Mark.SET: 120, Mark.APPROXIMATE: 36 * HOUR}.get(now.mark, -(1 << 40))
        return grant.not_before - early <= now.time < grant.not_after

    def read_journal(self) -> list[journal.Entry]:
        """All of it, as the server reads it; every claim in it checked against what happened."""
        entries: list[journal.Entry] = []
        head = journal.genesis(self.memory.installation)
        key = signed.compressed(DOOR.signing_key.public_key())
        while (data := self.memory.batch(len(entries) + 1)) is not None:
            proven = delivery.verify_batch(data, key=key, installation=self.memory.installation)
            batch = delivery.open_batch(proven, unwrapping(KEYS))
            hold(batch.first == len(entries) + 1, "the journal has no gap")
            hold(batch.previous == head, "the chain is unbroken")
            entries += batch.entries
            head = batch.heads[-1]
        tip = self.memory.tip
        hold((len(entries), head) == (tip.number, tip.head), "the journal ends at the tip")
        self._true(entries)
        return entries

    def _true(self, entries: list[journal.Entry]) -> None:
        intents = {
            entry.number: entry.detail
            for entry in entries
            if isinstance(entry.detail, journal.Intent)
        }
        moves = [
            (intent.serial, int(intent.command))
            for intent in intents.values()
            if intent.command is not Command.SERVICE
        ]
        hold(moves == self.moved, "each movement stands in the journal, and no other")
        settled = [e.detail.intent for e in entries if isinstance(e.detail, journal.Outcome)]
        hold(len(settled) == len(set(settled)), "an intent has one outcome")
        hold(set(settled) <= intents.keys(), "an outcome is of an intent")
        open_ = set(intents) - set(settled)
        hold(open_ == set(self.store.state.running.pending), "what is pending has no outcome")
