"""An event loop whose time is not the machine's: it jumps to whatever is due next.

House rules: one thread; what would run in another is run at once, in its place. Nothing waits
for a socket, so a loop in which nothing is due any more is an error of the simulation, not a wait.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class StuckError(Exception):
    """Everybody waits for somebody else."""


class _Jump(selectors.DefaultSelector):
    """Finds no socket ready, ever; waiting for one lets the loop's time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError("nothing is due any more")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Virtual seconds since it was made: `time()`."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Virtual seconds."""
        # Whole microseconds: sums of floats must not decide who comes first.
        return round(self._jump.now, 6)

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, call: Callable[..., Any], *arguments: Any
    ) -> asyncio.Future[Any]:
        """Call it here and now; the future is done."""
        done = self.create_future()
        try:
            done.set_result(call(*arguments))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits
            done.set_exception(error)
        return done
