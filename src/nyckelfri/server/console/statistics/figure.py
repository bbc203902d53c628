"""What a figure is: a chart, what it shows in a sentence, a table, and rows for a file.

House rules: values in, words in the reader's language out. What is not shown of a small team is a
dash in the table and empty in the file, and said in a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.safestring import SafeString

from nyckelfri.care.statistics.facts import Fewest, percent
from nyckelfri.server.console.sheets import Cell
from nyckelfri.server.console.statistics import charts
from nyckelfri.server.console.statistics.charts import Bar, Number, Said
from nyckelfri.server.console.statistics.texts import text

Value = str | int | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart and the table beside it; `note` explains what the table leaves out.

    `large` is the number that says most, and what it counts, or nothing.
    """

    said: Said
    lead: str
    chart: SafeString
    heading: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    large: tuple[str, str] = ("", "")

    def shown(self) -> list[list[tuple[str, str]]]:
        """Rows as the page shows them: each cell with the heading it stands under."""
        return [
            [(over, written(value)) for over, value in zip(self.heading, row, strict=True)]
            for row in self.rows
        ]

    def file(self) -> list[list[Cell]]:
        """Heading and rows for `sheets.answer`."""
        return [
            list(self.heading),
            *(["" if value is None else value for value in row] for row in self.rows),
        ]


def said_of(name: str, key: str, *, shown: int, **values: Value) -> Said:
    """Title and sentence of a figure; another sentence where there is nothing to show."""
    sentence = (
        text(key, **{word: written(value) for word, value in values.items()})
        if shown
        else text("no_figures")
    )
    return Said(name.replace("_", "-"), text(name), sentence)


def spread(name: str, known: Sequence[tuple[Number, str]], key: str = "teams_said") -> Said:
    """Title, and a sentence that names the lowest and the highest; one has no other beside it."""
    (least, least_team), (most, most_team) = (
        (min(known), max(known)) if known else ((None, ""), (None, ""))
    )
    return said_of(
        name,
        key if len(known) > 1 else f"one_{key}",
        shown=len(known),
        least=least,
        least_team=least_team,
        most=most,
        most_team=most_team,
    )


def by_team(
    name: str,
    lead: str,
    rows: Sequence[tuple[str, tuple[Value, ...] | None]],
    columns: tuple[str, ...],
    fewest: Fewest,
    *,
    first: str = "team",
) -> Figure:
    """A bar a team, or what else `first` says, of the second number of its row."""
    values = [row[1] if row else None for _, row in rows]
    bars = [value if isinstance(value, Decimal) else None for value in values]
    said = spread(
        name,
        [(value, team) for (team, _), value in zip(rows, bars, strict=True) if value is not None],
    )
    return Figure(
        said=said,
        lead=lead,
        chart=charts.bars(
            said,
            [
                bar(team, None if value is None else [value])
                for (team, _), value in zip(rows, bars, strict=True)
            ],
        ),
        heading=(text(first), *(text(column) for column in columns)),
        rows=tuple((team, *(row or (None,) * len(columns))) for team, row in rows),
        note=note_of(fewest) if any(row is None for _, row in rows) else "",
    )


def shares(
    said: Said,
    lead: str,
    first: str,
    rows: Sequence[tuple[str, int]],
    large: tuple[str, str] = ("", ""),
) -> Figure:
    """Parts of a whole, each as a bar with its share."""
    whole = sum(number for _, number in rows)
    return Figure(
        said=said,
        lead=lead,
        chart=charts.bars(
            said,
            [
                Bar(label, ((number, percent_of(share_of(number, whole))),))
                for label, number in rows
            ],
        ),
        heading=(text(first), text("visits"), text("share")),
        rows=tuple((label, number, share_of(number, whole)) for label, number in rows if whole),
        large=large,
    )


def bar(label: str, values: Sequence[charts.Number] | None) -> Bar:
    """A row of bars; None for a team that is not shown."""
    if values is None:
        return Bar(f"{label} – {text('too_few')}", ())
    return Bar(label, tuple((value, written(value)) for value in values))


def note_of(fewest: Fewest) -> str:
    """Why some teams are not shown."""
    return text("too_few_note", clients=fewest.clients, staff=fewest.staff)


def share_of(part: int, whole: int) -> Decimal:
    """A part in percent with one decimal; none of nothing."""
    return percent(part, whole) or Decimal("0.0")


def percent_of(share: Decimal | None) -> str:
    """A share with its sign, in the reader's language."""
    return "" if share is None else text("percent_of", share=written(share))


def written(value: Value) -> str:
    """A value as a page shows it, in the reader's language."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else number_format(value, force_grouping=True)
