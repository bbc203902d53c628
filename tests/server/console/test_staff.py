"""Staff: who sees whom, cards, own clients, and the planner's acts step by step."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.server.access import rights
from nyckelfri.server.access.models import Absence, OwnClient, Takeover, Withdrawal
from nyckelfri.server.access.plans import Problem
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.plan.texts import TEXTS
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Employee, Role
from serverworld import Handset

HOUR = timedelta(hours=1)
ALICE = "/personal/10001/"


@pytest.fixture
def manager(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.SYSTEM_MANAGER, name="Systemansvarig")
    return browser


@pytest.fixture
def dora(cast: Any) -> Employee:
    return Employee.objects.create(
        number="10009", name="Dora", role=Role.SUBSTITUTE, employed_from=date(2024, 1, 1)
    )


# The pages.


def test_employee_s_page_tells_team_phone_card_shifts_and_visits(
    planner: Browser, read: Any, cast: Any, alices_phone: Handset
) -> None:
    shown = read(planner, ALICE)
    for words in ("Alice", "Undersköterska", 'href="/grupper/G1/"', "Saknas", "Test Person"):
        assert words in shown
    assert f"/telefoner/{alices_phone.row.identifier.hex()}/" in shown
    assert "2026-11-23 <b>07:00</b>" in shown, "her shift"
    assert AuditEvent.objects.filter(object_id="employee:10001").exists(), "the look is logged"


@pytest.mark.threat(50)
def test_provider_s_planner_sees_their_own_staff_only(log_in: Any, read: Any, cast: Any) -> None:
    theirs = log_in(Role.PLANNER, cast.other_team)
    shown = read(theirs, "/personal/")
    assert "Charlie" in shown
    assert "Alice" not in shown
    assert "10001" not in read(theirs, "/personal/", q="Alice")
    for path in (
        ALICE,
        "/planering/pass/10001/",
        "/planering/besok/10001/",
        "/planering/franvaro/10001/",
        "/planering/ersattare/10001/",
    ):
        read(theirs, path, 404)
    read(theirs, "/personal/10003/")
    read(theirs, "/personal/10003/legitimation/", 403)


@pytest.mark.sentence(3)
def test_protected_client_is_a_number_on_the_page_of_whoever_visits_them(
    planner: Browser, read: Any, cast: Any
) -> None:
    cast.client.protected_identity = True
    cast.client.save()
    shown = read(planner, ALICE)
    assert "B0001" in shown
    assert "Test Person" not in shown


def test_search_by_name_is_posted_and_leaves_no_trace_of_the_words(
    planner: Browser, read: Any, cast: Any
) -> None:
    shown = read(planner, "/personal/", q="alic")
    assert ">Alice<" in shown
    assert ">Bob<" not in shown
    assert "Ingen personal här" in read(planner, "/personal/", q="zzz\x00")
    assert not AuditEvent.objects.filter(details__icontains="alic").exists()


@pytest.mark.sentence(94)
def test_staff_are_found_by_the_state_of_their_card(
    planner: Browser, read: Any, cast: Any, moment: datetime
) -> None:
    today = moment.date()
    for employee, days in ((cast.alice, -1), (cast.bob, 30), (cast.charlie, 300)):
        employee.identification = "SE-1"
        employee.identification_till = today + timedelta(days=days)
        employee.save()
    for state, name in (("over", "Alice"), ("soon", "Bob"), ("good", "Charlie")):
        shown = read(planner, f"/personal/?leg={state}")
        found = re.findall(r'<th scope="row"><a[^>]*>(\w+)</a>', shown)
        assert found == [name]
    missing = read(planner, "/personal/?leg=missing")
    assert "Alice" not in missing
    assert "Planerare" in missing


def test_those_who_have_left_are_listed_only_when_asked_for(
    planner: Browser, read: Any, cast: Any
) -> None:
    Employee.objects.filter(pk=cast.bob.pk).update(employed_till=date(2026, 11, 22))
    assert ">Bob<" not in read(planner, "/personal/?grupp=G1&roll=assistant_nurse")
    assert ">Bob<" in read(planner, "/personal/?grupp=G1&alla=ja")
    shown = read(planner, "/personal/10002/")
    assert "Har slutat" in shown
    assert "Anmäl frånvaro" not in shown


def test_pages_of_staff_ask_few_questions(
    planner: Browser, cast: Any, alices_phone: Handset, dora: Employee, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.alice, start=moment, end=moment + HOUR, reason="x", recorded_at=moment
    )
    for path in ("/personal/", ALICE, "/planering/ersattare/10001/"):
        with CaptureQueriesContext(connection) as asked:
            assert planner.get(path).status_code == 200
        reads = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
        assert len(reads) <= 12, "\n".join(reads)


# What only this system knows.


@pytest.mark.sentence(94)
def test_card_is_recorded_on_a_page_and_two_managers_do_not_overwrite_each_other(
    manager: Browser, read: Any, cast: Any
) -> None:
    path = f"{ALICE}legitimation/"
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]+)"', read(manager, path))
    said = {"number": "SE-77", "till": "2028-01-31", "seen": seen}
    assert manager.post(path, said).status_code == 302
    assert "SE-77" in read(manager, ALICE)
    late = read(manager, path, 422, **{**said, "number": "SE-88"})
    assert "Någon annan har ändrat" in late
    assert 'value="SE-88"' in late, "what was typed stays"
    cast.alice.refresh_from_db()
    assert cast.alice.identification == "SE-77"


def test_relative_is_limited_to_clients_by_number_on_a_page(
    manager: Browser, read: Any, cast: Any
) -> None:
    path = f"{ALICE}egna-kunder/"
    assert "Det finns ingen" in read(manager, path, 422, clients="B0001 B9999", reason="anhörig")
    assert not OwnClient.objects.exists()
    answer = manager.post(path, {"clients": "B0001\n", "reason": "anhörig"}, follow=True)
    assert 'href="/kunder/B0001/"' in answer.content.decode()
    assert manager.post(path, {"clients": "", "reason": "slutar"}).status_code == 302
    assert not OwnClient.objects.filter(ended_at=None).exists()


# Every door withdrawn, and given back.


@pytest.mark.sentence(3)
def test_every_door_is_withdrawn_and_given_back_by_two_decisions(
    manager: Browser,
    read: Any,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    moment: datetime,
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    path = f"{ALICE}indragen/"
    assert path in read(manager, ALICE)
    asked = read(manager, path)
    assert "Dra in tillgången till alla dörrar för Alice?" in asked
    assert "återkallas genast" in asked
    assert Issued.objects.filter(revoked_at=None).exists(), "nothing before somebody says so"
    answer = manager.post(path, {"reason": "utreds"}, follow=True).content.decode()
    row = Withdrawal.objects.get()
    assert (row.employee, row.client, row.end) == (cast.alice, None, None)
    assert not Issued.objects.filter(revoked_at=None).exists()
    back = f"{ALICE}indragen/{row.pk}/hav/"
    assert answer.count(back) == 2, "in the message, and in the facts"
    assert "utreds" in answer
    assert "Häva indragningen för Alice?" in read(manager, back)
    answer = manager.post(back, {"reason": "klart"}, follow=True).content.decode()
    assert "är hävd" in answer
    assert rights.of_employee(cast.alice, moment), "the rules decide again"
    read(manager, back, 404)
    deeds = AuditEvent.objects.filter(verb__startswith="staff:access:").order_by("pk")
    assert [(row.verb, row.reason) for row in deeds] == [
        (Verb.ACCESS_WITHDRAW, "utreds"),
        (Verb.ACCESS_GIVE_BACK, "klart"),
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"reason": ""}, "id_reason_error"),
        ({"reason": "x", "end": "2026-11-22T07:00"}, "Tiden har varit"),
        ({"reason": "x", "end": "snart"}, "Skriv datum och tid"),
    ],
)
def test_withdrawal_that_cannot_be_is_told_beside_its_field(
    manager: Browser, read: Any, cast: Any, said: dict[str, str], words: str
) -> None:
    shown = read(manager, f"{ALICE}indragen/", 422, **said)
    assert words in shown
    assert not Withdrawal.objects.exists()


def test_second_of_two_who_withdraw_is_told(manager: Browser, read: Any, cast: Any) -> None:
    path = f"{ALICE}indragen/"
    manager.post(path, {"reason": "utreds"})
    assert "redan indragen så länge" in read(manager, path, 422, reason="utreds", end="")
    assert Withdrawal.objects.count() == 1


@pytest.mark.threat(50)
def test_withdrawal_at_one_client_and_of_somebody_else_is_not_lifted_here(
    manager: Browser, read: Any, cast: Any, moment: datetime
) -> None:
    said = {"reason": "x", "start": moment, "recorded_at": moment}
    narrow = Withdrawal.objects.create(employee=cast.alice, client=cast.client, **said)
    others = Withdrawal.objects.create(employee=cast.bob, **said)
    for row in (narrow, others):
        read(manager, f"{ALICE}hav/{row.pk}/", 404)
    assert f"/kunder/B0001/indragen/{narrow.pk}/hav/" in read(manager, ALICE)


def test_planner_sees_what_is_withdrawn_and_cannot_change_it(
    planner: Browser, read: Any, cast: Any, moment: datetime
) -> None:
    Withdrawal.objects.create(
        employee=cast.alice, reason="utreds", start=moment, recorded_at=moment
    )
    shown = read(planner, ALICE)
    assert "alla dörrar" in shown
    assert "/indragen/" not in shown


# By hand.


@pytest.mark.sentence(14)
def test_shift_is_added_at_0655_and_can_be_undone_from_the_message(
    planner: Browser, read: Any, cast: Any, set_clock: Any, moment: datetime
) -> None:
    set_clock(moment - timedelta(minutes=5))
    path = "/planering/pass/10002/"
    assert 'value="2026-11-23T06:55"' in read(planner, path)
    said = {"start": "2026-11-23T06:55", "end": "2026-11-23T14:55", "reason": "saknas i schemat"}
    asked = read(planner, path, 422, **said)
    assert "Kryssa i att det är meningen" in asked, "Bob has a shift that day"
    assert 'name="busy_too"' in asked
    answer = planner.post(path, {**said, "busy_too": "on"}, follow=True).content.decode()
    assert "Tillagt för hand" in answer
    (undo,) = re.findall(r'<a href="(/planering/pass/AH-[0-9A-F]+/ta-bort/)">Ångra', answer)
    read(planner, undo)
    assert planner.post(undo, {"reason": "fel"}).status_code == 302
    assert not Shift.objects.filter(ad_hoc=True, withdrawn_at=None).exists()
    assert "redan gjort" in read(planner, undo, 422, reason="fel")


def test_visit_is_added_for_a_client_by_number(planner: Browser, read: Any, cast: Any) -> None:
    path = "/planering/besok/10002/"
    assert 'value="B0001"' in read(planner, f"{path}?kund=B0001")
    said = {
        "client": "B0001",
        "services": "care",
        "start": "2026-11-23T08:00",
        "end": "2026-11-23T08:30",
        "reason": "fick vänta i går",
        "second": "10001",
    }
    wrong = read(planner, path, 422, **{**said, "client": "B9999"})
    assert re.search(r'id="id_client_error" role="alert">[^<]*Det finns ingen', wrong)
    assert planner.post(path, said).status_code == 302
    row = PlannedVisit.objects.get(ad_hoc=True)
    assert (row.client, row.employee, row.second_employee) == (cast.client, cast.bob, cast.alice)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"start": ""}, "start"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-11-23T01:00"}, "start"),
        ({"end": "2026-11-23T06:00"}, "end"),
        ({"end": "2026-11-25T08:00"}, "end"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"start": "2026-10-25T02:30"}, "start"),
    ],
)
def test_wrong_times_and_reasons_are_told_beside_their_fields(
    planner: Browser, read: Any, cast: Any, said: dict[str, str], field: str
) -> None:
    good = {"start": "2026-11-23T16:00", "end": "2026-11-23T18:00", "reason": "saknas"}
    shown = read(planner, "/planering/pass/10002/", 422, **{**good, **said})
    assert f'id="id_{field}_error"' in shown
    assert not Shift.objects.filter(ad_hoc=True).exists()


# Absence, step by step.


@pytest.mark.sentence(14)
def test_absence_shows_what_it_takes_before_it_is_reported_and_who_can_step_in_after(
    planner: Browser,
    read: Any,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    dora: Employee,
    moment: datetime,
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    path = "/planering/franvaro/10001/"
    read(planner, path)
    said = {"start": "2026-11-23T07:00", "end": "2026-11-24T07:00", "reason": "borta"}
    asked = read(planner, path, **said)
    assert "<dt>besök står utan någon</dt><dd>1</dd>" in asked
    assert "<dt>dörrar går inte längre att öppna</dt><dd>2</dd>" in asked
    assert "Kyrkogatan 1 1101" in asked
    assert not Absence.objects.exists(), "nothing is done before it is meant"
    done = planner.post(path, {**said, "sure": "yes"}, follow=True)
    assert done.redirect_chain == [("/planering/ersattare/10001/", 302)]
    assert Issued.objects.filter(revoked_at=None).count() == 0

    cover = "/planering/ersattare/10001/"
    listed = read(planner, cover)
    assert "0 av 1 besök har någon." in listed
    assert "Dora 10009, vikarie, inte på plats" in listed
    assert "Bob 10002, undersköterska, på plats" in listed
    assert "Charlie" not in listed, "the rules would not let him in"
    chosen = {
        "visits": str(cast.visit.pk),
        "substitute": "10009",
        "with_shifts": "on",
        "reason": "vikarie",
    }
    preview = read(planner, cover, **chosen)
    assert "Dora kommer att öppna" in preview
    assert "Kyrkogatan 1 1101" in preview
    assert "Ett arbetspass läggs till" in preview
    assert not Takeover.objects.exists()
    assert planner.post(cover, {**chosen, "sure": "yes"}).status_code == 302
    after = read(planner, cover)
    assert "Alla besök har någon" in after
    (back,) = re.findall(r'href="(/planering/overtaget/\d+/tillbaka/)"', after)
    read(planner, back)
    assert planner.post(back, {"reason": "fel person"}).status_code == 302
    assert "0 av 1 besök har någon." in read(planner, cover)


def test_what_was_shown_is_what_is_sent_when_it_is_confirmed(
    planner: Browser, read: Any, cast: Any
) -> None:
    said = {"start": "2026-11-23T07:00", "end": "2026-11-24T07:00", "reason": "borta & väg"}
    asked = read(planner, "/planering/franvaro/10001/", **said)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    assert hidden["start"] == said["start"]
    assert hidden["end"] == said["end"]
    assert hidden["reason"] == "borta &amp; väg"


def test_substitute_without_a_shift_is_told_of_and_refused(
    planner: Browser, read: Any, cast: Any, dora: Employee, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.alice,
        start=moment,
        end=moment + 24 * HOUR,
        reason="x",
        recorded_at=moment,
    )
    chosen = {"visits": str(cast.visit.pk), "substitute": "10009", "reason": "vikarie"}
    cover = "/planering/ersattare/10001/"
    assert "inget arbetspass läggs till" in read(planner, cover, **chosen)
    refused = read(planner, cover, 422, **chosen, sure="yes")
    assert "Kryssa i att ett arbetspass läggs till" in refused


@pytest.mark.threat(50)
def test_visit_and_person_that_are_not_offered_are_refused(
    planner: Browser, read: Any, cast: Any, dora: Employee, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.alice,
        start=moment,
        end=moment + 24 * HOUR,
        reason="x",
        recorded_at=moment,
    )
    other = PlannedVisit.objects.create(
        external_id="V9",
        client=cast.other_client,
        employee=cast.charlie,
        start=moment,
        end=moment + HOUR,
        services=["care"],
    )
    good = {"visits": str(cast.visit.pk), "substitute": "10009", "reason": "x", "sure": "yes"}
    for wrong in ({"visits": str(other.pk)}, {"substitute": "10003"}, {"visits": "x"}):
        read(planner, "/planering/ersattare/10001/", 422, **{**good, **wrong})
    assert not Takeover.objects.exists()


def test_absence_ends_on_a_page(planner: Browser, read: Any, cast: Any, moment: datetime) -> None:
    row = Absence.objects.create(
        employee=cast.alice, start=moment, end=moment + HOUR, reason="x", recorded_at=moment
    )
    path = f"/planering/franvaro/10001/{row.pk}/tillbaka/"
    assert f'href="{path}"' in read(planner, ALICE)
    read(planner, path)
    assert planner.post(path, {}).status_code == 302
    assert "redan gjort" in planner.post(path, {}).content.decode()
    read(planner, f"/planering/franvaro/10002/{row.pk}/tillbaka/", 404)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SERVICE_CENTRE, Role.SYSTEM_MANAGER])
def test_who_may_see_staff_but_not_plan_gets_no_way_to_and_no_answer(
    log_in: Any, read: Any, cast: Any, role: Role
) -> None:
    browser = log_in(role)
    assert "Anmäl frånvaro" not in read(browser, ALICE)
    for path in ("pass/10001/", "besok/10001/", "franvaro/10001/", "ersattare/10001/"):
        read(browser, f"/planering/{path}", 403)


def test_every_problem_has_words() -> None:
    assert {f"problem_{each.value}" for each in Problem} <= TEXTS.keys()


def test_pages_in_english(
    planner: Browser, manager: Browser, cast: Any, dora: Employee, moment: datetime
) -> None:
    Absence.objects.create(
        employee=cast.alice, start=moment, end=moment + HOUR, reason="x", recorded_at=moment
    )
    plans = ("pass/10001/", "besok/10001/", "franvaro/10001/", "ersattare/10001/")
    for browser, paths in (
        (planner, ["/personal/", ALICE, *(f"/planering/{each}" for each in plans)]),
        (manager, [f"{ALICE}legitimation/", f"{ALICE}egna-kunder/"]),
    ):
        for path in paths:
            shown = browser.get(path, headers={"accept-language": "en"}).content.decode()
            assert not re.findall(r"[åäö]", shown.replace("Kommunens hemtjänst", "")), path
