"""`nyckelfri lock` as a process of its own: commissioned and opened over Bluetooth."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from doorworld import HOUR, NOON, Municipality, identifier, private_key

from nyckelfri.demo import air
from nyckelfri.door import advert, grants, signed
from nyckelfri.door import courier as records
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.commissioning import InstallationRecord, Printed
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.opening import DoorRecord, PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.program import payload
from nyckelfri.phone.radio import PhoneRadio
from unitworld import become

PHONE = private_key(300)


async def commission(
    transport: str, unit: Printed, municipality: Municipality
) -> InstallationRecord:
    async with PhoneRadio(transport) as radio:
        found = await radio.find([advert.FACTORY], 20)
        assert found is not None
        link = await radio.connect(found)
        record, _ = await become(unit, link, municipality)
        await link.close()
    return record


async def unlock(
    transport: str, record: InstallationRecord, municipality: Municipality
) -> tuple[Reason, int, list[int]]:
    """The reason, the outcome of the motor, and the bytes of the four messages."""
    door = DoorRecord(record.installation, record.lock_key, record.radio_key)
    grant = municipality.mint(
        Grant(
            identifier("Alice"),
            record.installation,
            NOON - HOUR,
            NOON + 4 * HOUR,
            NOON - HOUR,
            identifier("serial"),
            signed.coordinate(PHONE.public_key()),
            grants.CARE,
        )
    )
    payloads = [
        payload(record.radio_key, Reading(NOON + hour * HOUR, mark))
        for hour in (-1, 0, 1)
        for mark in (Mark.SET, Mark.LOST)
    ]
    async with PhoneRadio(transport) as radio:
        found = await radio.find(payloads, 20)
        assert found is not None
        link = await radio.connect(found)
        message_1, awaiting = PhoneOpening(door, PHONE, grant).message_1()
        await link.send(message_1)
        message_2 = await link.receive(5, 1000)
        message_3, waiting = awaiting.message_2(message_2).message_3(
            Command.UNLOCK, bulletin=municipality.bulletin(NOON - 60)
        )
        await link.send(message_3)
        message_4 = await link.receive(5, 1000)
        decision, courier = waiting.message_4(message_4)
        courier.open(await link.receive(5, 1000))
        outcome = courier.open(await link.receive(5, 1000))
        assert isinstance(outcome, records.OutcomeRecord)
        await link.send(courier.seal(records.End()))
        await link.close()
    return decision.reason, outcome.result, [len(m) for m in (message_1, message_2, message_4)]


def sockets(pid: int) -> list[str]:
    """What the process has open that is a socket."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:"):
            found.append(target.removeprefix("socket:[").removesuffix("]"))
    return found


def connections(inodes: list[str], table: str) -> list[str]:
    """Remote ends (hex address:port) of those sockets, from a table of /proc/net."""
    lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    return [line.split()[2] for line in lines if line.split()[9] in inodes]


@pytest.mark.slow
@pytest.mark.sentence(8)
@pytest.mark.sentence(9)
@pytest.mark.sentence(24)
@pytest.mark.sentence(92)
@pytest.mark.threat(27)
async def test_a_lock_opens_over_bluetooth_alone_also_after_a_power_cut(
    stage: Any, municipality: Municipality
) -> None:
    config = stage.config(bolt="bolt.txt", travel=0.05)
    made = stage.backstage.call("lock", "lock", "--config", config, "--factory", "thumb-turn")
    unit = Printed.read(made.text)
    lock = stage.backstage.start("lock", "lock", "--config", config, "--events", "--console")
    lock.wait_for("running", lambda event: event["what"] == "running")
    lock.tell("press")
    lock.wait_for("window", lambda event: event["what"] == "window")
    record = await commission(stage.transport("phone"), unit, municipality)
    lock.wait_for("commissioned", lambda event: event["what"] == "commissioned")

    reason, result, sizes = await unlock(stage.transport("phone"), record, municipality)
    assert (reason, result, sizes[:2]) == (Reason.GRANTED, 1, [37, 53])
    assert (stage.folder / "bolt.txt").read_text().strip() == "bolt in"

    # No network, nobody else's log: the radio's transport is the only connection there is.
    inodes = sockets(lock.pid)
    radio = f"0100007F:{stage.ports['lock']:04X}"
    assert connections(inodes, "tcp") == [radio]
    assert connections(inodes, "tcp6") + connections(inodes, "udp") == []

    lock.kill()
    again = stage.backstage.start("lock", "lock", "--config", config, "--events")
    again.wait_for("running", lambda event: event["what"] == "running")
    reason, result, _ = await unlock(stage.transport("phone"), record, municipality)
    assert (reason, result) == (Reason.GRANTED, 1)


@pytest.mark.slow
async def test_another_radio_than_the_configured_one_may_be_named(stage: Any) -> None:
    config = stage.config()
    stage.backstage.call("lock", "lock", "--config", config, "--factory", "thumb-turn")
    other = ("--transport", stage.transport("phone"))
    lock = stage.backstage.start(
        "lock", "lock", "--config", config, *other, "--events", "--console"
    )
    lock.wait_for("running", lambda event: event["what"] == "running")
    lock.tell("press")
    lock.wait_for("window", lambda event: event["what"] == "window")
    for _ in range(100):
        if heard := (await air.tell(stage.control, do="radios"))["radios"]:
            break
        await asyncio.sleep(0.1)
    assert heard == ["phone"]


@pytest.mark.slow
def test_a_configuration_that_is_wrong_is_told_with_what_to_change(stage: Any) -> None:
    config = stage.config(traval=1)
    stage.backstage.call("lock", "lock", "--config", config, expected=(2,))
    said = stage.backstage.last_words("lock")
    assert "'traval' is unknown; known are travel" in said
    assert "Traceback" not in said
