"""October 2026 in a generated municipality: plans, door events and readings of each visit.

House rules: as `make`. A visit has an unlocking, a locking and two readings of the client's
label; six of a thousand lack something or have something wrong. Nobody is at two places.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from bench.bigtown.make import AREA, BASE, WHO
from bench.bigtown.sql import (
    MOMENT,
    fill,
    indexes_rest,
    moment,
    run,
    sequences,
    some_bytes,
    unhindered,
)
from nyckelfri.server.homes.models import CareDecision, PlannedVisit
from nyckelfri.server.locks.models import NfcLabel
from nyckelfri.server.money.models import FeeBasis, MoneyRules, TariffPrice
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits.models import DoorEvent, PhoneEntry

FIRST: Final = date(2026, 10, 1)
DAYS: Final = 31
NOW: Final = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
"""When the month's work is done."""
PLANNER, ACCOUNTANT = "XP1", "XA1"
_FIRST_DAY: Final = (FIRST - MOMENT.date()).days
_VISITS: Final = f"""
    generate_series({_FIRST_DAY}, {_FIRST_DAY + DAYS - 1}) d
    CROSS JOIN (SELECT * FROM homes_client WHERE id >= {BASE} ORDER BY id) c
    CROSS JOIN generate_series(0, 2) v
"""  # noqa: S608 -- numbers of our own
_HELD: Final = "(v < 2 OR (c.id + d) % 19 < 8)"
_FAULT: Final = "(c.id * 31 + d * 17 + v * 7) % 1000"
"""0: nobody came; 1: no end; 2: a false reading; 3: a short visit; 4: it came late; 5: no plan."""
_BEGINS: Final = f"""
    ((ARRAY[5.5, 15, 10.5])[v + 1] + (c.id - {BASE}) % {AREA} / 2 / 12 * 40 / 60.0)
"""
"""UTC hours: somebody's visits of half a day begin forty minutes after each other."""
_LATE: Final = "(c.id * 7 + d * 13 + v * 5) % 7 / 60.0"
_LENGTH: Final = f"""
    (CASE WHEN {_FAULT} = 3 THEN 5 ELSE 20 + (c.id * 3 + d * 11 + v) % 13 END / 60.0)
"""
_SERVICES: Final = """
    CASE WHEN (c.id + v) % 5 = 0 THEN '["care", "household"]'
        WHEN v = 2 THEN '["household"]' ELSE '["care"]' END::jsonb
"""


def build() -> None:
    """Add the month to the municipality that `make.build` made."""
    with unhindered(), indexes_rest("visits_doorevent", "visits_phoneentry", "homes_plannedvisit"):
        _office()
        _labels()
        fill(
            PlannedVisit,
            f"{_VISITS} WHERE {_HELD} AND {_FAULT} <> 5",
            external_id="'XM' || c.id || '/' || d || '/' || v",
            client_id="c.id",
            employee_id=WHO,
            start=moment("d", _BEGINS),
            end=moment("d", f"{_BEGINS} + 0.5"),
            services=_SERVICES,
        )
        _doors()
        _readings()
        sequences()
    # One a statement: VACUUM is no part of a transaction.
    run("VACUUM ANALYZE")


