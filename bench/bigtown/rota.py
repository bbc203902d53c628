"""A morning in a generated municipality: who is at work, signed in, and what they may open.

House rules: as `make`. The shape is Björkvik's: teams of nine clients behind three entrances,
three carers in the morning and three in the afternoon, the default rules. So each of those who
begin now may open twelve doors, and two of five clients have a second reason. The plans are
those of one day.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bench.bigtown.make import BASE, locks
from bench.bigtown.sql import fill, moment, run, sequences, some_bytes, unhindered
from nyckelfri.server.homes.models import (
    CareDecision,
    CareTeam,
    Client,
    Entrance,
    PlannedVisit,
    Property,
    Provider,
    ProviderChoice,
    Shift,
)
from nyckelfri.server.keys.models import Subject
from nyckelfri.server.locks.models import Door
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones.models import PersonalSession

NOW: Final = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
"""As the morning's shifts begin."""
SHIFTS: Final = 3
"""Shifts of a team this morning, of three carers; as many begin in the afternoon."""
DOORS: Final = 12
"""Doors that each may open: the team's nine homes and its area's three entrances."""
_HOMES: Final = 9
_AREA: Final = 2 * _HOMES
"""Clients of an area: every second one chose the municipality, the others a company."""
_STAFF: Final = 2 * SHIFTS
_ENTRANCE: Final = 6
_PROPERTY: Final = 600_000
"""Doors of entrances have keys from here on."""
_COMPANIES: Final = 20
"""Areas that a company works in."""


