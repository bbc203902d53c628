"""One visit: what shows it, and what somebody decides about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.locks.models import LockUnit
from nyckelfri.server.money.models import Invoice, InvoicedVisit
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits import actions_review, newer
from nyckelfri.server.visits.models import (
    Correction,
    DoorEvent,
    ForeignAlarm,
    ForeignDoorEvent,
    ForeignEntry,
    ForeignReading,
    Month,
    PhoneEntry,
    Visit,
)
from performedworld import office_entry_of, performed, planned, questions
from serverworld import Handset

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STALE = "Någon har ändrat besöket"


@pytest.fixture
def visit(cast: Any, set_clock: Any) -> Visit:
    """Alice's visit this Monday, which nobody knows the end of, seen at noon."""
    set_clock(NOON)
    return performed(cast.visit, length=5, flags=["no_exit"], closed_by_rule=True)


def page(visit: Visit, act: str = "") -> str:
    return f"/besok/{visit.pk}/{act}"


def act(browser: Browser, visit: Visit, act: str, reason: str = "", seen: str = "") -> Any:
    visit.refresh_from_db()
    said = {"reason": reason, "seen": seen or actions_review.version(visit)}
    return browser.post(page(visit, f"{act}/"), said)


def correction(visit: Visit, **said: Any) -> dict[str, Any]:
    visit.refresh_from_db()
    return {
        "outcome": "performed", "entry": "2026-11-23T07:32", "exit": "2026-11-23T07:58",
        "services": ["care"], "reason": "Alice glömde låsa", **said,
        "seen": said.get("seen", actions_review.version(visit)),
    }  # fmt: skip


def deeds(verb: Verb) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(verb=verb).values_list("object_id", "reason"))


# What is shown.


@pytest.mark.sentence(70)
@pytest.mark.threat(61)
def test_visit_shows_plan_and_performed_and_what_stands_out_with_what_to_do(
    planner: Browser, cast: Any, visit: Visit, read: Any
) -> None:
    shown = read(planner, page(visit))
    for words in (
        "07:30–08:00", "07:32–07:37", "slutet räknat efter regel", "Slut saknas",
        "Varken dörr eller etikett visar slutet", "rätta tiden om den är fel", "Kyrkogatan 1 1101",
        'href="/kunder/B0001/"', 'href="/personal/10001/"',
    ):  # fmt: skip
        assert words in shown, words
    looked = AuditEvent.objects.filter(verb__in=[Verb.CLIENT_LOOK, Verb.EMPLOYEE_LOOK])
    assert sorted(each.object_id for each in looked) == ["client:B0001", "employee:10001"]


@pytest.mark.sentence(20)
@pytest.mark.sentence(68)
def test_each_sign_is_told_in_order_with_the_way_to_its_own_page(
    planner: Browser, cast: Any, locks: Any, alices_phone: Handset, visited: None, read: Any,
    moment: datetime,
) -> None:  # fmt: skip
    opened = DoorEvent.objects.filter(command=DoorEvent.Command.UNLOCK, result="done")
    unit = LockUnit.objects.get(external_id="LB0001")
    said = {"received_at": moment, "employee": cast.alice}
    entry = PhoneEntry.objects.create(
        phone=alices_phone.row, uuid=UUID(int=5), digest=bytes(16), kind="visit_start",
        at=moment, client=cast.client, flaw="other_visit", raw=b"{}",
        detail={"how": "manual", "reason": "phone_was_off", "services": ["care"]}, **said,
    )  # fmt: skip
    rows = {
        "d": opened.order_by("-pk")[0],
        "p": entry,
        "o": office_entry_of(cast.alice, cast.client, moment),
        "D": ForeignDoorEvent.objects.create(
            external_id="H1", lock_unit=unit, number=1, at=moment, what="unlocked", **said
        ),
        "R": ForeignReading.objects.create(
            external_id="A1", label=cast.label, at=moment, signature="right", **said
        ),
        "E": ForeignEntry.objects.create(
            external_id="M1", visit=cast.visit, entry=moment, exit=moment + 20 * MINUTE,
            why="forgot", employee=cast.alice, received_at=moment + timedelta(days=2),
        ),
        "A": ForeignAlarm.objects.create(
            external_id="L1", client=cast.client, at=moment, taken_at=moment + MINUTE,
            on_site_at=moment + 9 * MINUTE,
        ),
    }  # fmt: skip
    whats = {"d": "u", "p": "h", "o": "h", "D": "l", "R": "t", "E": "h", "A": "a"}
    signs = [
        [f"{letter}{row.pk}", whats[letter], int(moment.timestamp()) + at * 60]
        for at, (letter, row) in enumerate(rows.items())
    ]
    visit = performed(cast.visit, signs=[*signs, ["p999999", "t", int(moment.timestamp()) - 60]])
    shown = read(planner, page(visit))
    words = (
        "Uppgiften är gallrad", "Dörren låstes upp", f"genom {alices_phone.row.label}",
        "Personens öppningar",
        "Besöket började", "Telefonen var avstängd", f"/fran-telefonerna/{entry.pk}/",
        "Registrerat i efterhand", f"/besok/inlagda/{rows['o'].pk}/", "Dörren låstes", "Lås LB0001",
        "Etikett E0001, rätt underskrift", "Glömde registrera", "kom in 2026-11-25 07:00", "Larm",
        "togs emot 07:01, någon på plats 07:09",
    )  # fmt: skip
    places = [shown.find(each) for each in words]
    assert -1 not in places, words[places.index(-1)]
    assert "/oppningar/?fran=2026-11-23&amp;till=2026-11-23&amp;personal=10001" in shown
    with CaptureQueriesContext(connection) as asked:
        planner.get(page(visit))
    assert questions(asked) <= 12


