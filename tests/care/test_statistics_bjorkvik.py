"""Björkvik's November against counts that are made here, straight from its files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from nyckelfri.care.performed import AlarmSign
from nyckelfri.care.statistics.alarms import AlarmPolicy, alarm_to_door
from nyckelfri.care.statistics.continuity import ContinuityPolicy, continuity
from nyckelfri.care.statistics.evidence import evidence
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, key_trips
from nyckelfri.care.statistics.planned import performance
from nyckelfri.care.statistics.punctuality import PunctualityPolicy, punctuality
from payworld import FACIT, NOVEMBER, STOCKHOLM, born, facts, november, read, rows

KEY = read(FACIT)
PLANS = {row["besok_id"]: row for row in rows("planerade_besok")}
VISITS = facts(november())
FIRST = date(2026, 11, 2)


def began(row: dict[str, str]) -> datetime:
    """Swedish time when a row of the answer key began, or was planned to."""
    if row["in"]:
        return datetime.fromisoformat(row["in"]).astimezone(STOCKHOLM)
    return datetime.fromisoformat(PLANS[row["besok_id"]]["start"]).replace(tzinfo=STOCKHOLM)


def test_planned_and_performed() -> None:
    made = performance(VISITS)
    doubled = sum(bool(row["dubbel"]) for row in PLANS.values())
    assert made.planned == len(PLANS) + doubled
    assert (made.declined, made.not_made, made.away) == (132, 80, 46)
    assert made.planned == made.performed + 132 + 80 + 46
    assert made.unplanned == sum(not row["besok_id"] for row in KEY)


def test_evidence() -> None:
    made = evidence(VISITS)
    performed = [
        row["bevis"] for row in KEY if row["bevis"] != "ingen" and row["flagga"] != "avbojt"
    ]
    assert made.visits == len(performed)
    assert [number for _, number, _ in made.grades] == [
        performed.count(name) for name in ("dorr+etikett", "dorr", "etikett", "manuell", "ingen")
    ]


def test_punctuality() -> None:
    off = [
        abs(began(row) - began({**row, "in": ""}))
        for row in KEY
        if row["besok_id"] and row["in"] and row["flagga"] != "avbojt"
    ]
    made = punctuality(VISITS, PunctualityPolicy())
    assert made.visits == len(off)
    assert made.in_time == sum(gap <= timedelta(minutes=15) for gap in off)


def test_continuity() -> None:
    last = FIRST + timedelta(days=13)
    away = {
        row["brukare_id"]
        for row in rows("franvaro")
        if date.fromisoformat(row["fran"]) <= last and date.fromisoformat(row["till"]) >= FIRST
    }
    staff: dict[str, set[str]] = defaultdict(set)
    visits: dict[str, set[tuple[date, str]]] = defaultdict(set)
    alarm_group = {row["anst_nr"] for row in rows("personal") if row["grupp_id"] == "GL"}
    for row in KEY:
        at = began(row)
        if FIRST <= at.date() <= last and 7 <= at.hour < 22 and row["anst_nr"] not in alarm_group:
            visits[row["brukare_id"]].add((at.date(), row["besok_id"] or row["in"]))
            if row["bevis"] != "ingen" and row["flagga"] != "avbojt":
                staff[row["brukare_id"]].add(row["anst_nr"])
    counted = {
        client
        for client, own in visits.items()
        if client not in away
        and born()[client] <= date(1961, 11, 2)
        and all(sum(day == FIRST + timedelta(since) for day, _ in own) >= 2 for since in range(14))
    }
    made = continuity(VISITS, FIRST, born(), ContinuityPolicy())
    assert made.clients == len(counted) > 50
    met = sum(len(staff[client]) for client in counted)
    assert made.mean == round(Decimal(met) / len(counted), 1)


@pytest.mark.sentence(91)
def test_key_trips() -> None:
    """An alarm never finds a key that the group fetched less than nine hours before."""
    alarm_group = {row["anst_nr"] for row in rows("personal") if row["grupp_id"] == "GL"}
    by_phone = [row for row in KEY if row["bevis"].startswith("dorr") and row["flagga"] != "avbojt"]
    alarms = [row for row in by_phone if row["anst_nr"] in alarm_group]
    night = [row for row in by_phone if row not in alarms and not 7 <= began(row).hour < 22]
    made = key_trips(VISITS, KeyTripPolicy())[NOVEMBER]
    assert len(alarms) >= made.alarm > 30
    assert len(night) > made.night > 200


@pytest.mark.sentence(87)
def test_alarm_to_door() -> None:
    alarms = [
        AlarmSign(
            row["larm_id"],
            row["brukare_id"],
            datetime.fromisoformat(row["tid"]),
            row["kvitterad_av"] or None,
            datetime.fromisoformat(row["pa_plats"]) if row["pa_plats"] else None,
        )
        for row in rows("larm")
    ]
    took = sorted(
        int((sign.on_site - sign.at).total_seconds()) for sign in alarms if sign.on_site is not None
    )
    made = alarm_to_door(alarms, [], {}, AlarmPolicy())[NOVEMBER]
    assert (made.alarms, made.reached) == (len(alarms), len(took))
    assert made.median == (took[len(took) // 2 - 1] + took[len(took) // 2]) // 2
    assert made.ninetieth == took[35]
    assert len(took) == 40
