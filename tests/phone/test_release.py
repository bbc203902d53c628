"""An installer lets a unit go: the log first, the label kept before the lock may forget."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from doorworld import Door, Municipality, identifier, private_key
from lockworld import RELEASE_NONCE, Lock

from nyckelfri.door import advert, ownership, signed
from nyckelfri.door.commissioning import InstallationRecord, Kind, Printed
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import DoorRecord, NotAcceptedError
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone import errand
from nyckelfri.phone.install import Installation, Installing
from nyckelfri.phone.labels import Labels
from nyckelfri.phone.release import LettingGo, ReleaseError, order_for, printed
from nyckelfri.phone.steps import Progress
from nyckelfri.phone.store import Store, StoreError
from nyckelfri.phone.visit import Visit, Visitor
from phoneserver import STRANGER, SmallServer
from phoneworld import Air, Phone, PhoneDied, Station, UnitAir
from unitworld import Unit, shake

MESSAGES = 15
"""More than a whole release has."""


def labels(phone: Phone) -> Labels:
    return Labels(phone.store, phone.secrets.data_key)


async def let_go(phone: Phone, air: Air | UnitAir, order: bytes | None = None) -> Visit:
    door = phone.book.doors()[0]
    then = LettingGo(labels(phone), door, order_for(phone.store, door, order))
    visitor = Visitor(
        phone.store,
        phone.secrets,
        air,
        Progress(phone.steps.append, time.monotonic),
        clock=lambda: phone.clock,
        then=then,
    )
    try:
        return await visitor.command(door, Command.SERVICE, search=0.2)
    finally:
        if isinstance(air, Air):
            await air.settle()


@pytest.fixture
def air(lock_store: LockStore, door: Door) -> Air:
    return Air([])


def station(air: Air, lock_store: LockStore, door: Door) -> Station:
    """Made inside a running loop, as a lock must be."""
    air.stations.append(Station(Lock(lock_store), door.record.radio_key))
    return air.stations[0]


async def test_the_log_goes_first_and_the_new_label_is_that_of_the_unit(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, air: Air
) -> None:
    server.order(door, RELEASE_NONCE)
    server.allow(door)
    phone.sign_in()
    lock = station(air, lock_store, door).lock
    for _ in range(3):
        await phone.visitor(air).command(phone.book.doors()[0], Command.UNLOCK)
        await air.settle()
    visit = await let_go(phone, air)
    assert (visit.reason, lock_store.state.identity) == (Reason.GRANTED, None)
    assert visit.number is not None
    (kept,) = labels(phone).all()
    assert kept.confirmed
    assert Printed.read(printed(kept.data)).secret == lock_store.state.factory.secret
    assert lock.store.state.factory.secret is not None

    phone.sync()
    assert server.labels == [kept.data]
    assert labels(phone).all() == []
    found = server.entries(door)
    assert found == set(range(1, max(found) + 1))
    assert max(found) > visit.number, "with the outcome of the service command"


@pytest.mark.threat(19)
@pytest.mark.threat(38)
@pytest.mark.parametrize("deadly", [False, True], ids=["link lost", "phone dies"])
@pytest.mark.parametrize("messages", range(MESSAGES))
async def test_after_any_message_the_unit_is_still_a_lock_or_the_phone_has_its_label(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    air: Air,
    tmp_path: Path,
    messages: int,
    deadly: bool,
) -> None:
    server.order(door, RELEASE_NONCE)
    phone.sign_in()
    place = station(air, lock_store, door)
    place.cut_after, place.deadly = messages, deadly
    died = False
    try:
        await let_go(phone, air)
    except PhoneDied:
        died = True
    with Store(tmp_path / "phone") as again:
        restarted = Phone(again, phone.secrets)
        kept = labels(restarted).of(door.installation)
        if lock_store.state.identity is None:
            assert kept is not None
            assert Printed.read(printed(kept.data)).secret == lock_store.state.factory.secret
            if not kept.confirmed:
                labels(restarted).confirm(door.installation)  # `--gone`
        else:
            assert kept is None or not kept.confirmed, "never said of a lock"
            assert (await let_go(restarted, air)).reason is Reason.GRANTED
        restarted.sync()
        (sent,) = server.labels
        assert Label.claimed(sent).secret == lock_store.state.factory.secret
    assert died or not deadly or messages >= 12


async def test_a_label_of_a_lock_that_was_not_confirmed_is_not_told_to_the_server(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, air: Air
) -> None:
    server.order(door, RELEASE_NONCE)
    phone.sign_in()
    labels(phone).keep(
        door.installation,
        Label(
            server.municipality.root.municipality,
            door.installation,
            Kind.THUMB_TURN,
            signed.coordinate(private_key(1).public_key()),
            bytes(16),
        ).sign(door.signing_key),
    )
    phone.sync()
    assert server.labels == []
    station(air, lock_store, door)
    await let_go(phone, air)
    phone.sync()
    assert len(server.labels) == 1


async def test_without_the_whole_log_nothing_is_let_go(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    air: Air,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.order(door, RELEASE_NONCE)
    phone.sign_in()
    station(air, lock_store, door)
    monkeypatch.setattr(errand, "MAX_BATCHES", 1)
    with pytest.raises(ReleaseError, match="not come whole"):
        await let_go(phone, air)
    assert lock_store.state.identity is not None
    assert labels(phone).all() == []


@pytest.mark.threat(12)
async def test_a_carer_with_a_stolen_order_lets_nothing_go(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, air: Air
) -> None:
    order = server.order(door, RELEASE_NONCE)
    server.grants.clear()
    server.orders.clear()
    server.allow(door)
    phone.sign_in()
    station(air, lock_store, door)
    visit = await let_go(phone, air, order)
    assert visit.reason is Reason.NOT_PERMITTED
    assert lock_store.state.identity is not None


@pytest.mark.threat(8)
async def test_an_order_that_is_not_for_this_door_is_refused_before_the_lock_is_asked(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    here = phone.book.doors()[0]
    ours = server.municipality
    good = Release(ours.root.municipality, door.installation, RELEASE_NONCE)
    other = Release(ours.root.municipality, identifier("elsewhere"), RELEASE_NONCE)
    for wrong, why in (
        (None, "no order"),
        (b"", "no order of your municipality"),
        (good.payload, "no order of your municipality"),
        (Municipality.make(seed=500).sign_root(good.payload, ownership.RELEASE_TYP), "no order of"),
        (ours.sign_root(other.payload, ownership.RELEASE_TYP), "another lock"),
    ):
        with pytest.raises(ReleaseError, match=why):
            order_for(phone.store, here, wrong)
    assert order_for(phone.store, here, ours.sign_root(good.payload, ownership.RELEASE_TYP))


async def test_an_order_that_was_released_at_the_lock_before_is_refused_by_it(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, air: Air
) -> None:
    server.order(door, bytes(16))
    phone.sign_in()
    station(air, lock_store, door)
    with pytest.raises(ReleaseError, match="does not take this order"):
        await let_go(phone, air)
    assert lock_store.state.identity is not None


@pytest.mark.threat(41)
def test_orders_go_with_the_person_and_false_ones_are_not_kept(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    data = server.order(door, RELEASE_NONCE)
    server.orders[identifier("elsewhere")] = data
    report = phone.sign_in()
    assert report.refused == 1
    assert phone.store.order(door.installation) == data
    assert phone.store.order(identifier("elsewhere")) is None
    server.orders.clear()
    phone.account.sign_in(*STRANGER)
    assert phone.store.order(door.installation) is None


@pytest.mark.threat(37)
@pytest.mark.threat(64)
async def test_a_kept_label_is_worth_nothing_without_the_pin(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, air: Air
) -> None:
    server.order(door, RELEASE_NONCE)
    phone.sign_in()
    station(air, lock_store, door)
    await let_go(phone, air)
    secret = lock_store.state.factory.secret
    assert secret is not None
    kept = labels(phone).of(door.installation)
    assert kept is not None
    assert secret in kept.data
    for content in _files(phone.store.folder).values():
        assert secret not in content
    assert repr(secret)[2:-1] not in repr(kept)
    with pytest.raises(StoreError, match="damaged"):
        Labels(phone.store, bytes(32)).all()
    phone.account.sign_out()
    assert labels(phone).of(door.installation) == kept, "the server needs it still"


def _files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# Several installers.


async def commission(phone: Phone, unit: Unit, label: Printed, lock: str) -> Installation:
    await unit.open_window()
    installing = Installing(
        phone.store,
        UnitAir(unit),
        Progress(phone.steps.append, time.monotonic),
        client=phone.client,
        clock=lambda: phone.clock,
    )
    done = await installing.run(label, lock, search=0.2)
    assert done is not None
    await unit.radio.until(lambda seen: seen not in {None, advert.FACTORY})
    return done


@dataclass(frozen=True)
class NewDoor(Door):
    """A lock that was commissioned in the test: the door record is all that is known of it."""

    known: DoorRecord

    @property
    def record(self) -> DoorRecord:
        return self.known


def _plan(server: SmallServer, record: InstallationRecord) -> None:
    known = DoorRecord(record.installation, record.lock_key, record.radio_key)
    door = NewDoor(record.installation, private_key(1), private_key(2), known)
    server.order(door, record.release_nonce)


def _unplan(server: SmallServer) -> None:
    server.doors.clear()
    server.grants.clear()
    server.orders.clear()


@pytest.mark.sentence(36)
@pytest.mark.threat(62)
async def test_of_two_installers_who_moved_a_unit_neither_keeps_anything_that_opens_it(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    first_label = unit.printed
    with SmallServer(municipality) as at_ines, SmallServer(municipality) as at_olle:
        ines = Phone.enrol(tmp_path / "ines", at_ines)
        olle = Phone.enrol(tmp_path / "olle", at_olle)
        with ines.store, olle.store:
            ines.sign_in()
            olle.sign_in()
            first = await commission(ines, unit, first_label, "L-1")
            assert [name for name, _ in at_ines.installations] == ["L-1"]

            _plan(at_olle, first.record)
            olle.sync()
            await let_go(olle, UnitAir(unit))
            await unit.radio.until(lambda seen: seen is None)
            olle.sync()
            (sent,) = at_olle.labels
            second_label = Label.read(sent, key=first.record.signing_key).printed

            second = await commission(ines, unit, second_label, "L-1")
            _unplan(at_olle)
            for phone in (ines, olle):
                phone.sync()
        secrets = [
            first_label.secret,
            second_label.secret,
            first.record.radio_key,
            second.record.radio_key,
            second.record.release_nonce,
        ]
        for folder in (tmp_path / "ines", tmp_path / "olle"):
            for name, content in _files(folder).items():
                assert not [number for number, s in enumerate(secrets) if s in content], name

        # And what they remember in their heads, or have photographed, is worth nothing.
        unit.button.press()
        for label in (first_label, second_label):
            link = unit.radio.connect()
            with pytest.raises(NotAcceptedError):
                await shake(label, link)
            await link.close()
    assert unit.store.state.identity is not None
    assert unit.store.state.identity.installation == second.record.installation
    await unit.stop()
