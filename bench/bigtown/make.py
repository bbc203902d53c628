"""A generated municipality of any size, with a year of openings, made inside PostgreSQL.

House rules: the same arguments make the same rows; every value follows from the row's own
number (no chance, no clock). What triggers would have seen to (the chain of the audit log)
is made here as they make it. All people are invented.

An area has 150 clients and two teams of 25, a municipal one and a company's, however large
the municipality is; ten areas share a night patrol and an alarm group. A client has two or
three visits a day, each with an opening and a locking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bench.bigtown.sql import (
    MOMENT,
    copy,
    fill,
    indexes_rest,
    moment,
    run,
    sequences,
    some_bytes,
    unhindered,
)
from nyckelfri.server.audit import chain
from nyckelfri.server.audit.models import AuditEvent, AuditLink
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
from nyckelfri.server.keys.models import Issued, Subject
from nyckelfri.server.locks.models import Door, Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.visits.models import DoorEvent

AREA: Final = 150
TEAM: Final = 25
DISTRICT: Final = 10
PATROL: Final = 12
PLANNED_DAYS: Final = 7
"""Days before and after today that shifts and visits are planned for."""
LOOKS_A_DAY: Final = 1000
"""Rows of the audit log a day, at 15 000 clients; fewer in proportion."""
BASE: Final = 1_000_000
"""Primary keys of what is made here begin there."""
_JUDGEMENT: Final = """
    CASE WHEN m.command = 2 THEN '' WHEN (c.id + 7 * d + v) % 101 = 0 THEN 'outside_plan'
        ELSE 'as_planned' END
