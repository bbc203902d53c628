"""A radio for the pages of a Chromium: its emulated Bluetooth here, the virtual air there.

    python -m nyckelfri.demo.webradio --devtools PORT --transport tcp-client:127.0.0.1:PORT

One browser is one phone, however many pages it has. Chromium runs with --remote-debugging-port
and --enable-features=WebBluetooth. What happens is told as JSON lines, {"what": "ready"} first.
Lines on standard input play the person, and mishaps:

answer first|nobody|nothing   to every chooser: the first lock, cancel it, or leave it open
choose ADDRESS                one lock of the open chooser
cancel                        the open chooser
bluetooth on|off|absent       switch it off, and all links end
mute on|off                   nothing a lock says comes to the page

House rules: pieces pass unchanged, and no byte of them is told. The lock at the other end is a
real one; only Chromium's radio and the air are pretended.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Coroutine
from functools import partial
from importlib import resources
from typing import Any, Final

from bumble.device import Connection
from bumble.hci import Address

from nyckelfri.demo.airlink import AirLink
from nyckelfri.demo.chooser import Chooser, Tell, address_of
from nyckelfri.demo.devtools import DevTools, DevToolsError
from nyckelfri.demo.fakeradio import CONNECTION_TIMEOUT, REFUSED, FakeLock
from nyckelfri.phone.radio import Found, PhoneRadio
from nyckelfri.radio.bluetooth import RadioError
from nyckelfri.radio.link import LinkClosed

_PAGE: Final = (resources.files("nyckelfri.demo") / "fakeradio.js").read_text("utf-8")
_CALL: Final = 5.0
"""Seconds between a page's word that it connects and Chromium's."""
_SECURE: Final = "chrome://version"
"""A page that is there without a server, and may use Bluetooth."""
_STATES: Final = {"on": "powered-on", "off": "powered-off", "absent": "absent"}


class Line:
    """One lock: as the page sees it, and the link to it."""

    def __init__(self, fake: FakeLock, address: Address) -> None:
        self.fake = fake
        self.address = address
        self.link: AirLink | None = None
        self.device = ""
        """The page's number of it, since it has connected."""
        self.opening = False
        self.turn = asyncio.Lock()
        """Operations are done in the order of their coming."""
        self.working: set[asyncio.Task[None]] = set()


class Calling:
    """A page that has said that it connects; `line` gets the lock that it means, None for none."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.line: asyncio.Future[Line | None] = asyncio.get_running_loop().create_future()

    def means(self, line: Line | None) -> None:
        """What it turns out to mean; what comes later is somebody else's."""
        if not self.line.done():
            self.line.set_result(line)


