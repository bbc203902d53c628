"""A running Chromium by its DevTools protocol: commands, their answers, and events.

House rules: loopback only. An event is handed to its listeners in order, before the next one is
read; who has more to do starts a task of their own.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

HOST: Final = "127.0.0.1"
COMMAND_TIME: Final = 10.0
_LONGEST: Final = 1 << 24

Listener = Callable[[str, dict[str, Any]], None]
"""Gets the session, empty for the browser's own, and the event's parameters."""


class DevToolsError(Exception):
    """The browser is gone, silent, or refuses; the text says which command."""


class DevTools:
    """The browser that listens on a DevTools port; an async context manager."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: ClientConnection
        self._reading: asyncio.Task[None]
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self._number = 0

    async def __aenter__(self) -> Self:
        try:
            url = await asyncio.to_thread(_address, self._port)
            self._socket = await connect(url, max_size=_LONGEST, compression=None, proxy=None)
        except (OSError, ValueError, KeyError, WebSocketException) as error:
            raise DevToolsError(f"no Chromium at port {self._port}: {error}") from None
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._reading.cancel()
        await asyncio.wait({self._reading})
        await self._socket.close()

    async def ended(self) -> None:
        """Wait until the browser is gone; raises what a listener has raised."""
        await asyncio.wait({self._reading})
        if not self._reading.cancelled():
            self._reading.result()

    def on(self, event: str, listener: Listener) -> None:
        """Hand every event of this name to `listener`."""
        self._listeners.setdefault(event, []).append(listener)

    async def send(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """One command; its result. Raises `DevToolsError`."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            if self._reading.done():
                raise DevToolsError(f"{method}: the browser is gone")
            await self._socket.send(
                json.dumps(message | ({"sessionId": session} if session else {}))
            )
            async with asyncio.timeout(COMMAND_TIME):
                said = await answer
        except TimeoutError:
            raise DevToolsError(f"{method}: no answer") from None
        except WebSocketException as error:
            raise DevToolsError(f"{method}: {error}") from None
        finally:
            del self._answers[number]
        if "error" in said:
            raise DevToolsError(f"{method}: {said['error'].get('message')}")
        result: dict[str, Any] = said["result"]
        return result

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except WebSocketException:
            pass
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(DevToolsError("the browser is gone"))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            answer = self._answers.get(message["id"])
            if answer is not None and not answer.done():
                answer.set_result(message)
            return
        for listener in self._listeners.get(message["method"], []):
            listener(message.get("sessionId", ""), message["params"])


def _address(port: int) -> str:
    with urllib.request.urlopen(f"http://{HOST}:{port}/json/version", timeout=COMMAND_TIME) as said:
        url: str = json.load(said)["webSocketDebuggerUrl"]
    return url
