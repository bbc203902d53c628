"""A journal: writing entries, what they weigh on the disk, and how fast they come home.

The courier's figure is from real programs on a virtual radio: `nyckelfri lock`, and this process
as the phone that opens the door and fetches 500 entries. After each fetch a bare GATT server on
the same air notifies as many bytes, without framing, records or signatures.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench import world
from nyckelfri import cbor
from nyckelfri.demo import radiobench
from nyckelfri.door import courier as records
from nyckelfri.door import delivery, journal, sealing, signed
from nyckelfri.door.advert import pseudonym
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.courier import Courier
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Entry, Intent, MotorResult, Outcome
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.opening import PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.store import Store, Update
from nyckelfri.phone.radio import PhoneLink, PhoneRadio

BATCHES: Final = 60
ENTRIES: Final = 250
DISK_ENTRIES: Final = 5_000
REVOCATIONS: Final = 2_000
DISK_MB: Final = 10
DELIVERED: Final = 500
FETCHES: Final = 15
PIECE: Final = 500
"""Bytes of one bare notification."""
_WITHIN: Final = 5.0
_NOW: Final = 1_794_222_000


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report."""
    yield _sealing(5 if quick else BATCHES)
    yield _disk(200 if quick else DISK_ENTRIES)
    yield asyncio.run(_delivering(2 if quick else FETCHES))


# Writing.


def _sealing(batches: int) -> dict[str, Any]:
    ours, bare = [], []
    for _ in range(batches):
        who = (os.urandom(8), os.urandom(8), os.urandom(8))
        ours.append(_ours(who))
        bare.append(_bare(who))
    return {
        "name": "hash and seal an entry / encode, SHA-256 and AES-GCM alone",
        "ours": round(ENTRIES / statistics.median(ours)),
        "reference": round(ENTRIES / statistics.median(bare)),
        "ratio": round(
            statistics.median(there / here for here, there in zip(ours, bare, strict=True)), 3
        ),
        "unit": "1/s",
        "target": "≥ 0.5",
        "note": "ours checks every field, the sizes, and that no number is sealed twice; the salt,"
        " and the content key made once a day, are counted on neither side",
    }


def _ours(who: tuple[bytes, bytes, bytes]) -> float:
    key = ec.generate_private_key(ec.SECP256R1())
    to = Key(b"\x04", Purpose.SEALING, signed.compressed(key.public_key()))
    sealer = sealing.Sealer(os.urandom(16), to=to, installation=who[0])
    entries = [
        Entry(number, _NOW + number, Mark.SET, Intent(*who, Command.UNLOCK))
        for number in range(2, ENTRIES + 2)
    ]
    head, salt = journal.genesis(who[0]), os.urandom(journal.SALT_BYTES)
    start = time.perf_counter()
    for entry in entries:
        body = journal.encode_entry(entry)
        head = journal.next_head(head, journal.leaf(salt, body))
        sealer.seal(entry.number, salt, body)
    return time.perf_counter() - start


def _bare(who: tuple[bytes, bytes, bytes]) -> float:
    cipher = AESGCM(os.urandom(16))
    serial, subject, phone = who
    head, salt = bytes(32), os.urandom(16)
    start = time.perf_counter()
    for number in range(2, ENTRIES + 2):
        body = cbor.encode([number, _NOW + number, 0, 1, serial, subject, phone, 1])
        leaf = hashlib.sha256(salt + body).digest()
        head = hashlib.sha256(head + leaf).digest()
        cipher.encrypt(number.to_bytes(12, "big"), salt + body, None)
    return time.perf_counter() - start


# On the disk.


def _disk(entries: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="nyckelfri-") as name:
        folder = Path(name)
        world.make_door(folder / "lock.db", now=_NOW)
        with Store.open(folder / "lock.db") as store:
            revoked = [os.urandom(8) for _ in range(REVOCATIONS)]
            bulletin = Bulletin(
                os.urandom(8), 1, _NOW, frozenset(revoked[::2]), frozenset(revoked[1::2])
            )
            store.commit(now=Reading(_NOW, Mark.SET), update=Update(bulletin=bulletin.payload))
            _open_doors(store, entries)
            waiting = store.state.running.tip.number
            used = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    return {
        "name": "disk of a lock with 5 000 unacknowledged entries and 2 000 revocations",
        "ours": round(used, 2),
        "reference": DISK_MB,
        "ratio": round(used / DISK_MB, 3),
        "unit": "MB",
        "target": "≤ 1",
        "note": f"{waiting} entries; file, WAL and reserve as they stood at the last commit",
    }


