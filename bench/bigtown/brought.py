"""Syncs as phones send them, in a file: one a line, in the order in which they are sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """A sync as a phone sends it; `entries` of the locks' journals are in it."""

    token: str
    session: str | None
    body: str
    entries: int

    @property
    def headers(self) -> dict[str, str]:
        """What says who sends it."""
        session = {"Nyckelfri-Session": self.session} if self.session else {}
        return {"Authorization": f"Bearer {self.token}", **session}


def write(path: Path, found: Iterable[Request]) -> None:
    """Put these into a file."""
    with path.open("w", encoding="ascii") as file:
        for each in found:
            row = [each.token, each.session, each.body, each.entries]
            file.write(json.dumps(row) + "\n")


def read(path: Path) -> Iterator[Request]:
    """What `write` wrote."""
    with path.open(encoding="ascii") as file:
        for line in file:
            yield Request(*json.loads(line))
