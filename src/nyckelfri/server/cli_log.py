"""`nyckelfri server openings, journals`: what has come home, for a terminal and for machines."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone
from rich.console import Console
from rich.table import Table

from nyckelfri.door.reasons import Reason
from nyckelfri.server.cli_words import say, tell
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import DoorEvent


def _openings(args: argparse.Namespace) -> int:
    rows = [_opening(event) for event in queries.events()[: args.most]]
    if args.json:
        say(json.dumps(rows, ensure_ascii=False))
    elif not rows:
        tell("No opening has come home yet: a phone brings the journals when it syncs")
    else:
        _show(rows)
    return 0


def _opening(event: DoorEvent) -> dict[str, Any]:
    """One command given to a lock: who, which door, when by the lock's clock, what became of it."""
    reason = Reason(event.reason)
    return {
        "time": timezone.localtime(event.at).isoformat(timespec="seconds"),
        "door": event.installation.door.label,
        "lock": event.installation.lock_unit.external_id,
        "who": event.employee.name if event.employee else None,
        "number": event.employee.number if event.employee else None,
        "command": DoorEvent.Command(event.command).name.lower(),
        "result": event.result,
        "reason": None if reason is Reason.GRANTED else reason.name.lower(),
        "entry": event.number,
        "clock": event.mark,
        "serial": bytes(event.serial).hex(),
    }


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table("time", "door", "who", "command", "result")
    for row in rows:
        result = row["reason"] or row["result"]
        table.add_row(row["time"], row["door"], row["who"] or "?", row["command"], result)
    Console(highlight=False).print(table)


def _journals(args: argparse.Namespace) -> int:
    rows = dict(_journal_rows())
    if args.json:
        say(json.dumps(rows))
        return 0
    table = Table("installation", "entries stored", "lost in the lock", "waiting for an operator")
    for installation, row in rows.items():
        table.add_row(installation, str(row["stored"]), str(row["lost"]), str(row["kept"]))
    Console(highlight=False).print(table)
    return 0


def _journal_rows() -> Iterator[tuple[str, dict[str, int]]]:
    """Installation in hex → entries stored, entries lost, what waits for an operator."""
    for installation in Installation.objects.order_by("pk"):
        stored, lost = queries.counts(installation)
        kept = queries.unresolved().filter(installation=installation).count()
        yield installation.identifier.hex(), {"stored": stored, "lost": lost, "kept": kept}


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "openings": _openings,
    "journals": _journals,
}
