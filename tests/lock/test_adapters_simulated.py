"""Simulated hardware behaves like hardware; battery and clock of a board."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from nyckelfri import clock
from nyckelfri.lock.adapters.simulated import (
    BOLT_IN,
    BOLT_OUT,
    HOLDING,
    RELEASED,
    SimulatedBattery,
    SimulatedButton,
    SimulatedDoor,
    SimulatedHardwareClock,
    SimulatedMotor,
    SimulatedStrike,
)
from nyckelfri.lock.adapters.system import FileBattery, MainsPower, SystemHardwareClock
from nyckelfri.lock.ports import MotorCommand, MotorFault, MotorResult

if TYPE_CHECKING:
    from pathlib import Path

    from nyckelfri.lock import ports


async def test_the_bolt_moves_in_its_time_and_tells_of_it() -> None:
    heard: list[str] = []
    motor = SimulatedMotor(0.02, on_change=heard.append)
    assert motor.position.now == BOLT_OUT
    assert await motor.unlock() is MotorResult.DONE
    assert motor.position.now == BOLT_IN
    assert await motor.lock() is MotorResult.DONE
    assert motor.position.now == BOLT_OUT
    assert heard == [BOLT_IN, BOLT_OUT]
    assert motor.started == 2


@pytest.mark.threat(26)
@pytest.mark.parametrize("fault", ["jammed", "stalled"])
async def test_a_movement_that_fails_leaves_the_bolt_and_says_so(fault: str) -> None:
    motor = SimulatedMotor(0.02, stall_after=0.03)
    setattr(motor, fault, True)
    assert await motor.unlock() is MotorResult.JAMMED
    assert motor.locked
    setattr(motor, fault, False)
    assert await motor.unlock() is MotorResult.DONE


@pytest.mark.parametrize("motor_type", [SimulatedMotor, SimulatedStrike])
async def test_without_power_nothing_starts(
    motor_type: type[SimulatedMotor | SimulatedStrike],
) -> None:
    motor = motor_type(0.02)
    motor.powered = False
    assert not motor.ready()
    with pytest.raises(MotorFault, match="no power"):
        await motor.unlock()
    assert motor.started == 0
    assert motor.locked


@pytest.mark.sentence(16)
@pytest.mark.parametrize("fault", [None, "jammed", "stalled", "unpowered", "locking", "unlocking"])
async def test_the_thumb_turn_opens_by_hand_in_every_state(fault: str | None) -> None:
    motor = SimulatedMotor(5.0, stall_after=5.0)
    if fault in ("jammed", "stalled"):
        setattr(motor, fault, True)
    if fault == "unpowered":
        motor.powered = False
    elif fault is not None:
        command = MotorCommand.LOCK if fault == "locking" else MotorCommand.UNLOCK
        await motor.start(command)
        await asyncio.sleep(0.01)
    motor.turn_by_hand()
    assert not motor.locked
    if motor.moving:
        async with asyncio.timeout(1):
            assert await motor.finished() is MotorResult.JAMMED
    assert not motor.locked, "the motor did not win against the hand"
    motor.turn_by_hand(lock=True)
    assert motor.locked


@pytest.mark.sentence(16)
@pytest.mark.parametrize("state", ["holding", "released", "unpowered"])
async def test_an_entrance_unit_never_blocks_the_way_out(state: str) -> None:
    strike = SimulatedStrike(0.05)
    strike.powered = state != "unpowered"
    if state == "released":
        await strike.start(MotorCommand.UNLOCK)
    before = strike.position.now
    assert strike.leave()
    assert strike.position.now == before, "leaving tells the unit nothing"
    if state == "released":
        await strike.finished()
    assert strike.locked


async def test_the_strike_is_released_for_a_pulse_and_holds_again() -> None:
    heard: list[str] = []
    strike = SimulatedStrike(0.03, on_change=heard.append)
    await strike.start(MotorCommand.UNLOCK)
    assert strike.position.now == RELEASED
    assert await strike.finished() is MotorResult.DONE
    assert strike.position.now == HOLDING
    assert heard == [RELEASED, HOLDING]


async def test_the_bolt_stays_where_it_was_when_the_program_dies(tmp_path: Path) -> None:
    state = tmp_path / "bolt"
    await SimulatedMotor(0.01, state=state).unlock()
    assert not SimulatedMotor(0.01, state=state).locked
    assert state.read_text("utf-8") == BOLT_IN + "\n"


async def test_every_adapter_fits_its_port() -> None:
    """For the type checker: assigning is the test."""
    motors: list[ports.Motor] = [SimulatedMotor(), SimulatedStrike()]
    batteries: list[ports.Battery] = [SimulatedBattery(), MainsPower()]
    clocks: list[ports.HardwareClock] = [SimulatedHardwareClock(), SystemHardwareClock()]
    door: ports.DoorSensor = SimulatedDoor()
    button: ports.Button = SimulatedButton()
    assert all(motor.ready() for motor in motors)
    assert [battery.percent() for battery in batteries] == [100, None]
    assert all(each.read() is not None for each in clocks)
    assert door.closed() is True
    assert button is not None


async def test_the_button_returns_once_for_each_press() -> None:
    button = SimulatedButton()
    button.press()
    await asyncio.wait_for(button.pressed(), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(button.pressed(), 0.01)


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("87\n", 87),
        ("0", 0),
        ("100\n", 100),
        ("101", None),
        ("-3", None),
        ("", None),
        ("full", None),
        ("12345678901234567890", None),
        ("²", None),
    ],
)
def test_the_battery_file_is_read_strictly(tmp_path: Path, text: str, percent: int | None) -> None:
    path = tmp_path / "capacity"
    path.write_text(text, "utf-8")
    assert FileBattery(path).percent() == percent


def test_a_battery_that_was_taken_out_is_unknown(tmp_path: Path) -> None:
    assert FileBattery(tmp_path / "gone").percent() is None
    assert FileBattery(tmp_path).percent() is None


def test_the_simulated_clock_keeps_time_until_its_cell_is_out() -> None:
    moment = [1000]
    chip = SimulatedHardwareClock(lambda: moment[0])
    assert chip.read() == 1000
    chip.set(5000)
    moment[0] += 7
    assert chip.read() == 5007
    chip.present = False
    chip.set(1)
    assert chip.read() is None
    chip.present = True
    assert chip.read() == 5007


def test_the_system_clock_is_left_alone_under_a_declared_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[float] = []
    monkeypatch.setattr(time, "clock_settime", lambda _clock, seconds: calls.append(seconds))
    monkeypatch.setenv(clock.ENVIRONMENT, "1000@0*1")
    SystemHardwareClock().set(5000)
    assert calls == []
    monkeypatch.delenv(clock.ENVIRONMENT)
    SystemHardwareClock().set(5000)
    assert calls == [5000]


def test_a_program_that_may_not_set_the_clock_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_clock: int, _seconds: float) -> None:
        raise PermissionError

    monkeypatch.setattr(time, "clock_settime", refuse)
    monkeypatch.delenv(clock.ENVIRONMENT, raising=False)
    SystemHardwareClock().set(5000)
    assert "CAP_SYS_TIME" in caplog.text
