"""Several threads at one database, brought to the same place before any goes on.

House rules: each thread has a connection of its own, as in the server. A meeting place
never waits for ever: who is kept out by a lock does not come, and the others go on
without it, so a test of what is mended takes `PATIENCE` and ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, TypeVar

import pytest
from django.db import connections

PATIENCE: Final = 0.4
"""Seconds that a meeting waits for whoever does not come."""
_ENDS_WITHIN: Final = 60

P = ParamSpec("P")
R = TypeVar("R")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make these calls in threads that start together; what each gave, or raised."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(_ENDS_WITHIN)
            return call()
        except Exception as error:  # noqa: BLE001 -- the test judges it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result(_ENDS_WITHIN) for each in [pool.submit(run, call) for call in calls]]


def in_a_thread(call: Callable[[], Any]) -> Any:
    """Make a call from elsewhere, to its end; what it gave, or raises what it raised."""
    (found,) = at_once(call)
    if isinstance(found, Exception):
        raise found
    return found


@dataclass
class Meeting:
    """A place where `parties` threads wait for each other, once."""

    parties: int = 2
    came: int = 0
    _gate: threading.Condition = field(default_factory=threading.Condition)

    def wait(self) -> None:
        """Wait until all have come, or patience ends; later ones pass."""
        with self._gate:
            self.came += 1
            self._gate.notify_all()
            self._gate.wait_for(lambda: self.came >= self.parties, PATIENCE)

    def after(self, function: Callable[P, R]) -> Callable[P, R]:
        """`function`, with a meeting when it is done."""

        def met(*args: P.args, **kwargs: P.kwargs) -> R:
            found = function(*args, **kwargs)
            self.wait()
            return found

        return met


def meet_after(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, parties: int = 2) -> Meeting:
    """Have all who call `where.name` meet when it is done."""
    meeting = Meeting(parties)
    monkeypatch.setattr(where, name, meeting.after(getattr(where, name)))
    return meeting


def once_between(
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
    deed: Callable[[], Any],
    *,
    call: int = 1,
    before: bool = False,
    patience: float = PATIENCE,
) -> list[Any]:
    """Have somebody else do `deed` right after (or before) the given call of `where.name`.

    The deed is begun and given `patience`; where a lock keeps it out, the caller goes on and
    the deed ends later. The list holds, after `finish`, what the deed gave or raised.
    """
    real = getattr(where, name)
    found: list[Any] = []
    calls: list[None] = []
    thread = threading.Thread(target=lambda: found.extend(at_once(deed)))
    _WAITING.append(thread)

    def begin(at: int) -> None:
        if at == call:
            thread.start()
            thread.join(patience)

    def called(*args: Any, **kwargs: Any) -> Any:
        calls.append(None)
        at = len(calls)
        if before:
            begin(at)
        given = real(*args, **kwargs)
        if not before:
            begin(at)
        return given

    monkeypatch.setattr(where, name, called)
    return found


_WAITING: list[threading.Thread] = []


def finish() -> None:
    """Wait for every deed that was to be done in between; AssertionError if it was not begun."""
    while _WAITING:
        thread = _WAITING.pop()
        assert thread.ident is not None, "the place of the deed was never reached"
        thread.join(_ENDS_WITHIN)
