"""A disk that is really full: a small file system of its own, where this machine allows one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    """A file system of so many MB at `at`; the test is skipped where none may be mounted."""
    at.mkdir(mode=0o777)
    size = f"size={megabytes}m,mode=777"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(at)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("needs a file system of its own: run as root where `mount` is allowed")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextmanager
def filled(disk: Path, *, left: int = 0) -> Iterator[Path]:
    """Somebody else fills this disk, but for `left` bytes, until the end of the block."""
    rubbish = disk / f"somebody-elses-{len(list(disk.iterdir()))}"
    with suppress(OSError), rubbish.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    os.truncate(rubbish, max(0, rubbish.stat().st_size - left))
    try:
        yield rubbish
    finally:
        rubbish.unlink()
