"""What phones brought: what waits for somebody, and labels that do not fit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.care.readings import Fit
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.entries.texts import TEXTS
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.locks.models import NfcLabel
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_kept, queries_readings, queries_upkeep
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.models import PhoneEntry
from nyckelfri.server.visits.queries_readings import PROVES_NOTHING
from permissionworld import flawed_entry
from serverworld import Api, Handset

PAGE = "/fran-telefonerna/"
READINGS = "/fran-telefonerna/etiketter/"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def alice(set_clock: Any, alices_phone: Handset, passwords: None, moment: datetime) -> Api:
    """Alice's phone at the API, signed in at seven."""
    api = Api(alices_phone.token)
    assert api.sign_in("10001").status == 200
    return api


_numbers = iter(range(1, 1_000_000))


def enter(api: Api, at: datetime, kind: str, detail: dict[str, Any], **more: Any) -> PhoneEntry:
    entry = {
        "id": str(UUID(int=next(_numbers))),
        "kind": kind,
        "at": int(at.timestamp()),
        "employee": "10001",
        "client": "B0001",
        "detail": detail,
        **more,
    }
    assert api.post("sync", {"entries": [entry]}).status == 200
    return PhoneEntry.objects.latest("pk")


def fault(api: Api, locks: Any, at: datetime) -> PhoneEntry:
    detail = {
        "installation": locks.home.installation.hex(),
        "what": "jammed",
        "text": "Gnisslar",
        "fallback": True,
    }
    return enter(api, at, "lock_fault", detail)


# What waits.


@pytest.mark.sentence(42)
def test_reported_lock_waits_on_the_first_page_until_somebody_has_dealt_with_it(
    planner: Browser, alice: Api, locks: Any, moment: datetime, read: Any
) -> None:
    assert "Felanmälda lås" not in read(planner, "/")
    entry = fault(alice, locks, moment)
    assert entry.flaw == ""
    assert "Felanmälda lås" in read(planner, "/")
    shown = read(planner, PAGE)
    for words in ("Felanmält lås", "Kyrkogatan 1 1101", "Låset kärvar.", "Gnisslar", "Alice"):
        assert words in shown
    answer = planner.post(f"{PAGE}{entry.pk}/", {"why": "Låssmeden har bytt motor"})
    assert answer.headers["Location"] == PAGE
    assert "Felanmälda lås" not in read(planner, "/")
    assert "Låssmeden har bytt motor" in read(planner, f"{PAGE}hanterade/")
    noted = AuditEvent.objects.get(verb=Verb.ENTRY_SETTLE)
    assert (noted.object_id, noted.reason) == (f"entry:{entry.pk}", "Låssmeden har bytt motor")
    planner.post(f"{PAGE}{entry.pk}/", {"why": "Samma fel igen", "reopen": "1"})
    assert "Felanmälda lås" in read(planner, "/")


@pytest.mark.sentence(42)
@pytest.mark.sentence(18)
def test_reported_lock_is_said_to_the_next_at_the_door_with_the_fallback(
    planner: Browser, alice: Api, locks: Any, moment: datetime, log_in: Any
) -> None:
    system = log_in(Role.SYSTEM_MANAGER)
    posted = {
        "kind": "reserve_key", "text": "Hämta dagnyckeln i skåpet", "telephone": "0123-400 02",
        "valid_from": "2026-11-23",
    }  # fmt: skip
    assert system.post("/regler/reservrutin/", posted).status_code == 302
    entry = fault(alice, locks, moment)
    day = alice.post("sync", {"day": ""}).body["day"]
    (alert,) = day["clients"][0]["alerts"]
    assert (alert["kind"], alert["door"]) == ("lock_fault", "front")
    assert "felanmält" in alert["sv"]
    assert "reported" in alert["en"]
    assert day["fallback"] == {
        "kind": "reserve_key",
        "text": "Hämta dagnyckeln i skåpet",
        "telephone": "0123-400 02",
    }
    planner.post(f"{PAGE}{entry.pk}/", {"why": "Lagat"})
    assert alice.post("sync", {"day": ""}).body["day"]["clients"][0]["alerts"] == []


def test_flawed_entry_is_shown_as_it_came(
    planner: Browser, alice: Api, moment: datetime, read: Any
) -> None:
    sent = {"id": 7, "kind": "note", "text": "Fick ont <b>hjärtat</b>"}
    assert alice.post("sync", {"entries": [sent, {"text": "\ud800"}]}).status == 200
    first, second = PhoneEntry.objects.order_by("pk")
    shown = read(planner, f"{PAGE}{first.pk}/")
    assert "Oläsligt" in shown
    assert "Fick ont &lt;b&gt;hjärtat&lt;/b&gt;" in shown
    assert "Går inte att läsa" in read(planner, f"{PAGE}{second.pk}/")
    assert "Att se över från telefonerna" in read(planner, "/")


