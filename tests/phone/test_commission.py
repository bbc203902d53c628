"""An installer's phone and a real factory-new unit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import HOUR, NOON, private_key

from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import InstallationRecord, Kind, Printed
from nyckelfri.door.trust import Taken
from nyckelfri.lock import installing
from nyckelfri.phone.client import BlockedError
from nyckelfri.phone.commission import CommissioningError, UnsureError
from nyckelfri.phone.install import Installation, Installing
from nyckelfri.phone.outbox import Outbox, Unsure
from nyckelfri.phone.steps import Progress
from nyckelfri.phone.store import Store
from phoneserver import SmallServer
from phoneworld import Phone, PhoneDied, UnitAir
from unitworld import Unit

MESSAGES = 13
"""More than a whole commissioning has."""
CONFIRMED = 7
"""Messages of which the last is the phone's confirmation."""


@pytest.fixture
async def unit(tmp_path: Path) -> AsyncIterator[Unit]:
    """A thumb-turn fresh from the factory, running its real program."""
    made = Unit(tmp_path / "unit.db")
    yield made
    await made.stop()


async def install(
    phone: Phone, air: Unit | UnitAir, printed: Printed | None = None, lock: str = "LAS-0042"
) -> Installation | None:
    if isinstance(air, Unit):
        air = UnitAir(air)
    installer = Installing(
        phone.store,
        air,
        Progress(phone.steps.append, time.monotonic),
        client=phone.client,
        clock=lambda: phone.clock,
    )
    return await installer.run(printed or air.unit.printed, lock, search=0.3)


def identity(unit: Unit) -> bytes | None:
    """The installation that the unit is, None while it is factory-new."""
    found = unit.store.state.identity
    return found.installation if found is not None else None


