"""The bulletin: in it at once, in it long enough, and never the same number for two things."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door.bulletin import MAX_REVOCATIONS, Bulletin
from nyckelfri.door.keyset import Purpose
from nyckelfri.server.keys import actions_bulletin, actions_issue, actions_keyset, actions_revoke
from nyckelfri.server.keys.errors import BulletinFullError, KeysError, NotReadyError
from nyckelfri.server.keys.models import Issued, IssuedBulletin, Revocation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.models import PersonalSession
from serverworld import Handset

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def said(keys: Any, now: datetime) -> Bulletin:
    return bulletins.read(actions_bulletin.current(now), keys.key_set)


def test_two_calls_in_one_second_give_the_same_object(keys: Any, moment: datetime) -> None:
    first = actions_bulletin.current(moment)
    assert actions_bulletin.current(moment + SECOND / 2) == first
    assert said(keys, moment).issued == int(moment.timestamp())


def test_changed_content_in_the_same_second_is_dated_the_next(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    row, other = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    before = said(keys, moment)
    actions_revoke.revoke(row.serial, reason="test", actor="test", now=moment)
    between = said(keys, moment)
    actions_revoke.revoke(other.serial, reason="test", actor="test", now=moment)
    after = said(keys, moment)
    assert before.serials == set()
    assert between.serials == {row.serial}
    assert [b.issued - before.issued for b in (before, between, after)] == [0, 1, 2]


def test_unchanged_bulletin_is_signed_anew_for_the_time_in_it(keys: Any, moment: datetime) -> None:
    first = said(keys, moment)
    assert said(keys, moment + 59 * SECOND) == first
    assert said(keys, moment + 60 * SECOND).issued == first.issued + 60
    assert IssuedBulletin.objects.count() == 1, "the same content is one row"


def test_number_rises_whatever_the_clock_does_and_one_number_is_one_object(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    chance = random.Random(1)  # noqa: S311 -- order of a test
    serials = [
        row.serial for row in actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    ]
    seen: list[tuple[tuple[int, int], bytes]] = []
    for step in range(60):
        now = moment + timedelta(seconds=chance.choice((0, 0, 1, 3, -2, 70, -4000)) + step)
        if serials and chance.random() < 0.1:
            actions_revoke.revoke(serials.pop(), reason="x", actor="test", now=moment)
        data = actions_bulletin.current(now)
        seen.append((bulletins.read(data, keys.key_set).number, data))
    numbers = [number for number, _ in seen]
    assert numbers == sorted(numbers)
    assert len(set(seen)) == len(set(numbers))
    assert not serials


@pytest.mark.threat(36)
@pytest.mark.sentence(12)
def test_blocked_phone_is_named_at_once_and_until_its_last_grant_has_expired(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    """One line, whatever it holds; a stolen phone that stays offline keeps nothing longer."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    thumbprint = alices_phone.row.thumbprint
    now = said(keys, moment)
    assert now.phones == {thumbprint}
    assert now.serials == set()
    last = max(row.not_after for row in rows)
    assert said(keys, last - SECOND).phones == {thumbprint}
    assert said(keys, last).phones == set()


def test_phone_that_never_held_a_grant_takes_no_room_in_the_bulletin(
    keys: Any, alices_phone: Handset, moment: datetime
) -> None:
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    assert said(keys, moment).phones == set()


