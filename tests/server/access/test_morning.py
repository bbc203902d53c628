"""A whole morning at once gives what everybody would have been given alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from nyckelfri.door import grants
from nyckelfri.server.access import rights
from nyckelfri.server.access.models import (
    Absence,
    AccessPolicy,
    HealthAssignment,
    OwnClient,
    Takeover,
    Withdrawal,
)
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, ProviderChoice
from nyckelfri.server.keys import actions_issue, queries
from nyckelfri.server.keys.actions_issue import Derived
from nyckelfri.server.keys.models import Issued, Subject
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone, PhoneState, Role
from nyckelfri.server.phones.models import PersonalSession
from serverworld import Handset, Holders

HOUR = timedelta(hours=1)


@pytest.fixture
def municipality(bjorkvik: None, moment: datetime, tmp_path: Path, settings: Settings) -> None:
    """Björkvik with every mounted lock in service, and with what people decide beside plans."""
    settings.DATA = tmp_path
    Holders.make().install_first(moment)
    for unit in LockUnit.objects.filter(status=LockUnit.Status.MOUNTED):
        put_in_service(unit, moment)
    decide_much(random.Random(7), moment)  # noqa: S311 -- so that it repeats


def put_in_service(unit: LockUnit, now: datetime) -> None:
    seed = unit.pk.to_bytes(4, "big")
    Installation.objects.create(
        identifier=seed * 2,
        lock_unit=unit,
        door=unit.door,
        lock_key_x=seed * 8,
        signing_key=b"\x02" + seed * 8,
        radio_key=seed * 4,
        release_nonce=seed * 4,
        commissioned_at=now,
    )


def decide_much(chance: random.Random, now: datetime) -> None:
    """A municipality where everything that a rule knows has happened to somebody."""
    staff, clients = list(Employee.objects.all()), list(Client.objects.all())
    teams = list(CareTeam.objects.filter(kind=CareTeam.Kind.HOME_CARE))
    carers = [one for one in staff if one.care_team_id is not None]
    why: dict[str, Any] = {"reason": "x", "recorded_at": now - HOUR}
    for one in chance.sample(carers, 12):
        client = chance.choice([None, chance.choice(clients)])
        Withdrawal.objects.create(employee=one, client=client, start=now - HOUR, **why)
    for one in chance.sample(carers, 4):
        Absence.objects.create(employee=one, start=now, end=now + 9 * HOUR, **why)
    for one in chance.sample(carers, 3):
        for client in chance.sample(clients, 4):
            OwnClient.objects.create(employee=one, client=client, **why)
    for one in staff:
        if one.role == Role.NURSE:
            client = chance.choice(clients)
            HealthAssignment.objects.create(
                employee=one, client=client, valid_from=now.date(), **why
            )
    near = PlannedVisit.objects.filter(start__gt=now - HOUR, start__lt=now + 30 * HOUR)
    for visit in chance.sample(list(near.filter(second_employee=None)), 30):
        by_hand = {"ad_hoc": True, "reason": "x", "employee": chance.choice(carers)}
        PlannedVisit.objects.filter(pk=visit.pk).update(**by_hand)
    substitutes = [one for one in staff if one.role == Role.SUBSTITUTE]
    for visit in chance.sample(list(near.filter(ad_hoc=False, employee__in=carers)), 30):
        who = chance.choice([*substitutes, *carers])
        Takeover.objects.create(visit=visit, instead_of=visit.employee, employee=who, **why)
    for choice in chance.sample(list(ProviderChoice.objects.all()), 40):
        choice.care_team = chance.choice(teams)  # also one that is another provider's
        choice.save()
    everywhere = chance.choice(teams)
    everywhere.area = ""
    everywhere.save()


@pytest.mark.parametrize("scope", ["team", "visits", "area"])
def test_everybody_together_in_turn_and_alone_may_open_the_same_for_the_same_reasons(
    municipality: None, moment: datetime, scope: str
) -> None:
    AccessPolicy.objects.create(
        valid_from=date(2026, 1, 1), settings={"scope": scope}, reason="x", recorded_at=moment
    )
    staff = list(Employee.objects.select_related("care_team"))
    by_turn = [right for group in rights.in_turn(staff) for right in rights.of_staff(group, moment)]
    alone = [right for one in staff for right in rights.of_employee(one, moment)]
    mixed = [*staff]
    random.Random(3).shuffle(mixed)  # noqa: S311 -- the same
    halves = [mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]]
    by_half = [right for half in halves for right in rights.of_staff(half, moment)]
    everybody = sorted(rights.of_all(moment), key=str)
    assert len(everybody) > 300
    assert sorted(by_turn, key=str) == everybody
    assert sorted(alone, key=str) == everybody
    assert sorted(by_half, key=str) == everybody


def sign_in(staff: Sequence[Employee], now: datetime) -> None:
    """A phone each, and a session on it."""
    for at, one in enumerate(staff):
        seed = at.to_bytes(4, "big")
        phone = Phone.objects.create(
            identifier=seed * 2,
            label=f"T{at}",
            state=PhoneState.ENROLLED,
            public_key_x=b"\x01" * 28 + seed,
            thumbprint=grants.thumbprint(b"\x01" * 28 + seed),
            holder=one,
            device_token_hash=seed * 8,
            registered_at=now,
            enrolled_at=now,
        )
        PersonalSession.objects.create(
            token_hash=seed * 8, phone=phone, employee=one, opened_at=now, until=now + 9 * HOUR
        )


def stored() -> set[tuple[Any, ...]]:
    """What has been issued, without what is different each time; every signature holds."""
    key_set, found = queries.key_set(), set()
    for row in Issued.objects.select_related("employee__subject", "installation", "phone"):
        said = grants.verify(bytes(row.data), key_set)
        assert said.subject == bytes(row.employee.subject.identifier)
        assert said.serial == bytes(row.serial)
        assert said.installation == row.installation.identifier
        assert said.phone == row.phone.public_key_x
        assert grants.thumbprint(said.phone) == bytes(row.thumbprint)
        assert (said.not_before, said.not_after, said.scope, said.issued) == (
            row.not_before.timestamp(),
            row.not_after.timestamp(),
            row.scope,
            row.issued_at.timestamp(),
        )
        found.add((row.employee_id, row.phone_id, row.installation_id, *said_of(row)))
    return found


def said_of(row: Issued) -> tuple[Any, ...]:
    return row.not_before, row.not_after, row.scope, row.kid, str(row.reasons)


def test_morning_stores_and_notes_what_syncs_one_by_one_would(
    municipality: None, moment: datetime
) -> None:
    due = {right.employee_id for right in rights.of_all(moment)}
    staff = list(Employee.objects.filter(number__in=due).select_related("care_team"))
    sign_in(staff, moment)
    Subject.objects.create(employee=staff[0], identifier=b"subject1")
    sessions = PersonalSession.objects.select_related("employee__care_team", "phone")
    with transaction.atomic():
        for each in sessions:
            given = actions_issue.issue_for(each.employee, each.phone, session=each, now=moment)
            assert given == sorted(given, key=lambda row: (row.not_before, row.serial))
        alone, noted = stored(), noted_serials()
        transaction.set_rollback(True)
    assert not Issued.objects.exists()
    done = actions_issue.derive_and_issue(moment)
    assert done == Derived(len(alone), 0, 0)
    assert stored() == alone
    assert {who: len(serials) for who, serials in noted_serials().items()} == {
        who: len(serials) for who, serials in noted.items()
    }
    assert actions_issue.derive_and_issue(moment + HOUR / 4).minted == 0
    each = sessions[0]
    again = actions_issue.issue_for(each.employee, each.phone, session=each, now=moment)
    assert {row.pk for row in again} == {row.pk for row in Issued.objects.filter(phone=each.phone)}


def noted_serials() -> dict[tuple[str, str], list[str]]:
    return {
        (event.actor, event.object_id): event.details["serials"]
        for event in audit.of_kind(Verb.GRANT_ISSUE)
    }


def test_sync_asks_as_many_questions_for_a_hundred_doors_as_for_two(
    municipality: None, moment: datetime
) -> None:
    doors = Counter(right.employee_id for right in rights.of_all(moment))
    (most, _), *_, (fewest, _) = doors.most_common()
    counts = []
    for at, number in enumerate((fewest, most)):
        one = Employee.objects.select_related("care_team").get(number=number)
        phone = Handset.enrol(f"P{at}", one, 900 + at, moment)
        with CaptureQueriesContext(connection) as asked:
            given = actions_issue.issue_for(one, phone.row, now=moment)
        assert len(given) == doors[number]
        counts.append(len(asked))
    assert doors[most] > 90
    assert counts[1] <= counts[0] + 1
    assert max(counts) <= 25
