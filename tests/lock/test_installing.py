"""From the factory to a lock: the window, the printed secret, and the first minutes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from doorworld import NOON, Municipality

from nyckelfri.door import advert, commissioning, journal
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import courier as records
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.door.opening import NotAcceptedError
from nyckelfri.door.trust import Taken
from nyckelfri.lock.installing import make_factory
from nyckelfri.lock.program import payload
from nyckelfri.lock.store import Store
from sealworld import open_piece
from unitworld import Unit, offer, shake


async def test_a_unit_is_silent_until_its_button_is_pressed_and_then_becomes_a_lock(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    await asyncio.sleep(0.05)
    assert unit.radio.payload is None
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)

    link = unit.radio.connect()
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(offer(unit.printed.secret, courier, municipality)))
    answer = courier.open(await link.receive(5, 65_535))
    assert isinstance(answer, records.Commissioned)
    record = InstallationRecord.read(answer.data)
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
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(offer(unit.printed.secret, courier, municipality)))
    courier.open(await link.receive(5, 65_535))
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
async def test_a_link_that_ends_while_the_unit_becomes_a_lock_leaves_a_lock_that_serves(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)
    link = unit.radio.connect()
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(offer(unit.printed.secret, courier, municipality)))
    await link.close()
    await unit.radio.until(lambda seen: seen not in {None, advert.FACTORY})
    assert unit.store.state.identity is not None
    await unit.stop()


async def test_a_restart_keeps_clock_and_identity_and_writes_no_entry_for_nothing(
    tmp_path: Path, municipality: Municipality
) -> None:
    unit = Unit(tmp_path / "lock.db")
    unit.button.press()
    await unit.radio.until(lambda seen: seen == advert.FACTORY)
    link = unit.radio.connect()
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(offer(unit.printed.secret, courier, municipality)))
    courier.open(await link.receive(5, 65_535))
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
