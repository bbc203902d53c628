"""Where targets put their files: in memory, private to the process, gone with it."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- only a parent of private directories
PREFIX: Final = "nyckelfri-fuzz-"


def parent() -> str | None:
    """TMPDIR where it is set; else memory, where there is such a place."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return None
    return str(_MEMORY)


_NUMBERS: Final = itertools.count(1)


@contextmanager
def copy_of(template: Path) -> Iterator[Path]:
    """A copy under a name of its own, which with its neighbours is gone afterwards."""
    path = scratch() / f"{next(_NUMBERS)}.db"
    shutil.copyfile(template, path)
    try:
        yield path
    finally:
        for each in scratch().glob(f"{path.name}*"):
            each.unlink(missing_ok=True)


@cache
def scratch() -> Path:
    """This process's directory."""
    folder = tempfile.mkdtemp(dir=parent(), prefix=PREFIX)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
