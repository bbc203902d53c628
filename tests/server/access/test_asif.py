"""Care decisions recorded and ended here: what they will do, what they do, what files undo."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deciding import decider
from nyckelfri.server.access import actions_care, actions_decisions, asif, rights, versions
from nyckelfri.server.access.actions_decisions import Decided
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.homes.models import (
    CareDecision,
    Client,
    Provider,
    ProviderChoice,
    Service,
)
from nyckelfri.server.importer.actions import import_files
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Role
from nyckelfri.server.stale import StaleError
from serverworld import Handset
from townworld import Town

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def assessor(db: None) -> Viewer:
    return decider(Role.CARE_ASSESSOR)


def end(who: Viewer, row: CareDecision, last: date, now: datetime, **other: Any) -> CareDecision:
    asked = {"reason": "behövs inte", "seen": versions.of_decision(row), **other}
    return actions_decisions.end_decision(who, row, last_day=last, now=now, **asked)


def decided(**other: Any) -> Decided:
    asked: dict[str, Any] = {
        "service": "household",
        "amount": Decimal("2.50"),
        "unit": "hours_a_week",
        "ground": "decision",
        "first_day": TODAY,
        "last_day": None,
        **other,
    }
    return Decided(**asked)


@pytest.mark.sentence(77)
def test_decision_states_service_extent_and_timing(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    asked = decided(timing=" tisdagar,\n helst förmiddag ")
    row = actions_decisions.record_decision(
        assessor, cast.client, asked, reason="ansökan", now=moment
    )
    row.refresh_from_db()
    assert (row.service, row.amount, row.unit) == ("household", Decimal("2.50"), "hours_a_week")
    assert row.timing == "tisdagar, helst förmiddag"
    again = actions_decisions.record_decision(
        assessor, cast.client, decided(), reason="till", now=moment
    )
    assert again.external_id != row.external_id


CATALOGUE = {
    "förebyggande hembesök": "preventive_visit",
    "service": "household",
    "omvårdnad": "care",
    "matlåda": "meals",
    "trygghetslarm": "alarm",
    "hjälpmedel": "aids",
    "korttidsplats och avlastning": "short_term",
    "dagverksamhet": "day_activity",
    "rehabilitering i hemmet": "rehabilitation",
    "hälso- och sjukvård i hemmet": "health_care",
}


@pytest.mark.sentence(78)
@pytest.mark.sentence(93)
def test_catalogue_holds_what_the_municipality_decides_and_only_home_care_leads_to_a_door(
    cast: Any, locks: Any, assessor: Viewer, moment: datetime
) -> None:
    assert {service.label: service.value for service in Service} == CATALOGUE
    before = rights.of_all(moment)
    for service in CATALOGUE.values():
        actions_decisions.record_decision(
            assessor, cast.client, decided(service=service), reason="ansökan", now=moment
        )
    held = CareDecision.objects.filter(client=cast.client, recorded_here=True)
    assert {row.service for row in held} == set(CATALOGUE.values())
    doors = {(right.employee_id, right.lock_id) for right in rights.of_all(moment)}
    assert doors == {(right.employee_id, right.lock_id) for right in before}


@pytest.mark.sentence(78)
def test_catalogue_comes_with_the_municipality_s_files_too(db: None, town: Town) -> None:
    town.add("beslut", "D9;B3;korttid;1;manad;beslut;2026-11-01;2026-12-01")
    town.add("beslut", "D8;B3;hjalpmedel;1;manad;beslut;2026-11-01;")
    assert town.bring_in().stored
    held = CareDecision.objects.filter(external_id__in=("D8", "D9"))
    assert {row.service for row in held} == {"aids", "short_term"}


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"first_day": TODAY - DAY}, Refusal.PAST_DAY),
        ({"first_day": TODAY + 1000 * DAY}, Refusal.FAR_DAY),
        ({"last_day": TODAY - DAY}, Refusal.WRONG_ORDER),
        ({"amount": Decimal(0)}, Refusal.BAD_AMOUNT),
        ({"amount": Decimal("0.001")}, Refusal.BAD_AMOUNT),
        ({"amount": Decimal("NaN")}, Refusal.BAD_AMOUNT),
        ({"amount": Decimal(10**7)}, Refusal.BAD_AMOUNT),
        ({"service": "magic"}, Refusal.NOT_OFFERED),
        ({"timing": "x" * 301}, Refusal.LONG_TIMING),
    ],
)
def test_decision_that_cannot_be_is_refused(
    cast: Any, assessor: Viewer, moment: datetime, wrong: dict[str, Any], refusal: Refusal
) -> None:
    with pytest.raises(AccessError) as caught:
        actions_decisions.record_decision(
            assessor, cast.client, decided(**wrong), reason="x", now=moment
        )
    assert caught.value.refusal is refusal


def test_decision_that_ends_takes_the_door_away_at_that_midnight(
    cast: Any, locks: Any, assessor: Viewer, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    row = CareDecision.objects.get(client=cast.client)
    seen = asif.decision_ended(row, TODAY, now=moment)
    assert seen.day == TODAY + DAY
    assert [one.person.name for one in seen.lost] == ["Alice", "Bob"]
    end(assessor, row, TODAY, moment)
    assert not Issued.objects.exclude(revoked_at=None).exists(), "today is still decided"
    assert {right.lock_id for right in rights.of_employee(cast.alice, moment)} >= {"LB0001"}


def test_decision_that_ended_yesterday_is_revoked_at_once(
    cast: Any, locks: Any, assessor: Viewer, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    row = CareDecision.objects.get(client=cast.client)
    seen = asif.decision_ended(row, TODAY - DAY, now=moment + HOUR)
    assert {one.start for one in seen.closes} == {moment + HOUR}
    end(assessor, row, TODAY - DAY, moment)
    assert not Issued.objects.filter(revoked_at=None).exists()
    with pytest.raises(AccessError) as caught:
        end(assessor, CareDecision.objects.get(pk=row.pk), TODAY, moment)
    assert caught.value.refusal is Refusal.ALREADY_ENDED


def test_decision_is_never_ended_in_the_past(cast: Any, assessor: Viewer, moment: datetime) -> None:
    row = CareDecision.objects.get(client=cast.client)
    with pytest.raises(AccessError) as caught:
        end(assessor, row, TODAY - 2 * DAY, moment)
    assert caught.value.refusal is Refusal.PAST_DAY


def test_decision_that_has_not_begun_is_taken_back(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    row = actions_decisions.record_decision(
        assessor, cast.client, decided(first_day=TODAY + 7 * DAY), reason="x", now=moment
    )
    assert end(assessor, row, TODAY, moment).withdrawn_at == moment


def test_of_two_assessors_the_second_is_told(cast: Any, assessor: Viewer, moment: datetime) -> None:
    row = CareDecision.objects.get(client=cast.client)
    seen = versions.of_decision(row)
    end(assessor, row, TODAY + DAY, moment, seen=seen)
    with pytest.raises(StaleError):
        end(assessor, row, TODAY, moment, seen=seen)


def test_newer_file_that_does_not_know_of_it_undoes_nothing_that_was_recorded_here(
    town: Town, assessor: Viewer, moment: datetime
) -> None:
    """The care system is told later than this one, and its nightly file still has the old plan."""
    directory = town.write()
    import_files(directory, actor="test", now=moment)
    choice = ProviderChoice.objects.get(client__external_id="B1", service="care")
    client = choice.client
    changed = change(assessor, client, "559992-4429", TODAY + DAY, moment)
    patient = Client.objects.get(external_id="B3")
    dropped = ProviderChoice.objects.get(client=patient, valid_from=date(2026, 11, 26))
    change(assessor, patient, "212999-2083", TODAY + DAY, moment)
    old = CareDecision.objects.get(external_id="D1")
    end(assessor, old, TODAY + 7 * DAY, moment)
    new = actions_decisions.record_decision(assessor, client, decided(), reason="x", now=moment)
    report = import_files(directory, actor="test", now=moment + HOUR)
    assert report.stored
    told = {row.file: row.values for row in report.remarks if row.code == "decided_otherwise"}
    assert told == {"beslut.csv": {"count": 1}, "val.csv": {"count": 3}}
    for row in (choice, changed, dropped, old, new):
        row.refresh_from_db()
    assert choice.valid_till == TODAY
    assert changed.withdrawn_at is None
    assert dropped.withdrawn_at == moment
    assert old.valid_till == TODAY + 7 * DAY
    assert new.withdrawn_at is None


@pytest.mark.sentence(47)
def test_another_provider_from_the_day_for_which_the_file_has_one_stays_chosen(
    town: Town, assessor: Viewer, moment: datetime
) -> None:
    """The care system's plan is of the same day, so that its row is the very row changed here."""
    directory = town.write()
    import_files(directory, actor="test", now=moment)
    patient = Client.objects.get(external_id="B3")
    changed = change(assessor, patient, "559992-4429", date(2026, 11, 26), moment)
    assert import_files(directory, actor="test", now=moment + HOUR).stored
    changed.refresh_from_db()
    assert changed.provider.org_number == "559992-4429"
    assert (changed.withdrawn_at, changed.valid_till) == (None, None)
    # Once the care system knows, it is the one to say when that ends.
    town.change(
        "val",
        "B3;omvardnad;212999-2083;;2026-11-26;",
        "B3;omvardnad;559992-4429;;2026-11-26;2026-12-24",
    )
    report = import_files(town.write(), actor="test", now=moment + 2 * HOUR)
    assert "decided_otherwise" not in {row.code for row in report.remarks}
    changed.refresh_from_db()
    assert changed.valid_till == date(2026, 12, 24)


def change(
    who: Viewer, client: Client, provider: str, first: date, now: datetime
) -> ProviderChoice:
    return actions_care.change_provider(
        who,
        client,
        service="care",
        provider=Provider.objects.get(org_number=provider),
        team=None,
        first_day=first,
        reason="val",
        seen=versions.of_choices(client, "care"),
        now=now,
    )
