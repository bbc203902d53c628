"""An event loop whose time passes as soon as nothing is left to do.

House rule: no thread and no socket of anybody else: what waits, waits for time alone, so that ten
seconds of a silent phone cost nothing and every run is the same.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final

from fuzz.target import InvariantError

_LEAST: Final = 1e-6
"""Seconds that a turn of the loop takes."""


class _Impatient(selectors.DefaultSelector):
    """Waits by moving the clock of its loop."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready, which is nothing but the loop's own wake-up."""
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise InvariantError("everybody waits, and nothing will ever happen")
            # Never not at all: whoever looks at the clock again and again sees it move.
            self.now += max(timeout, _LEAST)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that begins at second 0; `faults` are the exceptions that nobody caught."""

    def __init__(self) -> None:
        self._selector_of_time = _Impatient()
        super().__init__(self._selector_of_time)
        self.faults: list[BaseException] = []
        self.set_exception_handler(self._fault)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._selector_of_time.now

    def _fault(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        exception = context.get("exception")
        self.faults.append(exception or InvariantError(str(context.get("message"))))


def run(story: Coroutine[Any, Any, None]) -> None:
    """Run `story` on a loop of its own; raises what it raises, or what any task of it did."""
    loop = VirtualLoop()
    try:
        try:
            loop.run_until_complete(story)
        finally:
            loop.run_until_complete(_end_tasks())
    finally:
        loop.close()
    if loop.faults:
        raise loop.faults[0]


async def _end_tasks() -> None:
    """Cancel whatever is left, so that its errors come to light."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    for result in await asyncio.gather(*left, return_exceptions=True):
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
