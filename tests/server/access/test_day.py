"""The day that a phone is given: one's own visits, and no more of anybody than is needed."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nyckelfri.server.access.models import Absence, NamedStaff, Takeover
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, Shift
from nyckelfri.server.locks.models import Fallback
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phoneapi.day import floor
from serverworld import Api, Handset

HOUR = timedelta(hours=1)


@pytest.fixture
def alice(api: Api, locks: Any) -> Api:
    assert api.sign_in("10001").status == 200
    return api


def day(api: Api, held: str | None = "") -> Any:
    answer = api.post("sync", {} if held is None else {"day": held})
    assert answer.status == 200, answer.body
    return answer.body["day"]


def looks() -> list[tuple[str, str, Any]]:
    rows = AuditEvent.objects.filter(verb__in=[Verb.LIST_LOOK, Verb.IDENTITY_LOOK]).order_by("pk")
    return [(row.actor, row.object_id, row.details) for row in rows]


def client(found: Any, number: str = "B0001") -> Any:
    (row,) = (each for each in found["clients"] if each["number"] == number)
    return row


def plan(cast: Any, key: str, start: datetime, who: Employee, **more: Any) -> PlannedVisit:
    return PlannedVisit.objects.create(
        external_id=key, client=cast.client, employee=who, start=start,
        end=start + HOUR / 2, services=["care"], **more,
    )  # fmt: skip


@pytest.mark.sentence(70)
def test_day_holds_the_visits_with_their_agreed_times_and_what_is_needed_there(
    alice: Api, cast: Any, locks: Any, moment: datetime
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(
        instruction="Ring på", telephone="070-1740600", apartment="1302"
    )
    found = day(alice)
    assert found["visits"] == [
        {
            "id": "V000001",
            "client": "B0001",
            "start": int((moment + HOUR / 2).timestamp()),
            "end": int((moment + HOUR).timestamp()),
            "services": ["care"],
            "partner": None,
            "added": None,
        }
    ]
    assert found["clients"] == [
        {
            "number": "B0001",
            "name": "Test Person",
            "address": "Kyrkogatan 1",
            "apartment": "1302",
            "floor": "3 tr",
            "instruction": "Ring på",
            "telephone": "070-1740600",
            "protected": False,
            "partner": None,
            "alerts": [],
            "doors": {
                "entrance": locks.entrance.installation.hex(),
                "front": locks.home.installation.hex(),
            },
            "labels": [{"id": "E0001", "place": "hall"}],
        }
    ]
    assert [row["name"] for row in found["colleagues"]] == ["Bob"]
    assert found["services"]["care"] == {"sv": "Omvårdnad", "en": "Care"}
    assert (found["fallback"], found["alarms"]) == (None, [])


def test_day_is_given_to_those_who_ask_and_not_again_while_nothing_has_changed(
    alice: Api, cast: Any, moment: datetime
) -> None:
    assert day(alice, None) is None
    assert looks() == []
    found = day(alice)
    noted = [("employee:10001", "list:day", {"unit": "team:G1", "count": 1})]
    assert looks() == noted
    assert day(alice, found["digest"]) is None
    assert looks() == noted
    plan(cast, "V2", moment + 2 * HOUR, cast.alice)
    changed = day(alice, found["digest"])
    assert [row["id"] for row in changed["visits"]] == ["V000001", "V2"]
    assert changed["digest"] != found["digest"]
    assert len(looks()) == 2


def test_nobody_signed_in_gets_no_day(api: Api, locks: Any) -> None:
    assert day(api) is None


@pytest.mark.parametrize("wrong", ["x" * 32, "00", "AB" * 16, 1])
def test_digest_of_another_form_is_refused(alice: Api, wrong: Any) -> None:
    assert alice.post("sync", {"day": wrong}).status == 422


@pytest.mark.threat(41)
@pytest.mark.threat(50)
def test_charlie_gets_nothing_of_alice_s_on_the_same_phone(alice: Api, cast: Any) -> None:
    assert alice.sign_in("10003").status == 200
    found = day(alice)
    assert [row["number"] for row in found["clients"]] == ["B0002"]
    text = json.dumps(found)
    for hers in ("B0001", "Kyrkogatan", "V000001", "E0001", "Alice", "Bob"):
        assert hers not in text


def test_visits_reach_from_half_a_day_ago_to_a_day_and_a_half_ahead(
    alice: Api, cast: Any, moment: datetime
) -> None:
    for key, hours in (("old", -13), ("past", -12), ("next", 35), ("far", 36)):
        plan(cast, key, moment + hours * HOUR, cast.alice)
    withdrawn = plan(cast, "gone", moment + 3 * HOUR, cast.alice)
    PlannedVisit.objects.filter(pk=withdrawn.pk).update(withdrawn_at=moment)
    assert [row["id"] for row in day(alice)["visits"]] == ["past", "V000001", "next"]


def test_two_who_go_together_are_told_of_each_other(
    alice: Api, cast: Any, moment: datetime
) -> None:
    Employee.objects.filter(pk=cast.bob.pk).update(telephone="070-1740601")
    plan(cast, "V2", moment + 2 * HOUR, cast.bob, second_employee=cast.alice)
    assert day(alice)["visits"][1]["partner"] == {"name": "Bob", "telephone": "070-1740601"}
    assert alice.sign_in("10002").status == 200
    assert day(alice)["visits"][0]["partner"] == {"name": "Alice", "telephone": ""}
    Absence.objects.create(
        employee=cast.alice, start=moment, end=moment + 8 * HOUR, reason="vab", recorded_at=moment
    )
    assert day(alice)["visits"][0]["partner"] is None


def test_visit_that_a_colleague_has_taken_over_is_theirs(
    alice: Api, cast: Any, moment: datetime
) -> None:
    Takeover.objects.create(
        visit=cast.visit, employee=cast.bob, instead_of=cast.alice,
        reason="sjuk", recorded_at=moment,
    )  # fmt: skip
    assert day(alice)["visits"] == []
    assert alice.sign_in("10002").status == 200
    assert [row["id"] for row in day(alice)["visits"]] == ["V000001"]


def test_who_is_away_has_no_visit_and_is_no_colleague(
    alice: Api, cast: Any, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.alice, start=moment, end=moment + HOUR, reason="vab", recorded_at=moment
    )
    assert day(alice)["visits"] == []
    assert alice.sign_in("10002").status == 200
    assert day(alice)["colleagues"] == []


def test_planner_s_reason_comes_with_a_visit_added_by_hand(
    alice: Api, cast: Any, moment: datetime
) -> None:
    plan(cast, "V2", moment + 2 * HOUR, cast.alice, ad_hoc=True, reason="Ska till tandläkaren")
    assert [row["added"] for row in day(alice)["visits"]] == [None, "Ska till tandläkaren"]


def test_colleagues_are_those_of_the_team_at_work_now_or_next(
    alice: Api, cast: Any, moment: datetime
) -> None:
    Shift.objects.filter(employee=cast.bob).update(start=moment + 15 * HOUR, end=moment + 20 * HOUR)
    assert [row["name"] for row in day(alice)["colleagues"]] == ["Bob"]
    Shift.objects.filter(employee=cast.bob).update(start=moment + 17 * HOUR)
    assert day(alice)["colleagues"] == []


def test_office_is_the_provider_s_or_the_municipality_s(
    alice: Api, cast: Any, settings: Any
) -> None:
    settings.MUNICIPALITY, settings.TELEPHONE = "Björkvik", "0123-400 00"
    assert day(alice)["office"] == {"name": "Björkvik", "telephone": "0123-400 00"}
    cast.municipality.telephone = "070-1740658"
    cast.municipality.save()
    assert day(alice)["office"] == {"name": "Kommunens hemtjänst", "telephone": "070-1740658"}


@pytest.mark.sentence(18)
def test_fallback_in_force_is_on_the_phone(alice: Api, moment: datetime) -> None:
    for valid_from, text in ((date(2026, 11, 1), "Nu"), (date(2026, 11, 24), "Sedan")):
        Fallback.objects.create(
            kind="locksmith", text=text, telephone="0123-400 01",
            valid_from=valid_from, recorded_at=moment,
        )  # fmt: skip
    assert day(alice)["fallback"] == {
        "kind": "locksmith",
        "text": "Nu",
        "telephone": "0123-400 01",
    }


# Protected identity.

HIDDEN = ("name", "address", "apartment", "instruction", "telephone")


@pytest.fixture
def hidden(cast: Any) -> Client:
    found: Client = cast.client
    found.protected_identity, found.instruction, found.telephone = True, "Ring på", "070-1740600"
    found.save()
    return found


@pytest.mark.threat(67)
@pytest.mark.threat(64)
def test_protected_client_is_a_number(alice: Api, hidden: Client, locks: Any) -> None:
    found = day(alice)
    row = client(found)
    assert [row[name] for name in HIDDEN] == [""] * 5
    assert (row["protected"], row["floor"]) == (True, None)
    assert row["doors"]["front"] == locks.home.installation.hex()
    text = json.dumps(found, ensure_ascii=False)
    assert not any(word in text for word in ("Test Person", "Kyrkogatan", "Ring på", "1740600"))
    assert [where for _, where, _ in looks()] == ["list:day"]


@pytest.mark.threat(67)
def test_named_staff_get_name_and_address_and_that_is_noted(
    alice: Api, cast: Any, hidden: Client, moment: datetime
) -> None:
    NamedStaff.objects.create(
        employee=cast.alice, client=hidden, reason="fast kontakt", recorded_at=moment
    )
    row = client(day(alice))
    assert (row["name"], row["address"], row["protected"]) == ("Test Person", "Kyrkogatan 1", True)
    assert [where for _, where, _ in looks()] == ["list:day", "client:B0001"]


@pytest.mark.threat(67)
def test_who_shares_the_home_shares_the_protection(
    alice: Api, cast: Any, locks: Any, moment: datetime
) -> None:
    Client.objects.filter(pk=cast.other_client.pk).update(
        front_door=cast.client.front_door, protected_identity=True
    )
    row = client(day(alice))
    assert [row[name] for name in HIDDEN] == [""] * 5


# Search among those whom one may open to; how much it costs.


@pytest.fixture
def night(alice: Api, cast: Any) -> Api:
    """Alice is in the night patrol, and goes to forty homes."""
    team = CareTeam.objects.create(
        external_id="GN", name="Natt", provider=cast.municipality, kind="night_patrol", area=""
    )
    Employee.objects.filter(pk=cast.alice.pk).update(care_team=team)
    Shift.objects.filter(employee=cast.alice).update(
        start=datetime.fromisoformat("2026-11-23T21:00+01:00"),
        end=datetime.fromisoformat("2026-11-24T07:00+01:00"),
    )
    return alice


def test_clients_are_also_those_whose_doors_the_phone_holds_a_key_to(night: Api) -> None:
    found = day(night)
    assert [row["number"] for row in found["clients"]] == ["B0001", "B0002"]


def test_cost_is_the_same_for_one_visit_and_for_forty(
    alice: Api, cast: Any, moment: datetime
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert day(alice)
        return len(found)

    few = cost()
    for number in range(40):
        client = Client.objects.create(
            external_id=f"B9{number:03}", personal_number=f"19410101-{number:04}", name="X",
            address=f"Vägen {number}", area="Centrum", civil_status="single",
        )  # fmt: skip
        plan(cast, f"W{number}", moment + 2 * HOUR, cast.alice)
        PlannedVisit.objects.filter(external_id=f"W{number}").update(client=client)
    assert cost() <= few


@pytest.mark.parametrize(
    ("apartment", "said"),
    [("1101", "1 tr"), ("1001", "nb"), ("1302", "3 tr"), ("0901", None), ("", None), ("2", None)],
)
def test_floor_is_what_the_apartment_number_says(apartment: str, said: str | None) -> None:
    assert floor(apartment) == said


def test_another_phone_of_the_same_person_asks_anew(alice: Api, charlies_phone: Handset) -> None:
    found = day(alice)
    other = Api(charlies_phone.token)
    assert other.sign_in("10001").status == 200
    assert day(other)["digest"] == found["digest"]
