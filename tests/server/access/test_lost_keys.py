"""Each key is lost or stolen once, with the server's own tools, before a real lock's program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from doorworld import Door, identifier
from lockworld import scalar

from houseworld import House, issued, rotate
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import courier as records
from nyckelfri.door import delivery, grants, journal, ownership, signed
from nyckelfri.door.bulletin import Bulletin, TimeToken
from nyckelfri.door.clock import Mark
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.grants import MAX_WINDOW, Command, Grant
from nyckelfri.door.keyset import Purpose
from nyckelfri.door.opening import DoorRecord, LockOpening, NotAcceptedError, PhoneOpening
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.reasons import Reason
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.trust import Taken
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, Identity, SavedClock
from nyckelfri.root import requests, signing
from nyckelfri.root.errors import RootError
from nyckelfri.server.access.exposure import exposure
from nyckelfri.server.keys import actions_bulletin, actions_issue, actions_keyset, queries
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.keys.models import Issued, IssuedBulletin, Revocation, SignedKeySet
from nyckelfri.server.locks import actions_commission, actions_orders
from nyckelfri.server.people.models import Phone, PhoneState, Role
from nyckelfri.server.phones import actions as phones
from serverworld import Handset

HOUR = timedelta(hours=1)
YEAR = 365 * 86_400


@pytest.fixture
def house(
    keys: Any, locks: Any, alices_phone: Handset, tmp_path: Path, moment: datetime
) -> Iterator[House]:
    lock = locks.home
    bulletin = actions_bulletin.current(moment)
    with Store.create(tmp_path / "lock.db", Factory(1, b"f" * 32, bytes(16))) as store:
        store.commission(
            Identity(
                root=keys.holders.root.encoded,
                installation=lock.installation,
                dh_key=scalar(lock.key),
                signing_key=scalar(lock.signing_key),
                radio_key=lock.record.radio_key,
                release_nonce=lock.record.release_nonce,
                threshold=-70,
            ),
            key_set=(1, keys.key_set.payload),
            bulletin=signed.unverified_payload(bulletin),
            clock=SavedClock(int(moment.timestamp()), int(moment.timestamp()), Mark.SET),
        )
        yield House(store, Door(lock.installation, lock.key, lock.signing_key), alices_phone)


def stolen(keys: Any, purpose: Purpose, kid: str) -> ec.EllipticCurvePrivateKey:
    """A thief's copy of a key file."""
    path = keys.directory / f"{purpose.name.lower()}-{kid}.pem"
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def forged(house: House, key: ec.EllipticCurvePrivateKey, now: datetime) -> bytes:
    """The longest grant for this door that a thief of a grant key can make himself."""
    start = int(now.timestamp()) - 60
    grant = Grant(
        subject=identifier("nobody"),
        installation=house.door.installation,
        not_before=start,
        not_after=start + MAX_WINDOW,
        issued=start,
        serial=identifier("forged"),
        phone=house.phone.public_key,
        scope=grants.CARE,
    )
    return grants.mint(grant, key=key, kid=b"\x01")


