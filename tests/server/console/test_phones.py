"""Phones: who sees which, blocked in two clicks, and what each page says of doors."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.keys import actions_bulletin, actions_issue
from nyckelfri.server.keys.models import IssuedBulletin, Revocation
from nyckelfri.server.people.models import Phone, PhoneState, Role
from nyckelfri.server.phones import actions
from serverworld import Api, Handset

HOUR = timedelta(hours=1)


@pytest.fixture
def manager(cast: Any, log_in: Any) -> Browser:
    """A system manager, who may do everything about phones."""
    browser: Browser = log_in(Role.SYSTEM_MANAGER, name="Systemansvarig")
    return browser


def at(handset: Handset, page: str = "") -> str:
    return f"/telefoner/{handset.row.identifier.hex()}/{page}"


@pytest.mark.sentence(12)
@pytest.mark.sentence(95)
def test_lost_phone_is_blocked_in_two_clicks_and_opens_nothing_that_has_heard(
    planner: Browser, read: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    listed = read(planner, "/telefoner/")
    (first_click,) = re.findall(r'href="(/telefoner/[0-9a-f]{16}/sparra/)"', listed)
    asked = read(planner, first_click)
    assert "Spärra A?" in asked
    assert '<option value="lost" selected>' in asked, "nothing needs to be typed or chosen"
    second_click = planner.post(first_click, {"why": "lost", "more": ""}, follow=True)
    shown = second_click.content.decode()
    assert "A är spärrad" in shown
    assert "Värsta fallet" in shown
    row = Phone.objects.get(pk=alices_phone.row.pk)
    assert row.state == PhoneState.BLOCKED
    assert Revocation.objects.get().value == alices_phone.row.thumbprint
    assert Api(alices_phone.token).post("sync").code == "phone_blocked"
    said = AuditEvent.objects.get(verb="staff:phone:block")
    assert said.reason == "Telefonen är borta"
    assert said.actor.startswith("employee:2")


@pytest.mark.threat(36)
def test_page_shows_doors_left_their_end_and_who_carries_the_news_before_and_after(
    planner: Browser,
    read: Any,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    PlannedVisit.objects.filter(pk=cast.visit.pk).update(employee=cast.bob)
    before = read(planner, at(alices_phone))
    asked = read(planner, at(alices_phone, "sparra/"))
    actions.block(alices_phone.row, reason="x", actor="test", now=moment)
    after = read(planner, at(alices_phone))
    for shown in (before, asked, after):
        assert "<dt>dörrar kan öppnas ännu</dt><dd>2</dd>" in shown
        assert "2026-11-23 <b>15:30</b>" in shown, "the shift's end with its margin"
        assert "2026-11-23 <b>07:30</b>" in shown, "Bob comes at half past"
    for shown in (before, after):
        assert "Kyrkogatan 1 1101" in shown
        assert "Port Kyrkogatan 1" in shown
        assert "Bob" in shown
        assert "Vet vi inte" in shown


@pytest.mark.threat(44)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_page_tells_of_keys_that_a_restored_server_has_forgotten(
    planner: Browser, locks: Any, alices_phone: Handset, moment: datetime, language: str
) -> None:
    actions_bulletin.current(moment)
    IssuedBulletin.objects.all().delete()
    answer = planner.get(at(alices_phone), headers={"accept-language": language})
    shown = answer.content.decode()
    words = {
        "sv": "någon av 3 dörrar till, var och en tills någon med de nya nycklarna har varit där. "
        "Senast till",
        "en": "any of 3 more doors too, each until somebody with the new keys has been there. "
        "At the latest until",
    }
    assert words[language] in shown
    assert "2026-11-25 <b>11:00</b>" in shown, "36 hours ahead, and a grant's 16 hours"
    nothing = {"sv": "Telefonen öppnar ingenting", "en": "The phone opens nothing"}
    assert nothing[language] not in shown


@pytest.mark.sentence(3)
def test_address_of_somebody_protected_stands_on_no_page_of_a_phone(
    planner: Browser, read: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    cast.client.protected_identity = True
    cast.client.save()
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    shown = read(planner, at(alices_phone))
    assert "Skyddad identitet B0001" in shown
    assert "Kyrkogatan 1 1101" not in shown


@pytest.mark.threat(50)
def test_provider_s_planner_sees_and_blocks_their_own_phones_only(
    log_in: Any,
    read: Any,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    charlies_phone: Handset,
    moment: datetime,
) -> None:
    theirs = log_in(Role.PLANNER, cast.other_team)
    listed = read(theirs, "/telefoner/")
    assert "Charlie" in listed
    assert "Alice" not in listed
    assert "10001" not in read(theirs, "/telefoner/", q="Alice")
    for page in ("", "historik/", "sparra/"):
        read(theirs, at(alices_phone, page), 404)
    assert theirs.post(at(alices_phone, "sparra/"), {"why": "lost"}).status_code == 404
    assert Phone.objects.get(pk=alices_phone.row.pk).state == PhoneState.ENROLLED
    for page in ("hav-sparr/", "kod/", "lamna-over/", "ta-emot/", "ta-ur-bruk/"):
        read(theirs, at(charlies_phone, page), 403)
    assert theirs.post(at(charlies_phone, "sparra/"), {"why": "lost"}).status_code == 302


def test_other_provider_s_door_on_a_phone_is_a_lock_s_number_to_them(
    log_in: Any, read: Any, cast: Any, locks: Any, charlies_phone: Handset, moment: datetime
) -> None:
    """Alice used Charlie's phone once."""
    actions_issue.issue_for(cast.alice, charlies_phone.row, now=moment)
    shown = read(log_in(Role.PLANNER, cast.other_team), at(charlies_phone))
    assert "Lås LB0001" in shown
    assert "Kyrkogatan 1 1101" not in shown


