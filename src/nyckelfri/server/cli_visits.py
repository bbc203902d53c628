"""`nyckelfri server visits`: let visits follow from the evidence once more.

House rules: to derive again changes nothing that is right; what is approved stands.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Final

from rich.progress import track

from nyckelfri.server.cli_words import Failed, say, tell
from nyckelfri.server.visits import actions_derive
from nyckelfri.server.visits.actions_derive import Outcomes

_MOST: Final = timedelta(days=400)


def _visits(args: argparse.Namespace) -> int:
    if not timedelta(0) <= args.last - args.first <= _MOST:
        raise Failed("--to is the day of --from or a later one, at most 400 days on")
    days = [args.first + timedelta(days=n) for n in range((args.last - args.first).days + 1)]
    found = Outcomes()
    for week in track(_weeks(days), "Deriving visits", disable=args.json, transient=True):
        each = actions_derive.derive_days(week, now=args.now)
        for name, count in asdict(each).items():
            setattr(found, name, getattr(found, name) + count)
    if args.json:
        say(json.dumps(asdict(found)))
    else:
        tell(
            f"{found.made} visits are new, {found.changed} changed, {found.gone} gone; newer "
            f"evidence waits beside {found.contested} that stand"
        )
    return 0


def _weeks(days: list[date]) -> list[list[date]]:
    return [days[at : at + 7] for at in range(0, len(days), 7)]


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {"visits": _visits}