def test_what_has_no_flaw_waits_for_nobody(
    planner: Browser, alice: Api, moment: datetime, read: Any
) -> None:
    entry = enter(alice, moment, "note", {"text": "Allt väl"})
    assert "Ingenting väntar" in read(planner, PAGE)
    assert "Ingenting är hanterat än" in read(planner, f"{PAGE}hanterade/")
    read(planner, f"{PAGE}{entry.pk}/", status=404)


def test_without_a_reason_and_by_the_second_of_two_nothing_is_changed(
    planner: Browser, alice: Api, locks: Any, moment: datetime, log_in: Any, read: Any
) -> None:
    entry = fault(alice, locks, moment)
    read(planner, f"{PAGE}{entry.pk}/", status=422, why=" ")
    planner.post(f"{PAGE}{entry.pk}/", {"why": "Först"})
    colleague = log_in()
    colleague.post(f"{PAGE}{entry.pk}/", {"why": "Sedan"})
    assert "Någon annan hann före" in read(colleague, f"{PAGE}{entry.pk}/")
    entry.refresh_from_db()
    assert entry.settled_why == "Först"


@pytest.mark.threat(50)
def test_company_s_planner_sees_and_settles_their_own_staff_s_only(
    cast: Any, alices_phone: Handset, charlies_phone: Handset, log_in: Any, read: Any,
    moment: datetime, viewer_of: Any,
) -> None:  # fmt: skip
    hers, his = flawed_entry(cast.alice, moment), flawed_entry(cast.charlie, moment)
    company = log_in(team=cast.other_team, name="Bolaget")
    shown = read(company, PAGE)
    assert "Charlie" in shown
    assert "Alice" not in shown
    read(company, f"{PAGE}{hers.pk}/", status=404)
    read(company, f"{PAGE}{his.pk}/")
    log_in(Role.SERVICE_CENTRE, name="Servicecenter")
    with pytest.raises(actions_kept.KeptError):
        actions_kept.settle(his, reason="Jag", by=viewer_of("Servicecenter"), now=moment)


@pytest.mark.threat(67)
def test_protected_client_is_a_number_and_a_look_is_noted(
    planner: Browser, alice: Api, locks: Any, cast: Any, moment: datetime, read: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    entry = fault(alice, locks, moment)
    for path in (PAGE, f"{PAGE}{entry.pk}/"):
        shown = read(planner, path)
        assert "B0001" in shown
        assert "Kyrkogatan" not in shown
        assert "Test Person" not in shown
    looked = AuditEvent.objects.filter(verb=Verb.CLIENT_LOOK, object_id="client:B0001")
    assert looked.exists()


def test_every_kind_flaw_verdict_and_fit_has_words() -> None:
    assert {f"kind_{kind.value}" for kind in PhoneEntry.Kind} <= set(TEXTS)
    assert {f"flaw_{flaw.value}" for flaw in PhoneEntry.Flaw} <= set(TEXTS)
    odd = {*(verdict.value for verdict in PROVES_NOTHING)}
    odd |= {fit.value for fit in Fit} - {"fits", "waiting"}
    for why in odd:
        assert {f"why_{why}", f"hint_{why}"} <= set(TEXTS)


# Batteries.


@pytest.fixture
def low(locks: Any, alices_phone: Handset, moment: datetime) -> Any:
    """The home's lock says 25 %, then 20 %."""
    locks.home.write(Battery(25), after=60)
    locks.home.write(Battery(20), after=60)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment + HOUR)
    return locks.at_home


@pytest.mark.sentence(39)
@pytest.mark.sentence(40)
def test_low_battery_is_told_to_staff_at_the_door_and_in_the_office(
    planner: Browser, alice: Api, low: Any, read: Any
) -> None:
    assert "Batterier att byta" in read(planner, "/")
    shown = read(planner, "/vantar/batterier/")
    assert "LB0001" in shown
    assert "20 %" in shown
    day = alice.post("sync", {"day": ""}).body["day"]
    (alert,) = day["clients"][0]["alerts"]
    assert (alert["kind"], alert["door"]) == ("battery", "front")
    assert "20 %" in alert["sv"]


def test_battery_above_twenty_is_nobody_s_work(
    locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    locks.home.write(Battery(21), after=60)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment)
    assert not queries_upkeep.low_batteries().exists()


@pytest.mark.sentence(41)
def test_change_of_batteries_is_recorded_with_who_and_when_and_ends_the_notice(
    alice: Api, cast: Any, locks: Any, low: Any, set_clock: Any, moment: datetime,
    alices_phone: Handset,
) -> None:  # fmt: skip
    set_clock(moment + 2 * HOUR)
    detail = {"installation": locks.home.installation.hex()}
    entry = enter(alice, moment + HOUR, "batteries", detail)
    assert (entry.employee, entry.at, entry.installation) == (cast.alice, moment + HOUR, low)
    assert not queries_upkeep.low_batteries().exists()
    locks.home.write(Battery(15), after=3 * 3600)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment + 4 * HOUR)
    assert [row.percent for row in queries_upkeep.low_batteries()] == [15]


