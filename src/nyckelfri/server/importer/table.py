"""The words in which a file is declared: columns and tables.

House rules: values only; nothing here runs on rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nyckelfri.server.importer.values import Parser


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its parser, whether it must be filled, and the file its value is a key of."""

    name: str
    parse: Parser
    required: bool = True
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns, the columns that make a row one of a kind, whether it must come."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = True
    unique: tuple[str, ...] = ()
    in_order: tuple[str, str] | None = None
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def file(self) -> str:
        """Name the file."""
        return f"{self.name}.csv"
