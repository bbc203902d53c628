"""A few streets of Björkvik: one team, its homes, three weeks; founded in a second or two."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from nyckelfri.simulate import founding
from nyckelfri.simulate import town as towns
from nyckelfri.simulate.cli import EXAMPLE

CARERS = 5
HOMES = 6
_FIRST, _LAST = "2026-11-15", "2026-12-01"


def write(folder: Path) -> Path:
    """Write its files to `folder`; the folder."""
    whole = towns.read(EXAMPLE)
    team = [each.number for each in whole.carers if each.team == "G1"]
    carers = set(team[:CARERS])
    office = {each.number for each in whole.carers if each.role not in founding.CARERS}
    visited = [
        visit.client for visit in whole.visits if visit.carer in carers and visit.second is None
    ]
    clients = set(list(dict.fromkeys(visited))[:HOMES])
    doors = {
        lock
        for home in whole.homes
        if home.client in clients
        for lock in (home.lock, home.entrance)
        if lock is not None
    }

    def near(row: dict[str, str]) -> bool:
        return _FIRST <= row["start"][:10] < _LAST and row["anst_nr"] in carers

    kept: dict[str, Callable[[dict[str, str]], bool]] = {
        "personal": lambda row: row["anst_nr"] in carers | office,
        "arbetspass": near,
        "planerade_besok": lambda row: (
            near(row) and not row["dubbel"] and row["brukare_id"] in clients
        ),
        "las": lambda row: row["status"] != "monterad" or row["las_id"] in doors,
    }
    towns.move(EXAMPLE, folder, 0)
    for name, keeps in kept.items():
        path = folder / f"{name}.csv"
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter=";")
        text = io.StringIO()
        writer = csv.DictWriter(text, rows.fieldnames or (), delimiter=";", lineterminator="\n")
        writer.writeheader()
        for row in rows:
            if not keeps(row):
                if name != "las":
                    continue
                row["status"], row["serienr"] = "planerad", ""
            writer.writerow(row)
        path.write_text(text.getvalue(), "utf-8")
    return folder
