"""Months and their days, closing one, a client's month, and what the first page says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.money.models import Invoice
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits.models import Month, Visit
from performedworld import not_made, performed, planned, questions

MONTHS = "/besok/manader/"
CLOSE = f"{MONTHS}2026-11/stang/"
REOPEN = f"{MONTHS}2026-11/oppna/"
DECEMBER = datetime(2026, 12, 2, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def november(cast: Any, moment: datetime, set_clock: Any) -> dict[str, Visit]:
    """Seen in December: one approved, one that fits, one to look at, one that waits; one before."""
    set_clock(DECEMBER)
    next_day = moment + A_DAY
    return {
        "approved": performed(cast.visit, approved_at=moment, approved_by=cast.bob),
        "fits": performed(planned(cast.client, cast.alice, next_day)),
        "look": not_made(planned(cast.client, cast.alice, next_day + A_DAY)),
        "waiting": performed(
            planned(cast.other_client, cast.charlie, next_day), entry=None, exit=None,
            outcome="waiting", grade="none",
        ),
        "october": not_made(planned(cast.client, cast.bob, moment - 30 * A_DAY)),
    }  # fmt: skip


@pytest.fixture
def accountant(november: dict[str, Visit], log_in: Any) -> Browser:
    browser: Browser = log_in(Role.ACCOUNTANT, name="Ekonom")
    return browser


def figures(shown: str, month: str) -> list[str]:
    """The figures of a month's row, in the order of the columns."""
    row = shown.split(f"/besok/dagar/?manad={month}")[1].partition("</tr>")[0]
    cells = [each.partition("</td>")[0] for each in row.split("<td")[1:]]
    return [each.rpartition(">")[2] or each.split(">")[-2].partition("<")[0] for each in cells[:4]]


def test_months_tell_how_far_the_review_has_come_and_lead_to_their_days(
    planner: Browser, november: dict[str, Visit], read: Any
) -> None:
    shown = read(planner, MONTHS)
    assert figures(shown, "2026-11") == ["1", "1", "1", "1"]
    assert figures(shown, "2026-10") == ["1", "0", "0", "0"]
    assert "2026-12-05" in shown, "the lock date"
    assert "Stäng månaden" not in shown, "a planner closes no month"
    assert figures(read(planner, f"{MONTHS}?manad=2026-10"), "2026-10")[0] == "1"
    days = read(planner, "/besok/dagar/?manad=2026-11")
    for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
        assert f"/besok/?dag={day}" in days
    assert "Inga besök den månaden" in read(planner, "/besok/dagar/?manad=2026-09")


def test_first_page_and_days_tell_what_is_to_be_looked_at_until_the_month_is_closed(
    planner: Browser, november: dict[str, Visit], read: Any, cast: Any
) -> None:
    assert "Besök att titta på" in read(planner, "/")
    days = read(planner, "/besok/dagar/")
    assert "/besok/?dag=2026-10-24" in days
    assert "/besok/?dag=2026-11-25" in days
    assert "2026-11-24" not in days
    closed = {"lock_date": "2026-12-05", "closed_at": DECEMBER, "closed_by": cast.bob}
    for first in ("2026-10-01", "2026-11-01"):
        Month.objects.create(first=first, **closed)
    assert "Besök att titta på" not in read(planner, "/")
    assert "Inget besök före i dag" in read(planner, "/besok/dagar/")


@pytest.mark.threat(50)
def test_a_provider_counts_their_own_only(
    november: dict[str, Visit], cast: Any, log_in: Any, read: Any
) -> None:
    own = log_in(Role.PLANNER, cast.other_team)
    assert figures(read(own, MONTHS), "2026-11") == ["0", "1", "0", "0"]
    assert "Besök att titta på" not in read(own, "/")
    assert own.get(CLOSE).status_code == 403


