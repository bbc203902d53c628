"""Our own files and those of libraries, served without a build step.

House rules: an address changes with the file's content, so that browsers may keep it for a
year; WhiteNoise serves what Django's finders find, in `nyckelfri server run` too.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class HashedStorage(StaticFilesStorage):
    """Addresses of static files, with a mark of their content."""

    def url(self, name: str | None) -> str:
        """The address of `name`; FileNotFoundError for a file that nobody has."""
        return f"{super().url(name)}?{mark(name or '')}"


@cache
def mark(name: str) -> str:
    """What changes whenever the file does."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"no static file {name}")
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
