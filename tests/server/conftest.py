"""What server tests share: a declared moment and a cast of three.

House rules: no test asks the machine's clock; `MOMENT` is a Monday morning, 07:00 in
Sweden. Alice has hers, Bob is in her team, Charlie works for somebody else and must
see nothing of it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase

import nyckelfri.demo
from auditworld import unguarded
from databases import Stores
from nyckelfri.server.accounts.hashers import OneLane
from nyckelfri.server.homes.models import (
    CareDecision,
    CareTeam,
    Client,
    Entrance,
    PlannedVisit,
    Property,
    Provider,
    ProviderChoice,
    Service,
    Shift,
)
from nyckelfri.server.locks.models import Door, LockUnit, NfcLabel
from nyckelfri.server.people.models import Employee, Role
from townworld import SMALL, Town

MOMENT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LONG_AGO = date(2024, 1, 1)
BJORKVIK = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
_NOT_COPIED = ("django_", "auth_", "sqlite_", "audit_auditlink")


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_past_the_guards() -> Iterator[None]:
    """A test that commits has its tables emptied, which the audit log's guards refuse."""
    cases: Any = TransactionTestCase
    flush = cases._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with unguarded():
            flush(case)

    cases._fixture_teardown = teardown
    yield
    cases._fixture_teardown = flush


@pytest.fixture(autouse=True, scope="session")
def cost_in_use() -> Iterator[int]:
    """How much memory (KiB) hashing a password takes in use; here it takes next to none."""
    with pytest.MonkeyPatch.context() as patch:
        in_use = OneLane.memory_cost
        patch.setattr(OneLane, "memory_cost", 8)
        yield in_use


@dataclass(frozen=True)
class Cast:
    """Alice and Bob of one team, Charlie of another provider, and a client of each."""

    alice: Employee
    bob: Employee
    charlie: Employee
    municipality: Provider
    company: Provider
    team: CareTeam
    other_team: CareTeam
    client: Client
    other_client: Client
    front_door: LockUnit
    entrance_unit: LockUnit
    other_front_door: LockUnit
    label: NfcLabel
    visit: PlannedVisit


@pytest.fixture
def moment() -> datetime:
    """Monday 2026-11-23 07:00 in Sweden."""
    return MOMENT


def _employee(number: str, name: str, team: CareTeam) -> Employee:
    employee = Employee.objects.create(
        number=number,
        name=name,
        care_team=team,
        role=Role.ASSISTANT_NURSE,
        employed_from=LONG_AGO,
    )
    Shift.objects.create(
        external_id=f"P{number}",
        employee=employee,
        start=MOMENT,
        end=MOMENT + timedelta(hours=8),
    )
    return employee


def _home(external_id: str, personal_number: str, address: str, provider: Provider) -> Client:
    door = Door.objects.create(kind=Door.Kind.FRONT_DOOR, address=address, apartment="1101")
    LockUnit.objects.create(
        external_id=f"L{external_id}",
        kind=LockUnit.Kind.THUMB_TURN,
        model="V-1",
        serial=f"SN{external_id}",
        status=LockUnit.Status.MOUNTED,
        door=door,
    )
    client = Client.objects.create(
        external_id=external_id,
        personal_number=personal_number,
        name="Test Person",
        address=address,
        apartment="1101",
        front_door=door,
        area="Centrum",
        civil_status=Client.CivilStatus.SINGLE,
    )
    CareDecision.objects.create(
        external_id=f"D{external_id}",
        client=client,
        service=Service.CARE,
        amount=60,
        unit=CareDecision.Unit.MINUTES_A_DAY,
        ground=CareDecision.Ground.DECISION,
        valid_from=LONG_AGO,
    )
    ProviderChoice.objects.create(
        client=client, service=Service.CARE, provider=provider, valid_from=LONG_AGO
    )
    return client


