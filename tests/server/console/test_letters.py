"""What the letter tells: the same people as the rules, the visits that the lock proves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from pypdf import PdfReader
from pytest_django import Settings

from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import CareTeam, PlannedVisit, ProviderChoice
from nyckelfri.server.letters import queries
from nyckelfri.server.people.models import Employee, Role

LogIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _municipality(settings: Settings) -> None:
    settings.MUNICIPALITY, settings.TELEPHONE = "Björkviks kommun", "0123-400 00"


def read(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:2000]
    assert answer["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.content)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


@pytest.mark.sentence(22)
def test_it_names_who_can_open_and_who_came(
    visited: Any, log_in: LogIn, cast: Any, moment: datetime
) -> None:
    said = read(log_in(Role.PLANNER).get(f"/brev/{cast.client.external_id}/"))
    assert "På dagen, klockan 7–22 G1 från Kommunens hemtjänst. 2 personer." in said
    assert "Alice" in said
    assert "Bob" in said
    assert "Charlie" not in said
    assert "Björkviks kommun: 0123-400 00" in said
    assert "De här kom hem till dig 1–23 november" in said


def test_a_change_of_provider_changes_the_letter_of_that_day(
    keys: Any, locks: Any, cast: Any, moment: datetime
) -> None:
    day = moment.date() + timedelta(days=2)
    ProviderChoice.objects.filter(client=cast.client).update(valid_till=day - timedelta(days=1))
    ProviderChoice.objects.create(
        client=cast.client, service="care", provider=cast.company, valid_from=day
    )

    def people(at: datetime) -> set[str]:
        return {name for group in queries.letter(cast.client, at).groups for name in group.people}

    assert people(moment) == {"Alice", "Bob"}
    assert people(moment + timedelta(days=2)) == {"Charlie"}


def test_night_patrol_alarm_group_and_substitute_have_groups_of_their_own(
    keys: Any, locks: Any, cast: Any, moment: datetime
) -> None:
    patrol = CareTeam.objects.create(
        external_id="GN",
        name="Nattpatrullen",
        provider=cast.municipality,
        kind=CareTeam.Kind.NIGHT_PATROL,
    )
    for number, role, team in (("N1", Role.CARE_ASSISTANT, patrol), ("S1", Role.SUBSTITUTE, None)):
        Employee.objects.create(
            number=number,
            name=f"Namn {number}",
            care_team=team,
            role=role,
            employed_from="2024-01-01",
        )
    cast.visit.second_employee = Employee.objects.get(number="S1")
    cast.visit.save()
    made = queries.letter(cast.client, moment)
    assert [(group.heading, group.people) for group in made.groups] == [
        ("På dagen, klockan 7–22", ("Alice", "Bob")),
        ("Vikarier", ("Namn S1",)),
        ("På natten, klockan 22–7", ("Namn N1",)),
    ]


def test_extra_visits_of_the_month_are_told_with_their_reason(
    keys: Any, locks: Any, cast: Any, moment: datetime
) -> None:
    PlannedVisit.objects.create(
        external_id="AH-1",
        client=cast.client,
        employee=cast.bob,
        start=moment - timedelta(hours=1),
        end=moment,
        services=["care"],
        ad_hoc=True,
        reason="Ordinarie personal sjuk",
    )
    made = queries.letter(cast.client, moment)
    assert made.notes == ("Extra besök 23 november: Ordinarie personal sjuk.",)
    later = datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert queries.letter(cast.client, later).notes == ()


def test_a_colleague_lent_for_an_extra_visit_has_a_heading_of_their_own(
    keys: Any, locks: Any, cast: Any, moment: datetime
) -> None:
    other = CareTeam.objects.create(
        external_id="G9",
        name="Hemtjänst Norr",
        provider=cast.municipality,
        kind=CareTeam.Kind.HOME_CARE,
        area="Norr",
    )
    lent = Employee.objects.create(
        number="10099",
        name="Lånad Kollega",
        care_team=other,
        role=Role.CARE_ASSISTANT,
        employed_from="2024-01-01",
    )
    PlannedVisit.objects.create(
        external_id="AH-2",
        client=cast.client,
        employee=lent,
        start=moment + timedelta(hours=2),
        end=moment + timedelta(hours=3),
        services=["care"],
        ad_hoc=True,
        reason="Ordinarie personal sjuk",
    )
    groups = {group.heading: group for group in queries.letter(cast.client, moment).groups}
    assert groups["Extra besök"].people == ("Lånad Kollega",)
    assert "Bara vid det besöket." in groups["Extra besök"].explanation


def test_without_whom_to_call_there_is_no_letter_and_it_says_what_to_set(
    keys: Any, locks: Any, log_in: LogIn, cast: Any, settings: Settings
) -> None:
    settings.TELEPHONE = ""
    answer = log_in(Role.PLANNER).get(f"/brev/{cast.client.external_id}/")
    assert answer.status_code == 503
    assert "NYCKELFRI_TELEPHONE" in answer.content.decode()


@pytest.mark.threat(50)
def test_a_provider_prints_letters_of_its_own_clients_only(
    keys: Any, locks: Any, log_in: LogIn, cast: Any
) -> None:
    theirs = log_in(Role.PLANNER, team=cast.other_team)
    assert theirs.get(f"/brev/{cast.other_client.external_id}/").status_code == 200
    assert theirs.get(f"/brev/{cast.client.external_id}/").status_code == 404
    assert log_in(Role.ACCOUNTANT).get(f"/brev/{cast.client.external_id}/").status_code == 403


def test_of_somebody_protected_only_staff_named_for_them_print_it(
    keys: Any, locks: Any, log_in: LogIn, cast: Any, moment: datetime
) -> None:
    cast.client.protected_identity = True
    cast.client.save()
    planner = log_in(Role.PLANNER, number="30001")
    assert planner.get(f"/brev/{cast.client.external_id}/").status_code == 404
    NamedStaff.objects.create(
        employee=Employee.objects.get(number="30001"),
        client=cast.client,
        reason="handläggare",
        recorded_at=moment,
    )
    assert read(planner.get(f"/brev/{cast.client.external_id}/"))
    looked = AuditEvent.objects.filter(object_id=f"client:{cast.client.external_id}")
    assert [(row.actor, row.reason) for row in looked.filter(actor="employee:30001")] == [
        ("employee:30001", "letter")
    ]
