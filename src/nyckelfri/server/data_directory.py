"""The directory that holds everything this server must not lose or show.

House rules: nothing is made at import time; what is made is readable by its owner only.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nyckelfri.server import whole_files

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT = "NYCKELFRI_DATA"
DEFAULT = "nyckelfri-data"
COPIES = "NYCKELFRI_COPIES"
_SECRET_KEY_FILE = "secret-key"  # noqa: S105 -- the name of a file, not what is in it


def from_environment(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the data directory by NYCKELFRI_DATA, else ./nyckelfri-data; it need not exist yet."""
    return Path(environment.get(ENVIRONMENT) or DEFAULT).resolve()


def for_copies(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Give the directory for copies of the log by NYCKELFRI_COPIES, else none."""
    return Path(named).resolve() if (named := environment.get(COPIES)) else None


def ensure(directory: Path) -> Path:
    """Make `directory` (mode 0700) where it is missing and return it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def secret_key(directory: Path) -> str:
    """Give the secret that signs sessions: 64 hex digits, made with mode 0600 at first use."""
    path = ensure(directory) / _SECRET_KEY_FILE
    if not path.exists():
        # Of two processes that start at once, one makes it.
        with suppress(FileExistsError):
            whole_files.write(path, secrets.token_hex(32).encode("ascii"), new=True)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 64:
        raise ValueError(f"{path} is damaged: restore it from a copy, or remove it to log all out")
    return key


@contextmanager
def serving(directory: Path) -> Iterator[None]:
    """Let others see that a server works here, until the block or the process ends."""
    with _gate(directory).open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
        yield


@contextmanager
def nobody_serving(directory: Path) -> Iterator[bool]:
    """Whether no server works here; if so, none begins before the block ends."""
    with _gate(directory).open("w") as gate:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _gate(directory: Path) -> Path:
    return ensure(directory) / ".serving.lock"
