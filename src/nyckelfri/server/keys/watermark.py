"""The highest bulletin that ever left this server, kept beside the database.

House rules: written after the commit and before the bulletin is shown to anybody. A
database that does not know it is older than what the locks have heard: a backup was
restored, and only a new epoch, signed by the holders of the root, goes on from there.
"""

from __future__ import annotations

import fcntl
from functools import lru_cache
from pathlib import Path

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.signed import SignatureError
from nyckelfri.server import whole_files
from nyckelfri.server.keys.errors import NotReadyError

_NAME = "last-bulletin.cbor"
_MAX = 64 * 1024


@lru_cache(maxsize=4)
def content(data: bytes) -> Bulletin:
    """What a signed bulletin of ours says; SignatureError, ObjectError for anything else."""
    return bulletins.from_payload(signed.unverified_payload(data))


def read(directory: Path) -> Bulletin | None:
    """Give the highest bulletin, None before the first; NotReadyError if the file is damaged."""
    path = directory / _NAME
    try:
        with path.open("rb") as file:
            data = file.read(_MAX)
    except FileNotFoundError:
        return None
    try:
        return content(data)
    except (SignatureError, ObjectError):
        raise NotReadyError(
            f"{path} is damaged: restore it from a copy, or remove it and go on as after a "
            "restored backup: `nyckelfri server request --new-epoch`"
        ) from None


def keep(directory: Path, data: bytes) -> None:
    """Remember a bulletin, unless a higher one is remembered."""
    offered = content(data)
    if _is_held(directory, offered):
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / f".{_NAME}.lock").open("w") as gate:
        # Of two processes, the one with the lower number must not have the last word.
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not _is_held(directory, offered):
            whole_files.write(directory / _NAME, data)


def _is_held(directory: Path, offered: Bulletin) -> bool:
    held = read(directory)
    return held is not None and held.number >= offered.number
