"""The virtual air as a process: one Bluetooth controller for each TCP port, and a control port.

    python -m nyckelfri.demo.air --port lock=0 --port phone=0 --control 0

Programs open `tcp-client:127.0.0.1:PORT` as their Bumble transport. When everything listens, one
JSON line says on which ports: {"ports": {"lock": 40001, "phone": 40002}, "control": 40003}.

The control port takes one JSON object a line and answers each with one, {"ok": true} or
{"ok": false, "error": "…"}:

    {"do": "strength", "between": ["lock", "phone"], "dbm": -70}
    {"do": "jam", "radio": "phone", "on": true}
    {"do": "drop", "radio": "phone", "after": 3}     after so many data packets; 0 or absent: now
    {"do": "radios"}                                 adds "radios": names with a host attached

House rules: loopback only; a pretend world needs no security, but it never listens to a network.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from bumble.transport.common import StreamPacketSink, StreamPacketSource

from nyckelfri.demo.airwaves import AirController, Airwaves

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "127.0.0.1"
LINE_LIMIT = 4096


class Antenna(StreamPacketSource):
    """A host's TCP connection to a radio: the radio lives as long as the connection."""

    def __init__(self, air: Airwaves, name: str) -> None:
        super().__init__()
        self._air = air
        self._name = name
        self._controller: AirController | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Switch the radio on; a second host of the same name is turned away."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - what a stream server gives
        if self._name in self._air.radios():
            transport.close()
            return
        self._controller = AirController(self._name, self._air, self, StreamPacketSink(transport))

    def connection_lost(self, _error: Exception | None) -> None:
        """Switch the radio off."""
        if self._controller is not None:
            self._controller.unplug()


def obey(air: Airwaves, line: bytes) -> dict[str, Any]:
    """Carry out one control line; every mistake in it becomes an answer."""
    try:
        match json.loads(line):
            case {"do": "strength", "between": [str(one), str(other)], "dbm": int(dbm)}:
                air.set_strength(one, other, dbm)
            case {"do": "jam", "radio": str(name), "on": bool(on)}:
                air.jam(name, on=on)
            case {"do": "drop", "radio": str(name), "after": int(after)}:
                air.drop(name, after=after)
            case {"do": "drop", "radio": str(name)}:
                air.drop(name)
            case {"do": "radios"}:
                return {"ok": True, "radios": sorted(air.radios())}
            case _:
                return {"ok": False, "error": "unknown: ask for strength, jam, drop or radios"}
    except (ValueError, RecursionError) as error:
        return {"ok": False, "error": str(error)}
    return {"ok": True}


class Air:
    """The listening process: radios by name, and the control port. An async context manager."""

    def __init__(self, ports: dict[str, int], control: int) -> None:
        self.waves = Airwaves()
        self.ports = dict(ports)
        self.control = control
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for name, port in self.ports.items():
            server = await loop.create_server(partial(Antenna, self.waves, name), HOST, port)
            self._servers.append(server)
            self.ports[name] = server.sockets[0].getsockname()[1]
        server = await asyncio.start_server(self._control, HOST, self.control, limit=LINE_LIMIT)
        self._servers.append(server)
        self.control = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        for server in self._servers:
            server.close()
        for radio in self.waves.radios().values():
            if isinstance(radio.hci_sink, StreamPacketSink):
                radio.hci_sink.close()

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(obey(self.waves, line)).encode() + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError):
            pass  # a line without end, or the other side is gone: hang up
        finally:
            writer.close()


async def tell(control: int, **request: object) -> dict[str, Any]:
    """Send one request to the control port of an air process and return its answer.

    Raises ValueError with the air's own words when it refuses.
    """
    reader, writer = await asyncio.open_connection(HOST, control)
    try:
        writer.write(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()
    if not answer.pop("ok"):
        raise ValueError(answer["error"])
    return answer


def _port(text: str) -> tuple[str, int]:
    name, _, port = text.partition("=")
    if not name or not port.isdigit() or int(port) > 65_535:
        raise argparse.ArgumentTypeError("give NAME=TCPPORT, for instance lock=0 for a free port")
    return name, int(port)


async def _run(ports: dict[str, int], control: int) -> None:
    async with Air(ports, control) as air:
        sys.stdout.write(json.dumps({"ports": air.ports, "control": air.control}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="nyckelfri.demo.air", description="A virtual radio.")
    parser.add_argument(
        "--port", action="append", type=_port, required=True, metavar="NAME=TCPPORT"
    )
    parser.add_argument("--control", type=int, default=0, metavar="TCPPORT")
    chosen = parser.parse_args(arguments)
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_run(dict(chosen.port), chosen.control))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
