"""What happened in a simulated town, line by line, as the world saw it.

House rules: no opaque id is ever in a line, so that two runs of one seed give the same history to
the letter. Times are whole milliseconds of Unix time.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from nyckelfri.simulate.town import SWEDEN


@dataclass(frozen=True, slots=True)
class Happening:
    """Somebody (`who`) did or met something (`what`, of a closed list), told in a few words."""

    at: int
    who: str
    what: str
    more: str = ""

    def __str__(self) -> str:
        clock = datetime.fromtimestamp(self.at / 1000, SWEDEN).strftime("%a %d %b %H:%M:%S")
        return f"{clock}  {self.who:<10} {self.what:<18} {self.more}".rstrip()


class ViolationError(Exception):
    """An invariant does not hold: `rule` names it, the text tells what was seen."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule = rule


@dataclass(slots=True)
class History:
    """All of it. `now` gives the true Unix seconds."""

    now: Callable[[], float]
    lines: list[Happening] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, who: str, what: str, more: str = "") -> None:
        """Write one line."""
        self.lines.append(Happening(round(self.now() * 1000), who, what, more))
        self.counts[what] += 1

    @property
    def digest(self) -> str:
        """SHA-256 of every line, for telling whether two runs were the same."""
        found = hashlib.sha256()
        for line in self.lines:
            found.update(f"{line.at} {line.who} {line.what} {line.more}\n".encode())
        return found.hexdigest()
