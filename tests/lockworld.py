"""A whole lock on an in-memory link, for tests: the real store, controller and program parts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Door, Municipality

from nyckelfri.door import courier as records
from nyckelfri.door import opening
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.courier import Courier
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import Decision, PhoneOpening
from nyckelfri.lock.adapters.simulated import SimulatedBattery, SimulatedMotor
from nyckelfri.lock.controller import Controller, Event
from nyckelfri.lock.memory import Memory
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_disk import MACHINE, Disk
from nyckelfri.lock.store_state import Factory, Identity, SavedClock
from nyckelfri.radio.link import FramedLink
from sealworld import open_piece

THRESHOLD = -70
RELEASE_NONCE = bytes(range(160, 176))


class PipeEnd(FramedLink):
    """One end of a link in memory; cuts messages into pieces as a radio does."""

    def __init__(self, strength: int | None) -> None:
        super().__init__()
        self.other: PipeEnd | None = None
        self.dbm = strength
        self.sent: list[bytes] = []

    async def send(self, message: bytes) -> None:
        self.sent.append(message)
        await super().send(message)

    async def strength(self) -> int | None:
        return self.dbm

    def _piece_size(self) -> int:
        return 244

    async def _send_piece(self, piece: bytes) -> None:
        await asyncio.sleep(0)
        if self.other is not None:
            self.other.push(piece)

    async def _hang_up(self) -> None:
        if self.other is not None:
            self.other.lost("closed by the other side")


def pipe(strength: int | None = -50) -> tuple[PipeEnd, PipeEnd]:
    """The lock's end and the phone's end."""
    lock, phone = PipeEnd(strength), PipeEnd(strength)
    lock.other, phone.other = phone, lock
    return lock, phone


def scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(32, "big")


def make_store(
    path: Path,
    municipality: Municipality,
    door: Door,
    *,
    kind: Kind = Kind.THUMB_TURN,
    disk: Disk = MACHINE,
) -> Store:
    """A commissioned unit's store, clock set, with an hour-old bulletin."""
    store = Store.create(path, Factory(kind, bytes(31) + b"\x01", bytes(16)), disk=disk)
    trust = municipality.trust()
    assert trust.bulletin is not None
    store.commission(
        Identity(
            root=municipality.root.encoded,
            installation=door.installation,
            dh_key=scalar(door.key),
            signing_key=scalar(door.signing_key),
            radio_key=door.record.radio_key,
            release_nonce=RELEASE_NONCE,
            threshold=THRESHOLD,
        ),
        key_set=(1, municipality.key_set.payload),
        bulletin=trust.bulletin.payload,
        clock=SavedClock(trust.clock.floor, NOON, Mark.SET),
    )
    return store


@dataclass
class Lock:
    """A lock under test. `seconds` is its own counter: set it to let time pass."""

    store: Store
    motor: SimulatedMotor = field(default_factory=lambda: SimulatedMotor(travel=0.01))
    battery: SimulatedBattery = field(default_factory=SimulatedBattery)
    hardware: int | None = NOON
    seconds: float = 0.0
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = Memory(self.store, ticks=lambda: self.seconds, hardware=self.hardware)
        self.memory.settle()
        self.controller = Controller(
            self.memory,
            self.motor,
            self.battery,
            machine_seconds=asyncio.get_running_loop().time,
            watch=self.events.append,
        )

    def entries(self) -> list[object]:
        """What the journal says, oldest first."""
        piece = self.store.piece(1)
        assert piece is not None
        opened = open_piece(piece, installation=self.memory.installation)
        return [entry.detail for entry in opened.entries]


@dataclass
class Visit:
    """One phone's link to a lock, as far as message 4."""

    decision: Decision
    courier: Courier
    link: PipeEnd
    lock_link: PipeEnd
    served: asyncio.Task[None]

    async def next(self) -> records.Record:
        return self.courier.open(await self.link.receive(5, 65_535))

    async def ask(self, record: records.Record) -> records.Record:
        await self.link.send(self.courier.seal(record))
        return await self.next()

    async def end(self) -> None:
        await self.link.send(self.courier.seal(records.End()))
        await self.served
        await self.link.close()


async def visit(
    lock: Lock,
    door: Door,
    phone_key: ec.EllipticCurvePrivateKey,
    grant: bytes,
    command: Command = Command.UNLOCK,
    *,
    strength: int | None = -50,
    key_set: bytes | None = None,
    bulletin: bytes | None = None,
) -> Visit:
    """Go through messages 1 to 4; NotAcceptedError as a phone would see it."""
    lock_link, link = pipe(strength)
    served = asyncio.ensure_future(lock.controller.serve(lock_link))
    try:
        message_1, awaiting = PhoneOpening(door.record, phone_key, grant).message_1()
        await link.send(message_1)
        proven = awaiting.message_2(await link.receive(2, 1000))
        message_3, waiting = proven.message_3(command, key_set=key_set, bulletin=bulletin)
        await link.send(message_3)
        decision, courier = waiting.message_4(await link.receive(5, 1000))
    except opening.NotAcceptedError:
        await served
        raise
    return Visit(decision, courier, link, lock_link, served)
