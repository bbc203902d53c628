"""What came and was not accepted: shown until somebody has dealt with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.review.texts import TEXTS
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits import actions_kept, queries
from nyckelfri.server.visits.models import Kept


@pytest.fixture
def unreadable(visited: None) -> Kept:
    return Kept.objects.get(reason=Kept.Reason.MALFORMED)


def test_kept_items_are_shown_until_somebody_has_dealt_with_them(
    planner: Browser, unreadable: Kept, read: Any
) -> None:
    shown = read(planner, "/att-granska/")
    assert "Går inte att läsa" in shown
    assert "Behörigheten är inte utfärdad här" in shown
    answer = planner.post(f"/att-granska/{unreadable.pk}/", {"why": "Telefonen är bytt"})
    assert answer.headers["Location"] == "/att-granska/"
    shown = read(planner, "/att-granska/")
    assert "Går inte att läsa" not in shown
    assert f'<a href="/att-granska/{unreadable.pk}/">Ångra</a>' in shown
    assert "Telefonen är bytt" in read(planner, "/att-granska/hanterade/")
    noted = AuditEvent.objects.get(verb=Verb.DELIVERY_SETTLE)
    assert noted.object_id == f"kept:{unreadable.pk}"
    assert noted.reason == "Telefonen är bytt"


def test_what_was_dealt_with_can_be_taken_up_again(
    planner: Browser, unreadable: Kept, read: Any
) -> None:
    address = f"/att-granska/{unreadable.pk}/"
    planner.post(address, {"why": "Bytt"})
    planner.post(address, {"why": "Fel telefon", "reopen": "1"})
    assert "Går inte att läsa" in read(planner, "/att-granska/")
    assert "Ingenting är hanterat än" in read(planner, "/att-granska/hanterade/")
    assert AuditEvent.objects.get(verb=Verb.DELIVERY_REOPEN).reason == "Fel telefon"


def test_without_a_reason_nothing_is_dealt_with(
    planner: Browser, unreadable: Kept, read: Any
) -> None:
    shown = read(planner, f"/att-granska/{unreadable.pk}/", status=422, why=" ")
    assert "Skriv vad som gjordes" in shown
    assert 'aria-invalid="true"' in shown
    assert "autofocus" in shown
    unreadable.refresh_from_db()
    assert unreadable.settled_at is None


def test_second_of_two_who_deal_with_the_same_is_told(
    planner: Browser, unreadable: Kept, log_in: Any, read: Any
) -> None:
    address = f"/att-granska/{unreadable.pk}/"
    planner.post(address, {"why": "Först"})
    colleague = log_in()
    colleague.post(address, {"why": "Sedan"})
    assert "Någon annan hann före" in read(colleague, address)
    unreadable.refresh_from_db()
    assert unreadable.settled_why == "Först"


def test_every_delivery_says_what_it_means_and_what_to_do(
    planner: Browser, visited: None, read: Any
) -> None:
    for kept in Kept.objects.all():
        assert "Det här betyder det" in read(planner, f"/att-granska/{kept.pk}/")
    read(planner, "/att-granska/999999/", status=404)


@pytest.mark.threat(56)
def test_dealing_with_a_gap_does_not_stop_the_server_from_asking_for_what_is_missing(
    planner: Browser, unreadable: Kept, viewer_of: Any, moment: Any
) -> None:
    Kept.objects.filter(pk=unreadable.pk).update(reason=Kept.Reason.GAP)
    actions_kept.settle(unreadable, reason="Sett", by=viewer_of("Planerare"), now=moment)
    assert not queries.unresolved().filter(pk=unreadable.pk).exists()
    assert Kept.objects.filter(reason=Kept.Reason.GAP, resolved_at=None).exists()


def test_empty_page_says_so(planner: Browser, read: Any) -> None:
    assert "Ingenting att granska" in read(planner, "/att-granska/")
    assert "Ingenting är hanterat än" in read(planner, "/att-granska/hanterade/")


def test_a_company_s_planner_and_other_roles_deal_with_no_deliveries(
    cast: Any, unreadable: Kept, log_in: Any, read: Any, viewer_of: Any, moment: Any
) -> None:
    for browser in (log_in(team=cast.team), log_in(Role.CARE_ASSESSOR, name="Handläggare")):
        read(browser, "/att-granska/", status=403)
        read(browser, f"/att-granska/{unreadable.pk}/", status=403, why="Jag vill")
    with pytest.raises(actions_kept.KeptError):
        actions_kept.settle(unreadable, reason="Jag", by=viewer_of("Handläggare"), now=moment)


def test_every_reason_that_can_be_stored_has_words() -> None:
    for reason in Kept.Reason:
        assert {f"kept_{reason.value}", f"do_{reason.value}"} <= set(TEXTS)
