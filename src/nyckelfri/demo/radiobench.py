"""Measure the radio alone: round trips and a stream, bare GATT against our links, over one air.

    python -m nyckelfri.demo.radiobench

starts an air process and a lock's radio in a process of its own, measures from here, and prints
one JSON object. `measure` does the same for a program that has the two transports.

House rules: bare and ours are interleaved in one run, so that a slow machine slows both; bare means
one write and one notification of the same sizes without framing, limits or link.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import secrets
import sys
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from bumble import transport as bumble_transport
from bumble.hci import Address

from nyckelfri.demo.air import HOST
from nyckelfri.lock.adapters.gatt import LockService
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.phone.radio import PhoneRadio
from nyckelfri.radio.bluetooth import power_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bumble.device import Connection

    from nyckelfri.lock.ports import Link
    from nyckelfri.phone.radio import PhoneLink

OURS, BARE = b"bench-us", b"bench-ba"
# Phone to lock, lock to phone: the four messages of an opening, and a round figure.
OPENING = ((37, 53), (214, 38))
ROUND = (100, 100)
STREAM = (200, 500)
PATIENCE = 10.0


async def _respond(link: Link) -> None:
    """Answer a message with as many bytes as its first two say; a stream as its next two say."""
    while True:
        message = await link.receive(PATIENCE, 65_535)
        size, times = int.from_bytes(message[:2]), int.from_bytes(message[2:4])
        for _ in range(times):
            await link.send(bytes(size))


async def serve_ours(transport: str) -> None:
    """Be a lock's radio that answers on demand, until cancelled."""
    radio = BumbleRadio(RadioSettings(transport, advertising_interval=20, lifetime=600))
    await radio.advertise(OURS)
    await radio.serve(_respond)


async def serve_bare(transport: str) -> None:
    """Be a bare GATT server that answers on demand, until cancelled."""
    opened = await bumble_transport.open_transport(transport)
    device = await power_on(opened, Address.generate_static_address())

    async def respond(connection: Connection, value: bytes) -> None:
        size, times = int.from_bytes(value[:2]), int.from_bytes(value[2:4])
        for _ in range(times):
            await device.notify_subscriber(connection, service.to_phone, bytes(size))
            queue = connection.data_packet_queue
            if queue is not None and queue.pending > 32:
                await connection.drain()

    service = LockService(device, respond)
    await device.start_advertising(
        advertising_data=b"\x0b\xff\xff\xff" + BARE,
        advertising_interval_min=20,
        advertising_interval_max=20,
        auto_restart=True,
    )
    await asyncio.Event().wait()


def _request(sent: int, answer: int, times: int = 1) -> bytes:
    return answer.to_bytes(2) + times.to_bytes(2) + secrets.token_bytes(sent - 4)


class _Bare:
    """The phone's side of bare GATT: one write, then wait for one notification."""

    def __init__(self, link: PhoneLink) -> None:
        self._link = link
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        for listeners in link.connection.gatt_client.notification_subscribers.values():
            listeners.clear()
            listeners.add(self._heard.put_nowait)

    async def send(self, message: bytes) -> None:
        await self._link.write(message)

    async def receive(self) -> bytes:
        return await self._heard.get()


async def _trip(
    send: Callable[[bytes], Awaitable[None]],
    receive: Callable[[], Awaitable[bytes]],
    sizes: tuple[tuple[int, int], ...],
) -> float:
    """Milliseconds for the round trips of these sizes, one after the other."""
    requests = [_request(*size) for size in sizes]
    began = time.perf_counter()
    for request in requests:
        await send(request)
        await receive()
    return (time.perf_counter() - began) * 1e3


async def _stream(
    send: Callable[[bytes], Awaitable[None]], receive: Callable[[], Awaitable[bytes]]
) -> float:
    """Kilobytes a second of notifications, lock to phone."""
    size, times = STREAM
    began = time.perf_counter()
    await send(_request(100, size, times))
    for _ in range(times):
        await receive()
    return size * times / (time.perf_counter() - began) / 1e3


def _sum_up(milliseconds: list[float]) -> dict[str, float]:
    return {
        "median_ms": round(median(milliseconds), 3),
        "p95_ms": round(quantiles(milliseconds, n=20)[-1], 3),
    }


async def measure(
    ours_phone: str, bare_phone: str, rounds: int = 300
) -> dict[str, dict[str, float]]:
    """Measure links and bare GATT from two phone transports, interleaved.

    `serve_ours` and `serve_bare` must be on the same air. Milliseconds, and kB/s for the stream.
    """
    async with PhoneRadio(ours_phone) as one, PhoneRadio(bare_phone) as other:
        found, bare_found = await one.find([OURS], PATIENCE), await other.find([BARE], PATIENCE)
        if found is None or bare_found is None:
            raise RuntimeError("nobody answers on this air: start serve_ours and serve_bare")
        link = await one.connect(found)
        bare = _Bare(await other.connect(bare_found))

        async def receive() -> bytes:
            return await link.receive(PATIENCE, 65_535)

        ways = {"ours": (link.send, receive), "bare": (bare.send, bare.receive)}
        figures: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, (send, hear) in ways.items():
                for label, sizes in (("opening", OPENING), ("100 B", (ROUND,))):
                    figures.setdefault(f"{label} {name}", []).append(await _trip(send, hear, sizes))
        report = {label: _sum_up(values) for label, values in figures.items()}
        for name, (send, hear) in ways.items():
            rates = [await _stream(send, hear) for _ in range(5)]
            report[f"stream {name}"] = {"kB_per_s": round(median(rates), 1)}
        return report


async def _spawn(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE
    )


@contextlib.asynccontextmanager
async def whole_air() -> AsyncIterator[tuple[str, str]]:
    """Start air and both servers as processes; give the two phone transports to `measure`."""
    processes = []
    try:
        words = [f"--port={name}=0" for name in ("ours", "bare", "phone", "probe")]
        air = await _spawn("nyckelfri.demo.air", *words)
        processes.append(air)
        assert air.stdout is not None  # noqa: S101 - a pipe was asked for
        ports = json.loads(await air.stdout.readline())["ports"]
        names = {name: f"tcp-client:{HOST}:{port}" for name, port in ports.items()}
        processes.append(await _spawn("nyckelfri.demo.radiobench", "ours", names["ours"]))
        processes.append(await _spawn("nyckelfri.demo.radiobench", "bare", names["bare"]))
        yield names["phone"], names["probe"]
    finally:
        for process in reversed(processes):
            process.terminate()
            await process.wait()


async def _main(rounds: int) -> dict[str, Any]:
    async with whole_air() as (phone, probe):
        return await measure(phone, probe, rounds)


def main() -> int:
    """Measure, or serve one side when told a kind and a transport."""
    parser = argparse.ArgumentParser(description="Measure the radio alone.")
    parser.add_argument("kind", nargs="?", choices=["ours", "bare"])
    parser.add_argument("transport", nargs="?")
    parser.add_argument("--rounds", type=int, default=300)
    chosen = parser.parse_args()
    if chosen.kind is not None:
        asyncio.run((serve_ours if chosen.kind == "ours" else serve_bare)(chosen.transport))
    else:
        sys.stdout.write(json.dumps(asyncio.run(_main(chosen.rounds)), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
