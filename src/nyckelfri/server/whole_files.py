"""Small files that are there whole or not at all, whatever ends the process or fills the disk.

House rules: written beside, brought onto the disk, then put into place; readable by the
owner only. What cannot be written leaves nothing behind.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes, *, new: bool = False) -> None:
    """Put `data` at `path` (mode 0600); OSError leaves what was there.

    With `new` nothing may be there yet: FileExistsError.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if new:
            # Of two processes one wins, and neither ever reads half of it.
            os.link(fresh, path)
        else:
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    place = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