def test_a_month_is_closed_knowing_what_is_not_reviewed_and_opened_for_a_reason(
    accountant: Browser, read: Any
) -> None:
    assert "3 besök är inte granskade" in read(accountant, CLOSE)
    answer: Any = accountant.post(CLOSE, follow=True)
    shown = answer.content.decode()
    assert "2026-11 är stängd." in shown
    assert f'href="{REOPEN}">Ångra' in shown
    month = Month.objects.get(first="2026-11-01")
    assert (month.closed_at, month.closed_by and month.closed_by.name) == (DECEMBER, "Ekonom")
    assert "Månaden är stängd" in accountant.post(CLOSE).content.decode()
    assert "Fyll i fältet." in read(accountant, REOPEN, 422, reason="")
    assert accountant.post(REOPEN, {"reason": "Ett besök saknas"}).status_code == 302
    noted = AuditEvent.objects.get(verb=Verb.MONTH_REOPEN)
    assert (noted.object_id, noted.reason) == ("month:2026-11", "Ett besök saknas")
    assert "Månaden är öppen." in read(accountant, REOPEN, 422, reason="Igen")


def test_a_month_that_is_not_over_or_is_no_month_is_not_closed(
    accountant: Browser, read: Any
) -> None:
    december = f"{MONTHS}2026-12/stang/"
    assert december not in read(accountant, MONTHS)
    assert "Månaden är inte slut." in accountant.post(december).content.decode()
    for month in ("2026-13", "2026-1", "november", "0000-01"):
        assert accountant.get(f"{MONTHS}{month}/stang/").status_code == 404


def test_an_invoiced_month_is_not_opened_and_says_how_many_invoices(
    accountant: Browser, cast: Any, read: Any, moment: datetime
) -> None:
    accountant.post(CLOSE)
    month = Month.objects.get(first="2026-11-01")
    Invoice.objects.create(
        number=1, kind="invoice", client=cast.client, month=month, total=Decimal(1),
        issued=moment.date(), due=moment.date(), content={}, digest=bytes(32), made_at=moment,
    )  # fmt: skip
    row = read(accountant, MONTHS).split("manad=2026-11")[1].partition("</tr>")[0]
    assert 'data-label="Fakturor">1<' in row
    assert "Månadens fakturor är skickade" in read(accountant, REOPEN, 422, reason="x")


@pytest.mark.threat(61)
def test_a_client_s_month_is_led_to_from_their_page_and_noted(
    planner: Browser, november: dict[str, Visit], read: Any
) -> None:
    assert 'href="/besok/kund/B0001/"' in read(planner, "/kunder/B0001/")
    shown = read(planner, "/besok/kund/B0001/?manad=2026-11")
    for name, there in (("approved", True), ("look", True), ("waiting", False), ("october", False)):
        assert (f'href="/besok/{november[name].pk}/' in shown) is there, name
    assert "Måndag 23 november" in shown
    looked = AuditEvent.objects.filter(verb=Verb.CLIENT_LOOK).latest("pk")
    assert (looked.object_id, looked.reason) == ("client:B0001", "visits")
    assert f"/besok/ny/?kund=B0001&amp;dag={date(2026, 11, 30)}" in shown
    assert "Inga besök den här månaden" in read(planner, "/besok/kund/B0001/?manad=2026-09")


def test_no_page_asks_more_however_many_visits_there_are(
    planner: Browser, november: dict[str, Visit], cast: Any, moment: datetime
) -> None:
    pages = (MONTHS, "/besok/dagar/", "/besok/dagar/?manad=2026-11",
             "/besok/kund/B0001/?manad=2026-11")  # fmt: skip

    def asked() -> list[int]:
        found = []
        for page in pages:
            planner.get(page)
            with CaptureQueriesContext(connection) as queries:
                planner.get(page)
            found.append(questions(queries))
        return found

    few = asked()
    for at in range(60):
        not_made(planned(cast.client, cast.bob, moment + at * timedelta(hours=2)))
    assert asked() == few
    assert max(few) <= 12
