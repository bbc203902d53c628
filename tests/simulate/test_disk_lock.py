"""A whole lock program on a disk whose power goes: what the journal says of the bolt is true."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Door, Municipality
from lockworld import make_store

from nyckelfri.door import courier as records
from nyckelfri.door import journal, keyset
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.journal import Detail, Fault, FaultCode, Intent, KeySetTaken, Outcome
from nyckelfri.door.opening import PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.adapters.simulated import (
    BOLT_IN,
    BOLT_OUT,
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
)
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.ports import LinkError, MotorCommand, MotorResult
from nyckelfri.lock.program import Program
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreError, StoreFullError
from nyckelfri.simulate.air import Antenna, Weather
from nyckelfri.simulate.disk import Disk, Files
from nyckelfri.simulate.disk_sqlite import Disks
from nyckelfri.simulate.loop import VirtualLoop
from sealworld import open_piece

REPAIRED = Fault(FaultCode.STORE_REPAIRED)
Key = ec.EllipticCurvePrivateKey


@pytest.fixture
def disks() -> Iterator[Disks]:
    made = Disks()
    yield made
    made.close()


def live(story: Coroutine[Any, Any, None]) -> None:
    """Let it happen in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(story)


class Motor(SimulatedMotor):
    """Half a second from end to end; told, `brown_out` is what happens in the midst of it."""

    def __init__(self, bolt: str) -> None:
        super().__init__(0.5)
        self.position.now = bolt
        self.brown_out: Callable[[], None] | None = None
        self.after = 0.0

    async def _run(self, command: MotorCommand) -> MotorResult:
        if self.brown_out is None:
            return await super()._run(command)
        await asyncio.sleep(self.after)
        self.brown_out()
        return await asyncio.Event().wait() and MotorResult.DONE


class Unit:
    """A lock on its disk, with the power on; the bolt stands as it was left."""

    def __init__(self, disk: Disk, bolt: str = BOLT_OUT) -> None:
        self.disk = disk
        self.store = Store.open(disk.path("lock.db"), disk=disk)
        self.motor = Motor(bolt)
        self.antenna = Antenna()
        now = asyncio.get_running_loop().time
        clock = SimulatedHardwareClock(lambda: NOON + int(now()))
        self.running = asyncio.ensure_future(
            Program(
                self.store,
                Hardware(self.motor, SimulatedBattery(), clock, SimulatedButton()),
                self.antenna,
                ticks=now,
                machine_seconds=now,
            ).run()
        )

    def power_off(self) -> None:
        """All that hangs on the power stops in this moment."""
        self.disk.cut()
        self.antenna.silent = True
        for end in self.antenna._open:
            assert end.other is not None
            end.other.lost("the lock is gone")
            end.other = None
        if self.motor._movement is not None:
            self.motor._movement.cancel()
        self.running.cancel()

    async def stop(self) -> None:
        """In order, or what is left of a program without power."""
        self.running.cancel()
        await asyncio.wait({self.running})
        self.store.close()

    def entries(self) -> dict[int, Detail]:
        """What the server would read."""
        identity = self.store.state.identity
        assert identity is not None
        piece = self.store.piece(1)
        assert piece is not None
        opened = open_piece(piece, installation=identity.installation)
        return {entry.number: entry.detail for entry in opened.entries}


@dataclass
class Phone:
    """Who wants to come in, and what the lock told: the entry of the intent, the motor's result."""

    door: Door
    key: Key
    grant: bytes
    key_set: bytes | None = None
    bulletin: bytes | None = None
    granted: int | None = None
    head: bytes = b""
    result: int | None = None

    async def visit(self, antenna: Antenna) -> None:
        """As far as the link goes."""
        try:
            link = antenna.connect(Weather("phone"))
            message_1, awaiting = PhoneOpening(self.door.record, self.key, self.grant).message_1()
            await link.send(message_1)
            proven = awaiting.message_2(await link.receive(2, 1000))
            message_3, waiting = proven.message_3(
                Command.UNLOCK, key_set=self.key_set, bulletin=self.bulletin
            )
            await link.send(message_3)
            decision, courier = waiting.message_4(await link.receive(5, 1000))
            assert decision.reason is Reason.GRANTED
            self.granted, self.head = decision.number, decision.head
            while self.result is None:
                told = courier.open(await link.receive(5, 65_535))
                if isinstance(told, records.OutcomeRecord):
                    self.result = told.result
            await link.send(courier.seal(records.End()))
        except LinkError:
            pass


