"""The municipality's steps for a lock that fails."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from nyckelfri.server.access.errors import AccessError
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.locks import actions_fallback
from nyckelfri.server.locks.models import Fallback
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits import queries_upkeep

PAGE = "/regler/reservrutin/"
POSTED = {
    "kind": "locksmith",
    "text": "Ring låssmeden. Säg lägenhetens nummer.",
    "telephone": "0123-400 01",
    "valid_from": "2026-11-23",
}


@pytest.mark.sentence(18)
def test_system_manager_records_the_fallback_with_its_day(
    cast: Any, log_in: Any, read: Any, moment: datetime
) -> None:
    system = log_in(Role.SYSTEM_MANAGER)
    assert "Ingen reservrutin är antecknad" in read(system, PAGE)
    assert system.post(PAGE, POSTED).headers["Location"] == PAGE
    system.post(PAGE, {**POSTED, "kind": "reserve_key", "valid_from": "2026-12-01"})
    shown = read(system, PAGE)
    assert "Avtal med låssmed" in shown
    assert "Ring låssmeden." in shown
    assert "2026-12-01" in shown
    for later, kind in ((0, "locksmith"), (8, "reserve_key")):
        held = queries_upkeep.fallback(moment + timedelta(days=later))
        assert held is not None
        assert held.kind == kind
    rows = AuditEvent.objects.filter(verb=Verb.FALLBACK_RECORD).order_by("pk")
    assert [row.details for row in rows] == [
        {"kind": "locksmith", "from": "2026-11-23"},
        {"kind": "reserve_key", "from": "2026-12-01"},
    ]


def test_what_is_recorded_again_for_the_same_day_holds(
    cast: Any, log_in: Any, moment: datetime
) -> None:
    system = log_in(Role.SYSTEM_MANAGER)
    system.post(PAGE, POSTED)
    system.post(PAGE, {**POSTED, "telephone": "0123-400 09"})
    held = queries_upkeep.fallback(moment)
    assert held is not None
    assert held.telephone == "0123-400 09"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "crowbar"},
        {"text": " "},
        {"text": "x" * 501},
        {"telephone": ""},
        {"valid_from": "2026-11-22"},
        {"valid_from": "2029-11-22"},
        {"valid_from": "snart"},
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    cast: Any, log_in: Any, read: Any, wrong: dict[str, str]
) -> None:
    read(log_in(Role.SYSTEM_MANAGER), PAGE, status=422, **{**POSTED, **wrong})
    assert not Fallback.objects.exists()


def test_nobody_else_records_it(
    cast: Any, log_in: Any, read: Any, viewer_of: Any, moment: datetime
) -> None:
    read(log_in(name="Planeraren"), PAGE, status=403)
    with pytest.raises(AccessError):
        actions_fallback.record_fallback(
            viewer_of("Planeraren"), kind="locksmith", text="a", telephone="1",
            valid_from=date(2026, 11, 23), now=moment,
        )  # fmt: skip
