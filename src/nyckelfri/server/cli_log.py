"""`nyckelfri server openings, journals`: what has come home, for the terminal and for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from nyckelfri.care.times import ZONE
from nyckelfri.door.reasons import Reason
from nyckelfri.server.cli_words import say
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import DoorEvent


def _openings(args: argparse.Namespace) -> int:
    rows = [_opening(event) for event in queries.events()[: args.last]]
    if args.json:
        say(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        result = row["reason"] or row["result"]
        who = row["who"] or "?"
        say(f"{row['time']}  {row['lock']:<8} {who:<24} {row['command']:<8} {result}")
    return 0


def _opening(event: DoorEvent) -> dict[str, Any]:
    door = event.installation.door
    refused = event.result == DoorEvent.Result.REFUSED
    return {
        "time": event.at.astimezone(ZONE).isoformat(timespec="seconds"),
        "lock": event.installation.lock_unit.external_id,
        "installation": event.installation.identifier.hex(),
        "number": event.number,
        "door": f"{door.address} {door.apartment}".strip(),
        "who": event.employee.name if event.employee else None,
        "employee": event.employee.number if event.employee else None,
        "command": DoorEvent.Command(event.command).name.lower(),
        "result": event.result,
        "reason": Reason(event.reason).name.lower() if refused else "",
        "clock": event.mark,
        "through": event.received_from.label if event.received_from else None,
    }


def _journals(args: argparse.Namespace) -> int:
    rows = {}
    for installation in Installation.objects.select_related("lock_unit"):
        number, _ = queries.position(installation)
        kept = queries.unresolved().filter(installation=installation).count()
        rows[installation.identifier.hex()] = {
            "lock": installation.lock_unit.external_id,
            "stored": number,
            "kept": kept,
            "wanted": [first for _, first in queries.wanted([installation])],
        }
    if args.json:
        say(json.dumps(rows))
        return 0
    for identifier, row in rows.items():
        say(f"{row['lock']:<8} {identifier}  {row['stored']} entries, {row['kept']} to review")
    return 0


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "openings": _openings,
    "journals": _journals,
}
