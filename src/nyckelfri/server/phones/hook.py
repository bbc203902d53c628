"""The municipality's own device management, told of a phone by a program of theirs.

House rules: the program is named in a setting, by its absolute path, and gets one JSON
object on standard input; what it writes is not read, since nobody knows what stands in
it. It has seconds, not minutes, and everything it started ends with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

TIMEOUT: Final = 20.0
"""Seconds that the program may take."""


class Event(StrEnum):
    """What has happened to a phone."""

    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the program did it; `why` in a word, for the audit log."""

    done: bool
    why: str


def run(program: str, said: Mapping[str, str], *, timeout: float = TIMEOUT) -> Outcome:
    """Run the program with `said` on its standard input; never raises for what it does."""
    if not Path(program).is_absolute():
        return Outcome(done=False, why="the setting must be an absolute path")
    data = json.dumps(dict(said), ensure_ascii=False, sort_keys=True).encode()
    try:
        child = subprocess.Popen(  # noqa: S603 -- the operator's own program, no shell
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        return Outcome(done=False, why=f"cannot be started: {type(error).__name__}")
    try:
        child.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired:
        return Outcome(done=False, why="took too long")
    finally:
        _end(child)
    return Outcome(done=child.returncode == 0, why=f"exit status {child.returncode}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the program and whatever it has left behind in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