class WebRadio:
    """The bridge. `run` until the browser ends."""

    def __init__(self, tools: DevTools, radio: PhoneRadio, tell: Tell) -> None:
        self._tools = tools
        self._radio = radio
        self._tell = tell
        self._lines: dict[str, Line] = {}
        self._owners: dict[str, str] = {}
        """Address to the page that chose it."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._reaching = asyncio.Lock()
        self._calls = asyncio.Lock()
        self._calling = Calling("")
        self._state = "on"
        self._mute = False
        self._chooser = Chooser(
            tools, radio, show=self._show, chosen=self._chosen, spawn=self._spawn, tell=tell
        )

    async def run(self) -> None:
        """Serve every page of the browser until it ends. Raises `DevToolsError`."""
        on = self._tools.on
        on("Target.attachedToTarget", lambda _, event: self._spawn(self._attached(event)))
        on("Target.detachedFromTarget", lambda _, event: self._left(event["sessionId"]))
        on("Page.frameNavigated", self._navigated)
        on("Runtime.bindingCalled", self._told)
        on("DeviceAccess.deviceRequestPrompted", self._chooser.prompted)
        on("BluetoothEmulation.gattOperationReceived", self._operation)
        on("BluetoothEmulation.characteristicOperationReceived", self._value_operation)
        await self._switch_on()
        await self._tools.send(
            "Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True
        )
        self._tell({"what": "ready"})
        try:
            await self._tools.ended()
        finally:
            for task in self._tasks:
                task.cancel()
            for line in self._lines.values():
                if line.link is not None:
                    await line.link.close()

    def _spawn(self, work: Coroutine[Any, Any, None], line: Line | None = None) -> None:
        """Do something that may fail because a page or the browser has gone meanwhile."""

        async def run() -> None:
            try:
                await work
            except (DevToolsError, RadioError) as error:
                self._tell({"what": "trouble", "why": str(error)})

        task = asyncio.create_task(run())
        task.add_done_callback(lambda _: work.close())  # where it never began
        for tasks in (self._tasks, line.working) if line else (self._tasks,):
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    # Pages.

    async def _switch_on(self) -> None:
        """Switch the emulation on; it goes off with the last page that has asked for Bluetooth.

        So there is always one more, in the background.
        """
        await self._tools.send(
            "BluetoothEmulation.enable", state=_STATES[self._state], leSupported=True
        )
        made = await self._tools.send("Target.createTarget", url=_SECURE, background=True)
        target = made["targetId"]
        keeper = await self._tools.send("Target.attachToTarget", targetId=target, flatten=True)
        await self._tools.send(
            "Runtime.evaluate",
            keeper["sessionId"],
            expression="navigator.bluetooth.getAvailability()",
            awaitPromise=True,
        )

    async def _attached(self, event: dict[str, Any]) -> None:
        """A page begins when its radio is there: before, its first choosing would be denied."""
        session = event["sessionId"]
        if event["targetInfo"]["type"] == "page":
            for step in ("Page.enable", "Runtime.enable", "DeviceAccess.enable"):
                await self._tools.send(step, session)
            await self._tools.send("Runtime.addBinding", session, name="nyckelfriTells")
        await self._tools.send("Runtime.runIfWaitingForDebugger", session)

    def _navigated(self, session: str, event: dict[str, Any]) -> None:
        if "parentId" not in event["frame"]:
            self._left(session)

    def _left(self, session: str) -> None:
        """A page is gone, with its links."""
        self._chooser.left(session)
        self._stays(session)
        for address, owner in list(self._owners.items()):
            if owner == session:
                del self._owners[address]
                self._spawn(self._hang_up(self._lines[address], heard=True))

    # Choosing.

    async def _show(self, found: Found) -> None:
        address = address_of(found)
        line = self._lines.setdefault(address, Line(FakeLock(self._tools, address), found.address))
        await line.fake.show(found.payload, found.strength)

    async def _chosen(self, session: str, address: str) -> None:
        self._owners[address] = session
        await self._evaluate(session, _PAGE)

    async def _evaluate(self, session: str, expression: str) -> None:
        await self._tools.send("Runtime.evaluate", session, expression=expression)

    # What the page does.

    def _operation(self, _: str, event: dict[str, Any]) -> None:
        line = self._lines.get(event["address"])
        if line is None:
            return
        if event["type"] == "connection":
            self._calling.means(line)
            self._spawn(self._connect(line))
        else:
            self._spawn(self._discover(line), line)

    def _value_operation(self, _: str, event: dict[str, Any]) -> None:
        for line in self._lines.values():
            if event["characteristicId"] in {line.fake.to_lock, line.fake.to_phone}:
                if event["type"] == "read":
                    line.fake.reads()
                    self._spawn(line.fake.pump(), line)
                else:
                    self._spawn(self._do(line, event), line)

    async def _connect(self, line: Line) -> None:
        async with line.turn:
            try:
                connection = await self._reach(line)
            except LinkClosed as error:
                self._tell({"what": "unreachable", "lock": line.fake.address, "why": str(error)})
            else:
                line.link = AirLink(connection, partial(self._say, line), partial(self._lose, line))
                self._tell({"what": "connected", "lock": line.fake.address})
            await line.fake.answer("connection", 0 if line.link else CONNECTION_TIMEOUT)

    async def _reach(self, line: Line) -> Connection:
        if self._state != "on":
            raise LinkClosed("Bluetooth is off")
        async with self._reaching:  # a radio connects to one at a time
            line.opening = True
            try:
                return await self._radio.reach(line.address)
            finally:
                line.opening = False

    def _say(self, line: Line, piece: bytes) -> None:
        if not self._mute:
            line.fake.says(piece)
            self._spawn(line.fake.pump(), line)

    def _lose(self, line: Line) -> None:
        self._spawn(self._lost(line), line)

    async def _discover(self, line: Line) -> None:
        async with line.turn:
            await line.fake.build()
            await line.fake.answer("discovery")

    async def _do(self, line: Line, event: dict[str, Any]) -> None:
        async with line.turn:
            code = 0 if line.link is not None else REFUSED
            try:
                match line.link, event["type"]:
                    case AirLink() as link, "write":
                        await link.carry(FakeLock.written(event))
                    case AirLink() as link, "subscribe-to-notifications":
                        await link.subscribe()
            except LinkClosed:
                code = REFUSED
            await line.fake.answer_value(event["characteristicId"], event["type"], code)

    def _told(self, session: str, event: dict[str, Any]) -> None:
        """What fakeradio.js tells, which waits for the answer."""

        async def answer() -> None:
            said = json.loads(event["payload"])
            line = next((x for x in self._lines.values() if x.device == said["device"]), None)
            done = f"nyckelfriHeard({said['number']})"
            if said["what"] == "connects":
                async with line.turn if line is not None else contextlib.nullcontext():
                    pass  # its last link has come to its end
                await self._call(session, said["device"], done)
                return
            if said["what"] == "parts" and line is not None:
                await self._hang_up(line, heard=True)
            if said["what"] == "stays":
                self._stays(session)
            await self._evaluate(session, done)

        if event["name"] == "nyckelfriTells":
            self._spawn(answer())

    async def _call(self, session: str, device: str, done: str) -> None:
        """Let a page connect, and learn which lock its number of a device means."""
        async with self._calls:
            self._calling = calling = Calling(session)
            self._spawn(self._evaluate(session, done))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CALL):
                    if (line := await calling.line) is not None:
                        line.device = device

    def _stays(self, session: str) -> None:
        """A page does not connect, though it has said so."""
        if self._calling.session == session:
            self._calling.means(None)

    # How a link ends.

    async def _hang_up(self, line: Line, *, heard: bool = False) -> None:
        """The page ends the link, or the person: then the page is still to hear of it."""
        for task in line.working:
            task.cancel()
        if line.opening:
            await self._radio.give_up()
        async with line.turn:
            link, line.link = line.link, None
            if link is not None:
                await link.close()
                self._tell({"what": "parted", "lock": line.fake.address})
            await line.fake.end(heard=heard)

    async def _lost(self, line: Line) -> None:
        """The lock, or the air, ends it."""
        async with line.turn:
            if line.link is not None:
                line.link = None
                self._tell({"what": "lost", "lock": line.fake.address})
                await line.fake.end(heard=False)

    # What is played.

    async def obey(self, words: list[str]) -> None:
        """One line of standard input; raises ValueError for one that means nothing."""
        match words:
            case ["answer", "first" | "nobody" | "nothing" as answer]:
                self._chooser.answer = answer
            case ["choose", address] if address in self._lines:
                await self._chooser.choose(address)
            case ["cancel"]:
                await self._chooser.cancel()
            case ["bluetooth", "on" | "off" | "absent" as state]:
                self._state = state
                if state != "on":
                    for line in self._lines.values():
                        await self._hang_up(line)
                await self._tools.send(
                    "BluetoothEmulation.setSimulatedCentralState", state=_STATES[state]
                )
            case ["mute", "on" | "off" as mute]:
                self._mute = mute == "on"
            case _:
                raise ValueError("unknown")
        self._tell({"what": "done", "line": " ".join(words)})


async def _obey(bridge: WebRadio, tell: Tell) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        words = line.decode("utf-8", "replace").split()
        try:
            await bridge.obey(words)
        except (ValueError, DevToolsError) as error:
            tell({"what": "refused", "line": " ".join(words), "why": str(error)})
    await asyncio.Event().wait()


def _print(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


async def _run(devtools: int, transport: str) -> None:
    async with PhoneRadio(transport) as radio, DevTools(devtools) as tools:
        bridge = WebRadio(tools, radio, _print)
        obeying = asyncio.create_task(_obey(bridge, _print))
        try:
            await bridge.run()
        finally:
            obeying.cancel()


def main() -> int:
    """Run until the browser ends, or until interrupted."""
    parser = argparse.ArgumentParser(
        prog="nyckelfri.demo.webradio", description="A radio for the pages of a Chromium."
    )
    parser.add_argument("--devtools", type=int, required=True, metavar="TCPPORT")
    parser.add_argument("--transport", required=True)
    chosen = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(chosen.devtools, chosen.transport))
    return 0


if __name__ == "__main__":
    sys.exit(main())
