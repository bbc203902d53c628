"""Lines of the server's own log: where something went wrong, and nothing about anybody.

House rules: an exception's text may quote a row ("Key (personal_number)=(…) already
exists") or what somebody sent, so it is left out; its type and the places in our code stay.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Final

_CAUSE: Final = "\nThe direct cause of what follows:\n\n"
_DURING: Final = "\nWhile that was dealt with:\n\n"
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Tracebacks with types and places, without texts; arguments that are exceptions likewise."""

    def format(self, record: logging.LogRecord) -> str:
        """One record; the text of an exception that was handed over as an argument is left out."""
        if isinstance(record.args, tuple):
            said = tuple(_without_text(each) for each in record.args)
            record = logging.makeLogRecord({**record.__dict__, "args": said, "exc_text": None})
        return super().format(record)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 -- the name in logging
        """The types of the exception and its causes, and where each was raised."""
        return "" if ei[1] is None else "".join(_told(ei[1], set())).rstrip("\n")


def _told(error: BaseException, seen: set[int]) -> list[str]:
    seen.add(id(error))
    before: list[str] = []
    for other, said in ((error.__cause__, _CAUSE), (error.__context__, _DURING)):
        hidden = said is _DURING and error.__suppress_context__
        if other is not None and not hidden and id(other) not in seen:
            before = [*_told(other, seen), said]
            break
    places = traceback.format_list(traceback.extract_tb(error.__traceback__))
    return [*before, "Traceback (most recent call last):\n", *places, f"{_name(error)}\n"]


def _without_text(value: object) -> object:
    return _name(value) if isinstance(value, BaseException) else value


def _name(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
