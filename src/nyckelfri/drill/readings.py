"""How the drill reads what the logs say: with an operator's own commands, and from copies.

House rule: reads only. Of a lock its own store is read, in a copy, while the lock goes on.
"""

from __future__ import annotations

import gzip
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nyckelfri.demo.crew import Lock
from nyckelfri.demo.processes import PATIENCE, Backstage, DemoError
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import keyset
from nyckelfri.drill.proofs import Made
from nyckelfri.lock.store import Store

_MOST = "10000"


@dataclass(frozen=True, slots=True)
class Logs:
    """What the server says at one moment, from four commands."""

    openings: list[dict[str, Any]]
    journals: dict[str, dict[str, int]]
    proof: dict[str, Any]
    status: dict[str, Any]
    audit: list[dict[str, Any]]
    """The newest rows of the audit log, newest first."""


def logs(backstage: Backstage) -> Logs:
    """Ask the server's log, whether it serves or not."""
    return Logs(
        *ask(
            backstage,
            ("server", "openings", "--json", "--most", _MOST),
            ("server", "journals", "--json"),
            ("audit", "verify", "--json"),
            ("server", "status"),
            ("audit", "list", "--json", "--most", "200"),
        )
    )


def status(backstage: Backstage) -> dict[str, Any]:
    """What `nyckelfri server status` says."""
    (said,) = ask(backstage, ("server", "status"))
    return dict(said)


def ask(backstage: Backstage, *commands: Sequence[str | Path]) -> list[Any]:
    """What commands say as JSON, whatever their exit status."""
    return [json.loads(answer) for answer in asked(backstage, *commands)]


def asked(backstage: Backstage, *commands: Sequence[str | Path]) -> list[str]:
    """What commands say, all in one process."""
    words = [json.dumps(list(map(str, command))) for command in commands]
    program = backstage.start("asking", *words, module="nyckelfri.drill.asking")
    patience = PATIENCE * len(commands)
    answers = program.wait_for("answers", lambda event: "answers" in event, patience)["answers"]
    program.stop()
    return list(answers)


def lock(one: Lock) -> Made:
    """What a lock has written down, by its own store."""
    with tempfile.TemporaryDirectory(prefix="nyckelfri-drill-lock-") as folder:
        for name, data in _still(one.folder).items():
            (Path(folder) / name).write_bytes(data)
        with Store.open(Path(folder) / "lock.db") as store:
            state = store.state
    if state.key_set is None:
        raise DemoError(f"{one.unit.lock} is no lock")
    tip, key_set = state.running.tip, keyset.from_payload(state.key_set)
    issued = bulletins.from_payload(state.bulletin).issued if state.bulletin else 0
    return Made(tip.number, tip.acknowledged, key_set.number, key_set.epoch, issued)


def _still(folder: Path) -> dict[str, bytes]:
    """The files of a store at a moment when nothing was written to them."""

    def read() -> dict[str, bytes]:
        paths = (folder / name for name in ("lock.db", "lock.db-wal"))
        return {path.name: path.read_bytes() for path in paths if path.exists()}

    found = read()
    while (again := read()) != found:
        found = again
        time.sleep(0.05)
    return found


def copied(directory: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """What the copies in a directory hold: stream, number, row. They need no program of ours."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for path in sorted(directory.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="ascii") as lines:
            next(lines)
            for line in lines:
                row = json.loads(line)
                found.setdefault(row["of"], {})[row["number"]] = row
    return found