@pytest.mark.threat(24)
@pytest.mark.threat(47)
def test_stolen_grant_key_is_rotated_with_overlap_and_then_worth_nothing(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    thief = stolen(keys, Purpose.GRANT, "01")
    old = issued(house, cast, moment)
    assert house.knock(forged(house, thief, moment), moment)[0] is Reason.GRANTED, "until rotated"

    now = moment + HOUR
    overlap = rotate(keys, now, new=[Purpose.GRANT])
    new = issued(house, cast, now)
    assert new != old
    assert house.knock(new, now, carried=overlap)[0] is Reason.GRANTED
    assert house.knock(old, now)[0] is Reason.GRANTED, "nobody is locked out while phones sync"

    now += HOUR
    dropped = rotate(keys, now, drop=[b"\x01"])
    assert house.knock(new, now, carried=dropped)[0] is Reason.GRANTED, "no phone need sync again"
    for worthless in (old, forged(house, thief, now)):
        assert house.knock(worthless, now)[0] is Reason.NOT_ACCEPTED
    assert house.knock(new, now)[0] is Reason.GRANTED
    assert house.knock(issued(house, cast, now), now)[0] is Reason.GRANTED


@pytest.mark.threat(31)
@pytest.mark.threat(44)
@pytest.mark.threat(47)
def test_stolen_bulletin_key_poisons_a_clock_and_a_new_epoch_heals_it_at_the_door(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    thief = stolen(keys, Purpose.BULLETIN, "02")
    municipality = keys.holders.root.municipality
    years = int(moment.timestamp()) + 3 * YEAR

    def token(nonce: bytes) -> records.TimeRecord:
        claims = TimeToken(municipality, house.door.installation, nonce, years)
        return records.TimeRecord(bulletins.issue_time(claims, key=thief, kid=b"\x02"))

    house.forged_time = token
    mine = issued(house, cast, moment)
    reason, answers = house.knock(mine, moment, deliver=(records.TimeRecord(b""),))
    assert (reason, answers) == (Reason.GRANTED, [records.Applied(5, Taken.TAKEN)])
    everything = Bulletin(
        municipality, 1, years + 5, frozenset({house.phone.row.thumbprint or b""}), frozenset()
    )
    poison = bulletins.issue(everything, key=thief, kid=b"\x02")
    house.knock(mine, moment, deliver=(records.BulletinRecord(poison),))
    assert house.store.state.running.clock.floor >= years
    assert house.knock(mine, moment)[0] is Reason.PHONE_BLOCKED, "everybody is locked out"

    now = moment + HOUR
    healing = rotate(keys, now, new=[Purpose.BULLETIN], drop=[b"\x02"], new_epoch=True)
    fresh = issued(house, cast, now)
    assert house.knock(fresh, now, carried=healing)[0] is Reason.GRANTED
    assert house.store.state.running.clock.floor < years
    assert house.knock(mine, now)[0] is Reason.NOT_ACCEPTED, "a new epoch has a new grant key"
    reason, answers = house.knock(fresh, now, deliver=(records.BulletinRecord(poison),))
    assert (reason, answers) == (Reason.GRANTED, [records.Applied(2, Taken.REFUSED)])


@pytest.mark.threat(47)
def test_stolen_receipt_key_deletes_nothing_at_once_and_nothing_after_rotation(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    thief = stolen(keys, Purpose.RECEIPT, "03")
    mine = issued(house, cast, moment)

    def receipt(number: int, head: bytes) -> records.ReceiptRecord:
        claims = Receipt(keys.holders.root.municipality, house.door.installation, number, head)
        return records.ReceiptRecord(delivery.sign_receipt(claims, key=thief, kid=b"\x03"))

    house.knock(mine, moment)
    tip = house.store.state.running.tip
    _, answers = house.knock(mine, moment, deliver=(receipt(tip.number, bytes(32)),))
    assert answers == [records.Applied(4, Taken.REFUSED)], "he must know the head"
    _, answers = house.knock(mine, moment, deliver=(receipt(tip.number, tip.head),))
    assert answers == [records.Applied(4, Taken.TAKEN)]
    piece = house.store.piece(1)
    assert piece is not None
    assert piece.first == 1, "what is acknowledged stays until its space is needed"

    now = moment + HOUR
    carried = rotate(keys, now, new=[Purpose.RECEIPT], drop=[b"\x03"])
    tip = house.store.state.running.tip
    reason, answers = house.knock(
        mine, now, carried=carried, deliver=(receipt(tip.number, tip.head),)
    )
    assert (reason, answers) == (Reason.GRANTED, [records.Applied(4, Taken.REFUSED)])


@pytest.mark.threat(35)
@pytest.mark.sentence(12)
def test_stolen_phone_is_refused_where_the_bulletin_has_been(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    mine = issued(house, cast, moment)
    assert house.knock(mine, moment)[0] is Reason.GRANTED
    phones.block(house.phone.row, reason="stolen", actor="test", now=moment)
    news = actions_bulletin.current(moment + HOUR)
    _, answers = house.knock(mine, moment + HOUR, deliver=(records.BulletinRecord(news),))
    assert answers == [records.Applied(2, Taken.TAKEN)], "whoever carries it"
    assert house.knock(mine, moment + HOUR)[0] is Reason.PHONE_BLOCKED


@pytest.mark.threat(28)
def test_stolen_lock_s_keys_are_worth_nothing_at_any_other_door_and_at_the_server(
    keys: Any, cast: Any, locks: Any, house: House, alices_phone: Handset, moment: datetime
) -> None:
    """The thief has the whole disk: what it holds speaks for this one lock alone."""
    dump = house.store.state.identity
    assert dump is not None
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    entrance = next(row for row in rows if row.installation_id == locks.at_entrance.pk)
    record = locks.entrance.record
    other = DoorRecord(record.installation, record.lock_key, record.radio_key)
    message_1, awaiting = PhoneOpening(other, alices_phone.key, bytes(entrance.data)).message_1()
    false_lock = LockOpening(record.installation, locks.home.key)
    message_2, _ = false_lock.message_1(message_1)
    with pytest.raises(NotAcceptedError):
        awaiting.message_2(message_2)

    release = actions_orders.request("L0001", actor="test", now=moment)
    order = signing.sign_whole(
        requests.read_request(release.payload), keys.holders.root, keys.holders.keys[:2]
    )
    actions_orders.install(order, actor="test", now=moment)
    label = Label(
        record.municipality, record.installation, record.kind, record.lock_key, bytes(16)
    ).sign(locks.home.signing_key)
    cast.alice.role = Role.ENTRANCE_INSTALLER
    with pytest.raises(SignatureError):
        actions_orders.complete(label, installer=cast.alice, actor="test", now=moment)
    public = {dump.root, dump.installation}
    for other_lock in (locks.entrance, locks.other_home):
        theirs = {scalar(other_lock.key), scalar(other_lock.signing_key)}
        theirs |= {other_lock.record.radio_key, other_lock.record.release_nonce}
        assert not theirs & {dump.dh_key, dump.signing_key, dump.radio_key, dump.release_nonce}
        assert not theirs & public


@pytest.mark.threat(47)
def test_a_lost_part_of_the_root_leaves_enough_holders_for_everything(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    for lost in range(3):
        left = tuple(key for at, key in enumerate(keys.holders.keys) if at != lost)
        now = moment + lost * HOUR
        request = actions_keyset.request(new=[Purpose.RECEIPT], actor="test", now=now)
        data = signing.sign_whole(requests.read_request(request.payload), keys.holders.root, left)
        assert actions_keyset.install(data, actor="test", now=now).number == request.number
        release = actions_orders.request("LB0001", actor="test", now=now)
        order = signing.sign_whole(requests.read_request(release.payload), keys.holders.root, left)
        assert Release.read(order, keys.holders.root) == release


@pytest.mark.threat(47)
def test_with_too_few_parts_left_doors_still_open_and_nothing_can_be_released_or_rotated(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    """What is left then: go on with the keys there are, and replace unit by unit."""
    left = keys.holders.keys[:1]
    release = actions_orders.request("LB0001", actor="test", now=moment)
    request = actions_keyset.request(new=[Purpose.GRANT], actor="test", now=moment)
    for payload in (release.payload, request.payload):
        with pytest.raises(RootError):
            signing.sign_whole(requests.read_request(payload), keys.holders.root, left)
    part = signed.sign_part(
        release.payload,
        key=left[0],
        typ=ownership.RELEASE_TYP,
        index=keys.holders.root.keys.index(signed.compressed(left[0].public_key())),
    )
    with pytest.raises(Exception, match="not signed by our root"):
        actions_orders.install(release.join([part]), actor="test", now=moment)
    later = moment + timedelta(hours=7)
    assert house.knock(issued(house, cast, later), later)[0] is Reason.GRANTED
    phones.block(house.phone.row, reason="lost", actor="test", now=later)
    news = records.BulletinRecord(actions_bulletin.current(later))
    mine = bytes(Issued.objects.filter(installation__identifier=house.door.installation)[0].data)
    house.knock(mine, later, deliver=(news,))
    assert house.knock(mine, later)[0] is Reason.PHONE_BLOCKED, "and what is lost is blocked"
    actions_commission.retire("LB0001", reason="replaced", actor="test", now=later)


@pytest.mark.threat(44)
def test_a_server_restored_from_a_backup_begins_anew_and_brings_nobody_back(
    keys: Any, cast: Any, house: House, bobs_phone: Handset, moment: datetime
) -> None:
    alices = issued(house, cast, moment)
    phones.block(house.phone.row, reason="stolen", actor="test", now=moment)
    news = actions_bulletin.current(moment)
    house.knock(alices, moment, deliver=(records.BulletinRecord(news),))
    assert house.knock(alices, moment)[0] is Reason.PHONE_BLOCKED

    # The database of last night: it knows of no block, no grant and no bulletin.
    IssuedBulletin.objects.all().delete()
    Revocation.objects.all().delete()
    Issued.objects.all().delete()
    Phone.objects.filter(state=PhoneState.BLOCKED).update(
        state=PhoneState.ENROLLED, blocked_at=None
    )
    now = moment + HOUR
    with pytest.raises(KeysError, match="new-epoch"):
        actions_bulletin.current(now)
    carried = rotate(keys, now, new_epoch=True)

    fresh = bytes(
        next(
            row.data
            for row in actions_issue.issue_for(cast.bob, bobs_phone.row, now=now)
            if row.installation.identifier == house.door.installation and row.not_before <= now
        )
    )
    bob = replace(house, phone=bobs_phone)
    assert bob.knock(fresh, now, carried=carried)[0] is Reason.GRANTED
    assert house.knock(alices, now)[0] is Reason.NOT_ACCEPTED
    held = house.store.state.bulletin
    assert held is not None
    assert house.phone.row.thumbprint in bulletins.from_payload(held).phones


@pytest.mark.threat(44)
def test_a_new_epoch_is_taken_where_a_key_set_is_known_that_the_backup_lacks(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    """Otherwise both have one number, and no lock ever takes what signs the new grants."""
    forgotten = rotate(keys, moment, new=[Purpose.GRANT])
    fresh = issued(house, cast, moment)
    assert house.knock(fresh, moment, carried=forgotten)[0] is Reason.GRANTED

    SignedKeySet.objects.filter(number=queries.key_set().number).delete()
    Issued.objects.all().delete()
    now = moment + HOUR
    carried = rotate(keys, now, new_epoch=True)
    assert house.knock(fresh, now)[0] is Reason.GRANTED, "the door has not heard yet"
    assert house.knock(issued(house, cast, now), now, carried=carried)[0] is Reason.GRANTED
    assert house.knock(fresh, now)[0] is Reason.NOT_ACCEPTED


@pytest.mark.threat(36)
@pytest.mark.threat(44)
def test_a_lost_phone_that_first_brings_a_new_epoch_brings_its_own_time_and_the_office_knows(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    carried = rotate(keys, moment, new_epoch=True)
    mine = issued(house, cast, moment)
    phones.block(house.phone.row, reason="lost", actor="test", now=moment + HOUR)
    house.phone.row.refresh_from_db()
    shown = exposure(house.phone.row, moment + HOUR).doors
    (door,) = (each for each in shown if each.installation.identifier == house.door.installation)
    assert door.clock_in_doubt
    assert house.knock(mine, door.until + HOUR, carried=carried)[0] is Reason.GRANTED


@pytest.mark.threat(44)
def test_a_new_epoch_always_comes_with_a_new_grant_key_and_without_the_old(
    keys: Any, moment: datetime
) -> None:
    def grant_keys(key_set: Any) -> set[bytes]:
        return {key.point for key in key_set.keys if key.purpose is Purpose.GRANT}

    old = grant_keys(queries.key_set())
    request = actions_keyset.request(new_epoch=True, actor="test", now=moment)
    assert request.epoch == 2
    assert len(grant_keys(request)) == 1
    assert not grant_keys(request) & old
    kept = replace(request, keys=(*queries.key_set().keys,))
    with pytest.raises(KeysError, match="new grant key"):
        actions_keyset.install(keys.holders.sign(kept), actor="test", now=moment)
    assert SignedKeySet.objects.count() == 1
    actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)


def test_the_journal_tells_of_each_key_set_that_a_lock_took(
    keys: Any, cast: Any, house: House, moment: datetime
) -> None:
    carried = rotate(keys, moment + HOUR, new=[Purpose.RECEIPT])
    house.knock(issued(house, cast, moment + HOUR), moment + HOUR, carried=carried)
    written = _details(house, moment + HOUR)
    assert journal.KeySetTaken(2, 1) in written
    assert any(isinstance(detail, journal.Intent) for detail in written)
    assert Command.UNLOCK in {
        detail.command for detail in written if isinstance(detail, journal.Intent)
    }


def _details(house: House, now: datetime) -> list[Any]:
    """The journal as the server opens it."""
    piece = house.store.piece(1)
    assert piece is not None
    data = delivery.sign_batch(
        piece.segments,
        installation=house.door.installation,
        first=piece.first,
        previous=piece.previous,
        key=house.door.signing_key,
    )
    verified = delivery.verify_batch(
        data,
        key=signed.compressed(house.door.signing_key.public_key()),
        installation=house.door.installation,
    )
    opened = delivery.open_batch(verified, queries.our_signer().unwrap)
    return [entry.detail for entry in opened.entries]