@dataclass(frozen=True)
class Town:
    """One lock's disk before its day, and who comes."""

    files: Files
    disks: Disks
    municipality: Municipality
    door: Door
    key: Key
    minted: bytes

    def phone(self, *, brings: bool = False) -> Phone:
        """A phone; `brings`: it has a newer key set and bulletin with it."""
        phone = Phone(self.door, self.key, self.minted)
        if brings:
            newer = replace(self.municipality.key_set, number=2)
            phone.key_set = self.municipality.sign_key_set(newer)
            phone.bulletin = self.municipality.bulletin(NOON - 60)
        return phone


@pytest.fixture
def town(
    disks: Disks, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> Town:
    disk = disks.put("L0092")
    make_store(disk.path("lock.db"), municipality, door, disk=disk).close()
    return Town(disk.files, disks, municipality, door, phone_key, municipality.mint(grant))


async def opening(
    town: Town, phone: Phone, before: Callable[[Unit], None], seed: str
) -> tuple[bool, str]:
    """One opening in which the power may go as `before` says, and the start after it.

    Whether the power went, and how it stands then in a word, all of it checked.
    """
    unit = Unit(town.disks.put("L0092", town.files))
    await asyncio.sleep(1)
    before(unit)
    await phone.visit(unit.antenna)
    await asyncio.sleep(2)
    went, bolt, started = unit.disk.off, unit.motor.position.now, unit.motor.started
    unit.disk.cut_in(None)
    await unit.stop()

    disk = unit.disk
    if went:
        disk = town.disks.after_cut(disk, random.Random(seed))  # noqa: S311
    again = Unit(disk, bolt)
    await asyncio.sleep(1)
    told = truth(again, phone, bolt, started)
    next_one = town.phone()
    await next_one.visit(again.antenna)
    assert next_one.result == journal.MotorResult.DONE
    assert again.motor.position.now == BOLT_IN
    await again.stop()
    return went, told


def truth(unit: Unit, phone: Phone, bolt: str, started: int) -> str:
    """What the journal says of the one opening; AssertionError if that is not what happened."""
    entries = unit.entries()
    intents = [number for number, detail in entries.items() if isinstance(detail, Intent)]
    outcomes = [detail for detail in entries.values() if isinstance(detail, Outcome)]
    assert [outcome.intent for outcome in outcomes] == intents, "each intent has its outcome"
    held = unit.store.state.key_set
    assert held is not None
    keys = keyset.from_payload(held).number
    assert keys == (2 if KeySetTaken(2, 1) in entries.values() else 1), "and so has each key set"
    if not intents:
        assert (started, phone.granted) == (0, None), "nothing moves without a word of it"
        return f"nothing, keys {keys}"
    (outcome,) = outcomes
    if phone.granted is not None:
        assert intents == [phone.granted]
    if phone.result is not None:
        assert outcome.result == phone.result
    match outcome.result:
        case journal.MotorResult.DONE:
            assert bolt == BOLT_IN
            return "done"
        case journal.MotorResult.UNKNOWN:
            return f"unknown, {bolt}, {started} started"
    raise AssertionError(outcome)


def cut_at(operation: int) -> Callable[[Unit], None]:
    """The power goes at this operation of the disk."""
    return lambda unit: unit.disk.cut_in(operation, unit.power_off)


@pytest.mark.threat(20)
@pytest.mark.threat(24)
@pytest.mark.threat(27)
@pytest.mark.parametrize("brings", [False, True], ids=["an opening", "with a new key set"])
def test_power_cut_at_every_operation_of_an_opening_leaves_a_journal_that_is_true(
    town: Town, brings: bool
) -> None:
    seen: set[str] = set()

    async def every_cut() -> None:
        for operation in count(1):
            for throw in range(4):
                phone = town.phone(brings=brings)
                went, told = await opening(town, phone, cut_at(operation), f"{operation}/{throw}")
                seen.add(told)
            if not went:
                assert operation > 10
                return

    live(every_cut())
    assert seen == {
        "nothing, keys 1",
        *(["nothing, keys 2"] if brings else []),
        "unknown, bolt out, 0 started",
        "unknown, bolt in, 1 started",
        "done",
    }


@pytest.mark.threat(20)
@pytest.mark.threat(27)
@pytest.mark.parametrize("after", [0.0, 0.2], ids=["as the motor starts", "while it runs"])
@pytest.mark.parametrize("bolt", [BOLT_OUT, BOLT_IN])
def test_brown_out_of_the_motor_leaves_an_intent_whose_outcome_is_unknown(
    town: Town, after: float, bolt: str
) -> None:
    def before(unit: Unit) -> None:
        def brown_out() -> None:
            unit.motor.position.move_to(bolt)
            unit.power_off()

        unit.motor.brown_out, unit.motor.after = brown_out, after

    async def story() -> None:
        for throw in range(6):
            phone = town.phone()
            assert await opening(town, phone, before, f"{throw}") == (
                True,
                f"unknown, {bolt}, 1 started",
            )
            assert phone.result is None

    live(story())


@pytest.mark.threat(21)
def test_a_flipped_bit_is_repaired_at_the_start_and_the_journal_says_so(town: Town) -> None:
    outcomes = []

    async def story() -> None:
        for throw in range(40):
            disk = town.disks.put("L0092", town.files)
            disk.flip(random.Random(f"{throw}"))  # noqa: S311
            try:
                unit = Unit(disk)
            except StoreError:
                outcomes.append("refused")
                continue
            await asyncio.sleep(1)
            repaired = list(unit.entries().values()).count(REPAIRED)
            assert repaired == (disk.size(disk.path("lock.db.damaged")) is not None)
            phone = town.phone()
            await phone.visit(unit.antenna)
            assert phone.result == journal.MotorResult.DONE
            await unit.stop()
            outcomes.append("repaired" if repaired else "harmless")

    live(story())
    assert {"repaired", "harmless"} <= set(outcomes)
    assert outcomes.count("refused") < 5


@pytest.mark.threat(22)
def test_on_a_full_disk_the_door_opens_all_the_same(town: Town) -> None:
    full = []

    def fill(unit: Unit) -> None:
        unit.disk.room = 0
        full.append(unit.disk)

    async def story() -> None:
        assert await opening(town, town.phone(), fill, "1") == (False, "done")
        assert full[0].room, "the reserve was given up for it"

    live(story())


@pytest.mark.threat(22)
def test_a_disk_that_takes_nothing_more_ends_no_program(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intent was its last entry; then there is room again, and the door opens."""
    commit = Store.commit

    def full(self: Store, details: Sequence[Detail] = (), **more: Any) -> Any:
        if any(isinstance(detail, Intent) for detail in details) and not tried:
            tried.append(1)
            return commit(self, details, **more)
        raise StoreFullError

    tried: list[int] = []

    async def story() -> None:
        unit = Unit(town.disks.put("L0092", town.files))
        monkeypatch.setattr(Store, "commit", full)
        first = town.phone()
        await first.visit(unit.antenna)
        await asyncio.sleep(20)
        assert first.result is None
        with pytest.raises(AssertionError, match="LOCK_FAULT"):
            await town.phone().visit(unit.antenna)
        await asyncio.sleep(20)
        assert not unit.running.done()
        monkeypatch.undo()
        again = town.phone()
        await again.visit(unit.antenna)
        assert again.result == journal.MotorResult.DONE
        await unit.stop()

    live(story())