def test_doubled_visit_leads_to_the_other_s(
    planner: Browser, cast: Any, read: Any, moment: datetime
) -> None:
    plan = planned(cast.client, cast.alice, moment, second_employee=cast.bob)
    mine, other = performed(plan), performed(plan, employee=cast.bob, late=4)
    shown = read(planner, page(mine))
    assert f'<a href="/besok/{other.pk}/">Bob</a> 07:04–07:32' in shown


@pytest.mark.threat(50)
def test_another_provider_s_visit_does_not_exist(
    cast: Any, visit: Visit, log_in: Any, moment: datetime
) -> None:
    own = log_in(Role.PLANNER, cast.other_team)
    for where in ("", "ratta/", "godkann/"):
        assert own.get(page(visit, where)).status_code == 404
    assert act(own, visit, "godkann", "Stämmer").status_code == 404
    assert own.post(page(visit, "ratta/"), correction(visit)).status_code == 404
    visit.refresh_from_db()
    assert (visit.approved_at, visit.correction) == (None, None)


def test_whoever_may_only_look_sees_the_visit_and_no_forms(
    visit: Visit, log_in: Any, read: Any
) -> None:
    for role in (Role.SERVICE_CENTRE, Role.AUDITOR, Role.ACCOUNTANT, Role.CARE_ASSESSOR):
        browser = log_in(role)
        assert "formaction" not in read(browser, page(visit))
        assert act(browser, visit, "godkann", "x").status_code == 403


# What is decided.


@pytest.mark.threat(60)
def test_what_stands_out_is_approved_with_a_reason_only(
    planner: Browser, visit: Visit, read: Any
) -> None:
    answer = act(planner, visit, "godkann")
    assert answer.status_code == 422
    assert "Skriv varför" in answer.content.decode()
    assert act(planner, visit, "godkann", "Kunden bekräftar").status_code == 302
    shown = read(planner, page(visit))
    assert "Godkänt av Planerare" in shown
    assert "Kunden bekräftar" in shown
    assert deeds(Verb.VISIT_APPROVE) == [(f"visit:{visit.key}", "Kunden bekräftar")]


def test_what_fits_is_approved_without_and_the_list_it_came_from_comes_back(
    planner: Browser, cast: Any
) -> None:
    visit = performed(cast.visit)
    said = {"reason": "", "seen": actions_review.version(visit)}
    answer: Any = planner.post(page(visit, "godkann/?grupp=G1&visa=stammer"), said, follow=True)
    assert answer.redirect_chain == [("/besok/?dag=2026-11-23&grupp=G1&visa=stammer", 302)]
    assert f'href="/besok/{visit.pk}/?dag=2026-11-23&amp;grupp=G1' in answer.content.decode()
    assert "Ångra" in answer.content.decode()


