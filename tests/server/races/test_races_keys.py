"""Bulletins, key sets and grants, asked for by many at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

import raceworld
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.keyset import Purpose
from nyckelfri.server.access import rights
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.keys import (
    actions_bulletin,
    actions_issue,
    actions_keyset,
    actions_revoke,
    queries,
    watermark,
)
from nyckelfri.server.keys.models import Issued, IssuedBulletin, Revocation
from nyckelfri.server.keys.signer import Signer
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.phones import actions as phones
from raceworld import at_once, in_a_thread, meet_after, once_between
from serverworld import Handset

MINUTE = timedelta(minutes=2)


def _said(data: bytes) -> Bulletin:
    return bulletins.from_payload(signed.unverified_payload(data))


def test_bulletins_asked_for_at_once_never_share_a_number(
    keys: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions_bulletin.current(moment)
    meet_after(monkeypatch, actions_bulletin, "_last", parties=4)
    found = at_once(*[partial(actions_bulletin.current, moment + MINUTE)] * 2)
    by_number: dict[Any, bytes] = {}
    for data in found:
        assert isinstance(data, bytes), data
        assert by_number.setdefault(_said(data).number, data) == data
    assert IssuedBulletin.objects.count() == 1


def test_bulletin_of_another_process_is_not_taken_for_a_restored_backup(
    keys: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions_bulletin.current(moment)
    other = once_between(
        monkeypatch,
        watermark,
        "read",
        partial(actions_bulletin.current, moment + MINUTE),
        before=True,
    )
    ours = actions_bulletin.current(moment + MINUTE)
    raceworld.finish()
    assert isinstance(other[0], bytes), other
    assert _said(ours).number <= _said(other[0]).number


def test_block_while_a_bulletin_is_signed_is_in_the_next_one(
    keys: Any,
    locks: Any,
    alices_phone: Handset,
    cast: Any,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    once_between(
        monkeypatch,
        actions_bulletin,
        "_last",
        partial(phones.block, alices_phone.row, reason="lost", actor="test", now=moment),
        call=3,  # the one that is signed: twice it was only looked whether there is one
    )
    actions_bulletin.current(moment)
    raceworld.finish()
    thumbprint = alices_phone.row.thumbprint
    assert thumbprint in _said(actions_bulletin.current(moment)).phones


def test_new_epoch_while_a_bulletin_is_signed_leaves_no_shorter_list_under_the_old_epoch(
    keys: Any,
    locks: Any,
    alices_phone: Handset,
    cast: Any,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lock that still believes the old grant key must go on hearing what is revoked."""
    given = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    actions_revoke.revoke(given[0].serial, reason="x", actor="test", now=moment)
    old = queries.our_signer().kid(Purpose.GRANT, queries.key_set())
    asked = actions_keyset.request(new=[Purpose.GRANT], drop=[old], actor="test", now=moment)
    once_between(
        monkeypatch,
        queries,
        "key_set",
        partial(actions_keyset.install, keys.holders.sign(asked), actor="test", now=moment),
        call=2,
    )
    actions_bulletin.current(moment + timedelta(seconds=1))
    raceworld.finish()
    for row in IssuedBulletin.objects.filter(epoch=1):
        assert given[0].serial in _said(bytes(row.data)).serials


