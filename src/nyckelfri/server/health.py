"""Whether this server stands as it should: its database, its standby, room on its disks.

House rules: reads only; each finding says what to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

ROOM: Final = 512 * 1024 * 1024
"""Bytes that should be free: a day of a large municipality, and an import."""


class NoRoomError(Exception):
    """A disk is nearly full; the text says which."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; with a `grave` one the server does not start."""

    grave: bool
    text: str


def findings() -> list[Finding]:
    """Everything that is not as it should be."""
    return [*_database(), *(Finding(grave=False, text=text) for text in _full())]


def require_room(_: datetime) -> None:
    """NoRoomError when a disk is nearly full: a round calls it, so that the pages show it."""
    if full := _full():
        raise NoRoomError("; ".join(full))


def _database() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        if settings.STANDBY:
            yield Finding(
                grave=True, text="NYCKELFRI_STANDBY needs PostgreSQL: set DATABASE_URL, or unset it"
            )
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names') <> '', "
            "current_setting('fsync') = 'on'"
        )
        is_standby, has_standby, syncs = cursor.fetchone()
    if is_standby:
        yield Finding(
            grave=True,
            text="DATABASE_URL leads to a standby: name every host in it, with commas, so that "
            "the one that is primary is found",
        )
    if not syncs:
        yield Finding(
            grave=False, text="fsync is off: a power cut may take the whole database, so set it on"
        )
    if settings.STANDBY and not has_standby:
        yield Finding(
            grave=False,
            text="PostgreSQL has no synchronous standby (synchronous_standby_names is empty), "
            "though NYCKELFRI_STANDBY says so: what is stored now is lost with this machine",
        )
    if has_standby and not settings.STANDBY:
        yield Finding(
            grave=False,
            text="PostgreSQL has a synchronous standby: set NYCKELFRI_STANDBY=1, so that a "
            "primary that is alone gives nothing out",
        )


def _full() -> list[str]:
    places = {Path(settings.DATA), *([settings.COPIES] if settings.COPIES else [])}
    return [
        f"{place} has {free // 2**20} MB left: free some space"
        for place in sorted(places)
        if place.exists() and (free := shutil.disk_usage(place).free) < ROOM
    ]
