"""From the factory to a lock: the window, the printed secret, and the first minutes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from doorworld import NOON, Municipality
from lockworld import pipe

from nyckelfri.door import advert, commissioning, journal
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import courier as records
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.door.trust import Taken
from nyckelfri.lock.controller import Event
from nyckelfri.lock.installing import Installing, make_factory
from nyckelfri.lock.program import payload
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreFullError
from sealworld import open_piece
from unitworld import Unit, become, offer, prepare, shake


async def test_a_unit_is_silent_until_its_button_is_pressed_and_then_becomes_a_lock(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    await asyncio.sleep(0.05)
    assert unit.radio.payload is None
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)

    record, courier = await become(unit.printed, link := unit.radio.connect(), municipality)
    assert record.municipality == municipality.root.municipality
    assert record.kind is Kind.THUMB_TURN

    status = courier.open(await link.receive(5, 65_535))
    assert isinstance(status, records.Status)
    assert status.mark == Mark.APPROXIMATE
    token = bulletins.issue_time(
        TimeToken(municipality.root.municipality, record.installation, status.nonce, NOON + 7),
        key=municipality.bulletin_key,
        kid=b"\x02",
    )
    await link.send(courier.seal(records.TimeRecord(token)))
    assert courier.open(await link.receive(5, 65_535)) == records.Applied(5, Taken.TAKEN)
    await link.send(courier.seal(records.Fetch(0)))
    assert courier.open(await link.receive(5, 65_535)) == records.NoMore()
    await link.send(courier.seal(records.End()))

    expected = payload(record.radio_key, Reading(NOON + 7, Mark.SET))
    await unit.radio.until(lambda seen: seen == expected)
    assert unit.clock.read() == NOON + 7, "the hardware clock is set from signed time"
    assert unit.store.state.factory.secret is None
    assert unit.store.state.identity is not None
    assert unit.store.state.identity.threshold == -48 - commissioning.MARGIN
    await unit.stop()


@pytest.mark.threat(62)
async def test_without_the_printed_secret_nothing_changes_and_later_it_is_worth_nothing(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)

    link = unit.radio.connect()
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(offer(bytes(16), courier, municipality)))
    await link.ended()
    assert unit.store.state.identity is None

    link = unit.radio.connect()
    await become(unit.printed, link, municipality)
    await link.close()
    await unit.radio.until(lambda seen: seen not in {None, advert.FACTORY})

    again = unit.radio.connect()
    with pytest.raises(NotAcceptedError):
        await shake(unit.printed, again)
    unit.button.press()
    await asyncio.sleep(0.05)
    assert unit.radio.payload != advert.FACTORY
    await unit.stop()


@pytest.mark.threat(8)
async def test_a_key_set_that_the_root_did_not_sign_is_refused(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)
    link = unit.radio.connect()
    courier = await shake(unit.printed, link)
    foreign = Municipality.make(seed=900)
    mixed = records.Commission(
        proof=commissioning.proof(unit.printed.secret, courier.exporter),
        root=municipality.root.encoded,
        key_set=foreign.signed_key_set,
        bulletin=municipality.bulletin(),
    )
    await link.send(courier.seal(mixed))
    await link.ended()
    assert unit.store.state.identity is None
    assert unit.store.state.factory.secret == unit.printed.secret
    await unit.stop()


async def test_an_installer_knows_by_the_code_that_this_is_the_unit(
    tmp_path: Path,
) -> None:
    unit = Unit(tmp_path / "lock.db")
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)
    _, other = make_factory(Kind.THUMB_TURN)
    link = unit.radio.connect()
    with pytest.raises(NotAcceptedError, match="not the unit of this code"):
        await shake(other, link)
    await link.close()
    await unit.stop()


@pytest.mark.threat(19)
@pytest.mark.parametrize("records_sent", [0, 1])
async def test_until_the_phone_has_confirmed_a_link_that_ends_leaves_a_factory_new_unit(
    tmp_path: Path, municipality: Municipality, records_sent: int
) -> None:
    unit = Unit(tmp_path / "lock.db")
    before = unit.store.state
    await unit.open_window()
    link = unit.radio.connect()
    if records_sent:
        await prepare(unit.printed, link, municipality)
    else:
        await shake(unit.printed, link)
    await link.close()
    await asyncio.sleep(0.05)
    assert unit.store.state == before
    first = unit.radio.payload
    assert first == advert.FACTORY
    await become(unit.printed, unit.radio.connect(), municipality)
    await unit.stop()


@pytest.mark.threat(20)
async def test_power_cut_before_the_phone_has_confirmed_leaves_a_factory_new_unit(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    before = unit.store.state
    await unit.open_window()
    first, _ = await prepare(unit.printed, unit.radio.connect(), municipality)
    await unit.restart(tmp_path / "lock.db")
    assert unit.store.state == before
    second = await unit.commission(municipality)
    assert first.installation != second.installation, "what was prepared is forgotten"
    assert first.radio_key != second.radio_key
    await unit.stop()


@pytest.mark.threat(19)
async def test_a_link_that_ends_with_the_confirmation_leaves_a_lock_that_serves(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    await unit.open_window()
    link = unit.radio.connect()
    record, courier = await prepare(unit.printed, link, municipality)
    await link.send(courier.seal(records.Confirm()))
    await link.close()
    expected = payload(record.radio_key, Reading(NOON, Mark.APPROXIMATE))
    await unit.radio.until(lambda seen: seen == expected)
    assert unit.store.state.identity is not None
    assert unit.store.state.identity.installation == record.installation
    assert unit.events[-1] == Event("commissioned", number=1)
    await unit.stop()


@pytest.mark.parametrize("instead", [records.End(), records.Fetch(0), "offer", "confirm in clear"])
async def test_only_the_confirmation_of_this_session_makes_the_unit_a_lock(
    tmp_path: Path, municipality: Municipality, instead: records.Record | str
) -> None:
    unit = Unit(tmp_path / "lock.db")
    before = unit.store.state
    await unit.open_window()
    link = unit.radio.connect()
    _, courier = await prepare(unit.printed, link, municipality)
    if instead == "offer":
        instead = offer(unit.printed.secret, courier, municipality)
    message = b"\x0a" if isinstance(instead, str) else courier.seal(instead)
    await link.send(message)
    await link.ended()
    assert unit.store.state == before
    await unit.stop()


async def test_a_confirmation_counts_once_and_none_is_taken_before_the_record(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    await unit.open_window()
    link = unit.radio.connect()
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(records.Confirm()))
    await link.ended()
    assert unit.store.state.identity is None
    link = unit.radio.connect()
    _, courier = await become(unit.printed, link, municipality)
    courier.open(await link.receive(5, 65_535))
    after = unit.store.state
    await link.send(courier.seal(records.Confirm()))
    assert courier.open(await link.receive(5, 65_535)) == records.Applied(10, Taken.REFUSED)
    assert unit.store.state == after
    await unit.stop()


async def test_a_store_that_cannot_commit_leaves_a_unit_that_can_be_tried_again(
    tmp_path: Path, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory, printed = make_factory(Kind.THUMB_TURN)
    with Store.create(tmp_path / "lock.db", factory) as store:
        installing = Installing(store, ticks=lambda: 0.0)
        lock_end, link = pipe()
        served = asyncio.ensure_future(installing.serve(lock_end))
        _, courier = await prepare(printed, link, municipality)
        with monkeypatch.context() as broken:
            broken.setattr(store, "_save", _full)
            await link.send(courier.seal(records.Confirm()))
            with pytest.raises(StoreFullError):
                await served
        assert store.state.factory == factory
        lock_end, link = pipe()
        served = asyncio.ensure_future(installing.serve(lock_end))
        record, _ = await become(printed, link, municipality)
        assert await served is not None
        assert store.state.identity is not None
        assert store.state.identity.installation == record.installation


def _full(*_: object, **__: object) -> None:
    raise StoreFullError


async def test_a_restart_keeps_clock_and_identity_and_writes_no_entry_for_nothing(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)
    link = unit.radio.connect()
    await become(unit.printed, link, municipality)
    await link.close()
    await unit.radio.until(lambda seen: seen not in {None, advert.FACTORY})
    number = unit.store.state.running.tip.number
    await unit.stop()
    with Store.open(tmp_path / "lock.db") as store:
        assert store.state.running.tip.number == number
        assert journal.Commissioned(1) == journal.decode_entry(_first(store)).detail


def _first(store: Store) -> bytes:
    piece = store.piece(1)
    assert piece is not None
    assert store.state.identity is not None
    opened = open_piece(piece, installation=store.state.identity.installation)
    return opened.records[0].body
