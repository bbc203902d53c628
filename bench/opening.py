"""An opening through three processes against its bare parts, and what a lock process weighs.

Real programs on a virtual radio: `nyckelfri lock` with a simulated motor, the virtual air, and
this process as the phone. Time runs from just before message 1 is handed to the phone's radio to
the lock's event `granted`, which the lock stamps after the motor has started; both stamps are
CLOCK_MONOTONIC, which is one for the machine. Between two openings the parts are taken once each,
in this process and over the same air, so that every opening has its own reference.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import bare, world
from nyckelfri.door import courier as records
from nyckelfri.door.advert import pseudonym
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.phone.radio import PhoneRadio

OPENINGS: Final = 300
WARM_UP: Final = 10
WEIGHED_AT: Final = 50
"""Openings after which the lock process is weighed."""
ENTRY_BYTES: Final = 420
"""What an intent's commit stores: entry, salt and two heads, and the running state twice."""
NUKI_BYTES: Final = 344
MEMORY_MB: Final = 80
_WITHIN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Opening:
    """Seconds to the motor, and the messages' sizes in bytes, in order."""

    seconds: float
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """Seconds that the bare parts of one opening took."""

    cryptography: float
    write: float
    gatt: float

    @property
    def total(self) -> float:
        """Their sum."""
        return self.cryptography + self.write + self.gatt


@dataclass(frozen=True, slots=True)
class Measured:
    """One run."""

    openings: Sequence[Opening]
    parts: Sequence[Parts]
    memory_mb: float


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report."""
    measured = asyncio.run(measure(5 if quick else OPENINGS, 1 if quick else WARM_UP))
    ours = [opening.seconds for opening in measured.openings]
    parts = [part.total for part in measured.parts]
    yield _times("first byte to motor start, p95", _p95(ours), _p95(parts)) | {
        "target": "≤ 2",
        "note": f"reference: {_explained(measured.parts)}; p95 of the sums. Ours ends before"
        " message 4 travels, the reference holds both round trips whole.",
    }
    yield _times("first byte to motor start, median", *map(statistics.median, (ours, parts)))
    longest = max((opening.sizes for opening in measured.openings), key=sum)
    yield {
        "name": "bytes of all four messages, full offline grant",
        "ours": sum(longest),
        "reference": NUKI_BYTES,
        "ratio": round(sum(longest) / NUKI_BYTES, 3),
        "unit": "bytes",
        "target": "≤ 1",
        "note": f"messages of {', '.join(map(str, longest))} bytes, framing not counted;"
        " reference: Nuki's exchange, from its public description",
    }
    trips = max(len(opening.sizes) for opening in measured.openings) / 2
    yield {
        "name": "round trips from message 1 to the decision",
        "ours": trips,
        "reference": 2,
        "ratio": trips / 2,
        "unit": "trips",
        "target": "≤ 1",
    }
    yield {
        "name": "resident memory of a lock process",
        "ours": round(measured.memory_mb, 1),
        "reference": MEMORY_MB,
        "ratio": round(measured.memory_mb / MEMORY_MB, 3),
        "unit": "MB",
        "target": "≤ 1",
        "note": f"VmRSS after {min(WEIGHED_AT, len(ours))} openings",
    }


def _times(name: str, ours: float, reference: float) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours * 1000, 2),
        "reference": round(reference * 1000, 2),
        "ratio": round(ours / reference, 2),
        "unit": "ms",
    }


def _explained(parts: Sequence[Parts]) -> str:
    cryptography, write, gatt = (
        statistics.median(getattr(part, name) for part in parts) * 1000
        for name in ("cryptography", "write", "gatt")
    )
    return (
        f"bare cryptography {cryptography:.2f} + one write and fdatasync, same file system,"
        f" {write:.2f} + two bare GATT round trips {gatt:.2f} ms at the median"
    )


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def measure(openings: int, warm_up: int) -> Measured:
    """One run: an opening and its bare parts take turns; the first `warm_up` do not count."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nyckelfri-")))
        radios = [f"--port={name}=0" for name in ("lock", "phone", "peer", "central")]
        air = await stack.enter_async_context(world.started("nyckelfri.demo.air", *radios))
        ports = {
            name: f"tcp-client:127.0.0.1:{port}"
            for name, port in (await air.says())["ports"].items()
        }
        door = world.make_door(folder / "lock.db", now=int(time.time()))
        config = folder / "lock.toml"
        config.write_text(_CONFIG.format(transport=ports["lock"]), "utf-8")
        lock = await stack.enter_async_context(
            world.started("nyckelfri.cli", "lock", "--events", "--config", str(config))
        )
        peer = await stack.enter_async_context(world.started("bench.peer", ports["peer"]))
        await lock.says()
        await peer.says()
        phone = await stack.enter_async_context(PhoneRadio(ports["phone"]))
        gatt = await stack.enter_async_context(bare.gatt(ports["central"]))
        cryptography = bare.Cryptography()
        write = bare.SyncedWrite(folder, ENTRY_BYTES)
        stack.callback(write.close)
        ours: list[Opening] = []
        parts: list[Parts] = []
        memory = 0.0
        for turn in range(-warm_up, openings):
            opening = await _open(phone, door, lock)
            part = Parts(cryptography.seconds(), write.seconds(), await gatt.seconds())
            if turn >= 0:
                ours.append(opening)
                parts.append(part)
            if turn < WEIGHED_AT:
                memory = _resident_mb(lock.pid)
        return Measured(ours, parts, memory)


_CONFIG: Final = """
store = "lock.db"
transport = "{transport}"
advertising_interval = 20
[simulated]
travel = 0.01
"""


async def _open(phone: PhoneRadio, door: world.Door, lock: world.Process) -> Opening:
    hour = int(time.time()) // world.HOUR
    payloads = [pseudonym(door.record.radio_key, hour + shift) for shift in (-1, 0, 1)]
    found = await phone.find(payloads, _WITHIN)
    if found is None:
        raise TimeoutError("the lock does not advertise")
    link = await phone.connect(found)
    message_1, awaiting_lock = PhoneOpening(door.record, door.phone, door.grant).message_1()
    start = time.monotonic()
    await link.send(message_1)
    message_2 = await link.receive(_WITHIN, 256)
    message_3, awaiting_decision = awaiting_lock.message_2(message_2).message_3(Command.UNLOCK)
    await link.send(message_3)
    message_4 = await link.receive(_WITHIN, 256)
    decision, courier = awaiting_decision.message_4(message_4)
    if decision.reason is not Reason.GRANTED:
        raise RuntimeError(f"the lock refused: {decision.reason.name}")
    while not isinstance(courier.open(await link.receive(_WITHIN, 1024)), records.OutcomeRecord):
        pass
    await link.send(courier.seal(records.End()))
    await link.close()
    while (event := await lock.says())["what"] != "granted":
        pass
    messages = (message_1, message_2, message_3, message_4)
    return Opening(event["monotonic"] - start, tuple(map(len, messages)))


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024
