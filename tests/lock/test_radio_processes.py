"""The same radio over TCP: air, lock and phone as processes of their own, as the demo runs them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from radioworld import LIMIT, SOON

from nyckelfri.demo import radiobench
from nyckelfri.demo.air import HOST, Air, tell
from nyckelfri.phone.radio import PhoneRadio
from nyckelfri.radio.bluetooth import RadioError
from nyckelfri.radio.link import LinkClosed

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from nyckelfri.phone.radio import PhoneLink

LONG = 20.0


async def start(*words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", *words, stdout=asyncio.subprocess.PIPE
    )


async def end(process: Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):  # a busy machine ends processes slowly
            await process.communicate()


@contextlib.asynccontextmanager
async def lock_process(air: Air) -> AsyncIterator[Process]:
    """A lock's radio in its own process, answering on demand."""
    process = await start("nyckelfri.demo.radiobench", "ours", transport(air, "lock"))
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def transport(air: Air, name: str) -> str:
    return f"tcp-client:{HOST}:{air.ports[name]}"


async def dial(phone: PhoneRadio) -> PhoneLink:
    found = await phone.find([radiobench.OURS], LONG)
    assert found is not None
    return await phone.connect(found)


async def asks(link: PhoneLink, size: int = 9) -> None:
    await link.send(size.to_bytes(2) + b"\x00\x01")
    assert len(await link.receive(SOON, LIMIT)) == size


@pytest.fixture
async def air() -> AsyncIterator[Air]:
    async with Air({"lock": 0, "phone": 0}, 0) as air:
        yield air


@pytest.mark.sentence(92)
async def test_lock_and_phone_in_two_processes_exchange_messages(air: Air) -> None:
    async with lock_process(air), PhoneRadio(transport(air, "phone")) as phone:
        link = await dial(phone)
        for size in (1, 255, 256, 40_000):
            await asks(link, size)
        await link.close()
        await asks(await dial(phone))


@pytest.mark.threat(38)
async def test_a_phone_whose_process_dies_leaves_the_lock_free_for_the_next(air: Air) -> None:
    async with lock_process(air):
        async with PhoneRadio(transport(air, "phone")) as phone:
            await asks(await dial(phone))
            sink: Any = phone._device.host.hci_sink
            sink.transport.abort()
        async with PhoneRadio(transport(air, "phone")) as phone:
            await asks(await dial(phone))


async def test_a_lock_whose_process_dies_ends_the_link_and_may_come_back(air: Air) -> None:
    async with PhoneRadio(transport(air, "phone")) as phone:
        async with lock_process(air) as process:
            link = await dial(phone)
            process.kill()
            with pytest.raises(LinkClosed):
                await link.receive(LONG, LIMIT)
        async with lock_process(air):
            await asks(await dial(phone))


async def test_an_air_that_restarts_gets_its_lock_back(air: Air) -> None:
    ports = dict(air.ports)
    async with lock_process(air):
        async with PhoneRadio(transport(air, "phone")) as phone:
            await asks(await dial(phone))
        await air.__aexit__()
        async with Air(ports, 0) as again, PhoneRadio(transport(again, "phone")) as phone:
            await asks(await dial(phone))


async def test_strength_jam_and_drop_are_told_over_the_control_port(air: Air) -> None:
    async with lock_process(air), PhoneRadio(transport(air, "phone")) as phone:
        await tell(air.control, do="strength", between=["phone", "lock"], dbm=-77)
        link = await dial(phone)
        assert await link.strength() == -77
        assert await tell(air.control, do="radios") == {"radios": ["lock", "phone"]}
        await tell(air.control, do="drop", radio="phone")
        with pytest.raises(LinkClosed):
            await link.receive(SOON, LIMIT)
        await tell(air.control, do="jam", radio="lock", on=True)
        assert await phone.find([radiobench.OURS], 0.2) is None
        await tell(air.control, do="jam", radio="lock", on=False)
        link = await dial(phone)
        await tell(air.control, do="drop", radio="lock", after=2)
        with pytest.raises(LinkClosed):
            await asks(link)
        await tell(air.control, do="strength", between=["phone", "lock"], dbm=-100)
        assert await phone.find([radiobench.OURS], 0.2) is None


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"do": "fly"}, "unknown"),
        ({"do": "jam", "radio": "lock"}, "unknown"),
        ({"do": "strength", "between": ["lock", "phone"], "dbm": -300}, "between -127 and 20"),
    ],
)
async def test_a_control_request_that_makes_no_sense_is_answered(
    air: Air, request_: dict[str, object], error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        await tell(air.control, **request_)


@pytest.mark.parametrize("line", [b"not json\n", b"[1]\n", b"\xff\xfe\n"])
async def test_a_control_line_that_is_no_request_is_answered(air: Air, line: bytes) -> None:
    reader, writer = await asyncio.open_connection(HOST, air.control)
    writer.write(line)
    assert json.loads(await reader.readline())["ok"] is False
    writer.close()
    await writer.wait_closed()


async def test_a_control_line_without_end_is_cut_off(air: Air) -> None:
    reader, writer = await asyncio.open_connection(HOST, air.control)
    writer.write(b"x" * 20_000)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_second_host_of_the_same_radio_is_turned_away(air: Air) -> None:
    async with PhoneRadio(transport(air, "phone")):
        with pytest.raises(RadioError, match="start the controller"):
            async with PhoneRadio(transport(air, "phone")):
                pass


async def test_the_air_program_says_its_ports_and_ends_when_interrupted() -> None:
    process = await start("nyckelfri.demo.air", "--port", "lock=0", "--port", "phone=0")
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    assert set(ready["ports"]) == {"lock", "phone"}
    assert await tell(ready["control"], do="radios") == {"radios": []}
    await end(process)
    assert process.returncode == 0


@pytest.mark.parametrize("words", [[], ["--port", "lock"], ["--port", "lock=70000"]])
async def test_wrong_ports_are_refused_with_a_hint(words: list[str]) -> None:
    process = await start("nyckelfri.demo.air", *words)
    await process.communicate()
    assert process.returncode == 2


async def test_the_radio_bench_reports_every_row() -> None:
    async with radiobench.whole_air() as (phone, probe):
        report = await radiobench.measure(phone, probe, rounds=20)
    assert set(report) == {
        f"{what} {way}" for what in ("opening", "100 B", "stream") for way in ("ours", "bare")
    }
    assert all(value > 0 for row in report.values() for value in row.values())