def test_an_approval_is_taken_back_and_both_stay_in_the_history(
    planner: Browser, visit: Visit, read: Any
) -> None:
    act(planner, visit, "godkann", "Stämmer nog")
    assert "Rätta besöket" not in read(planner, page(visit)), "not while it is approved"
    assert act(planner, visit, "ta-tillbaka", "Fel besök").status_code == 302
    shown = read(planner, page(visit))
    for words in ("Stämmer nog", "Godkännandet togs tillbaka", "Fel besök", "Rätta besöket"):
        assert words in shown
    assert deeds(Verb.VISIT_REOPEN) == [(f"visit:{visit.key}", "Fel besök")]


@pytest.mark.sentence(68)
def test_a_correction_counts_and_the_evidence_stays_beside_it(
    planner: Browser, visit: Visit, read: Any
) -> None:
    form = read(planner, page(visit, "ratta/"))
    assert "Underlaget visar" in form
    assert 'value="2026-11-23T07:37"' in form
    assert planner.post(page(visit, "ratta/"), correction(visit)).status_code == 302
    shown = read(planner, page(visit))
    for words in ("Rättat till", "07:32–07:58", "Underlaget visar", "07:32–07:37", "26 min"):
        assert words in shown, words
    visit.refresh_from_db()
    assert (visit.exit, visit.outcome) == (datetime(2026, 11, 23, 6, 37, tzinfo=UTC), "performed")
    assert act(planner, visit, "angra-rattning", "Det var onsdagen").status_code == 302
    shown = read(planner, page(visit))
    assert "Rättat till" not in shown
    for words in ("Rättelsen ångrades", "Det var onsdagen", "Alice glömde låsa", "07:32–07:58"):
        assert words in shown, words
    assert deeds(Verb.VISIT_UNDO) == [(f"visit:{visit.key}", "Det var onsdagen")]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"exit": "2026-11-23T07:31"}, "Slutet måste komma efter början"),
        ({"exit": "2026-11-24T09:00"}, "Slutet måste komma efter början"),
        ({"exit": ""}, "Slutet måste komma efter början"),
        ({"exit": "klockan tolv"}, "Det går inte att läsa"),
        ({"services": []}, "Välj vad som gjordes"),
        ({"services": ["dans"]}, "Det går inte att läsa"),
        ({"outcome": "waiting"}, "Det går inte att läsa"),
        ({"outcome": ""}, "Fyll i fältet"),
        ({"reason": ""}, "Fyll i fältet"),
        ({"reason": "x" * 201}, "Skriv kortare"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_beside_the_field_and_nothing_is_lost(
    planner: Browser, visit: Visit, said: Any, words: str
) -> None:
    answer = planner.post(page(visit, "ratta/"), correction(visit, **said))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert words in shown
    assert said.get("reason", "Alice glömde låsa") in shown, "what was written stays there"
    assert not Correction.objects.exists()


def test_a_visit_that_was_no_visit_needs_no_times(planner: Browser, visit: Visit) -> None:
    said = correction(visit, outcome="declined", entry="", exit="", services=[])
    assert planner.post(page(visit, "ratta/"), said).status_code == 302
    visit.refresh_from_db()
    assert (visit.counted.outcome, visit.counted.entry) == ("declined", None)


def test_of_two_who_decide_at_once_the_second_is_told_and_may_decide_anew(
    planner: Browser, visit: Visit, log_in: Any
) -> None:
    seen = actions_review.version(visit)
    planner.post(page(visit, "ratta/"), correction(visit))
    second = log_in(name="Andra")
    answer = act(second, visit, "godkann", "Ser bra ut", seen)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert STALE in shown
    assert "Ser bra ut" in shown
    assert "Rättat till" in shown, "what there is now"
    visit.refresh_from_db()
    assert visit.approved_at is None
    assert f'value="{actions_review.version(visit)}"' in shown
    answer = second.post(page(visit, "ratta/"), correction(visit, seen=seen))
    assert (answer.status_code, STALE in answer.content.decode()) == (422, True)
    assert act(second, visit, "godkann", "Ser bra ut").status_code == 302


def contested(visit: Visit, said: dict[str, Any] | None) -> None:
    """Let later evidence say something else of a visit: `said`, or None for no such visit."""
    visit.refresh_from_db()
    told = newer.of(tuple(getattr(visit, name) for name in newer.TOLD))
    visit.newer = newer.of(None) if said is None else {**told, **said}
    visit.save()


def test_newer_evidence_is_shown_beside_what_was_approved_and_is_taken_or_let_be(
    planner: Browser, cast: Any, read: Any
) -> None:
    visit = performed(cast.visit)
    act(planner, visit, "godkann")
    contested(visit, {"exit": "2026-11-23T06:50:00+00:00", "flags": ["too_short"]})
    shown = read(planner, page(visit))
    for words in ("Nya uppgifter har kommit", "07:32–07:50", "07:32–08:00", "Mycket kort"):
        assert words in shown, words
    assert page(visit) in read(planner, "/besok/?dag=2026-11-23"), "to be looked at again"
    assert act(planner, visit, "behall", "Låset gick fel").status_code == 302
    shown = read(planner, page(visit))
    assert "som någon har sett och låtit vara" in shown
    assert page(visit) not in read(planner, "/besok/?dag=2026-11-23")
    assert act(planner, visit, "ta-nyare", "Låset gick rätt").status_code == 302
    visit.refresh_from_db()
    assert visit.exit == datetime(2026, 11, 23, 6, 50, tzinfo=UTC)
    assert (visit.flags, visit.approved_at, visit.newer) == (["too_short"], None, None)
    shown = read(planner, page(visit))
    for words in ("Låset gick fel", "Låset gick rätt", "Nya uppgifter togs in"):
        assert words in shown, words


def test_a_visit_that_the_evidence_no_longer_knows_of_says_so(
    planner: Browser, cast: Any, read: Any
) -> None:
    visit = performed(cast.visit)
    act(planner, visit, "godkann")
    contested(visit, None)
    assert "visar inte längre något sådant besök" in read(planner, page(visit))
    act(planner, visit, "ta-nyare", "Fel person")
    visit.refresh_from_db()
    assert (visit.outcome, visit.entry, visit.approved_at) == ("not_made", None, None)


def test_what_waits_for_its_journal_cannot_be_approved_but_entered(
    planner: Browser, cast: Any, read: Any
) -> None:
    visit = performed(cast.visit, outcome="waiting", grade="none", entry=None, exit=None)
    shown = read(planner, page(visit))
    assert "/godkann/" not in shown
    assert "/ratta/" in shown
    answer = act(planner, visit, "godkann", "x")
    assert "Låsets journal har inte kommit hem än" in answer.content.decode()


# What stands.


def test_a_provider_corrects_until_the_lock_date_and_the_municipality_after_it(
    planner: Browser, cast: Any, visit: Visit, log_in: Any, read: Any, set_clock: Any
) -> None:
    own = log_in(Role.PLANNER, cast.team)
    set_clock(datetime(2026, 12, 5, 12, tzinfo=UTC))
    assert "Rätta besöket" in read(own, page(visit))
    set_clock(datetime(2026, 12, 6, 12, tzinfo=UTC))
    shown = read(own, page(visit))
    assert "Utförarens sista dag för rättelser har passerat" in shown
    assert "Rätta besöket" not in shown
    answer = act(own, visit, "godkann", "Stämmer")
    assert answer.status_code == 422
    assert act(planner, visit, "godkann", "Stämmer").status_code == 302


def test_an_invoiced_visit_says_so_and_its_number_to_whoever_may_see_it(
    planner: Browser, visit: Visit, log_in: Any, read: Any, moment: datetime, cast: Any
) -> None:
    month = Month.objects.create(first="2026-11-01", lock_date="2026-12-05")
    invoice = Invoice.objects.create(
        number=4711, kind="invoice", client=visit.client, month=month, total=Decimal(100),
        issued=moment.date(), due=moment.date(), content={}, digest=bytes(32), made_at=moment,
    )  # fmt: skip
    InvoicedVisit.objects.create(invoice=invoice, visit=visit)
    shown = read(planner, page(visit))
    assert "Besöket är fakturerat" in shown
    assert "4711" not in shown
    assert "formaction" not in shown
    assert "4711" in read(log_in(Role.ACCOUNTANT), page(visit))
    assert "Den måste krediteras först" in act(planner, visit, "godkann", "x").content.decode()


def test_the_pages_read_in_english(planner: Browser, visit: Visit) -> None:
    for where, words in (("", "What stands out"), ("ratta/", "The evidence shows")):
        answer = planner.get(page(visit, where), headers={"accept-language": "en"})
        assert words in answer.content.decode()
    assert planner.get(page(visit, "dansa/")).status_code == 404
