"""Uploaded files on their way to the importer: a directory each, private and short-lived.

House rules: sizes and names are checked before a byte is kept; only the tables' own names
are kept, so that nothing that was uploaded chooses where it lands. The files hold what is
most private of all: they go as soon as they are stored or cancelled, and within a day.
"""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from nyckelfri.server import outages
from nyckelfri.server.importer.tables import TABLES

MAX_BYTES: Final = 128 * 1024 * 1024
"""Of all files together, unpacked."""
_NAMES: Final = frozenset(table.file for table in TABLES)
_PIECE: Final = 256 * 1024


class UploadError(Exception):
    """The files were not taken; `code` names the reason, for the page's words."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.name = name


def directory(token: str) -> Path:
    """Where the files of one upload are."""
    return Path(settings.DATA) / "imports" / token


def receive(files: Iterable[UploadedFile[Any]]) -> str:
    """Keep CSV files, or a ZIP of them; the token of their directory.

    Raises UploadError and leaves nothing: `none`, `unknown_name`, `twice`, `too_large`,
    `broken_zip`.
    """
    token = secrets.token_hex(16)
    target = directory(token)
    target.mkdir(mode=0o700, parents=True)
    try:
        _keep(files, target)
    except UploadError:
        forget(token)
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        forget(token)
        if outages.seen_in(error):
            raise
        raise UploadError("broken_zip") from error
    return token


def forget(token: str) -> None:
    """Remove the files of an upload, if there are any."""
    shutil.rmtree(directory(token), ignore_errors=True)


def _keep(files: Iterable[UploadedFile[Any]], target: Path) -> None:
    left = MAX_BYTES
    for name, content in _contents(files):
        if name not in _NAMES:
            raise UploadError("unknown_name", name[:64])
        path = target / name
        if path.exists():
            raise UploadError("twice", name)
        with path.open("xb") as kept:
            while piece := content.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise UploadError("too_large")
                kept.write(piece)
    if left == MAX_BYTES:
        raise UploadError("none")


def _contents(files: Iterable[UploadedFile[Any]]) -> Iterator[tuple[str, IO[bytes]]]:
    for file in files:
        name = file.name or ""
        if not name.lower().endswith(".zip"):
            yield name, file
            continue
        with zipfile.ZipFile(file) as packed:
            for entry in packed.infolist():
                inside = PurePosixPath(entry.filename)
                # What a file manager adds beside the files is not worth an error.
                if entry.is_dir() or inside.name.startswith(".") or "__MACOSX" in inside.parts:
                    continue
                with packed.open(entry) as content:
                    yield inside.name, content
