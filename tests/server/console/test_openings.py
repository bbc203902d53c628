"""The page of openings: who may look, what it shows, and what it never shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import keyset
from nyckelfri.server.console.openings.texts import TEXTS
from nyckelfri.server.homes.models import Client
from nyckelfri.server.jobs import rounds
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_judge
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.models import DoorEvent
from serverworld import Handset


@pytest.fixture
def alice_stays(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> Callable[[Iterable[int]], None]:
    """Alice comes to the same home again and again, for so many minutes each time."""

    def stay(lengths: Iterable[int]) -> None:
        rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
        home = next(row for row in rows if row.installation == locks.at_home)
        for minutes in lengths:
            locks.home.use(home, Command.UNLOCK, after=60)
            locks.home.use(home, Command.LOCK, after=60 * minutes)
        ingest(locks.home.batch(), phone=alices_phone.row, now=moment + timedelta(hours=2))

    return stay


@pytest.mark.sentence(19)
@pytest.mark.sentence(20)
@pytest.mark.sentence(21)
@pytest.mark.sentence(23)
def test_page_tells_who_opened_which_door_when_and_for_how_long(
    planner: Browser, visited: None, read: Any
) -> None:
    shown = read(planner, "/oppningar/")
    assert shown.count('scope="row"') == 6
    assert "Alice" in shown
    assert "Kyrkogatan 1 1101" in shown
    assert "Måndag 23 november 2026" in shown
    assert "07:02<small>:00</small>" in shown
    assert "40 min" in shown
    assert "Port</span>" in shown
    assert "Du står för långt bort" in shown
    assert "ungefärlig" in shown
    assert "Låset kärvade" in shown
    assert "Okänd person" in shown


@pytest.mark.sentence(22)
def test_filter_by_client_employee_team_result_and_day(
    planner: Browser, visited: None, cast: Any, read: Any
) -> None:
    assert read(planner, "/oppningar/?kund=B0001").count('scope="row"') == 5
    assert "Inga öppningar" in read(planner, "/oppningar/?kund=B0002")
    assert "Inga öppningar" in read(planner, "/oppningar/?fran=2026-11-20&till=2026-11-22")
    assert read(planner, "/oppningar/?fran=2026-11-23&till=2026-11-23").count('scope="row"') == 6
    assert read(planner, "/oppningar/?personal=10001").count('scope="row"') == 5
    assert "Inga öppningar" in read(planner, "/oppningar/?personal=10002")
    assert read(planner, "/oppningar/?grupp=G1").count('scope="row"') == 5
    assert "Inga öppningar" in read(planner, "/oppningar/?grupp=G2")
    assert read(planner, "/oppningar/?utfall=jammed").count('scope="row"') == 1


@pytest.mark.sentence(22)
def test_what_stands_out_is_shown_with_its_reason_and_what_is_not_judged_is_said(
    planner: Browser, visited: None, cast: Any, moment: datetime, read: Any
) -> None:
    outside = "/oppningar/?avvikande=1"
    assert "är inte bedömda än" in read(planner, outside)
    assert "är inte bedömda än" not in read(planner, "/oppningar/")
    actions_judge.judge_waiting()
    shown = read(planner, outside)
    assert "Inga öppningar" in shown
    assert "är inte bedömda än" not in shown
    cast.alice.shifts.update(start=moment + timedelta(days=20), end=moment + timedelta(days=21))
    (again,) = [each for each in rounds.ROUNDS if each.name == "judge_again"]
    rounds.run(again, moment + timedelta(hours=3))
    shown = read(planner, outside)
    assert shown.count('scope="row"') == shown.count("Utanför arbetspasset") == 2
    assert "om igen i 14 dagar" in shown
    assert "Utanför arbetspasset" in read(planner, "/oppningar/")
    assert "Inga öppningar" in read(planner, f"{outside}&utfall=jammed")
    assert "Inga öppningar" in read(planner, f"{outside}&fran=2026-11-20&till=2026-11-22")


def test_a_team_s_openings_are_those_among_all_openings_part_by_part(
    planner: Browser,
    cast: Any,
    alice_stays: Callable[[Iterable[int]], None],
    read: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice_stays(range(1, 8))
    theirs = DoorEvent.objects.filter(command=Command.LOCK)
    theirs.filter(number__lt=8).update(employee=cast.bob)
    Employee.objects.filter(pk=cast.bob.pk).update(care_team=cast.alice.care_team)
    theirs.filter(number__gt=20).update(employee=cast.charlie)
    monkeypatch.setattr(keyset, "part", partial(keyset.part, size=3))

    def listed(query: str) -> list[str]:
        found, path = [], f"/oppningar/?{query}"
        while path:
            shown = read(planner, path)
            found += re.findall(r'<th scope="row"><time datetime="([^"]+)"', shown)
            further = re.search(r'rel="next" href="([^"]+)"', shown)
            path = "/oppningar/" + further[1].replace("&amp;", "&") if further else ""
        return found

    by_team = DoorEvent.objects.filter(employee__care_team=cast.alice.care_team)
    expected = [timezone.localtime(row.at).isoformat(timespec="seconds") for row in by_team]
    assert len(expected) > 9
    assert listed(f"grupp={cast.alice.care_team.external_id}") == expected


@pytest.mark.sentence(21)
def test_stays_that_lie_far_apart_each_have_their_length(
    planner: Browser, alice_stays: Callable[[Iterable[int]], None], read: Any
) -> None:
    alice_stays((7, 13))
    first = DoorEvent.objects.order_by("number")[:2]
    for row in first:
        DoorEvent.objects.filter(pk=row.pk).update(at=row.at - timedelta(days=20))
    shown = read(planner, "/oppningar/?fran=2026-11-01&till=2026-11-23")
    assert "7 min" in shown
    assert "13 min" in shown


def test_search_by_name_leads_to_an_address_with_a_number_and_no_name(
    planner: Browser, visited: None, cast: Any, read: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(name="Berit Zetterlund")
    answer = planner.post("/oppningar/", {"kund": "zetter", "personal": "alic"})
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert "kund=B0001" in address
    assert "personal=10001" in address
    assert "zetter" not in address.casefold()
    assert read(planner, address).count('scope="row"') == 4


def test_search_by_a_name_that_several_have_lets_one_choose(
    planner: Browser, visited: None, read: Any
) -> None:
    shown = read(planner, "/oppningar/", kund="test")
    assert "Vem menar du?" in shown
    assert "B0001" in shown
    assert "B0002" in shown
    assert "kund=B0001" in shown


def test_search_that_finds_nobody_says_so_and_keeps_what_was_typed(
    planner: Browser, visited: None, read: Any
) -> None:
    shown = read(planner, "/oppningar/", kund="Ingen Alls", status=422)
    assert "Ingen kund" in shown
    assert 'value="Ingen Alls"' in shown


@pytest.mark.parametrize(
    "query",
    [
        "fran=x",
        "fran=2026-11-24&till=2026-11-23",
        "fran=2020-01-01&till=2026-11-23",
        "fran=0001-01-01&till=0001-01-02",
        "till=9999-12-31",
        "kund=%00",
        "utfall=x&grupp=x&personal=%00",
        "avvikande=1",
        "kund=%F0%9F%94%91",
    ],
)
def test_page_survives_senseless_queries(
    planner: Browser, visited: None, query: str, read: Any
) -> None:
    assert "Öppningar" in read(planner, f"/oppningar/?{query}")


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, "0"])
def test_a_row_that_is_not_there_begins_no_part_of_a_list(
    planner: Browser, visited: None, after: str, read: Any
) -> None:
    read(planner, f"/oppningar/?efter={after}", status=404)


def test_empty_page_says_so(planner: Browser, read: Any) -> None:
    assert "Inga öppningar" in read(planner, "/oppningar/")


def test_page_in_english(planner: Browser, visited: None) -> None:
    answer = planner.get("/oppningar/", headers={"accept-language": "en"})
    shown = answer.content.decode()
    assert '<html lang="en">' in shown
    assert "Every time staff unlocked or locked" in shown
    assert "You are too far away" in shown


def test_planner_of_a_company_sees_its_own_staff_only(
    cast: Any, visited: None, log_in: Any, read: Any
) -> None:
    theirs = log_in(team=cast.other_team)
    shown = read(theirs, "/oppningar/")
    assert "Alice" not in shown
    assert "Kyrkogatan" not in shown
    assert "Alice" in read(log_in(team=cast.team), "/oppningar/")


@pytest.mark.parametrize("role", [Role.ASSISTANT_NURSE, Role.DOOR_INSTALLER, Role.ACCOUNTANT])
def test_other_roles_see_no_openings(
    cast: Any, visited: None, log_in: Any, role: str, read: Any
) -> None:
    shown = read(log_in(role), "/oppningar/", status=403)
    assert "Alice" not in shown
    assert "systemansvarig" in shown


def test_protected_client_s_address_and_name_find_nothing_in_the_list(
    planner: Browser, visited: None, cast: Any, read: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    Client.objects.filter(pk=cast.client.pk).update(name="Berit Zetterlund")
    shown = read(planner, "/oppningar/?kund=B0001")
    assert "Skyddad identitet" in shown
    assert "B0001" in shown
    assert "Kyrkogatan 1 1101" not in shown
    for words in ("zetterlund", "kyrkogatan"):
        found = read(planner, "/oppningar/", kund=words, status=422)
        assert "Zetterlund" not in found.replace(f'value="{words}"', "")


def test_page_asks_the_database_a_fixed_number_of_times(
    planner: Browser, visited: None, cast: Any
) -> None:
    for query in ("", "?kund=B0001&personal=10001&grupp=G1", "?utfall=done&grupp=G2"):
        with CaptureQueriesContext(connection) as asked:
            assert planner.get(f"/oppningar/{query}").status_code == 200
        reads = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]
        assert len(reads) <= 12, reads


def test_looking_is_noted_and_so_is_whose_openings_they_were(
    planner: Browser, visited: None, read: Any
) -> None:
    read(planner, "/oppningar/")
    read(planner, "/oppningar/?kund=B0001&personal=10001")
    noted = set(AuditEvent.objects.values_list("verb", "object_id"))
    assert (Verb.LIST_LOOK, "list:openings") in noted
    assert (Verb.CLIENT_LOOK, "client:B0001") in noted
    assert (Verb.EMPLOYEE_LOOK, "employee:10001") in noted


def test_what_is_typed_into_the_address_and_is_nobody_s_number_is_not_kept_in_the_log(
    planner: Browser, visited: None, read: Any
) -> None:
    read(planner, "/oppningar/?kund=Zetterlund&personal=Alice")
    planner.get("/oppningar/oppningar.csv?kund=Zetterlund")
    for noted in AuditEvent.objects.all():
        assert "Zetterlund" not in f"{noted.object_id} {noted.details}"
        assert "Alice" not in noted.object_id


def test_protected_address_that_is_shown_to_who_is_named_is_noted_each_time(
    planner: Browser, visited: None, cast: Any, read: Any, moment: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    read(planner, "/oppningar/")
    assert not AuditEvent.objects.filter(verb=Verb.IDENTITY_LOOK).exists()
    NamedStaff.objects.create(
        employee=Employee.objects.get(name="Planerare"),
        client=cast.client,
        reason="Planerar",
        recorded_at=moment,
    )
    assert "Kyrkogatan 1 1101" in read(planner, "/oppningar/")
    planner.get("/oppningar/oppningar.csv")
    noted = AuditEvent.objects.filter(verb=Verb.IDENTITY_LOOK, object_id="client:B0001")
    assert noted.count() == 2


def test_every_code_that_can_be_stored_has_words() -> None:
    wanted = {f"result_{result.value}" for result in DoorEvent.Result}
    wanted |= {f"{kind}_{c.value}" for kind in ("command", "asked") for c in DoorEvent.Command}
    wanted |= {f"clock_{mark.value}" for mark in Mark}
    assert wanted <= set(TEXTS)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-13-01", "x", "²"])
def test_a_day_that_cannot_be_is_said_to_be_wrong(planner: Browser, day: str) -> None:
    for query in (f"till={day}", f"fran={day}"):
        assert "Ange två datum" in planner.get(f"/oppningar/?{query}").content.decode()
