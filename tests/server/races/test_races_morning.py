"""A morning is issued while people change what it rests on: nothing is left alive that ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

import raceworld
from nyckelfri.server.access import rights
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.keys import actions_issue, queries
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones import actions_signin
from nyckelfri.server.phones.models import PersonalSession
from raceworld import at_once, meet_after, once_between
from serverworld import PASSWORD, Handset

PLACES = [
    (actions_issue, "signed_in"),
    (actions_issue, "_live"),
    (rights, "derive"),
    (actions_issue, "store"),
]
"""When it is known who is signed in; when they are locked; after deriving; after storing."""
places = pytest.mark.parametrize(("where", "name"), PLACES, ids=[name for _, name in PLACES])


@pytest.fixture
def session(
    keys: Any, locks: Any, cast: Any, passwords: None, alices_phone: Handset, moment: datetime
) -> PersonalSession:
    """Alice is signed in on her phone."""
    return _sign_in(alices_phone, cast.alice, moment)


def _sign_in(phone: Handset, person: Employee, now: datetime) -> PersonalSession:
    signed_in = actions_signin.sign_in(
        phone.row, username=person.number, password=PASSWORD, now=now
    )
    return signed_in.session


def _meanwhile(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, deed: Callable[[], Any], now: datetime
) -> None:
    """Issue the morning, and have somebody do a deed at this place of it, or as soon as may be."""
    found = once_between(monkeypatch, where, name, deed)
    actions_issue.derive_and_issue(now)
    raceworld.finish()
    assert not [each for each in found if isinstance(each, Exception)], found


@places
@pytest.mark.sentence(47)
def test_shift_that_is_taken_back_meanwhile_leaves_no_live_grant(
    session: PersonalSession,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
) -> None:
    def take_back() -> None:
        Shift.objects.filter(employee=session.employee_id).update(withdrawn_at=moment)
        actions_issue.withdraw(moment)

    _meanwhile(monkeypatch, where, name, take_back, moment)
    assert not queries.live(moment).exists()


@places
@pytest.mark.sentence(12)
@pytest.mark.threat(29)
def test_phone_that_is_blocked_meanwhile_has_no_grant_that_the_bulletin_does_not_cover(
    session: PersonalSession,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
) -> None:
    block = partial(phones.block, session.phone, reason="lost", actor="test", now=moment)
    _meanwhile(monkeypatch, where, name, block, moment)
    assert not queries.live(moment).exists()
    for row in Issued.objects.all():
        named = Revocation.objects.get(kind=Revocation.Kind.PHONE, value=row.thumbprint)
        assert row.not_after <= named.until


@places
@pytest.mark.threat(29)
def test_session_that_is_closed_meanwhile_was_issued_for_before_or_not_at_all(
    session: PersonalSession,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
) -> None:
    """Bob signs in on the phone: what Alice is due is signed for it before that, never after."""
    order: list[str] = []
    close = actions_signin._close

    def closed(*args: Any) -> None:
        close(*args)
        order.append("closed")

    store = actions_issue.store

    def stored(minted: Any) -> None:
        order.append(f"stored {len(minted)}")
        store(minted)

    monkeypatch.setattr(actions_signin, "_close", closed)
    monkeypatch.setattr(actions_issue, "store", stored)
    _meanwhile(monkeypatch, where, name, partial(_sign_in, alices_phone, cast.bob, moment), moment)
    if order[0] == "closed":
        assert not Issued.objects.filter(employee=cast.alice).exists()
    else:
        assert order[0] == "stored 2"
    given = actions_issue.issue_for(cast.alice, alices_phone.row, session=session, now=moment)
    assert given == [], "a closed session is handed nothing, whatever was signed"


def test_lock_that_is_retired_meanwhile_has_no_live_grant(
    session: PersonalSession,
    cast: Any,
    locks: Any,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    retire = partial(
        actions_commission.retire,
        cast.front_door.external_id,
        reason="stolen",
        actor="test",
        now=moment,
    )
    _meanwhile(monkeypatch, rights, "derive", retire, moment)
    assert not queries.live(moment).filter(installation=locks.at_home).exists()


def test_sync_in_the_middle_of_it_gets_the_same_grants_once(
    session: PersonalSession,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meet_after(monkeypatch, actions_issue, "_phones")
    given, done = at_once(
        partial(actions_issue.issue_for, cast.alice, alices_phone.row, session=session, now=moment),
        partial(actions_issue.derive_and_issue, moment),
    )
    assert done.minted + done.kept == 2, done
    assert {row.pk for row in given} == {row.pk for row in Issued.objects.all()}
    assert len(given) == 2


def test_mornings_of_two_processes_issue_each_grant_once(
    session: PersonalSession,
    cast: Any,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _sign_in(bobs_phone, cast.bob, moment)
    meet_after(monkeypatch, actions_issue, "signed_in")
    done = at_once(*[partial(actions_issue.derive_and_issue, moment)] * 2)
    assert sorted((each.minted, each.kept) for each in done) == [(0, 4), (4, 0)], done
    assert Issued.objects.count() == 4