def _open_doors(store: Store, entries: int) -> None:
    for visit in range(entries // 2):
        now = Reading(_NOW + 60 * visit, Mark.SET)
        who = (os.urandom(8), os.urandom(8), os.urandom(8))
        (intent,) = store.commit([Intent(*who, Command.UNLOCK)], now=now)
        store.commit([Outcome(intent.number, MotorResult.DONE)], now=now)


# Over the air.


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds for the same bytes from a lock by its courier, and from a bare GATT server."""

    entries: int
    size: int
    ours: float
    bare: float


async def _delivering(fetches: int) -> dict[str, Any]:
    async with _stage() as (phone, door, link):
        turns = [await _turn(phone, door, link) for _ in range(fetches + 1)][1:]
    ours = [turn.size / turn.ours / 1e3 for turn in turns]
    bare = [turn.size / turn.bare / 1e3 for turn in turns]
    return {
        "name": f"courier delivers {DELIVERED} entries / bare GATT notifications",
        "ours": round(statistics.median(ours), 1),
        "reference": round(statistics.median(bare), 1),
        "ratio": round(
            statistics.median(here / there for here, there in zip(ours, bare, strict=True)), 3
        ),
        "unit": "kB/s",
        "target": "≥ 0.3",
        "note": f"{turns[0].size} bytes of signed batches; ours asks for each batch, the lock signs"
        " it then",
    }


@asynccontextmanager
async def _stage() -> AsyncIterator[tuple[PhoneRadio, world.Door, PhoneLink]]:
    """Air, a lock with a journal, a bare server, and a phone's radio at each of them."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nyckelfri-")))
        radios = [f"--port={name}=0" for name in ("lock", "bare", "phone", "probe")]
        air = await stack.enter_async_context(world.started("nyckelfri.demo.air", *radios))
        ports = {
            name: f"tcp-client:127.0.0.1:{port}"
            for name, port in (await air.says())["ports"].items()
        }
        door = world.make_door(folder / "lock.db", now=int(time.time()))
        with Store.open(folder / "lock.db") as store:
            _open_doors(store, DELIVERED)
        config = folder / "lock.toml"
        config.write_text(_CONFIG.format(transport=ports["lock"]), "utf-8")
        lock = await stack.enter_async_context(
            world.started("nyckelfri.cli", "lock", "--events", "--config", str(config))
        )
        await lock.says()
        await stack.enter_async_context(
            world.started("nyckelfri.demo.radiobench", "bare", ports["bare"])
        )
        phone = await stack.enter_async_context(PhoneRadio(ports["phone"]))
        probe = await stack.enter_async_context(PhoneRadio(ports["probe"]))
        found = await probe.find([radiobench.BARE], _WITHIN)
        if found is None:
            raise TimeoutError("the bare server does not advertise")
        yield phone, door, await probe.connect(found)


_CONFIG: Final = """
store = "lock.db"
transport = "{transport}"
advertising_interval = 20
[simulated]
travel = 0.01
"""


async def _turn(phone: PhoneRadio, door: world.Door, bare: PhoneLink) -> Turn:
    link, courier = await _open(phone, door)
    start = time.perf_counter()
    batches = await _fetch(link, courier)
    ours = time.perf_counter() - start
    await link.send(courier.seal(records.End()))
    await link.close()
    size = sum(map(len, batches))
    last = delivery.claimed(batches[-1]).last
    return Turn(last, size, ours, await _stream(bare, -(-size // PIECE)))


async def _open(phone: PhoneRadio, door: world.Door) -> tuple[PhoneLink, Courier]:
    hour = int(time.time()) // world.HOUR
    payloads = [pseudonym(door.record.radio_key, hour + shift) for shift in (-1, 0, 1)]
    found = await phone.find(payloads, _WITHIN)
    if found is None:
        raise TimeoutError("the lock does not advertise")
    link = await phone.connect(found)
    message_1, awaiting_lock = PhoneOpening(door.record, door.phone, door.grant).message_1()
    await link.send(message_1)
    message_2 = await link.receive(_WITHIN, 256)
    message_3, awaiting = awaiting_lock.message_2(message_2).message_3(Command.UNLOCK)
    await link.send(message_3)
    decision, courier = awaiting.message_4(await link.receive(_WITHIN, 256))
    if decision.reason is not Reason.GRANTED:
        raise RuntimeError(f"the lock refused: {decision.reason.name}")
    while not isinstance(courier.open(await link.receive(_WITHIN, 1024)), records.OutcomeRecord):
        pass
    return link, courier


async def _fetch(link: PhoneLink, courier: Courier) -> Sequence[bytes]:
    """The first 500 entries, batch by batch, as a phone asks for them."""
    batches: list[bytes] = []
    first = 1
    while first <= DELIVERED:
        await link.send(courier.seal(records.Fetch(first)))
        record = courier.open(await link.receive(_WITHIN, records.MAX_RECORD))
        if not isinstance(record, records.BatchRecord):
            raise TypeError("the lock has fewer entries than it was given")
        batches.append(record.data)
        first = delivery.claimed(record.data).last + 1
    return batches


async def _stream(link: PhoneLink, pieces: int) -> float:
    """Seconds for so many notifications from the bare server."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    for listeners in link.connection.gatt_client.notification_subscribers.values():
        listeners.clear()
        listeners.add(heard.put_nowait)
    start = time.perf_counter()
    await link.write(PIECE.to_bytes(2) + pieces.to_bytes(2) + bytes(96))
    for _ in range(pieces):
        await asyncio.wait_for(heard.get(), _WITHIN)
    return time.perf_counter() - start
