"""The files of the staff phone app, read once.

House rules: everything is read when the first is asked for and nothing after, so no address
can lead to another file. All modules are one file. A version names the content of all that is
served: what stands under it never changes, and a phone has either one version or another, whole.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import nyckelfri
from nyckelfri.door.reasons import Reason
from nyckelfri.server.phoneapp.join import join

ROOT: Final = Path(nyckelfri.__file__).parent / "web"
PREFIX: Final = "/telefon/"
SHELL: Final = "app.html"
WORKER: Final = "sw.js"
MANIFEST: Final = "manifest.webmanifest"
SCRIPT: Final = "app.js"
"""What the modules are joined to; it begins with the last of them."""
_BEGINS: Final = "app/main.js"
_REASONS: Final = "texts/reasons.js"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
"""What is served; anything else that lies in the folder is not."""
_OWN_ADDRESS: Final = frozenset({SHELL, WORKER, MANIFEST})
"""Served under one address whatever the version, and asked for anew each time."""
_PACKED: Final = frozenset({".png", ".woff2"})


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent: `packed` is gzip, None where that is no shorter."""

    content: bytes
    content_type: str
    packed: bytes | None


@dataclass(frozen=True, slots=True)
class App:
    """One version of the app: `files` by their path under the version."""

    version: str
    files: Mapping[str, File]
    shell: File
    worker: File
    manifest: File


@cache
def app() -> App:
    """The app as it was when it was first asked for; as `load`."""
    return load(ROOT)


def load(root: Path) -> App:
    """Read the app in a folder; FileNotFoundError or ValueError where it is not whole."""
    found = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.suffix in _TYPES and path.is_file()
    }
    modules = {name: found.pop(name).decode() for name in [*found] if _is_module(name)}
    found[SCRIPT] = join({**modules, _REASONS: reasons()}, _BEGINS).encode()
    version = _version(found)
    served = {name: data for name, data in found.items() if name not in _OWN_ADDRESS}
    addresses = [PREFIX, *(f"{PREFIX}f/{version}/{name}" for name in sorted(served))]

    def filled(name: str) -> File:
        if name not in found:
            raise FileNotFoundError(f"{root / name} is missing: the app is not whole")
        text = found[name].decode().replace("__VERSION__", version)
        return _file(name, text.replace("__FILES__", json.dumps(addresses)).encode())

    return App(
        version,
        {name: _file(name, data) for name, data in served.items()},
        *(filled(name) for name in (SHELL, WORKER, MANIFEST)),
    )


def _is_module(name: str) -> bool:
    return name.endswith(".js") and name not in _OWN_ADDRESS


def reasons() -> str:
    """Write the module of what a lock answers: texts by number and language."""
    texts = {int(reason): {"sv": reason.text("sv"), "en": reason.text("en")} for reason in Reason}
    told = json.dumps(texts, ensure_ascii=False, indent=2)
    return (
        "/** What a lock answers, and what to do, by number; written from door/reasons.py.\n"
        " * @type {Record<number, {sv: string, en: string}>} */\n"
        f"export const REASONS = {told};\n"
    )


def _version(found: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, data in sorted(found.items()):
        whole.update(f"{name}\n{len(data)}\n".encode() + data)
    return whole.hexdigest()[:16]


def _file(name: str, data: bytes) -> File:
    suffix = Path(name).suffix
    packed = None if suffix in _PACKED else gzip.compress(data, mtime=0)
    if packed is not None and len(packed) >= len(data):
        packed = None
    return File(data, _TYPES[suffix], packed)
