"""Protected identity: name and address for those who are named, the door for all who need it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from deciding import decider
from nyckelfri.server.access import actions_named, rights
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.people.models import Role
from serverworld import Api

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def assessor(cast: Any) -> Viewer:
    return decider(Role.CARE_ASSESSOR)


@pytest.fixture
def hidden(cast: Any) -> Client:
    """The cast's client, protected."""
    cast.client.protected_identity = True
    cast.client.save()
    found: Client = cast.client
    return found


def doors(api: Api) -> dict[str, tuple[str, str]]:
    if api.session is None:
        assert api.sign_in("10001").status == 200
    body = api.post("sync", {}).body
    return {door["kind"]: (door["label"], door["address"]) for door in body["doors"]}


@pytest.mark.threat(67)
def test_phone_gets_the_number_and_not_the_address_of_a_protected_client(
    api: Api, locks: Any, hidden: Client
) -> None:
    assert doors(api) == {"thumb_turn": ("B0001", ""), "entrance_unit": ("Port B0001", "")}
    assert "Kyrkogatan" not in str(api.post("sync", {}).body)


@pytest.mark.threat(67)
def test_phone_of_somebody_named_for_the_client_gets_the_address_and_loses_it_again(
    api: Api, cast: Any, locks: Any, hidden: Client, assessor: Viewer, moment: datetime
) -> None:
    row = actions_named.name(assessor, hidden, cast.alice, reason="fast kontakt", now=moment)
    assert doors(api)["thumb_turn"] == ("Kyrkogatan 1 1101", "Kyrkogatan 1")
    actions_named.unname(assessor, row, reason="slutat", now=moment)
    assert doors(api)["thumb_turn"] == ("B0001", "")


def test_whoever_shares_the_home_shares_the_protection(
    api: Api, cast: Any, locks: Any, hidden: Client, moment: datetime
) -> None:
    Client.objects.filter(pk=cast.other_client.pk).update(
        front_door=hidden.front_door, entrance=hidden.entrance
    )
    assert doors(api)["thumb_turn"] == ("B0001, B0002", "")
    NamedStaff.objects.create(
        employee=cast.alice, client=cast.other_client, reason="x", recorded_at=moment
    )
    assert doors(api)["thumb_turn"] == ("B0001, B0002", "")


def test_entrance_that_is_opened_for_others_too_keeps_its_address(
    api: Api, cast: Any, locks: Any, hidden: Client
) -> None:
    cast.other_client.provider_choices.update(provider=cast.municipality)
    Client.objects.filter(pk=cast.other_client.pk).update(entrance=hidden.entrance)
    assert doors(api)["entrance_unit"] == ("Port Kyrkogatan 1", "Kyrkogatan 1")


def test_protection_changes_nobody_s_access(
    cast: Any, locks: Any, assessor: Viewer, moment: datetime
) -> None:
    before = rights.of_client(cast.client, moment)
    cast.client.protected_identity = True
    cast.client.save()
    actions_named.name(assessor, cast.client, cast.charlie, reason="x", now=moment)
    assert rights.of_client(cast.client, moment) == before


def test_named_staff_see_the_client_in_the_console_and_only_them(
    cast: Any, hidden: Client, assessor: Viewer, moment: datetime
) -> None:
    planners = [decider(Role.PLANNER) for _ in range(2)]
    actions_named.name(assessor, hidden, planners[0].employee, reason="x", now=moment)
    sees = [(who := viewer(each.employee)) is not None and who.sees(hidden) for each in planners]
    assert sees == [True, False]
    (row,) = audit.of_kind(Verb.STAFF_NAME)
    assert (row.object_id, row.details) == (
        "client:B0001",
        {"employee": planners[0].employee.number},
    )


def test_naming_is_refused_where_it_makes_no_sense(
    cast: Any, assessor: Viewer, moment: datetime
) -> None:
    with pytest.raises(AccessError) as caught:
        actions_named.name(assessor, cast.client, cast.alice, reason="x", now=moment)
    assert caught.value.refusal is Refusal.NOT_PROTECTED
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    actions_named.name(assessor, cast.client, cast.alice, reason="x", now=moment)
    with pytest.raises(AccessError) as caught:
        actions_named.name(assessor, cast.client, cast.alice, reason="x", now=moment)
    assert caught.value.refusal is Refusal.ALREADY_GIVEN
    with pytest.raises(AccessError) as caught:
        actions_named.name(
            decider(Role.SYSTEM_MANAGER), cast.client, cast.bob, reason="x", now=moment
        )
    assert caught.value.refusal is Refusal.NOT_ALLOWED


@pytest.mark.sentence(93)
def test_client_is_assigned_to_licensed_staff_and_to_nobody_else(
    cast: Any, locks: Any, assessor: Viewer, moment: datetime
) -> None:
    def assign(last: date | None = None) -> Any:
        return actions_named.assign(
            assessor,
            cast.client,
            cast.charlie,
            first_day=TODAY,
            last_day=last,
            reason="omläggning",
            now=moment,
        )

    with pytest.raises(AccessError) as caught:
        assign()
    assert caught.value.refusal is Refusal.NOT_LICENSED
    cast.charlie.role = Role.NURSE
    cast.charlie.save()
    with pytest.raises(AccessError) as caught:
        assign(TODAY - DAY)
    assert caught.value.refusal is Refusal.WRONG_ORDER
    row = assign()
    assert {right.lock_id for right in rights.of_employee(cast.charlie, moment)} >= {"LB0001"}
    actions_named.unassign(assessor, row, reason="läkt", now=moment)
    assert rights.of_employee(cast.charlie, moment) == []
    assign()
