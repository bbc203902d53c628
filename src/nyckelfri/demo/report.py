"""What the demonstration tried and what came back: for a person on the terminal, and as JSON.

House rule: a step is good only if what came back is what the story says must come back.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One thing tried. Milliseconds of the whole attempt; bytes and messages up to the answer."""

    act: str
    tried: str
    expected: str
    came_back: str
    milliseconds: float
    bytes: int | None = None
    messages: int | None = None

    @property
    def good(self) -> bool:
        """Whether it came out as the story says."""
        return self.came_back == self.expected


@dataclass(slots=True)
class Journal:
    """What became of the entries that one lock wrote."""

    made: int
    delivered: int
    acknowledged: int

    @property
    def lost(self) -> int:
        """Entries that were made and are not with the server."""
        return self.made - self.delivered


@dataclass(slots=True)
class Report:
    """Grows while the story is told; speaks to the console as it does."""

    console: Console
    steps: list[Step] = field(default_factory=list)
    journals: dict[str, Journal] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    broken: str = ""
    """Why the story broke off, if it did."""
    _act: str = ""

    def act(self, title: str, clock: str) -> None:
        """A new part of the story begins."""
        self._act = title
        self.console.print()
        self.console.rule(f"[bold]{title}[/bold]  [dim]{clock}[/dim]", align="left", style="cyan")

    def tell(self, words: str) -> None:
        """A sentence between the steps."""
        self.console.print(f"   [dim]{words}[/dim]")

    def step(
        self,
        tried: str,
        came_back: str,
        milliseconds: float,
        *,
        expected: str = "done",
        bytes_: int | None = None,
        messages: int | None = None,
        note: str = "",
    ) -> None:
        """One thing was tried."""
        step = Step(self._act, tried, expected, came_back, round(milliseconds, 1), bytes_, messages)
        self.steps.append(step)
        mark = Text(" ✓ ", "bold green") if step.good else Text(" ✗ ", "bold red")
        line = (
            mark
            + Text(tried.ljust(58))
            + Text(came_back.ljust(16), "green" if came_back in {"done", "granted"} else "yellow")
        )
        radio = f"{bytes_} B in {messages} messages" if bytes_ else ""
        line += Text(f"{milliseconds:7.0f} ms  {radio}", "dim")
        if not step.good:
            line += Text(f"   expected {expected}", "bold red")
        self.console.print(line, soft_wrap=True)
        if note:
            self.tell(f"  {note}")

    @property
    def good(self) -> bool:
        """Whether every step came out right and no entry was lost."""
        kept = all(journal.lost == 0 for journal in self.journals.values())
        return kept and not self.broken and all(step.good for step in self.steps)

    def openings(self, rows: list[dict[str, Any]]) -> None:
        """The log, as it stands on the server."""
        table = Table(title="The log, newest first", title_justify="left", title_style="bold")
        for heading in ("time", "door", "who", "command", "result"):
            table.add_column(heading)
        for row in rows:
            result = row["reason"] or row["result"]
            style = "yellow" if row["reason"] else None
            time = ("" if row["clock"] == 0 else "≈ ") + row["time"][11:19]
            cells = (time, row["door"], row["who"] or "?", row["command"], result)
            table.add_row(*cells, style=style)
        self.console.print()
        self.console.print(table)

    def summary(self) -> None:
        """The end of the story, as a table."""
        table = Table(title="Journals", title_justify="left", title_style="bold")
        for heading in ("lock", "entries made", "with the server", "acknowledged", "lost"):
            table.add_column(heading, justify="left" if heading == "lock" else "right")
        for name, journal in self.journals.items():
            row = (journal.made, journal.delivered, journal.acknowledged, journal.lost)
            table.add_row(name, *map(str, row))
        self.console.print()
        self.console.print(table)
        failed = [step for step in self.steps if not step.good]
        if self.good:
            words = f"All {len(self.steps)} steps came out as they must."
            self.console.print(Text(words, "bold green"))
        for step in failed:
            words = f"{step.tried}: expected {step.expected}, got {step.came_back}"
            self.console.print(Text(words, "bold red"))

    def write(self, path: Path) -> None:
        """The report as JSON."""
        content = {
            "good": self.good,
            "broken": self.broken,
            "facts": self.facts,
            "steps": [{**asdict(step), "good": step.good} for step in self.steps],
            "journals": {
                name: {**asdict(journal), "lost": journal.lost}
                for name, journal in self.journals.items()
            },
        }
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
        fresh.replace(path)
