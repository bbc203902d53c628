"""What is told while a simulation runs, on standard error: a bar a seed, or a line a day.

House rules: bars only on a terminal. What is told travels as values from process to process.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Step:
    """Where a seed is: what there is to tell, and the share that is done of it.

    Without a terminal only the first step of each `chapter` is told.
    """

    seed: int
    told: str
    done: float
    chapter: str


class Watching:
    """Shows steps as they come."""

    def __init__(self, console: Console, seeds: int) -> None:
        self._console = console
        self._seeds = seeds
        self._ended = 0
        self._bars: dict[int, TaskID] = {}
        self._chapters: dict[int, str] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24, complete_style="cyan"),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, step: Step) -> None:
        """Show where a seed is."""
        if not self._console.is_terminal:
            if self._chapters.get(step.seed) != step.chapter:
                self._chapters[step.seed] = step.chapter
                self._say(f"seed {step.seed}: {step.told}")
            return
        if step.seed not in self._bars:
            self._bars[step.seed] = self._progress.add_task(f"seed {step.seed}", total=1, told="")
        self._progress.update(self._bars[step.seed], completed=step.done, told=step.told)

    def ended(self, seed: int, said: str) -> None:
        """A seed has come to its end."""
        self._ended += 1
        bar = self._bars.pop(seed, None)
        if bar is not None:
            self._progress.remove_task(bar)
        self._say(f"seed {seed}: {said} ({self._ended} of {self._seeds})")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)