def test_key_sets_requested_at_once_have_keys_of_their_own(
    keys: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_after(monkeypatch, Signer, "_files")
    asked = at_once(
        *[
            partial(
                actions_keyset.request,
                new=[Purpose.RECEIPT],
                actor="test",
                now=moment,
            )
        ]
        * 2
    )
    kids = [{key.kid for key in one.keys} - {key.kid for key in keys.key_set.keys} for one in asked]
    assert len(kids[0]) == len(kids[1]) == 1
    assert kids[0] != kids[1]


def test_same_key_set_installed_at_once_is_in_force_once(
    keys: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = actions_keyset.request(new=[Purpose.RECEIPT], actor="test", now=moment)
    data = keys.holders.sign(asked)
    meet_after(monkeypatch, actions_keyset, "_check_rising")
    found = at_once(*[partial(actions_keyset.install, data, actor="test", now=moment)] * 2)
    assert found == [asked, asked]


def test_two_phones_of_one_employee_synced_at_once_both_get_their_grants(
    keys: Any,
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = Handset.enrol("A2", cast.alice, 810, moment)
    meet_after(monkeypatch, actions_issue, "_live")
    found = at_once(
        partial(actions_issue.issue_for, cast.alice, alices_phone.row, now=moment),
        partial(actions_issue.issue_for, cast.alice, second.row, now=moment),
    )
    assert [len(given) for given in found] == [2, 2], found
    assert len({row.serial for given in found for row in given}) == 4


def test_one_phone_synced_twice_at_once_gets_each_grant_once(
    keys: Any,
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meet_after(monkeypatch, actions_issue, "_live")
    call = partial(actions_issue.issue_for, cast.alice, alices_phone.row, now=moment)
    first, second = at_once(call, call)
    assert {row.serial for row in first} == {row.serial for row in second}
    assert Issued.objects.count() == 2


@pytest.mark.sentence(12)
@pytest.mark.threat(29)
def test_block_while_the_phone_syncs_leaves_no_grant_that_the_bulletin_does_not_cover(
    keys: Any,
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once_between(
        monkeypatch,
        actions_issue,
        "_live",
        partial(phones.block, alices_phone.row, reason="lost", actor="test", now=moment),
    )
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    raceworld.finish()
    assert not queries.live(moment).exists()
    named = Revocation.objects.get(kind=Revocation.Kind.PHONE)
    assert all(row.not_after <= named.until for row in Issued.objects.all())


def test_lock_retired_while_a_phone_syncs_leaves_no_live_grant_for_it(
    keys: Any,
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once_between(
        monkeypatch,
        rights,
        "derive",
        partial(
            actions_commission.retire,
            cast.front_door.external_id,
            reason="stolen",
            actor="test",
            now=moment,
        ),
    )
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    raceworld.finish()
    assert not queries.live(moment).filter(installation=locks.at_home).exists()


@pytest.mark.sentence(47)
def test_shift_taken_back_while_a_phone_syncs_leaves_no_live_grant_after_withdrawal(
    keys: Any,
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take_back() -> int:
        Shift.objects.filter(employee=cast.alice).update(withdrawn_at=moment)
        return actions_issue.withdraw(moment)

    once_between(monkeypatch, rights, "derive", take_back)
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    raceworld.finish()
    assert not queries.live(moment).exists()


def test_derivation_goes_on_when_a_phone_is_blocked_meanwhile(
    keys: Any,
    locks: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nyckelfri.server.phones import actions_signin
    from serverworld import PASSWORD

    for phone, person in ((alices_phone, cast.alice), (bobs_phone, cast.bob)):
        actions_signin.sign_in(phone.row, username=person.number, password=PASSWORD, now=moment)
    once_between(
        monkeypatch,
        actions_issue,
        "signed_in",
        partial(phones.block, bobs_phone.row, reason="lost", actor="test", now=moment),
    )
    assert actions_issue.derive_and_issue(moment).minted == 2
    raceworld.finish()


@pytest.mark.sentence(5)
@pytest.mark.threat(29)
def test_whoever_has_signed_in_meanwhile_is_not_given_the_access_of_who_had_the_phone_before(
    keys: Any,
    locks: Any,
    cast: Any,
    passwords: None,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nyckelfri.server.phones import actions_signin
    from serverworld import PASSWORD

    def sign_in(person: Any) -> Any:
        return actions_signin.sign_in(
            alices_phone.row, username=person.number, password=PASSWORD, now=moment
        )

    session = sign_in(cast.alice).session
    once_between(monkeypatch, actions_issue, "Asked", partial(sign_in, cast.bob), patience=20)
    assert actions_issue.issue_for(cast.alice, alices_phone.row, session=session, now=moment) == []
    raceworld.finish()
    assert not Issued.objects.exists()


def test_watermark_never_falls_when_many_write_it(keys: Any, moment: datetime) -> None:
    calls = [partial(actions_bulletin.current, moment + timedelta(minutes=2 * n)) for n in range(6)]
    found = at_once(*calls)
    highest = max(_said(data).number for data in found)
    held = in_a_thread(partial(watermark.read, queries.directory()))
    assert held.number == highest