def test_full_batteries_that_the_lock_tells_of_end_the_notice(
    locks: Any, low: Any, alices_phone: Handset, moment: datetime
) -> None:
    locks.home.write(Battery(100), after=600)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment + HOUR)
    assert not queries_upkeep.low_batteries().exists()


# Labels that do not fit.


def tap(api: Api, at: datetime, label: str = "E0001", **more: Any) -> PhoneEntry:
    return enter(api, at, "tap", {"label": label, "use": "start"}, **more)


@pytest.fixture
def visit(alice: Api, cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> Any:
    """Alice is in the client's home from 07:02 to 07:42, and the journal has come home."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    home = next(row for row in rows if row.installation == locks.at_home)
    locks.home.use(home, Command.UNLOCK, after=120)
    locks.home.use(home, Command.LOCK, after=40 * 60)
    locks.home.use(home, Command.LOCK, after=3 * 3600)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment + 4 * HOUR)


@pytest.mark.sentence(65)
@pytest.mark.threat(60)
def test_reading_without_the_door_stands_out_and_one_with_it_does_not(
    planner: Browser, alice: Api, visit: None, set_clock: Any, moment: datetime, read: Any
) -> None:
    set_clock(moment + 5 * HOUR)
    tap(alice, moment + 3 * MINUTE)
    tap(alice, moment + 40 * MINUTE)
    assert not PhoneEntry.objects.filter(queries_readings.may_stand_out()).exists()
    assert "Alla avläsningar den dagen stämmer" in read(planner, READINGS)
    tap(alice, moment + 90 * MINUTE)
    shown = read(planner, READINGS)
    assert "Ingen öppnade dörren" in shown
    assert shown.count("E0001") == 1
    assert "Alla avläsningar" in read(planner, f"{READINGS}?dag=2026-11-22")


@pytest.mark.threat(60)
def test_label_taken_along_is_seen_by_the_other_home_s_lock(
    planner: Browser, alice: Api, cast: Any, visit: None, set_clock: Any, moment: datetime,
    read: Any,
) -> None:  # fmt: skip
    NfcLabel.objects.create(external_id="E2", client=cast.other_client, place="hall", kind="simple")
    set_clock(moment + 5 * HOUR)
    tap(alice, moment + 20 * MINUTE, "E2", client="B0002")
    assert "Var i ett annat hem" in read(planner, READINGS)


@pytest.mark.threat(60)
def test_what_proves_nothing_stands_out_at_once(
    planner: Browser, alice: Api, moment: datetime, read: Any
) -> None:
    tap(alice, moment, "E9999")
    shown = read(planner, READINGS)
    assert "Okänd etikett" in shown
    assert "E9999" in shown


def test_journal_that_has_not_come_home_is_waited_for(
    planner: Browser, alice: Api, locks: Any, set_clock: Any, moment: datetime, read: Any
) -> None:
    tap(alice, moment)
    assert "Alla avläsningar" in read(planner, READINGS)
    set_clock(moment + timedelta(days=4))
    assert "Ingen öppnade dörren" in read(planner, f"{READINGS}?dag=2026-11-23")


def test_cost_of_the_readings_is_the_same_for_one_and_for_thirty(
    planner: Browser, alice: Api, visit: None, set_clock: Any, moment: datetime
) -> None:
    set_clock(moment + 5 * HOUR)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert planner.get(READINGS).status_code == 200
        return len(found)

    tap(alice, moment + 90 * MINUTE)
    cost()
    one = cost()
    for minute in range(91, 121):
        tap(alice, moment + minute * MINUTE)
    assert cost() == one


@pytest.mark.threat(50)
@pytest.mark.threat(67)
def test_readings_are_those_of_one_s_own_staff_and_a_protected_client_is_a_number(
    alice: Api, cast: Any, log_in: Any, read: Any, moment: datetime
) -> None:
    tap(alice, moment, "E9999")
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    assert "Alice" not in read(log_in(team=cast.other_team), READINGS)
    shown = read(log_in(Role.AUDITOR), READINGS)
    assert "Alice" in shown
    assert "Test Person" not in shown


def test_day_that_is_none_is_said(planner: Browser, read: Any) -> None:
    assert "Ange ett datum" in read(planner, f"{READINGS}?dag=i-dag", status=422)


def test_pages_of_thirty_entries_cost_no_more_than_of_one(
    planner: Browser, cast: Any, alice: Api, locks: Any, moment: datetime
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert planner.get(PAGE).status_code == 200
        return len(found)

    fault(alice, locks, moment)
    cost()
    one = cost()
    for minute in range(30):
        fault(alice, locks, moment - minute * MINUTE)
    assert cost() == one
    assert Employee.objects.filter(number="10001").exists()