def build(shifts: int) -> None:
    """Fill the database with a morning of so many shifts, or a few more."""
    areas = -(-shifts // (2 * SHIFTS))
    with unhindered():
        _teams(areas)
        _staff()
        _homes(areas)
        locks()
        _care()
        _plans()
        sequences()
    run("ANALYZE")


def _teams(areas: int) -> None:
    fill(
        Provider,
        f"generate_series(0, {1 + areas // _COMPANIES}) n",
        id=f"{BASE} + n",
        org_number="'55' || lpad(n::text, 4, '0') || '-0000'",
        name="CASE n WHEN 0 THEN 'Kommunens hemtjänst' ELSE 'Omsorg ' || n || ' AB' END",
        kind="CASE n WHEN 0 THEN 'municipal' ELSE 'private' END",
        services="""'["care", "household"]'::jsonb""",
    )
    fill(
        CareTeam,
        f"generate_series(0, {2 * areas - 1}) n",
        id=f"{BASE} + n",
        external_id="'XG' || n",
        name="'Grupp ' || n",
        kind="'home_care'",
        provider_id=f"{BASE} + n % 2 * (1 + n / 2 / {_COMPANIES})",
        area="'Område ' || n / 2",
    )


def _staff() -> None:
    key = f"{BASE} + (t.id - {BASE}) * {_STAFF} + n"
    fill(
        Employee,
        f"homes_careteam t, generate_series(0, {_STAFF - 1}) n",
        id=key,
        number=f"'X' || ({key})",
        name=f"'Anställd ' || ({key})",
        role="'assistant_nurse'",
        care_team_id="t.id",
        employed_from="'2024-01-01'",
    )
    staff = "people_employee e"
    fill(
        Subject, staff, id="e.id", employee_id="e.id", identifier=some_bytes("'subject' || e.id", 8)
    )
    fill(
        Phone,
        staff,
        id="e.id",
        identifier=some_bytes("'phone' || e.id", 8),
        label="'TX' || e.id",
        state="'enrolled'",
        public_key_x=some_bytes("'key' || e.id", 32),
        thumbprint=some_bytes("'thumbprint' || e.id", 8),
        device_token_hash=some_bytes("'token' || e.id", 32),
        registered_at="'2025-01-01'",
        enrolled_at="'2025-01-01'",
        holder_id="e.id",
    )


def _homes(areas: int) -> None:
    entrances = f"generate_series(0, {areas * _AREA // _ENTRANCE - 1}) n"
    fill(
        Property,
        entrances,
        id=f"{BASE} + n",
        external_id="'XF' || n",
        designation="'Haren ' || n",
        address="'Provgatan ' || n",
        postcode="'940 36'",
        town="'Björkvik'",
        area=f"'Område ' || n * {_ENTRANCE} / {_AREA}",
        owner_name="'AB Bostäder'",
        owner_kind="'landlord'",
    )
    fill(
        Entrance,
        entrances,
        id=f"{BASE} + n",
        external_id="'XP' || n",
        property_id=f"{BASE} + n",
        address="'Provgatan ' || n",
        power="'24V'",
        consent="'yes'",
    )
    fill(
        Door,
        entrances,
        id=f"{BASE} + {_PROPERTY} + n",
        kind="'entrance'",
        address="'Provgatan ' || n",
        entrance_id=f"{BASE} + n",
    )
    clients = f"generate_series(0, {areas * _AREA - 1}) n"
    place = {"address": f"'Provgatan ' || n / {_ENTRANCE}", "apartment": "(1101 + n % 6)::text"}
    fill(Door, clients, id=f"{BASE} + n", kind="'front_door'", **place)
    fill(
        Client,
        clients,
        id=f"{BASE} + n",
        external_id="'X' || lpad(n::text, 6, '0')",
        personal_number="'~' || n",
        name="'Kund ' || n",
        area=f"'Område ' || n / {_AREA}",
        civil_status="'single'",
        has_alarm="n % 2 = 0",
        front_door_id=f"{BASE} + n",
        entrance_id=f"{BASE} + n / {_ENTRANCE}",
        property_id=f"{BASE} + n / {_ENTRANCE}",
        **place,
    )


_TEAM_OF: Final = f"{BASE} + (c.id - {BASE}) / {_AREA} * 2 + c.id % 2"


def _care() -> None:
    for service, some in (
        ("care", "true"),
        ("household", "c.id % 5 < 2"),
        ("alarm", "c.has_alarm"),
    ):
        fill(
            CareDecision,
            f"homes_client c WHERE {some}",
            external_id=f"'XD-{service}-' || c.id",
            client_id="c.id",
            service=f"'{service}'",
            amount="60",
            unit="'minutes_a_day'",
            ground="'decision'",
            valid_from="'2025-01-01'",
        )
        if service != "alarm":
            fill(
                ProviderChoice,
                f"homes_client c JOIN homes_careteam t ON t.id = {_TEAM_OF} WHERE {some}",
                client_id="c.id",
                service=f"'{service}'",
                provider_id="t.provider_id",
                valid_from="'2025-01-01'",
            )


def _plans() -> None:
    early = f"(e.id - {BASE}) % {_STAFF} < {SHIFTS}"
    begins = f"CASE WHEN {early} THEN 5.5 ELSE 14 END"
    fill(
        Shift,
        "people_employee e",
        external_id="'XS' || e.id",
        employee_id="e.id",
        start=moment("0", begins),
        end=moment("0", f"{begins} + 8.5"),
    )
    who = f"{BASE} + ({_TEAM_OF} - {BASE}) * {_STAFF} + c.id / 2 % {SHIFTS} + v % 2 * {SHIFTS}"
    starts = "6 + 9 * (v % 2) + v / 2 * 4 + c.id % 24 / 12.0"
    fill(
        PlannedVisit,
        "homes_client c, generate_series(0, 2) v WHERE v < 2 OR c.id % 9 < 4",
        external_id="'XV' || c.id || '/' || v",
        client_id="c.id",
        employee_id=who,
        start=moment("0", starts),
        end=moment("0", f"{starts} + 0.5"),
        services="""'["care"]'::jsonb""",
    )
    fill(
        PersonalSession,
        f"people_employee e WHERE {early}",
        id="e.id",
        token_hash=some_bytes("'session' || e.id", 32),
        phone_id="e.id",
        employee_id="e.id",
        opened_at=moment("0", "5.4"),
        until=moment("0", "14.5"),
    )
