"""A small part of a municipality's files: some clients, their doors and whoever goes to them."""

from __future__ import annotations

import csv
from pathlib import Path

OFFICE = {"samordnare", "bistandshandlaggare", "servicecenter", "ekonom", "systemansvarig"}
_OF_A_CLIENT = ("etiketter", "beslut", "val", "planerade_besok", "avgiftsunderlag")
_WHOLE = ("utforare", "grupper", "fastigheter", "portar", "taxa", "ersattning")
Rows = list[dict[str, str]]


def village(source: Path, folder: Path, *, clients: int) -> Path:
    """Write the files of the first clients with a mounted lock, whole and correct, to `folder`."""
    folder.mkdir(parents=True)
    mounted = {row["las_id"] for row in read(source, "las") if row["status"] == "monterad"}
    everybody = read(source, "brukare")
    chosen = {
        row["brukare_id"] for row in everybody if row["las_id"] in mounted and not row["partner_id"]
    }
    chosen = set(sorted(chosen)[:clients])
    homes = [row for row in everybody if row["brukare_id"] in chosen]
    kept: dict[str, Rows] = {name: read(source, name) for name in _WHOLE}
    kept["brukare"] = homes
    for name in _OF_A_CLIENT:
        kept[name] = [row for row in read(source, name) if row["brukare_id"] in chosen]
    entrances = {row["port_id"] for row in homes} - {""}
    kept["las"] = [
        row
        for row in read(source, "las")
        if row["las_id"] in {home["las_id"] for home in homes} or row["port_id"] in entrances
    ]
    going = {row[who] for row in kept["planerade_besok"] for who in ("anst_nr", "dubbel")}
    staff = read(source, "personal")
    alarm = {row["grupp_id"] for row in kept["grupper"] if row["typ"] == "larmgrupp"}
    kept["personal"] = [
        row
        for row in staff
        if row["anst_nr"] in going
        or row["roll"] in OFFICE
        or row["roll"] == "vikarie"
        or row["grupp_id"] in alarm
    ]
    numbers = {row["anst_nr"] for row in kept["personal"]}
    kept["arbetspass"] = [row for row in read(source, "arbetspass") if row["anst_nr"] in numbers]
    for name, rows in kept.items():
        write(folder / f"{name}.csv", rows)
    return folder


def read(folder: Path, name: str) -> Rows:
    """The rows of a file."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def write(path: Path, rows: Rows) -> None:
    """Write a file; at least one row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
