"""The pages of clients: who can open and why, and what is decided about a client."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.server.access.models import HealthAssignment, NamedStaff, Withdrawal
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import CareDecision, Client, ProviderChoice, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Role
from serverworld import Handset

PAGE = "/kunder/B0001/"
SOON = "2026-12-07"


@pytest.fixture
def assessor(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.CARE_ASSESSOR)
    return browser


@pytest.fixture
def manager(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.SYSTEM_MANAGER)
    return browser


@pytest.fixture
def hidden(cast: Any) -> Client:
    Client.objects.filter(pk=cast.client.pk).update(protected_identity=True)
    cast.client.refresh_from_db()
    found: Client = cast.client
    return found


# the list


def test_list_shows_clients_with_provider_and_lock(planner: Browser, cast: Any, read: Any) -> None:
    shown = read(planner, "/kunder/")
    assert "B0001" in shown
    assert "B0002" in shown
    assert "Kyrkogatan 1 1101" in shown
    assert "Omtanke AB" in shown
    assert "Monterad" in shown


@pytest.mark.threat(67)
def test_provider_s_planner_sees_its_own_clients_only(cast: Any, log_in: Any, read: Any) -> None:
    theirs = log_in(team=cast.other_team)
    shown = read(theirs, "/kunder/")
    assert "B0002" in shown
    assert "B0001" not in shown
    for path in (PAGE, f"{PAGE}vem/", f"{PAGE}varfor-inte/", "/kunder/B9999/"):
        read(theirs, path, 404)


@pytest.mark.threat(67)
def test_search_is_posted_and_leads_to_no_protected_person_by_name_or_address(
    planner: Browser, hidden: Client, read: Any
) -> None:
    assert "B0001" not in read(planner, "/kunder/", sok="Kyrkogatan")
    assert "B0002" in read(planner, "/kunder/", sok="Storgatan")
    found = read(planner, "/kunder/", sok="b0001")
    assert "Skyddad identitet" in found
    assert "Kyrkogatan" not in found
    looks = [row.details.get("search") for row in audit.of_kind(Verb.LIST_LOOK)]
    assert sorted(looks) == ["name", "name", "number"]
    assert "Kyrkogatan" not in str([row.details for row in audit.rows()])


def test_search_gives_the_rows_alone_to_a_page_that_asks_for_them(
    planner: Browser, cast: Any
) -> None:
    answer = planner.post("/kunder/", {"sok": "Stor"}, headers={"hx-request": "true"})
    shown = answer.content.decode()
    assert "B0002" in shown
    assert "<html" not in shown


def test_filter_by_area_and_provider(planner: Browser, cast: Any, read: Any) -> None:
    shown = read(planner, "/kunder/?utforare=559992-4429")
    assert "B0002" in shown
    assert "B0001" not in shown
    assert "Ingen kund passar" in read(planner, "/kunder/?omrade=Norr")


# one client


@pytest.mark.sentence(3)
def test_page_tells_first_who_can_open_now_and_why(
    planner: Browser, cast: Any, locks: Any, alices_phone: Handset, moment: datetime, read: Any
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    shown = read(planner, PAGE)
    assert "Vem kan låsa upp just nu?" in shown
    assert "<strong>En person.</strong> 1 till har rätt till det men ingen telefon" in shown
    assert "Hemtjänst: G1" in shown
    assert "Kunden har valt Kommunens hemtjänst för omvårdnad sedan 2024-01-01" in shown
    assert "07:00–15:00" in shown
    assert "finns i telefonen" in shown
    assert "väntar på telefon" in shown


def test_nobody_at_night_is_a_normal_answer(
    planner: Browser, cast: Any, locks: Any, set_clock: Any, moment: datetime, read: Any
) -> None:
    set_clock(moment - timedelta(hours=5))
    shown = read(planner, PAGE)
    assert "<strong>Ingen.</strong> Det är vanligt" in shown


def test_client_without_a_lock_in_service_is_told_as_such(
    planner: Browser, cast: Any, read: Any
) -> None:
    assert "Dörren har inget lås i drift" in read(planner, PAGE)


@pytest.mark.sentence(47)
def test_key_that_was_withdrawn_and_may_still_lie_in_a_phone_is_shown(
    planner: Browser, cast: Any, locks: Any, alices_phone: Handset, moment: datetime, read: Any
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    Shift.objects.filter(employee=cast.alice).update(withdrawn_at=moment)
    actions_issue.withdraw(moment)
    shown = read(planner, PAGE)
    assert "Indragna nycklar som kan ligga kvar" in shown
    assert "indragen 2026-11-23 07:00" in shown
    assert "2026-11-23 <b>15:30</b>" in shown


@pytest.mark.sentence(22)
def test_page_shows_provider_decision_door_label_and_latest_openings(
    planner: Browser, visited: None, read: Any
) -> None:
    shown = read(planner, PAGE)
    for words in (
        "Kommunens hemtjänst",
        "60 min om dagen",
        "LB0001",
        "I drift sedan",
        "E0001",
        "Låste upp",
        "40 min",
    ):
        assert words in shown, words


def test_each_look_at_a_client_is_noted_in_the_log(
    planner: Browser, cast: Any, hidden: Client, read: Any
) -> None:
    read(planner, PAGE)
    read(planner, f"{PAGE}vem/")
    rows = list(audit.of_kind(Verb.CLIENT_LOOK))
    assert [(row.object_id, row.reason) for row in rows] == [
        ("client:B0001", "client"),
        ("client:B0001", "client_when"),
    ]
    assert not audit.of_kind(Verb.IDENTITY_LOOK)


@pytest.mark.threat(67)
def test_protected_name_and_address_are_shown_to_named_staff_alone_and_noted(
    cast: Any, hidden: Client, log_in: Any, moment: datetime, read: Any
) -> None:
    other = log_in()
    shown = read(other, PAGE)
    assert "Test Person" not in shown
    assert "Kyrkogatan" not in shown
    named = log_in()
    who = Employee.objects.get(user_id=named.session["_auth_user_id"])
    NamedStaff.objects.create(employee=who, client=hidden, reason="x", recorded_at=moment)
    shown = read(named, PAGE)
    assert "Test Person" in shown
    assert "<title>B0001" in shown, "a name does not stand in the browser's history"
    assert len(audit.of_kind(Verb.IDENTITY_LOOK)) == 1


def test_whoever_sees_one_provider_gets_no_names_of_others_staff(
    cast: Any, locks: Any, log_in: Any, moment: datetime, read: Any
) -> None:
    ProviderChoice.objects.create(
        client=cast.other_client,
        service="household",
        provider=cast.municipality,
        valid_from="2024-01-01",
    )
    CareDecision.objects.filter(client=cast.other_client).update(service="household")
    ProviderChoice.objects.create(
        client=cast.other_client,
        service="meals",
        provider=cast.company,
        valid_from="2024-01-01",
    )
    shown = read(log_in(team=cast.other_team), "/kunder/B0002/")
    assert "2 hos Kommunens hemtjänst" in shown
    assert "Alice" not in shown


# another moment, and why not


def test_past_moment_shows_what_was_issued_as_evidence(
    planner: Browser,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    set_clock: Any,
    moment: datetime,
    read: Any,
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    set_clock(moment + timedelta(days=3))
    shown = read(planner, f"{PAGE}vem/?dag=2026-11-23&tid=10:00")
    assert "Vem kunde låsa upp då?" in shown
    assert "<strong>2 personer.</strong>" in shown
    assert "finns i telefonen" in shown
    assert "var inte utfärdad" in shown


@pytest.mark.parametrize("query", ["dag=x", "dag=2026-02-30&tid=10:00", "tid=99", "dag=0001-01-01"])
def test_moment_that_is_none_is_refused_with_words(
    planner: Browser, cast: Any, query: str, read: Any
) -> None:
    assert "Skriv en dag och ett klockslag" in read(planner, f"{PAGE}vem/?{query}", 422)


def test_why_not_tells_each_thing_that_keeps_the_door_shut(
    planner: Browser, cast: Any, locks: Any, alices_phone: Handset, read: Any
) -> None:
    shown = read(planner, f"{PAGE}varfor-inte/?anst=10003")
    assert "Charlie kan inte låsa upp." in shown
    assert "Kunden har valt en annan utförare: Kommunens hemtjänst" in shown
    assert "Alice kan låsa upp." in read(planner, f"{PAGE}varfor-inte/?anst=10001")
    assert "Ingen i personalen har det numret" in read(planner, f"{PAGE}varfor-inte/?anst=1", 422)


# change of provider


def posted(**other: str) -> dict[str, str]:
    return {
        "service": "care",
        "provider": "559992-4429",
        "team": "",
        "first_day": SOON,
        "reason": "kundens val",
        **other,
    }


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
@pytest.mark.sentence(48)
def test_change_shows_names_before_and_after_and_that_the_lock_stays_then_asks(
    assessor: Browser, cast: Any, locks: Any, read: Any
) -> None:
    shown = read(assessor, f"{PAGE}utforare/", **posted())
    assert "Omvårdnad från Omtanke AB, från och med 2026-12-07" in shown
    assert "Låset sitter kvar" in shown
    assert "Förlorar tillgång (2)" in shown
    assert "Får tillgång (1)" in shown
    assert shown.index("Alice") < shown.index("Charlie")
    assert ProviderChoice.objects.filter(client=cast.client).count() == 1


def seen_in(shown: str) -> str:
    return shown.partition('name="seen" value="')[2].partition('"')[0]


def test_confirmed_change_is_recorded_and_can_be_undone(
    assessor: Browser, cast: Any, locks: Any, read: Any
) -> None:
    seen = seen_in(read(assessor, f"{PAGE}utforare/", **posted()))
    answer = assessor.post(f"{PAGE}utforare/", {**posted(), "seen": seen, "confirm": "1"})
    assert answer.headers["Location"] == PAGE
    choice = ProviderChoice.objects.get(provider=cast.company, client=cast.client)
    shown = read(assessor, PAGE)
    assert "Bytet är antecknat: Omtanke AB från och med 2026-12-07" in shown
    undo = f"{PAGE}utforare/{choice.pk}/angra/"
    assert f'href="{undo}"' in shown
    seen = seen_in(read(assessor, undo))
    answer = assessor.post(undo, {"reason": "ångrat sig", "seen": seen})
    assert answer.headers["Location"] == PAGE
    assert ProviderChoice.objects.filter(client=cast.client, withdrawn_at=None).count() == 1


def test_change_that_somebody_else_overtook_is_told_and_not_recorded(
    assessor: Browser, cast: Any, locks: Any, read: Any
) -> None:
    seen = seen_in(read(assessor, f"{PAGE}utforare/", **posted()))
    ProviderChoice.objects.filter(client=cast.client).update(valid_till=date(2027, 1, 1))
    assessor.post(f"{PAGE}utforare/", {**posted(), "seen": seen, "confirm": "1"})
    assert "Någon annan har ändrat det här" in read(assessor, PAGE)
    assert ProviderChoice.objects.filter(client=cast.client).count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"first_day": "2026-11-22"}, "Dagen har varit"),
        ({"first_day": "nonsens"}, "first_day"),
        ({"service": "meals"}, "Utföraren erbjuder inte den insatsen"),
        ({"team": "G1"}, "Gruppen hör inte till utföraren"),
        ({"provider": "212999-2083"}, "Kunden har redan den utföraren"),
        ({"reason": ""}, "field_reason_error"),
        ({"provider": "x"}, "provider"),
    ],
)
def test_wrong_change_is_told_beside_the_field_and_what_was_typed_stays(
    assessor: Browser, cast: Any, wrong: dict[str, str], words: str, read: Any
) -> None:
    shown = read(assessor, f"{PAGE}utforare/", 422, **posted(**wrong))
    assert 'role="alert"' in shown
    assert words in shown or "id_reason_error" in shown
    if "first_day" not in wrong:
        assert SOON in shown


def test_change_soon_warns_and_does_not_refuse(assessor: Browser, cast: Any, read: Any) -> None:
    shown = read(assessor, f"{PAGE}utforare/", **posted(first_day="2026-11-24"))
    assert "mindre än två veckor" in shown


@pytest.mark.parametrize("role", [Role.PLANNER, Role.SYSTEM_MANAGER, Role.SERVICE_CENTRE])
def test_others_see_no_way_to_change_and_have_none(
    cast: Any, log_in: Any, role: Role, read: Any
) -> None:
    browser = log_in(role)
    shown = read(browser, PAGE)
    assert "Byt utförare" not in shown
    for path in ("utforare/", "beslut/", "namngivna/", "legitimerade/"):
        read(browser, f"{PAGE}{path}", 403)


# decisions


@pytest.mark.sentence(77)
def test_decision_is_recorded_with_extent_and_timing(
    assessor: Browser, cast: Any, read: Any
) -> None:
    answer = assessor.post(
        f"{PAGE}beslut/",
        {
            "service": "household",
            "amount": "2,5",
            "unit": "hours_a_week",
            "ground": "decision",
            "timing": "helst tisdagar",
            "first_day": "2026-11-24",
            "last_day": "",
            "reason": "ansökan",
        },
    )
    assert answer.headers["Location"] == PAGE, answer.content.decode()
    shown = read(assessor, PAGE)
    assert "2,5 tim i veckan" in shown
    assert "helst tisdagar" in shown


def test_end_of_a_decision_shows_what_it_takes_away_before_it_is_confirmed(
    assessor: Browser, cast: Any, locks: Any, read: Any
) -> None:
    path = f"{PAGE}beslut/DB0001/avsluta/"
    shown = read(assessor, path)
    assert "Förlorar tillgång (2)" in shown
    said = {"last_day": "2026-11-30", "reason": "flyttar", "seen": seen_in(shown)}
    read(assessor, path, **said)
    assert CareDecision.objects.get(external_id="DB0001").valid_till is None
    answer = assessor.post(path, {**said, "confirm": "1"})
    assert answer.headers["Location"] == PAGE, answer.content.decode()
    assert CareDecision.objects.get(external_id="DB0001").valid_till == date(2026, 11, 30)


# staff


def test_named_assigned_and_withdrawn_staff_are_set_and_ended_on_pages(
    cast: Any, hidden: Client, assessor: Browser, manager: Browser, read: Any
) -> None:
    Employee.objects.filter(pk=cast.charlie.pk).update(role=Role.NURSE)
    steps = [
        (assessor, "namngivna/", {"employee": "10001"}),
        (assessor, "legitimerade/", {"employee": "10003", "first_day": "2026-11-23"}),
        (manager, "indragen/", {"employee": "10002", "wide": "client", "end": ""}),
    ]
    for browser, path, said in steps:
        read(browser, f"{PAGE}{path}")
        answer = browser.post(f"{PAGE}{path}", {**said, "reason": "beslut"})
        assert answer.headers.get("Location") == PAGE, answer.content.decode()
    ends: list[tuple[Browser, str, Any, str]] = [
        (assessor, "namngivna", NamedStaff, "avsluta"),
        (assessor, "legitimerade", HealthAssignment, "avsluta"),
        (manager, "indragen", Withdrawal, "hav"),
    ]
    for browser, path, model, step in ends:
        row = model.objects.get()
        address = f"{PAGE}{path}/{row.pk}/{step}/"
        assert f'href="{address}"' in read(browser, PAGE)
        read(browser, address)
        answer = browser.post(address, {"reason": "klart"})
        assert answer.headers.get("Location") == PAGE, answer.content.decode()
        row.refresh_from_db()
        assert row.ended_at is not None
        read(browser, address, 404)


def test_number_of_nobody_is_told_beside_the_field(
    assessor: Browser, hidden: Client, read: Any
) -> None:
    shown = read(assessor, f"{PAGE}namngivna/", 422, employee="9", reason="x")
    assert "Ingen i personalen har det numret" in shown
