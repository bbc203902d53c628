"""The evidence files of Björkvik as signs, and the answer key beside them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import nyckelfri.demo
from nyckelfri.care.performed import (
    AlarmSign,
    Away,
    ByHand,
    DoorSign,
    EntranceSign,
    HandSign,
    Home,
    LabelSign,
    Plan,
    Signs,
    Tap,
)
from nyckelfri.care.visits import Movement

FOLDER = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
FACIT = Path(__file__).parent / "data" / "bjorkvik" / "facit.csv"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 12, 10, tzinfo=UTC)
"""When everything has come home."""

MOVEMENTS = {"upplast": Movement.UNLOCKED, "last": Movement.LOCKED}
SIGNATURES = {"ok": Tap.SIGNED, "saknas": Tap.PLAIN, "fel": Tap.FORGED}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def facit() -> list[dict[str, str]]:
    return rows(FACIT)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def moment(text: str) -> datetime | None:
    """A moment of the evidence; None where the field is empty."""
    return _utc(text) if text else None


def read_signs(folder: Path = FOLDER) -> Signs:
    """Everything that the files tell."""
    files: Mapping[str, list[dict[str, str]]] = {
        name: rows(folder / f"{name}.csv")
        for name in (
            "brukare", "las", "etiketter", "handelser", "avlasningar", "manuella",
            "planerade_besok", "franvaro", "larm",
        )
    }  # fmt: skip
    locks = {row["las_id"]: row for row in files["las"]}
    homes: dict[str, Home] = {}
    behind: dict[str, set[str]] = {}
    for row in files["brukare"]:
        home_id = row["las_id"] or f"home of {row['brukare_id']}"
        known = homes.get(home_id)
        clients = (*(known.client_ids if known else ()), row["brukare_id"])
        locked = row["las_id"] != "" and locks[row["las_id"]]["status"] == "monterad"
        homes[home_id] = Home(home_id, clients, locked)
        behind.setdefault(row["port_id"], set()).add(home_id)
    client_of = {row["etikett_id"]: row["brukare_id"] for row in files["etiketter"]}
    doors, entrances = [], []
    told: dict[str, datetime] = {}
    for row in files["handelser"]:
        lock = locks[row["las_id"]]
        at, received = _utc(row["tid"]), _utc(row["mottagen"])
        if lock["typ"] == "port":
            if row["handelse"] == "upplast":
                home_ids = frozenset(behind.get(lock["port_id"], ()))
                entrances.append(
                    EntranceSign(row["handelse_id"], row["anst_nr"], home_ids, at, received)
                )
            continue
        told[row["las_id"]] = max(at, told.get(row["las_id"], at))
        if row["handelse"] in MOVEMENTS:
            movement = MOVEMENTS[row["handelse"]]
            sign = DoorSign(
                row["handelse_id"], row["anst_nr"], row["las_id"], movement, at, received
            )
            doors.append(sign)
    return Signs(
        doors=doors,
        entrances=entrances,
        labels=[
            LabelSign(
                row["avlasning_id"],
                row["anst_nr"],
                client_of[row["etikett_id"]],
                _utc(row["tid"]),
                _utc(row["mottagen"]),
                SIGNATURES[row["signatur"]],
                row["etikett_id"],
                int(row["raknare"]) if row["raknare"] else None,
            )
            for row in files["avlasningar"]
        ],
        by_hand=[
            HandSign(
                row["post_id"],
                row["anst_nr"],
                next(
                    plan["brukare_id"]
                    for plan in files["planerade_besok"]
                    if plan["besok_id"] == row["besok_id"]
                ),
                ByHand.DECLINED if row["skal"] == "avbojt" else ByHand.VISIT,
                _utc(row["mottagen"]),
                _utc(row["in"]),
                row["besok_id"],
                moment(row["in"]),
                moment(row["ut"]),
                row["skal"],
            )
            for row in files["manuella"]
        ],
        alarms=[
            AlarmSign(
                row["larm_id"],
                row["brukare_id"],
                _utc(row["tid"]),
                row["kvitterad_av"] or None,
                moment(row["pa_plats"]),
            )
            for row in files["larm"]
        ],
        plans=[
            Plan(
                row["besok_id"],
                row["brukare_id"],
                tuple(filter(None, (row["anst_nr"], row["dubbel"]))),
                _local(row["start"]),
                _local(row["slut"]),
                tuple(row["insatser"].split(",")),
            )
            for row in files["planerade_besok"]
        ],
        away=[
            Away(
                row["brukare_id"],
                date.fromisoformat(row["fran"]),
                date.fromisoformat(row["till"]) if row["till"] else None,
                row["orsak"],
            )
            for row in files["franvaro"]
        ],
        homes=homes,
        told_until=told,
    )