async def test_a_unit_becomes_a_lock_that_the_server_knows_and_that_knows_the_time(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    await unit.open_window()
    done = await install(phone, unit)
    assert done is not None
    ((lock, record),) = server.installations
    assert lock == "LAS-0042"
    assert InstallationRecord.read(record) == done.record
    assert done.record.municipality == server.municipality.root.municipality
    assert "time" in done.errand.delivered
    memory = unit.program._memory
    assert memory is not None
    assert memory.reading == type(memory.reading)(server.now, Mark.SET)
    assert memory.installation == done.record.installation
    assert phone.outbox.waiting().installations == 0


async def test_without_coverage_the_record_waits_on_the_phone_and_goes_with_the_next_sync(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    server.lose = {"installations"}
    usual = server.handle
    server.handle = lambda name, *rest: (  # type: ignore[method-assign]
        (503, {}) if name == "installations" else usual(name, *rest)
    )
    await unit.open_window()
    done = await install(phone, unit)
    assert done is not None
    assert phone.outbox.waiting().installations == 1
    assert "time" not in done.errand.delivered
    server.lose, server.handle = set(), usual  # type: ignore[method-assign]
    assert phone.sync().sent_installations == 1
    assert len(server.installations) == 1


async def test_outside_its_window_a_unit_is_not_found(phone: Phone, unit: Unit) -> None:
    phone.sign_in()
    assert await install(phone, unit) is None
    assert unit.store.state.identity is None


@pytest.mark.parametrize("wrong", ["secret", "key"])
async def test_a_code_that_is_not_this_units_commissions_nothing(
    phone: Phone, server: SmallServer, unit: Unit, wrong: str
) -> None:
    phone.sign_in()
    await unit.open_window()
    real = unit.printed
    other = (
        Printed(real.kind, real.key, bytes(16))
        if wrong == "secret"
        else Printed(real.kind, x_of(private_key(888)), real.secret)
    )
    with pytest.raises(CommissioningError):
        await install(phone, unit, other)
    assert unit.store.state.identity is None
    assert server.installations == []
    assert phone.outbox.waiting().installations == 0


async def test_a_label_of_another_kind_is_noticed(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    await unit.open_window()
    real = unit.printed
    with pytest.raises(CommissioningError, match="not what its label says"):
        await install(phone, unit, Printed(Kind.ENTRANCE_UNIT, real.key, real.secret))
    assert server.installations == []


async def test_a_phone_that_has_never_synced_commissions_nothing(phone: Phone, unit: Unit) -> None:
    await unit.open_window()
    with pytest.raises(CommissioningError, match="sync first"):
        await install(phone, unit)
    assert unit.store.state.identity is None


async def test_an_installers_phone_that_is_blocked_destroys_itself(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    await unit.open_window()
    server.blocked = True
    with pytest.raises(BlockedError):
        await install(phone, unit)
    assert not phone.store.enrolled
    assert phone.outbox.waiting().installations == 1, "the lock exists, and must be known of"


# The link is lost, or the phone dies.


@pytest.mark.threat(19)
@pytest.mark.threat(38)
@pytest.mark.parametrize("deadly", [False, True], ids=["link lost", "phone dies"])
@pytest.mark.parametrize("messages", range(MESSAGES))
async def test_after_any_message_the_phone_has_the_record_of_the_lock_or_there_is_none(
    phone: Phone, server: SmallServer, unit: Unit, tmp_path: Path, messages: int, deadly: bool
) -> None:
    phone.sign_in()
    await unit.open_window()
    with suppress(PhoneDied):
        await install(phone, UnitAir(unit, cut_after=messages, deadly=deadly))
    await unit.idle()
    with Store(tmp_path / "phone") as again:
        restarted = Phone(again, phone.secrets)
        if (became := identity(unit)) is not None:
            kept = [Outbox(again).unsure(unit.printed.key), *restarted.outbox.installations()]
            known = [InstallationRecord.read(one.data) for one in kept if one is not None]
            known += [InstallationRecord.read(record) for _, record in server.installations]
            assert became in {record.installation for record in known}
        restarted.sync()
        assert {InstallationRecord.read(r).installation for _, r in server.installations} <= {
            became
        }, "the server hears of no lock that is none"
        if restarted.outbox.waiting().unsure or became is None:
            assert await install(restarted, unit) is not None
        restarted.sync()
        assert restarted.outbox.waiting().total == 0
    ((_, record),) = server.installations
    assert InstallationRecord.read(record).installation == identity(unit)


async def test_a_record_of_which_nobody_knows_is_not_told_to_the_server_but_to_the_installer(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    await unit.open_window()
    air = UnitAir(unit, cut_after=CONFIRMED, out_of_reach=True)
    with pytest.raises(UnsureError, match="press its button, and give the same command again"):
        await install(phone, air)
    waiting = phone.outbox.waiting()
    assert (waiting.unsure, waiting.installations, waiting.total) == (1, 0, 1)
    with pytest.raises(UnsureError):
        await install(phone, air)
    report = phone.sync()
    assert (report.unsure, report.sent_installations) == (["LAS-0042"], 0)
    assert server.installations == []


async def test_a_lock_that_is_heard_under_its_new_radio_key_is_known_to_exist(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    await unit.open_window()
    air = UnitAir(unit, cut_after=CONFIRMED, out_of_reach=True)
    with pytest.raises(UnsureError):
        await install(phone, air, lock="LAS-0041")
    await unit.idle()
    air.out_of_reach = False
    phone.clock += 5 * HOUR
    done = await install(phone, air, lock="LAS-0042")
    assert done is not None
    assert done.record.installation == identity(unit)
    report = phone.sync()
    assert (report.unsure, report.sent_installations) == ([], 1)
    assert [lock for lock, _ in server.installations] == ["LAS-0042"], "the last word counts"


async def test_a_unit_that_is_still_factory_new_gets_a_new_record_and_the_old_one_is_forgotten(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    await unit.open_window()
    air = UnitAir(unit, cut_after=CONFIRMED - 1, out_of_reach=True)
    with pytest.raises(UnsureError):
        await install(phone, air)
    first = phone.outbox.unsure(unit.printed.key)
    assert first is not None
    assert identity(unit) is None
    air.out_of_reach = False
    done = await install(phone, air)
    assert done is not None
    assert phone.sync().unsure == []
    ((_, record),) = server.installations
    assert record != first.data
    assert InstallationRecord.read(record).installation == identity(unit)
    assert phone.outbox.waiting().total == 0


async def test_a_unit_that_answers_the_confirmation_with_nonsense_leaves_the_phone_unsure(
    phone: Phone, server: SmallServer, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.sign_in()
    await unit.open_window()
    monkeypatch.setattr(installing, "Taken", SimpleNamespace(TAKEN=Taken.REFUSED))
    with pytest.raises(UnsureError):
        await install(phone, unit)
    assert phone.outbox.waiting().unsure == 1
    assert server.installations == []


async def test_records_of_other_units_are_no_reason_to_be_unsure_of_this_one(
    phone: Phone, server: SmallServer, unit: Unit
) -> None:
    phone.sign_in()
    phone.outbox.keep_unsure(b"another unit", Unsure("LAS-7", b"its record", NOON))
    assert await install(phone, unit) is None
    await unit.open_window()
    assert await install(phone, unit) is not None
    assert phone.sync().unsure == ["LAS-7"]
    assert [lock for lock, _ in server.installations] == ["LAS-0042"]


def x_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_numbers().x.to_bytes(32, "big")