def _office() -> None:
    for number, role in ((PLANNER, Role.PLANNER), (ACCOUNTANT, Role.ACCOUNTANT)):
        Employee.objects.create(
            number=number, name="Kontoret", role=role, employed_from="2024-01-01"
        )
    for article, price, unit in (
        ("care", "398.50", "hour"),
        ("household", "350", "hour"),
        ("alarm", "249", "month"),
    ):
        TariffPrice.objects.create(
            article=article, name=article, price=Decimal(price), unit=unit, valid_from="2026-01-01"
        )
    MoneyRules.objects.create(
        kind=MoneyRules.Kind.SENDER,
        valid_from="2026-01-01",
        settings={
            "name": "Björkviks kommun",
            "org_number": "212999-2083",
            "bankgiro": "5050-1055",
            "telephone": "0900-10 00 00",
        },
        reason="uppdiktad",
        recorded_at=NOW,
    )
    ours = f"homes_client c WHERE c.id >= {BASE}"
    fill(
        CareDecision,
        f"{ours} AND c.has_alarm",
        external_id="'XD9-' || c.id",
        client_id="c.id",
        service="'alarm'",
        amount="1",
        unit="'month'",
        ground="'decision'",
        valid_from="'2025-01-01'",
    )
    fill(
        FeeBasis,
        ours,
        client_id="c.id",
        valid_from="'2026-01-01'",
        net_income="12000 + c.id % 100 * 90",
        housing_supplement="0",
        housing_cost="4000 + c.id % 30 * 100",
    )


def _labels() -> None:
    """Of five labels four count their readings."""
    ours = f"homes_client c WHERE c.id >= {BASE}"
    fill(
        NfcLabel,
        ours,
        id="c.id",
        external_id="'XE' || c.id",
        client_id="c.id",
        place="'hallen'",
        kind="CASE c.id % 5 WHEN 0 THEN 'simple' ELSE '424' END",
        uid=f"CASE c.id % 5 WHEN 0 THEN NULL ELSE {_CHIP} END",
    )


_CHIP: Final = some_bytes("'chip' || c.id", 7)


def _received(at: str) -> str:
    return f"{at} + CASE {_FAULT} WHEN 4 THEN 4 * 24 ELSE 2 END"


def _doors() -> None:
    at = f"{_BEGINS} + {_LATE} + m.later * {_LENGTH}"
    fill(
        DoorEvent,
        f"{_VISITS} CROSS JOIN (VALUES (1, 0), (2, 1)) m(command, later) "
        f"WHERE {_HELD} AND {_FAULT} <> 0 AND ({_FAULT} <> 1 OR m.command = 1)",
        installation_id="c.front_door_id",
        number="(d + 4000) * 8 + v * 2 + m.command",
        at=moment("d", at),
        mark="1",
        command="m.command",
        result="'done'",
        employee_id=WHO,
        serial=some_bytes("'grant' || d || '/' || c.id", 8),
        received_from_id=WHO,
        received_at=moment("d", _received(at)),
        judgement="CASE m.command WHEN 1 THEN 'as_planned' ELSE '' END",
    )


def _readings() -> None:
    """The label is read a minute after the door was opened, and a minute before it is locked."""
    at = f"{_BEGINS} + {_LATE} + CASE m.nth WHEN 0 THEN 1 / 60.0 ELSE {_LENGTH} - 1 / 60.0 END"
    signed = "(c.id % 5 <> 0 AND NOT forged)"
    false = f"(m.nth = 1 AND c.id % 5 <> 0 AND {_FAULT} = 2)"
    fill(
        PhoneEntry,
        f"{_VISITS} CROSS JOIN generate_series(0, 1) nth CROSS JOIN LATERAL "
        f"(SELECT nth, {false.replace('m.nth', 'nth')} AS forged) m "
        f"WHERE {_HELD} AND {_FAULT} <> 0 AND ({_FAULT} <> 1 OR m.nth = 0)",
        phone_id=WHO,
        uuid="md5(c.id || '/' || d || '/' || v || '/' || m.nth)::uuid",
        digest=some_bytes("c.id || '/' || d || '/' || v || '/' || m.nth", 16),
        kind="'tap'",
        at=moment("d", at),
        employee_id=WHO,
        client_id="c.id",
        label_id="c.id",
        verdict=f"CASE WHEN m.forged THEN 'forged' WHEN {signed} THEN 'signed' ELSE 'plain' END",
        chip=f"CASE WHEN {signed} THEN {_CHIP} END",
        counter=f"CASE WHEN {signed} THEN (d + 100) * 8 + (ARRAY[0, 4, 2])[v + 1] + m.nth END",
        received_at=moment("d", _received(at)),
    )