@pytest.fixture
def cast(db: None) -> Cast:
    """Store the cast: shifts this Monday, a care decision and a choice each, locks mounted."""
    municipality = Provider.objects.create(
        org_number="212999-2083",
        name="Kommunens hemtjänst",
        kind=Provider.Kind.MUNICIPAL,
        services=["care", "household", "night", "alarm"],
    )
    company = Provider.objects.create(
        org_number="559992-4429",
        name="Omtanke AB",
        kind=Provider.Kind.PRIVATE,
        services=["care", "household"],
    )
    team, other_team = (
        CareTeam.objects.create(
            external_id=key,
            name=key,
            provider=provider,
            kind=CareTeam.Kind.HOME_CARE,
            area="Centrum",
        )
        for key, provider in (("G1", municipality), ("G2", company))
    )
    alice = _employee("10001", "Alice", team)
    bob = _employee("10002", "Bob", team)
    charlie = _employee("10003", "Charlie", other_team)
    client = _home("B0001", "19341123-2394", "Kyrkogatan 1", municipality)
    other_client = _home("B0002", "19370812-2381", "Storgatan 2", company)
    building = Property.objects.create(
        external_id="F001",
        designation="Haren 1",
        address="Kyrkogatan 1",
        postcode="940 36",
        town="Björkvik",
        area="Centrum",
        owner_name="AB Bostäder",
        owner_kind=Property.OwnerKind.LANDLORD,
    )
    entrance = Entrance.objects.create(
        external_id="F001-A",
        property=building,
        address="Kyrkogatan 1",
        power=Entrance.Power.V24,
        consent=Entrance.Consent.YES,
    )
    client.property, client.entrance = building, entrance
    client.save()
    entrance_unit = LockUnit.objects.create(
        external_id="L0001",
        kind=LockUnit.Kind.ENTRANCE_UNIT,
        model="P-24",
        serial="PN0001",
        status=LockUnit.Status.MOUNTED,
        door=Door.objects.create(
            kind=Door.Kind.ENTRANCE, address="Kyrkogatan 1", entrance=entrance
        ),
    )
    return Cast(
        alice=alice,
        bob=bob,
        charlie=charlie,
        municipality=municipality,
        company=company,
        team=team,
        other_team=other_team,
        client=client,
        other_client=other_client,
        front_door=LockUnit.objects.get(external_id="LB0001"),
        entrance_unit=entrance_unit,
        other_front_door=LockUnit.objects.get(external_id="LB0002"),
        label=NfcLabel.objects.create(
            external_id="E0001", client=client, place="hall", kind=NfcLabel.Kind.COUNTING
        ),
        visit=PlannedVisit.objects.create(
            external_id="V000001",
            client=client,
            employee=alice,
            start=MOMENT + timedelta(minutes=30),
            end=MOMENT + timedelta(minutes=60),
            services=["care"],
        ),
    )


@pytest.fixture(scope="session")
def bjorkvik_files() -> Path:
    """Where Björkvik's files are: 120 clients and 30 days from 2026-11-01."""
    return BJORKVIK


@pytest.fixture(scope="session")
def bjorkvik_database(stores: Stores) -> Path:
    """A data directory with Björkvik, imported once a run by the real command; to be read."""
    with stores.once("bjorkvik") as directory:
        if not (directory / "imported").exists():
            directory.mkdir(exist_ok=True)
            start = MOMENT.timestamp()
            environment = {
                **stores.environment(directory),
                "NYCKELFRI_CLOCK": f"{start:.0f}@{start:.0f}*1",
            }
            subprocess.run(
                [sys.executable, "-m", "nyckelfri.server.importer.cli", str(BJORKVIK)],
                env=environment,
                check=True,
                capture_output=True,
            )
            (directory / "imported").touch()
    return directory


@pytest.fixture
def bjorkvik(db: None, bjorkvik_database: Path, stores: Stores) -> None:
    """Fill this test's database with Björkvik; rolled back with the test."""
    stores.fill(bjorkvik_database, _NOT_COPIED)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Give the small municipality, nothing stored yet."""
    directory = tmp_path / "town"
    directory.mkdir()
    return Town(directory)


@pytest.fixture
def small() -> dict[str, str]:
    """Give the small municipality's files as text."""
    return dict(SMALL)
