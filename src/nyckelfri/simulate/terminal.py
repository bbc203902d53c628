"""What a simulation says on the terminal: what there is, how each seed came out, what failed."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nyckelfri.simulate.invariant import ALWAYS
from nyckelfri.simulate.lived import Lived
from nyckelfri.simulate.weeks import Weeks

_AROUND: Final = 12
"""Lines of a whole history that are shown before its failure."""
_SHORTEST: Final = 60
"""Lines that are shown of one that was cut down."""


def write_list(out: Console) -> None:
    """Every mishap and every invariant."""
    from nyckelfri.simulate.invariants import ALL as RULES  # noqa: PLC0415 - they know the world
    from nyckelfri.simulate.mishaps import ALL as MISHAPS  # noqa: PLC0415 - the same

    table = _table("What may happen", "mishap", "threats", "a week", "what it is")
    for each in MISHAPS:
        threats = ", ".join(map(str, each.threats))
        table.add_row(each.name, threats, f"{each.a_week:g}", each.text)
    out.print(table)
    out.print()
    table = _table("What must hold", "invariant", "the rule")
    for name, text in {**{rule.name: rule.text for rule in RULES}, **ALWAYS}.items():
        table.add_row(name, text)
    out.print(table)


def verdict(lived: Lived) -> str:
    """How a seed came out, in a few words."""
    return "held" if lived.broken is None else f"{lived.broken.rule} does not hold"


def write_outcome(out: Console, weeks: Weeks) -> None:
    """A row a seed, then each failure."""
    table = _table("", "seed", "from", "motor starts", "mishaps", "seconds", "")
    for lived in weeks.ordered:
        table.add_row(
            str(lived.task.seed),
            str(lived.task.stretch.first),
            str(lived.openings),
            str(len(lived.happened)),
            f"{lived.spent:.0f}",
            Text(verdict(lived), "green" if lived.broken is None else "bold red"),
        )
    out.print(table)
    for lived in weeks.failed:
        _write_failure(out, weeks, lived)
    count = f"{len(weeks.lived)} of {len(weeks.tasks)} seeds lived through"
    out.print(f"{weeks.verdict}; {count}, {weeks.checked.total()} checks.")


def _write_failure(out: Console, weeks: Weeks, lived: Lived) -> None:
    if lived.broken is None:
        return
    out.print(f"\n[bold red]Seed {lived.task.seed}[/bold red]: {lived.broken.rule}", markup=True)
    _plain(out, lived.broken.text)
    cut = weeks.cuts.get(lived.task.seed)
    lines = lived.lines[-_AROUND:] if cut is None else cut.lived.lines[-_SHORTEST:]
    if cut is not None:
        count = f"{len(cut.lived.items)} of {cut.items}"
        limit = "" if cut.whole else "; there was no time for more"
        _plain(out, f"Cut down to {count} happenings in {cut.tries} tries{limit}:")
    for line in lines:
        _plain(out, f"  {line}")
    _plain(out, f"Again: {weeks.replay((lived if cut is None else cut.lived).task)}")


def _plain(out: Console, line: str) -> None:
    out.print(line, markup=False, soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        right = column in {"seed", "a week", "motor starts", "mishaps", "seconds"}
        table.add_column(column, justify="right" if right else "left", no_wrap=column == "mishap")
    return table