@pytest.mark.parametrize("role", [Role.CARE_ASSESSOR, Role.AUDITOR, Role.ASSISTANT_NURSE])
def test_roles_without_phones_see_none(
    log_in: Any, read: Any, cast: Any, keys: Any, alices_phone: Handset, role: Role
) -> None:
    browser = log_in(role)
    for path in ("/telefoner/", at(alices_phone), at(alices_phone, "sparra/")):
        read(browser, path, 403)


def test_search_finds_by_label_number_and_name_and_stands_in_no_address(
    planner: Browser, read: Any, cast: Any, alices_phone: Handset, bobs_phone: Handset
) -> None:
    for words in ("alice", "10001", "A"):
        shown = read(planner, "/telefoner/", q=words)
        assert 'href="/telefoner/' in shown
        assert "Alice" in shown
    assert "Bob" not in read(planner, "/telefoner/", q="alice")
    assert "Inga telefoner här" in read(planner, "/telefoner/", q="ingen sådan\x00")
    piece = planner.post("/telefoner/", {"q": "alice"}, headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert AuditEvent.objects.filter(verb="staff:list:look", details__search="words").exists()
    assert not AuditEvent.objects.filter(details__icontains="alice").exists()


def test_list_by_state(
    planner: Browser,
    read: Any,
    cast: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    actions.block(bobs_phone.row, reason="x", actor="test", now=moment)
    assert "Alice" not in read(planner, "/telefoner/?lage=blocked")
    assert "Alice" in read(planner, "/telefoner/?lage=nonsense")


def test_phone_that_has_been_silent_for_long_is_marked(
    planner: Browser, read: Any, cast: Any, alices_phone: Handset, set_clock: Any, moment: datetime
) -> None:
    assert "Tyst länge" not in read(planner, "/telefoner/")
    set_clock(moment + 37 * HOUR)
    assert "Tyst länge" in read(planner, "/telefoner/")


# The rest of a phone's life, for whoever manages phones.


@pytest.mark.threat(52)
def test_code_is_shown_once_to_whoever_made_it_and_works(
    manager: Browser, read: Any, cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    row = actions.register(label="Ny", holder=cast.bob, actor="test", now=moment)
    address = f"/telefoner/{row.identifier.hex()}/"
    assert "Visa en ny kod" in read(manager, address)
    read(manager, f"{address}kod/")
    answer = manager.post(f"{address}kod/")
    (code,) = re.findall(r'class="secret">([A-Z2-9-]{12})<', answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]
    assert code not in read(manager, address)
    assert code not in str(list(AuditEvent.objects.values()))
    assert "En kod är utlämnad" in read(manager, address)


def test_phone_is_registered_handed_over_taken_back_and_retired(
    manager: Browser, read: Any, cast: Any, keys: Any
) -> None:
    read(manager, "/telefoner/ny/")
    assert manager.post("/telefoner/ny/", {"label": "T9", "holder": "10001"}).status_code == 302
    row = Phone.objects.get(label="T9")
    address = f"/telefoner/{row.identifier.hex()}/"
    steps = (
        ("lamna-over/", {"holder": "10002", "reason": "byte"}, "Bob"),
        ("ta-emot/", {"reason": "sommar"}, "ligger i skåpet"),
        ("lamna-over/", {"holder": "10001", "reason": "höst"}, "Alice"),
        ("ta-ur-bruk/", {"reason": "sprucken"}, "Ur bruk"),
    )
    for page, posted, expected in steps:
        read(manager, address + page)
        answer = manager.post(address + page, posted, follow=True)
        assert expected in answer.content.decode()
    shown = read(manager, f"{address}historik/")
    for word in ("Registrerad", "Överlämnad", "Mottagen", "Ur bruk", "sprucken"):
        assert word in shown


def test_unblock_is_a_decision_of_its_own_with_a_reason(
    manager: Browser, read: Any, cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions.block(alices_phone.row, reason="x", actor="test", now=moment)
    assert "Fyll i fältet" in read(manager, at(alices_phone, "hav-sparr/"), 422, reason=" ")
    assert "inte i ett läge" in read(manager, at(alices_phone, "ta-emot/"), 422, reason="x")
    assert manager.post(at(alices_phone, "hav-sparr/"), {"reason": "hittad"}).status_code == 302
    assert Phone.objects.get(pk=alices_phone.row.pk).state == PhoneState.REGISTERED


@pytest.mark.parametrize("number", ["", "99999", "10002\x00", "x" * 40])
def test_wrong_holder_is_told_beside_the_field(
    manager: Browser, read: Any, cast: Any, alices_phone: Handset, number: str
) -> None:
    shown = read(manager, at(alices_phone, "lamna-over/"), 422, holder=number, reason="byte")
    assert 'role="alert"' in shown
    assert 'value="byte"' in shown, "what was typed stays"
    assert Phone.objects.get(pk=alices_phone.row.pk).holder == cast.alice


@pytest.mark.parametrize("key", ["x", "00" * 7, "00" * 8, "AB" * 8, "00" * 9, "é" * 16])
def test_senseless_id_is_404(planner: Browser, read: Any, key: str) -> None:
    read(planner, f"/telefoner/{key}/", 404)


def test_look_at_a_phone_is_logged(
    planner: Browser, read: Any, cast: Any, alices_phone: Handset
) -> None:
    read(planner, at(alices_phone))
    key = f"phone:{alices_phone.row.identifier.hex()}"
    assert AuditEvent.objects.filter(verb="staff:phone:look", object_id=key).exists()


def test_pages_ask_few_questions_however_many_phones_and_doors(
    planner: Browser,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    actions.block(alices_phone.row, reason="x", actor="test", now=moment)
    for path in ("/telefoner/", at(alices_phone), at(alices_phone, "sparra/")):
        with CaptureQueriesContext(connection) as asked:
            assert planner.get(path).status_code == 200
        reads = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
        assert len(reads) <= 12, "\n".join(reads)


def test_pages_in_english(
    planner: Browser, manager: Browser, cast: Any, keys: Any, alices_phone: Handset
) -> None:
    english = {"accept-language": "en"}
    assert "Block the phone" in planner.get(at(alices_phone), headers=english).content.decode()
    for page in ("", "sparra/", "lamna-over/", "ta-emot/", "ta-ur-bruk/", "historik/"):
        shown = manager.get(at(alices_phone, page), headers=english)
        assert shown.status_code == 200
        assert "å" not in shown.content.decode().replace("Språk", "")
