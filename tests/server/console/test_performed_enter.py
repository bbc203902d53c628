"""Visits that the office enters afterwards: found, entered, derived, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_derive
from nyckelfri.server.visits.models import Month, OfficeEntry, Visit
from performedworld import office_entry_of, planned

NEW = "/besok/ny/"
FOR = f"{NEW}?kund=B0001&dag=2026-11-23"
EVENING = datetime(2026, 11, 28, 18, tzinfo=UTC)
"""The Saturday after, when every journal has come home."""


@pytest.fixture
def evening(cast: Any, set_clock: Any) -> None:
    """Monday as it is seen on Saturday: nothing shows Alice's planned visit."""
    set_clock(EVENING)
    actions_derive.derive_days([datetime(2026, 11, 23, tzinfo=UTC).date()], now=EVENING)


def entry(**said: Any) -> dict[str, Any]:
    return {
        "planned": "V000001", "employee": "10001", "kind": "visit", "entry": "2026-11-23T07:31",
        "exit": "2026-11-23T07:59", "services": ["care"], "reason": "Telefonen var urladdad",
        **said,
    }  # fmt: skip


@pytest.mark.parametrize("words", ["B0001", "kyrkogatan"])
def test_client_is_found_by_number_or_address_and_no_word_stands_in_the_address(
    planner: Browser, evening: None, words: str
) -> None:
    answer = planner.post(NEW, {"sok": words})
    assert answer.headers["Location"] == f"{NEW}?kund=B0001"


def test_among_several_one_is_chosen_and_nobody_found_is_said(
    planner: Browser, cast: Any, evening: None, read: Any
) -> None:
    cast.other_client.protected_identity = True
    cast.other_client.save()
    assert planner.post(NEW, {"sok": "gatan"}).headers["Location"] == f"{NEW}?kund=B0001"
    shown = read(planner, NEW, 422, sok="Storgatan")
    assert "Den som har skyddad identitet hittas på numret" in shown
    cast.other_client.protected_identity = False
    cast.other_client.save()
    shown = read(planner, NEW, sok="gatan")
    for words in ("?kund=B0001", "?kund=B0002", "Storgatan 2"):
        assert words in shown


@pytest.mark.sentence(68)
@pytest.mark.threat(60)
def test_entered_visit_fills_the_plan_says_who_entered_it_and_is_taken_back(
    planner: Browser, cast: Any, evening: None, read: Any
) -> None:
    missing = Visit.objects.get()
    assert missing.outcome == "not_made"
    shown = read(planner, f"/besok/{missing.pk}/")
    assert "kund=B0001&amp;dag=2026-11-23&amp;planerat=V000001&amp;personal=10001" in shown
    form = read(planner, f"{FOR}&planerat=V000001&personal=10001")
    for words in ('value="2026-11-23T07:30"', 'value="10001"', "07:30–08:00, Alice, Omvårdnad"):
        assert words in form, words
    answer: Any = planner.post(FOR, entry(), follow=True)
    assert answer.redirect_chain[0][0] == "/besok/kund/B0001/?manad=2026-11"
    made = Visit.objects.get()
    assert (made.outcome, made.grade, made.planned) == ("performed", "by_hand", cast.visit)
    row = OfficeEntry.objects.get()
    taken_back = f"/besok/inlagda/{row.pk}/"
    shown = answer.content.decode()
    assert "Besöket är registrerat." in shown
    assert taken_back in shown, "undo"
    shown = read(planner, f"/besok/{made.pk}/")
    for words in ("registrerat av Planerare", "Telefonen var urladdad", taken_back):
        assert words in shown, words
    noted = AuditEvent.objects.get(verb=Verb.VISIT_ENTER)
    assert (noted.object_id, noted.reason) == (f"office-entry:{row.pk}", "Telefonen var urladdad")
    assert "Telefonen var urladdad" in read(planner, taken_back)
    assert planner.post(taken_back, {"reason": "Fel kund"}).status_code == 302
    assert Visit.objects.get().outcome == "not_made"
    assert "Någon annan har redan gjort det" in read(planner, taken_back, 422, reason="Igen")


def test_a_declined_visit_is_entered_without_services(
    planner: Browser, cast: Any, evening: None
) -> None:
    assert planner.post(FOR, entry(kind="declined", services=[])).status_code == 302
    assert Visit.objects.get().outcome == "declined"


def test_a_visit_outside_the_plan_is_entered_by_a_name_that_only_one_has(
    planner: Browser, cast: Any, evening: None
) -> None:
    said = entry(planned="", employee="bob", entry="2026-11-23T15:00", exit="2026-11-23T15:20")
    assert planner.post(FOR, said).status_code == 302
    assert OfficeEntry.objects.get().employee == cast.bob


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"employee": "Nils"}, "Ingen i personalen har det numret eller namnet"),
        ({"employee": "b"}, "Flera passar: Bob 10002, Barbro 10004. Skriv numret."),
        ({"exit": "2026-11-23T07:31"}, "Slutet måste komma efter början"),
        ({"exit": "2026-11-29T08:00", "entry": "2026-11-29T07:30"}, "ligger framåt i tiden"),
        ({"services": []}, "Välj vad som gjordes"),
        ({"reason": ""}, "Fyll i fältet"),
        ({"planned": "V999999"}, "Det går inte att läsa"),
        ({"kind": "dance"}, "Det går inte att läsa"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_beside_the_field_and_nothing_is_lost(
    planner: Browser, cast: Any, evening: None, said: Any, words: str
) -> None:
    Employee.objects.create(
        number="10004", name="Barbro", role="assistant_nurse", employed_from="2024-01-01"
    )
    answer = planner.post(FOR, entry(**said))
    shown = answer.content.decode()
    assert (answer.status_code, words in shown) == (422, True)
    assert said.get("reason", "Telefonen var urladdad") in shown
    assert not OfficeEntry.objects.exists()


def test_a_month_that_stands_takes_no_entries(
    planner: Browser, cast: Any, evening: None, read: Any
) -> None:
    Month.objects.create(
        first="2026-11-01", lock_date="2026-12-05", closed_at=EVENING, closed_by=cast.bob
    )
    assert "Månaden är stängd" in planner.post(FOR, entry()).content.decode()
    assert not OfficeEntry.objects.exists()


@pytest.mark.threat(50)
def test_a_provider_enters_for_their_own_clients_and_staff_only(
    cast: Any, evening: None, log_in: Any, read: Any
) -> None:
    own = log_in(Role.PLANNER, cast.other_team)
    assert own.get(FOR).status_code == 404
    assert "Ingen kund passar" in read(own, NEW, 422, sok="B0001")
    theirs = f"{NEW}?kund=B0002&dag=2026-11-23"
    answer = own.post(theirs, entry(planned=""))
    assert "Ingen i personalen" in answer.content.decode(), "Alice is not theirs"
    assert own.post(theirs, entry(planned="", employee="Charlie")).status_code == 302
    mine = office_entry_of(cast.alice, cast.client, EVENING)
    assert own.get(f"/besok/inlagda/{mine.pk}/").status_code == 404


def test_a_plan_of_another_client_cannot_be_chosen(
    planner: Browser, cast: Any, evening: None, read: Any, moment: datetime
) -> None:
    other = planned(cast.other_client, cast.charlie, moment + timedelta(hours=1))
    assert other.external_id not in read(planner, FOR)
    assert planner.post(FOR, entry(planned=other.external_id)).status_code == 422
    assert "Inget besök var planerat" in read(planner, f"{NEW}?kund=B0001&dag=2026-11-24")
