"""Rows of one file with their columns checked one by one.

House rules: a row keeps what is right in it even when something is wrong, so that
one fault neither hides another nor brings forth faults in rows that refer to it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nyckelfri.server.importer import values
from nyckelfri.server.importer.faults import WrongValueError

if TYPE_CHECKING:
    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.reading import RawTable
    from nyckelfri.server.importer.table import Column, Table

Key = tuple[Any, ...]
_Layout = tuple[int, "list[tuple[int, Column]]"]


@dataclass(slots=True)
class Row:
    """One row: the line it begins on and its values; a wrong one is in `bad`, not in `values`."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)

    def good(self, *columns: str) -> bool:
        """Tell whether every one of `columns` is there, filled or empty, and right."""
        return all(column in self.values for column in columns)

    def filled(self, *columns: str) -> bool:
        """Tell whether every one of `columns` is right and not empty."""
        return all(self.values.get(column) is not None for column in columns)


@dataclass(slots=True)
class Rows:
    """The rows of one file; `keys` are all keys in it, also of rows with faults."""

    table: Table
    rows: list[Row] = field(default_factory=list)
    keys: set[Key] = field(default_factory=set)
    trusted: bool = False
    """Whether `keys` is complete, so that a key that is not in it is unknown."""


class Files(dict[str, Rows]):
    """Every file that could be read, by table name."""

    def rows(self, name: str) -> list[Row]:
        """Give the rows of one file, none where it could not be read."""
        return self[name].rows if name in self else []

    def by_key(self, name: str) -> dict[str, Row]:
        """Index the rows of a file with one key column; of duplicates the first counts."""
        index: dict[str, Row] = {}
        if name in self:
            (key,) = self[name].table.key
            for row in self[name].rows:
                if row.good(key):
                    index.setdefault(row.values[key], row)
        return index


def check(table: Table, raw: RawTable, faults: Faults, remarks: Faults) -> Rows:
    """Check header, row lengths, each value, and that keys and unique values stand once."""
    _check_header(table, raw, faults, remarks)
    columns = [
        (index, table.by_name[title])
        for index, title in enumerate(raw.header)
        if title in table.by_name and raw.header.index(title) == index
    ]
    present = {column.name for _, column in columns}
    result = Rows(table, trusted=raw.whole and present.issuperset(table.key))
    layout = (len(raw.header), columns)
    for line_and_fields in raw.rows:
        row = _check_row(line_and_fields, layout, table.file, faults)
        key = tuple(row.values.get(name) for name in table.key)
        if result.trusted and row.good(*table.key):
            result.keys.add(key)
        if not row.bad.issuperset(present):
            result.rows.append(row)
    if result.trusted:
        _check_unique(table, result.rows, table.key, "duplicate_key", faults)
    for name in table.unique:
        _check_unique(table, result.rows, (name,), "duplicate_value", faults)
    return result


def _check_header(table: Table, raw: RawTable, faults: Faults, remarks: Faults) -> None:
    for title in dict.fromkeys(raw.header):
        if raw.header.count(title) > 1:
            faults.add(table.file, 1, _named(title), "duplicate_column", column=_named(title))
        if title not in table.by_name:
            remarks.add(table.file, 1, _named(title), "unknown_column", column=_named(title))
    for column in table.columns:
        if column.name not in raw.header:
            faults.add(table.file, 1, column.name, "missing_column", column=column.name)


def _named(title: str) -> str:
    """Give a header as a sentence may repeat it."""
    return values.shown("".join(letter for letter in title if letter.isprintable()))


def _check_row(raw: tuple[int, list[str]], layout: _Layout, file: str, faults: Faults) -> Row:
    line, fields = raw
    expected, columns = layout
    row = Row(line)
    if len(fields) != expected:
        code = "too_few_columns" if len(fields) < expected else "too_many_columns"
        faults.add(file, line, "", code, found=len(fields), expected=expected)
        # Which field is which is a guess now, except that the first is still the first:
        # rows that refer to this one by its id are not at fault.
        row.bad.update(column.name for _, column in columns)
        with contextlib.suppress(WrongValueError):
            for index, column in columns:
                if index == 0:
                    _check_value(row, column, fields[0])
        return row
    for index, column in columns:
        try:
            _check_value(row, column, fields[index])
        except WrongValueError as wrong:
            row.bad.add(column.name)
            faults.add(file, line, column.name, wrong.code, **wrong.values)
    return row


def _check_value(row: Row, column: Column, field_text: str) -> None:
    text = field_text.strip()
    if text:
        values.check_characters(text)
        row.values[column.name] = column.parse(text)
    elif column.required:
        raise WrongValueError("required")
    else:
        row.values[column.name] = None


def _check_unique(
    table: Table, rows: list[Row], columns: tuple[str, ...], code: str, faults: Faults
) -> None:
    first: dict[Key, int] = {}
    for row in rows:
        value = tuple(row.values.get(column) for column in columns)
        if not row.good(*columns) or (code == "duplicate_value" and None in value):
            continue
        line = first.setdefault(value, row.line)
        if line != row.line:
            faults.add(table.file, row.line, columns[0], code, line=line)
