"""What is wrong with a file, and where.

House rules: a fault is data, not text; `messages` turns it into a sentence. Line 0
means the file as a whole, line 1 is the header, an empty column means the whole line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nyckelfri.server.importer import messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nyckelfri.server.importer.messages import Language

MOST_A_FILE = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, or one remark, with what its sentence needs."""

    file: str
    line: int
    column: str
    code: str
    values: dict[str, object] = field(default_factory=dict)

    def message(self, language: Language) -> str:
        """Say in one sentence what is wrong and what to do."""
        return messages.sentence(self.code, self.values, language)

    def as_json(self, language: Language) -> dict[str, object]:
        """Give `file, line, column, message` and nothing else."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message(language),
        }


class WrongValueError(ValueError):
    """A value that its column cannot hold: a message code and what its sentence needs."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Faults:
    """A growing list of faults, at most `MOST_A_FILE` of each file."""

    def __init__(self) -> None:
        self._by_file: dict[str, list[Fault]] = {}

    def add(self, file: str, line: int, column: str, code: str, /, **values: object) -> None:
        """Note one fault; past the limit of a file only that there are more."""
        found = self._by_file.setdefault(file, [])
        if len(found) < MOST_A_FILE:
            found.append(Fault(file, line, column, code, values))
        elif len(found) == MOST_A_FILE:
            found.append(Fault(file, 0, "", "more_faults"))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note several."""
        for fault in faults:
            self.add(fault.file, fault.line, fault.column, fault.code, **fault.values)

    def __iter__(self) -> Iterator[Fault]:
        """Go through them by file, line and column."""
        for file in sorted(self._by_file):
            yield from sorted(self._by_file[file], key=lambda fault: (fault.line, fault.column))

    def __bool__(self) -> bool:
        return bool(self._by_file)

    def __len__(self) -> int:
        return sum(len(found) for found in self._by_file.values())
