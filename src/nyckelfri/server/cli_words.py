"""How the deeds of `nyckelfri server` speak and fail.

House rules: results on standard output, everything else on standard error.
"""

from __future__ import annotations

import sys
from pathlib import Path

ACTOR = "system:command-line"
_MAX_FILE = 256 * 1024


class Failed(Exception):  # noqa: N818 -- it is how a deed ends
    """The deed was not done; the text says what to do."""


def say(text: str) -> None:
    """Print a result."""
    print(text)  # noqa: T201 - the terminal is where this speaks


def tell(text: str) -> None:
    """Print what a person should know and a program need not."""
    print(text, file=sys.stderr)  # noqa: T201 - the same


def read(path: Path) -> bytes:
    """Read a small file; Failed if it is missing or too large."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise Failed(f"cannot read {path}: {error.strerror}") from None
    if len(data) > _MAX_FILE:
        raise Failed(f"{path} is too large to be what is wanted")
    return data
