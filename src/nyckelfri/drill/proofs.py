"""What the logs must show, held against what happened on stage.

House rules: pure functions. A finding counts what it looked at, and one that looked at nothing
proves nothing. Faults name locks and entries, never people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Row = Mapping[str, Any]
_NEAR: Final = 120.0
"""Seconds between a deed and the log's time for it, where the lock's clock was set."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a door answered on stage: lock and entry, who stood there, from when to when.

    Times are Unix seconds. `number` is None for somebody whom no log can name. A door asked in
    `tries` links may have written more than the one entry that its phone heard of.
    """

    lock: str
    entry: int
    number: str | None
    command: str
    at: float
    reason: str | None
    tries: int = 1
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """How many things were looked at, and what is wrong with some."""

    count: int
    faults: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether it is proven."""
        return self.count > 0 and not self.faults


@dataclass(frozen=True, slots=True)
class Made:
    """What a lock itself says: entries it has written, and those it knows to be at the server."""

    entries: int
    acknowledged: int
    key_set: int
    epoch: int
    bulletin: int
    """When the newest bulletin that it has was issued, Unix seconds."""


def openings(
    truths: Sequence[Truth], rows: Sequence[Row], *, nameless: Collection[str] = ()
) -> Finding:
    """Each deed at a door stands in the log once, by whom and when, and nothing else does.

    Of people in `nameless` (employee numbers) the log may know the deed without the name.
    """
    faults: list[str] = []
    seen = Counter((row["lock"], row["entry"]) for row in rows)
    faults += [f"{lock} {entry}: twice" for (lock, entry), times in seen.items() if times > 1]
    by_entry = {(row["lock"], row["entry"]): row for row in rows}
    for truth in truths:
        row = by_entry.pop((truth.lock, truth.entry), None)
        wrong = "missing" if row is None else _wrong(truth, row, nameless)
        if wrong:
            faults.append(f"{truth.lock} {truth.entry}: {wrong}")
    faults += [
        f"{lock} {entry}: invented"
        for (lock, entry), row in by_entry.items()
        if not any(_of_another_try(truth, row) for truth in truths)
    ]
    return Finding(len(truths), tuple(faults))


def _wrong(truth: Truth, row: Row, nameless: Collection[str]) -> str:
    named = row["number"] == truth.number
    if not named and not (row["number"] is None and truth.number in nameless):
        return "another person"
    if (row["command"], row["reason"]) != (truth.command, truth.reason):
        return f"{row['command']} {row['reason'] or row['result']}"
    return "" if row["clock"] != 0 or _distance(truth, row) <= _NEAR else "another time"


def _of_another_try(truth: Truth, row: Row) -> bool:
    same = (row["lock"], row["number"], row["command"]) == (
        truth.lock, truth.number, truth.command,
    )  # fmt: skip
    return truth.tries > 1 and same and _distance(truth, row) <= _NEAR


def _distance(truth: Truth, row: Row) -> float:
    logged = datetime.fromisoformat(row["time"]).timestamp()
    return max(truth.at - logged, logged - max(truth.at, truth.until), 0.0)


def journals(made: Mapping[str, Made], stored: Mapping[str, Mapping[str, int]]) -> Finding:
    """Every entry that each installation has written is with the server, and none is lost."""
    faults = []
    for installation, lock in made.items():
        row = stored.get(installation, {"stored": 0, "lost": 0})
        if row["stored"] != lock.entries or row["lost"]:
            faults.append(
                f"{installation}: {lock.entries} written, {row['stored']} there, {row['lost']} lost"
            )
    return Finding(sum(lock.entries for lock in made.values()), tuple(faults))


def log_whole(said: Row) -> Finding:
    """`nyckelfri audit verify --json` found the chain whole."""
    fault = said["fault"]
    return Finding(said["rows"], (f"row {fault['number']}: {fault['wrong']}",) if fault else ())


def nothing_waits(phones: Mapping[str, int]) -> Finding:
    """No phone holds anything that the server has not got; `phones` by name, what waits."""
    faults = [f"{name}: {waiting}" for name, waiting in phones.items() if waiting]
    return Finding(len(phones), tuple(faults))


Copied = Mapping[str, Mapping[int, Row]]
"""Rows of copies: stream, then number."""


def behind(copied: Copied, *, journals: Mapping[str, int], log: int) -> tuple[int, int]:
    """How many copied entries and audit rows a database lacks.

    It has that many entries of each installation, and the log through row `log`.
    """
    entries = sum(
        number > journals.get(name.partition("/")[2], 0)
        for name, rows in copied.items()
        if name.startswith("entry/")
        for number in rows
    )
    return entries, sum(number > log for number in copied.get("audit", {}))


def came_back(before: Copied, after: Copied) -> Finding:
    """Each journal entry copied before stands in the copies made after, with the same head."""
    faults: list[str] = []
    count = 0
    for name, rows in before.items():
        if not name.startswith("entry/"):
            continue
        count += len(rows)
        now = after.get(name, {})
        faults += [
            f"{name} {number}"
            for number, row in rows.items()
            if number not in now or _link(now[number]) != _link(row)
        ]
    return Finding(count, tuple(faults))


def _link(row: Row) -> tuple[Any, Any]:
    return row["leaf"], row["head"]


def only_the_copies(differences: Mapping[str, str], rows: int) -> Finding:
    """`nyckelfri audit compare` finds the copies whole, and the log without their last `rows`."""
    faults = [text for kind, text in differences.items() if kind == "copies"]
    if "audit" not in differences:
        faults.append("the log lacks nothing")
    return Finding(rows, tuple(faults))


def named_by_copies(rows: Iterable[Row], truths: Iterable[Truth], copied: Copied) -> Finding:
    """Who is nameless in the log is named by the copies: to whom the grant was issued."""
    to_whom = {
        serial: row["actor"].removeprefix("employee:")
        for row in copied.get("audit", {}).values()
        if row["verb"] == "server:grant:issue"
        for serial in row["details"]["serials"]
    }
    known = {(truth.lock, truth.entry): truth.number for truth in truths if truth.number}
    asked = [row for row in rows if row["number"] is None and (row["lock"], row["entry"]) in known]
    return Finding(
        len(asked),
        tuple(
            f"{row['lock']} {row['entry']}"
            for row in asked
            if to_whom.get(row["serial"]) != known[row["lock"], row["entry"]]
        ),
    )


def apart(before: Collection[str], after: Collection[str]) -> Finding:
    """None of these numbers was used again."""
    return Finding(len(after), tuple(sorted(set(before) & set(after))))


def is_so(*facts: tuple[str, bool]) -> Finding:
    """Plain facts, each by its name."""
    return Finding(len(facts), tuple(name for name, holds in facts if not holds))