@pytest.mark.threat(36)
def test_unblocked_phone_s_old_key_stays_revoked(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    old = alices_phone.row.thumbprint
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    phones.unblock(alices_phone.row, reason="found", actor="test", now=moment)
    assert said(keys, moment).phones == {old}


def test_revoked_grant_leaves_the_bulletin_when_it_has_expired(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    row = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)[0]
    actions_revoke.revoke(row.serial, reason="test", actor="test", now=moment)
    assert said(keys, row.not_after - SECOND).serials == {row.serial}
    assert said(keys, row.not_after).serials == set()


def test_expired_or_unknown_grant_cannot_be_revoked(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    row = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)[0]
    with pytest.raises(KeysError, match="expired"):
        actions_revoke.revoke(row.serial, reason="x", actor="test", now=row.not_after)
    with pytest.raises(KeysError, match="No grant"):
        actions_revoke.revoke(bytes(8), reason="x", actor="test", now=moment)
    assert not Revocation.objects.exists()


def test_full_bulletin_says_to_rotate_the_grant_key_and_rotation_empties_it(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    for row in rows:
        actions_revoke.revoke(row.serial, reason="x", actor="test", now=moment)
    _fill(MAX_REVOCATIONS + 1, moment)
    with pytest.raises(BulletinFullError, match="rotate the grant key"):
        actions_bulletin.current(moment)
    request = actions_keyset.request(new=[Purpose.GRANT], drop=[b"\x01"], actor="test", now=moment)
    assert request.epoch == 2, "so that no lock with the old key takes the shorter list"
    installed = actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)
    now = bulletins.read(actions_bulletin.current(moment), installed)
    assert now.number == (2, int(moment.timestamp()))
    assert now.serials == set()


def _fill(number: int, moment: datetime) -> None:
    """Revoke so many grants that were signed by the first grant key."""
    pattern = Issued.objects.all()[0]
    values = {
        field.attname: getattr(pattern, field.attname)
        for field in Issued._meta.concrete_fields
        if field.attname != "id"
    }
    rows = [
        Issued(**{**values, "serial": count.to_bytes(8, "big"), "revoked_at": moment})
        for count in range(number)
    ]
    Issued.objects.bulk_create(rows)
    Revocation.objects.bulk_create(
        Revocation(
            kind=Revocation.Kind.GRANT,
            value=row.serial,
            until=row.not_after,
            revoked_at=moment,
            reason="x",
        )
        for row in rows
    )


def _restore_old_backup(keys: Any) -> None:
    """Make the database forget everything since the phones were enrolled."""
    IssuedBulletin.objects.all().delete()
    Revocation.objects.all().delete()
    Issued.objects.all().delete()
    Phone.objects.filter(state=PhoneState.BLOCKED).update(
        state=PhoneState.ENROLLED, blocked_at=None
    )


@pytest.mark.threat(44)
def test_restored_old_backup_gives_no_access_until_a_new_epoch_is_signed(
    keys: Any,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    """Nor does it resurrect a blocked phone, or a serial."""
    stolen = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    phones.block(alices_phone.row, reason="stolen", actor="test", now=moment)
    last = said(keys, moment)
    _restore_old_backup(keys)
    with pytest.raises(NotReadyError, match="new-epoch"):
        actions_bulletin.current(moment + HOUR)

    same_epoch = actions_keyset.request(new=[Purpose.RECEIPT], actor="test", now=moment)
    with pytest.raises(KeysError, match="new-epoch"):
        actions_keyset.install(keys.holders.sign(same_epoch), actor="test", now=moment)

    request = actions_keyset.request(new_epoch=True, actor="test", now=moment + HOUR)
    installed = actions_keyset.install(keys.holders.sign(request), actor="test", now=moment + HOUR)
    now = bulletins.read(actions_bulletin.current(moment + HOUR), installed)
    assert now.number > last.number
    assert now.epoch == 2
    assert now.phones == {alices_phone.row.thumbprint}
    alices_phone.row.refresh_from_db()
    assert alices_phone.row.state == PhoneState.BLOCKED
    fresh = actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment + HOUR)
    assert not {row.serial for row in fresh} & {row.serial for row in stolen}


@pytest.mark.threat(44)
def test_new_epoch_signs_everybody_out(
    keys: Any, cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    PersonalSession.objects.create(
        token_hash=bytes(32),
        phone=alices_phone.row,
        employee=cast.alice,
        opened_at=moment,
        until=moment + HOUR,
    )
    request = actions_keyset.request(new_epoch=True, actor="test", now=moment)
    actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)
    assert not PersonalSession.objects.filter(closed_at=None).exists()


@pytest.mark.threat(44)
def test_no_two_grants_ever_share_a_serial(
    keys: Any, cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    """Random, so that a restored database does not count from where it was; and unique."""
    from django.db import IntegrityError, transaction

    row = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)[0]
    row.pk = None
    row._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_damaged_watermark_is_not_ignored(keys: Any, moment: datetime) -> None:
    actions_bulletin.current(moment)
    (keys.directory / "last-bulletin.cbor").write_bytes(b"\x80")
    with pytest.raises(NotReadyError, match="damaged"):
        actions_bulletin.current(moment)
