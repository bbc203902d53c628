"""What somebody enters on a simulated phone, kept in its folder until the server has answered.

House rules: the reference phone opens doors and enters nothing; this is the staff app's part of a
sync, beside it. A line is on disk before anything else happens, and goes only when the server
has said what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nyckelfri.phone.client import Address
from nyckelfri.simulate.server import Line, Server

_FILE: Final = "entries.jsonl"
_MOST: Final = 200
"""Entries in one sync."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """The entries of the phone whose state is in `folder`."""

    folder: Path

    def keep(self, entry: dict[str, Any]) -> None:
        """Write one more."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(entry))

    def waiting(self) -> list[dict[str, Any]]:
        """Those that the server has not answered for, the oldest first."""
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines()]

    def tick_off(self, answered: set[str]) -> None:
        """Forget those with these ids."""
        left = [entry for entry in self.waiting() if entry["id"] not in answered]
        fresh = self._path.with_suffix(".new")
        fresh.write_text("".join(map(_line, left)), encoding="utf-8")
        fresh.replace(self._path)

    @property
    def _path(self) -> Path:
        return self.folder / _FILE


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class WithEntries(Line):
    """A phone's way to the server, on which its entries go along with every sync."""

    notebook: Notebook | None = None

    def call(self, name: str, body: dict[str, Any], *, timeout: float = 0.0) -> dict[str, Any]:
        """The answer to one call. Raises a ServerError."""
        waiting = self.notebook.waiting()[:_MOST] if self.notebook and name == "sync" else []
        if not waiting or self.notebook is None:
            return Line.call(self, name, body, timeout=timeout)
        answer = Line.call(self, name, {**body, "entries": waiting}, timeout=timeout)
        self.notebook.tick_off({row["id"] for row in answer["results"]["entries"]})
        return answer


def line(
    phone: str, server: Server, covered: Callable[[], bool], notebook: Notebook
) -> Callable[[Address], Line]:
    """What the phone of this label is given to reach the server by."""
    return lambda address: WithEntries(
        address, phone=phone, server=server, covered=covered, notebook=notebook
    )