"""
"""One opening of a hundred stands out: plans of so many days are not made here."""
_FIRST_NUMBER: Final = 100_000
"""Journal numbers of openings made here begin there."""


@dataclass(frozen=True)
class Size:
    """How much is made: clients, and days of openings that end yesterday."""

    clients: int
    days: int

    @property
    def areas(self) -> int:
        """Areas of up to 150 clients."""
        return -(-self.clients // AREA)

    @property
    def districts(self) -> int:
        """Districts of up to ten areas."""
        return -(-self.areas // DISTRICT)


def build(size: Size) -> None:
    """Fill the database that Django uses; what is in it already stays as it is."""
    with unhindered():
        _teams(size)
        _staff()
        _homes(size)
        locks()
        _care()
        _plans()
        _grants()
        sequences()
    extend(size, 0)


def extend(size: Size, already: int) -> None:
    """Add the openings and looks of days before the last `already` days, up to `size.days`."""
    with unhindered(), indexes_rest("visits_doorevent", "audit_auditevent"):
        _openings(already, size.days)
        _looks(size, already)
        sequences()
    run("ANALYZE")


def _teams(size: Size) -> None:
    fill(
        Provider,
        f"generate_series(0, {max(1, size.districts)}) n",
        id=f"{BASE} + n",
        org_number="'55' || lpad(n::text, 4, '0') || '-0000'",
        name="CASE n WHEN 0 THEN 'Kommunens hemtjänst' ELSE 'Omsorg ' || n || ' AB' END",
        kind="CASE n WHEN 0 THEN 'municipal' ELSE 'private' END",
        services="""'["care", "household", "night", "alarm"]'::jsonb""",
    )
    for at, (kind, count, provider, area) in enumerate(
        (
            ("home_care", size.areas, "0", "'Område ' || n"),
            ("home_care", size.areas, f"1 + n / {DISTRICT}", "'Område ' || n"),
            ("night_patrol", size.districts, "0", "'Distrikt ' || n"),
            ("alarm_group", size.districts, "0", "'Distrikt ' || n"),
        )
    ):
        fill(
            CareTeam,
            f"generate_series(0, {count - 1}) n",
            id=f"{BASE} + {at} * 100000 + n",
            external_id=f"'XG{at}' || n",
            name=f"'Grupp {at}-' || n",
            kind=f"'{kind}'",
            provider_id=f"{BASE} + {provider}",
            area=area,
        )


def _staff() -> None:
    teams = f"homes_careteam t, generate_series(0, {TEAM - 1}) n WHERE t.id >= {BASE}"
    key = f"{BASE} + (t.id - {BASE}) * {TEAM} + n"
    fill(
        Employee,
        f"{teams} AND (t.kind = 'home_care' OR n < {PATROL})",
        id=key,
        number=f"'X' || ({key})",
        name=f"'Anställd ' || ({key})",
        role="'assistant_nurse'",
        care_team_id="t.id",
        employed_from="'2024-01-01'",
    )
    ours = f"people_employee e WHERE e.id >= {BASE}"
    fill(
        Subject, ours, id="e.id", employee_id="e.id", identifier=some_bytes("'subject' || e.id", 8)
    )
    fill(
        Phone,
        ours,
        id="e.id",
        identifier=some_bytes("'phone' || e.id", 8),
        label="'TX' || e.id",
        state="'enrolled'",
        public_key_x=some_bytes("'key' || e.id", 32),
        thumbprint=some_bytes("'thumbprint' || e.id", 8),
        device_token_hash=some_bytes("'token' || e.id", 32),
        registered_at="'2025-01-01'",
        enrolled_at="'2025-01-01'",
        synced_at=moment("0", "0"),
        holder_id="e.id",
    )


def _homes(size: Size) -> None:
    entrances = f"generate_series(0, {(size.clients - 1) // 10}) n"
    fill(
        Property,
        entrances,
        id=f"{BASE} + n",
        external_id="'XF' || n",
        designation="'Haren ' || n",
        address="'Provgatan ' || n",
        postcode="'940 36'",
        town="'Björkvik'",
        area=f"'Område ' || (n / {AREA // 10})",
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
        id=f"{BASE} + 500000 + n",
        kind="'entrance'",
        address="'Provgatan ' || n",
        entrance_id=f"{BASE} + n",
    )
    clients = f"generate_series(0, {size.clients - 1}) n"
    place = {"address": "'Provgatan ' || (n / 10)", "apartment": "(1101 + n % 10)::text"}
    fill(Door, clients, id=f"{BASE} + n", kind="'front_door'", **place)
    fill(
        Client,
        clients,
        id=f"{BASE} + n",
        external_id="'X' || lpad(n::text, 6, '0')",
        personal_number="'~' || n",
        name="'Kund ' || n",
        area=f"'Område ' || (n / {AREA})",
        civil_status="'single'",
        has_alarm="n % 2 = 0",
        front_door_id=f"{BASE} + n",
        entrance_id=f"{BASE} + n / 10",
        property_id=f"{BASE} + n / 10",
        **place,
    )


def locks() -> None:
    """A unit in service at every door."""
    doors = f"locks_door d WHERE d.id >= {BASE}"
    fill(
        LockUnit,
        doors,
        id="d.id",
        external_id="'XL' || d.id",
        kind="CASE d.kind WHEN 'entrance' THEN 'entrance_unit' ELSE 'thumb_turn' END",
        model="'V-1'",
        serial="'XSN' || d.id",
        status="'mounted'",
        door_id="d.id",
    )
    fill(
        Installation,
        doors,
        id="d.id",
        identifier=some_bytes("'installation' || d.id", 8),
        lock_unit_id="d.id",
        door_id="d.id",
        lock_key_x=some_bytes("'lock' || d.id", 32),
        signing_key=some_bytes("'signing' || d.id", 33),
        radio_key=some_bytes("'radio' || d.id", 16),
        release_nonce=some_bytes("'release' || d.id", 16),
        commissioned_at="'2025-01-01'",
    )


def _care() -> None:
    ours = f"homes_client c WHERE c.id >= {BASE}"
    for at, service in enumerate(("care", "household")):
        fill(
            CareDecision,
            ours if at == 0 else f"{ours} AND c.id % 2 = 0",
            external_id=f"'XD{at}-' || c.id",
            client_id="c.id",
            service=f"'{service}'",
            amount="60",
            unit="'minutes_a_day'",
            ground="'decision'",
            valid_from="'2025-01-01'",
        )
        fill(
            ProviderChoice,
            ours,
            client_id="c.id",
            service=f"'{service}'",
            provider_id=f"(SELECT provider_id FROM homes_careteam WHERE id = {_TEAM_OF})",  # noqa: S608 -- numbers of our own
            care_team_id=_TEAM_OF,
            valid_from="'2025-01-01'",
        )


_TEAM_OF: Final = f"{BASE} + (c.id % 2) * 100000 + (c.id - {BASE}) / {AREA}"
"""The team of client `c`: every second one's is the company's."""
WHO: Final = f"""
    {BASE} + ({_TEAM_OF} - {BASE}) * {TEAM} + 2 * ((c.id / 2 + 3 * d + v) % {TEAM // 2}) + v % 2
"""
"""Who visits client `c` on day `d` for visit `v`: mornings the even ones, evenings the odd."""
_VISITS: Final = """
    generate_series({first}, {last}) d
    CROSS JOIN (SELECT * FROM homes_client WHERE id >= {base} ORDER BY id) c
    CROSS JOIN generate_series(0, 2) v {more}
    WHERE (v < 2 OR (c.id + d) % 9 < 4)
"""
_TIMES: Final = "6 + 11 * (v % 2) + v / 2 * 4 + (c.id % 24) / 12.0"
"""UTC hours at which visit `v` begins."""


def _plans() -> None:
    first, last = -PLANNED_DAYS, PLANNED_DAYS
    fill(
        Shift,
        f"generate_series({first}, {last}) d, people_employee e JOIN homes_careteam t "
        f"ON t.id = e.care_team_id WHERE e.id >= {BASE}",
        external_id="'XS' || e.id || '/' || d",
        employee_id="e.id",
        start=moment("d", _SHIFT),
        end=moment("d", f"{_SHIFT} + 8.5"),
    )
    fill(
        PlannedVisit,
        _VISITS.format(first=first, last=last, base=BASE, more=""),
        external_id="'XV' || c.id || '/' || d || '/' || v",
        client_id="c.id",
        employee_id=WHO,
        start=moment("d", _TIMES),
        end=moment("d", f"{_TIMES} + 0.5"),
        services="""'["care"]'::jsonb""",
    )


_SHIFT: Final = f"""
    CASE WHEN t.kind = 'night_patrol' THEN 20.5
        WHEN (e.id - {BASE}) % {TEAM} % 2 = 0 THEN 5.5 ELSE 14 END
"""


def _grants() -> None:
    """What the phones of those at work now hold: every door of their team's clients."""
    fill(
        Issued,
        "homes_shift s JOIN people_employee e ON e.id = s.employee_id "
        "JOIN homes_providerchoice p ON p.care_team_id = e.care_team_id AND p.service = 'care' "
        "JOIN homes_client c ON c.id = p.client_id "
        f"""WHERE s."start" <= '{MOMENT}' AND s."end" > '{MOMENT}' AND e.id >= {BASE}""",
        serial=some_bytes("'serial' || s.id || '/' || c.id", 8),
        employee_id="e.id",
        phone_id="e.id",
        thumbprint=some_bytes("'thumbprint' || e.id", 8),
        installation_id="c.front_door_id",
        kid="'\\x01'::bytea",
        scope="3",
        not_before='s."start"',
        not_after='s."end"',
        reasons="""jsonb_build_array(jsonb_build_object(
            'rule', 'chosen_team', 'client_id', c.external_id, 'shift_id', s.external_id))""",
        issued_at='s."start"',
        data=f"decode(repeat('00', {172}), 'hex')",
    )


def _openings(already: int, days: int) -> None:
    """Every visit of these days: an opening and a locking, day after day."""
    both = "CROSS JOIN (VALUES (1, 0.0), (2, 0.5)) m(command, later)"
    fill(
        DoorEvent,
        _VISITS.format(first=-days, last=-1 - already, base=BASE, more=both),
        installation_id="c.front_door_id",
        number=f"{_FIRST_NUMBER} + (d + 4000) * 8 + v * 2 + m.command",
        at=moment("d", f"{_TIMES} + m.later"),
        mark="1",
        command="m.command",
        result="'done'",
        employee_id=WHO,
        serial=some_bytes("'grant' || d || '/' || c.id", 8),
        received_from_id=WHO,
        received_at=moment("d", f"{_TIMES} + 1"),
        judgement=_JUDGEMENT,
    )


def _looks(size: Size, already: int) -> None:
    """Looks at clients' records in the audit log, chained as the triggers chain them."""
    a_day = max(1, LOOKS_A_DAY * size.clients // 15_000)
    last = AuditLink.objects.order_by("-number").first()
    head, number = (bytes(last.head), last.number) if last else (None, 0)
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    events, links = [], []
    for day in range(-size.days, -already):
        midnight = MOMENT.replace(hour=0, minute=0) + timedelta(days=day)
        for turn in range(a_day):
            said = chain.Content(
                at=midnight + timedelta(seconds=30_000 + 40 * turn),
                actor=f"employee:{10001 + turn % 40}",
                origin="web 192.0.2.1",
                verb="staff:client:look",
                object_id=f"client:X{(turn * 7919 + day) % size.clients:06}",
                reason="client",
                details={"unit": "team:G1"},
            )
            leaf = chain.leaf(said)
            head = chain.next_head(head, leaf)
            number += 1
            newest += 1
            events.append((newest, *said[:6], _JSON, leaf))
            links.append((number, newest, head))
    columns = ("id", "at", "actor", "origin", "verb", "object_id", "reason", "details", "leaf")
    copy("audit_auditevent", columns, events)
    copy("audit_auditlink", ("number", "event_id", "head"), links)


_JSON: Final = '{"unit": "team:G1"}'
