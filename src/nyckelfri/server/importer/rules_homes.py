"""Rules between providers, teams, people, homes, doors and locks.

House rules: each rule is one small function of the files; source of every rule: what
the files' own description says holds in whole data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nyckelfri.server.homes.models import CareTeam, Entrance, Property, Provider
from nyckelfri.server.locks.models import LockUnit
from nyckelfri.server.people.models import Role

if TYPE_CHECKING:
    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.rows import Files, Row


def night_and_alarm_are_municipal(files: Files, faults: Faults) -> None:
    """A night patrol or alarm group belongs to a municipal provider."""
    providers = files.by_key("utforare")
    for row in files.rows("grupper"):
        provider = providers.get(row.values.get("org_nr", ""))
        if (
            row.values.get("typ") in {CareTeam.Kind.NIGHT_PATROL, CareTeam.Kind.ALARM_GROUP}
            and provider is not None
            and provider.values.get("typ") == Provider.Kind.PRIVATE
        ):
            faults.add("grupper.csv", row.line, "org_nr", "night_is_municipal")


def substitute_has_no_team(files: Files, faults: Faults) -> None:
    """A substitute belongs to no team."""
    for row in files.rows("personal"):
        if row.values.get("roll") == Role.SUBSTITUTE and row.filled("grupp_id"):
            faults.add("personal.csv", row.line, "grupp_id", "substitute_with_team")


def private_owner_has_no_number(files: Files, faults: Faults) -> None:
    """A private owner of a property has no organisation number."""
    for row in files.rows("fastigheter"):
        private = row.values.get("agare_typ") == Property.OwnerKind.PRIVATE
        if private and row.filled("agare_org_nr"):
            faults.add("fastigheter.csv", row.line, "agare_org_nr", "private_owner_number")


def lock_fits_its_door(files: Files, faults: Faults) -> None:
    """An entrance unit names an entrance with consent, a thumb-turn names none."""
    entrances = files.by_key("portar")
    for row in files.rows("las"):
        if not row.good("typ", "port_id"):
            continue
        entrance_id = row.values["port_id"]
        if row.values["typ"] == LockUnit.Kind.THUMB_TURN:
            if entrance_id is not None:
                faults.add("las.csv", row.line, "port_id", "thumb_turn_has_entrance")
        elif entrance_id is None:
            faults.add("las.csv", row.line, "port_id", "entrance_unit_needs_entrance")
        elif entrance_id in entrances and entrances[entrance_id].values.get("medgivande") in {
            Entrance.Consent.NO,
            Entrance.Consent.ASKED,
        }:
            faults.add("las.csv", row.line, "port_id", "no_consent")


def one_lock_a_door(files: Files, faults: Faults) -> None:
    """A home has one thumb-turn and an entrance one unit."""
    first: dict[tuple[str, ...], int] = {}
    for row in files.rows("las"):
        door: tuple[str, ...]
        if row.values.get("typ") == LockUnit.Kind.ENTRANCE_UNIT and row.filled("port_id"):
            door, column = (row.values["port_id"],), "port_id"
        elif row.values.get("typ") == LockUnit.Kind.THUMB_TURN and row.good("adress", "lgh"):
            door, column = (row.values["adress"], row.values["lgh"] or ""), "adress"
        else:
            continue
        line = first.setdefault(door, row.line)
        if line != row.line:
            faults.add("las.csv", row.line, column, "one_lock_a_door", line=line)


def only_mounted_locks_have_serials(files: Files, faults: Faults) -> None:
    """A mounted lock has a serial number and no other lock has one."""
    for row in files.rows("las"):
        if row.good("status", "serienr"):
            mounted = row.values["status"] == LockUnit.Status.MOUNTED
            if mounted and row.values["serienr"] is None:
                faults.add("las.csv", row.line, "serienr", "serial_missing")
            elif not mounted and row.values["serienr"] is not None:
                faults.add("las.csv", row.line, "serienr", "serial_too_early")


def client_lives_behind_the_entrance(files: Files, faults: Faults) -> None:
    """A client's entrance belongs to the client's property, and the lock is a front door's."""
    entrances, locks = files.by_key("portar"), files.by_key("las")
    for row in files.rows("brukare"):
        entrance = entrances.get(row.values.get("port_id") or "")
        if (
            entrance is not None
            and entrance.good("fastighet_id")
            and row.good("fastighet_id")
            and entrance.values["fastighet_id"] != row.values["fastighet_id"]
        ):
            faults.add("brukare.csv", row.line, "port_id", "entrance_of_other_property")
        lock = locks.get(row.values.get("las_id") or "")
        if lock is not None and lock.values.get("typ") == LockUnit.Kind.ENTRANCE_UNIT:
            faults.add("brukare.csv", row.line, "las_id", "lock_of_wrong_kind")


def partners_name_each_other(files: Files, faults: Faults) -> None:
    """Partners name each other and share one lock."""
    clients = files.by_key("brukare")
    for row in files.rows("brukare"):
        other = clients.get(row.values.get("partner_id") or "")
        if other is None or not row.good("brukare_id"):
            continue
        fault = _partner_fault(row, other)
        if fault:
            faults.add("brukare.csv", row.line, "partner_id", fault)


def _partner_fault(row: Row, other: Row) -> str:
    if other.values["brukare_id"] == row.values["brukare_id"]:
        return "partner_is_self"
    if other.good("partner_id") and other.values["partner_id"] != row.values["brukare_id"]:
        return "partner_not_mutual"
    both = row.good("las_id") and other.good("las_id")
    return "partner_other_lock" if both and row.values["las_id"] != other.values["las_id"] else ""


RULES = (
    night_and_alarm_are_municipal,
    substitute_has_no_team,
    private_owner_has_no_number,
    lock_fits_its_door,
    one_lock_a_door,
    only_mounted_locks_have_serials,
    client_lives_behind_the_entrance,
    partners_name_each_other,
)
