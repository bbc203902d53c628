"""Motor, strike, sensor and button on lines; the lines are objects in memory, the logic is real."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import gpiod
import pytest

from nyckelfri.lock.adapters.gpio import (
    GpioButton,
    GpioDoorSensor,
    GpioMotor,
    GpioStrike,
    MotorPins,
)
from nyckelfri.lock.adapters.lines import GpiodLines
from nyckelfri.lock.ports import MotorCommand, MotorFault, MotorResult

if TYPE_CHECKING:
    from collections.abc import Callable

UNLOCK, LOCK, AT_UNLOCKED, AT_LOCKED, STALL, RELAY = range(6)
PINS = MotorPins(UNLOCK, LOCK, travel=0.05, longest=0.15, inrush=0.03)
SWITCHED = replace(PINS, at_unlocked=AT_UNLOCKED, at_locked=AT_LOCKED, stall=STALL)


class Board:
    """Lines in memory. `now` holds the active ones, `story` every change of an output."""

    def __init__(self) -> None:
        self.now: set[int] = set()
        self.story: list[tuple[int, bool]] = []
        self.broken: set[int] = set()
        self.react: Callable[[], None] = lambda: None

    def set(self, line: int, *, on: bool) -> None:
        if line in self.broken:
            raise OSError("no such line")
        if on is not (line in self.now):
            self.story.append((line, on))
        (self.now.add if on else self.now.discard)(line)
        assert not {UNLOCK, LOCK} <= self.now, "both directions at once burn the bridge"
        self.react()

    def get(self, line: int) -> bool:
        if line in self.broken:
            raise OSError("no such line")
        return line in self.now

    def close(self) -> None:
        self.now.clear()


@pytest.fixture
def board() -> Board:
    return Board()


def reaches(board: Board, switch: int, after: float) -> None:
    """Let an end switch or the stall line become active a while after the motor starts."""
    loop = asyncio.get_running_loop()

    def react() -> None:
        if board.now & {UNLOCK, LOCK}:
            loop.call_later(after, board.now.add, switch)
            board.react = lambda: None

    board.react = react


async def test_a_motor_without_switches_runs_for_its_travel_and_stops(board: Board) -> None:
    motor = GpioMotor(board, PINS)
    began = asyncio.get_running_loop().time()
    assert await motor.unlock() is MotorResult.DONE
    assert asyncio.get_running_loop().time() - began >= PINS.travel
    assert await motor.lock() is MotorResult.DONE
    assert board.story == [(UNLOCK, True), (UNLOCK, False), (LOCK, True), (LOCK, False)]


async def test_the_end_switch_of_the_direction_ends_the_movement(board: Board) -> None:
    motor = GpioMotor(board, SWITCHED)
    board.now.add(AT_LOCKED)
    reaches(board, AT_UNLOCKED, 0.02)
    assert await motor.unlock() is MotorResult.DONE
    assert not board.now & {UNLOCK, LOCK}


@pytest.mark.threat(26)
async def test_a_motor_that_never_reaches_its_end_is_stopped_and_reported_as_jammed(
    board: Board,
) -> None:
    motor = GpioMotor(board, SWITCHED)
    assert await motor.unlock() is MotorResult.JAMMED
    assert board.story == [(UNLOCK, True), (UNLOCK, False)]


@pytest.mark.threat(26)
async def test_a_stall_is_noticed_long_before_the_longest_run(board: Board) -> None:
    motor = GpioMotor(board, replace(SWITCHED, longest=10.0))
    reaches(board, STALL, 0.04)
    async with asyncio.timeout(2):
        assert await motor.lock() is MotorResult.JAMMED
    assert not board.now & {UNLOCK, LOCK}


async def test_the_inrush_current_is_no_stall(board: Board) -> None:
    motor = GpioMotor(board, SWITCHED)
    board.now.add(STALL)
    asyncio.get_running_loop().call_later(0.02, board.now.discard, STALL)
    reaches(board, AT_UNLOCKED, 0.04)
    assert await motor.unlock() is MotorResult.DONE


async def test_start_returns_while_the_motor_runs_and_a_second_movement_must_wait(
    board: Board,
) -> None:
    motor = GpioMotor(board, PINS)
    assert motor.ready()
    await motor.start(MotorCommand.UNLOCK)
    assert UNLOCK in board.now
    assert not motor.ready()
    with pytest.raises(MotorFault, match="moves already"):
        await motor.start(MotorCommand.LOCK)
    assert await motor.finished() is MotorResult.DONE
    assert motor.ready()


async def test_nothing_has_finished_before_anything_was_started(board: Board) -> None:
    with pytest.raises(MotorFault, match="call start first"):
        await GpioMotor(board, PINS).finished()


async def test_who_stops_waiting_does_not_stop_the_motor(board: Board) -> None:
    motor = GpioMotor(board, PINS)
    await motor.start(MotorCommand.UNLOCK)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(motor.finished(), 0.01)
    assert UNLOCK in board.now
    assert await motor.finished() is MotorResult.DONE


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_no_line_stays_active_when_the_program_ends_in_mid_movement(
    board: Board, steps: int
) -> None:
    async def program() -> None:
        await GpioMotor(board, PINS).start(MotorCommand.UNLOCK)
        await GpioStrike(board, RELAY, pulse=5).start(MotorCommand.UNLOCK)
        assert board.now == {UNLOCK, RELAY}
        for _ in range(steps):
            await asyncio.sleep(0)

    asyncio.run(program())
    assert board.now == set()


async def test_a_line_that_fails_at_start_is_a_fault_and_nothing_runs(board: Board) -> None:
    motor = GpioMotor(board, PINS)
    board.broken.add(UNLOCK)
    with pytest.raises(MotorFault, match="line fails"):
        await motor.unlock()
    assert board.now == set()
    board.broken.clear()
    assert await motor.unlock() is MotorResult.DONE


@pytest.mark.threat(26)
async def test_a_switch_that_fails_under_way_stops_the_motor_and_is_no_success(
    board: Board,
) -> None:
    motor = GpioMotor(board, SWITCHED)
    await motor.start(MotorCommand.LOCK)
    board.broken.add(AT_LOCKED)
    assert await motor.finished() is MotorResult.JAMMED
    await asyncio.sleep(0)
    assert board.now == set()


async def test_a_relay_that_cannot_be_let_fall_is_logged_and_no_success(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    strike = GpioStrike(board, RELAY, pulse=0.02)
    await strike.start(MotorCommand.UNLOCK)
    board.broken.add(RELAY)
    assert await strike.finished() is MotorResult.JAMMED
    await asyncio.sleep(0)
    assert "cannot be released (OSError)" in caplog.text


async def test_the_relay_is_low_at_start_and_pulses_for_its_time(board: Board) -> None:
    board.now.add(RELAY)
    strike = GpioStrike(board, RELAY, pulse=0.05)
    assert board.now == set()
    began = asyncio.get_running_loop().time()
    assert await strike.unlock() is MotorResult.DONE
    assert 0.05 <= asyncio.get_running_loop().time() - began < 0.5
    assert board.story == [(RELAY, False), (RELAY, True), (RELAY, False)]


async def test_a_second_carer_during_a_pulse_gets_its_whole_length(board: Board) -> None:
    strike = GpioStrike(board, RELAY, pulse=0.1)
    now = asyncio.get_running_loop().time
    await strike.start(MotorCommand.UNLOCK)
    await asyncio.sleep(0.06)
    assert strike.ready()
    again = now()
    await strike.start(MotorCommand.UNLOCK)
    assert await strike.finished() is MotorResult.DONE
    assert now() - again >= 0.1
    assert board.story == [(RELAY, True), (RELAY, False)]


async def test_a_pulse_that_starts_as_the_last_one_ends_is_not_cut_short(board: Board) -> None:
    strike = GpioStrike(board, RELAY, pulse=0.03)
    await strike.start(MotorCommand.UNLOCK)
    again: list[asyncio.Task[None]] = []

    def react() -> None:
        if RELAY not in board.now and not again:
            again.append(asyncio.create_task(strike.start(MotorCommand.UNLOCK)))

    board.react = react
    await strike.finished()
    await again[0]
    await asyncio.sleep(0.01)
    assert RELAY in board.now
    await strike.finished()
    assert RELAY not in board.now


async def test_locking_a_strike_ends_its_pulse(board: Board) -> None:
    strike = GpioStrike(board, RELAY, pulse=20)
    await strike.start(MotorCommand.UNLOCK)
    async with asyncio.timeout(2):
        assert await strike.lock() is MotorResult.DONE
    assert board.now == set()


@pytest.mark.parametrize("pulse", [0, -1, 31])
def test_a_pulse_that_leaves_the_door_open_is_refused(board: Board, pulse: float) -> None:
    with pytest.raises(ValueError, match="at most 30 s"):
        GpioStrike(board, RELAY, pulse)


def test_a_door_sensor_that_fails_knows_nothing(board: Board) -> None:
    sensor = GpioDoorSensor(board, 3)
    assert sensor.closed() is False
    board.now.add(3)
    assert sensor.closed() is True
    board.broken.add(3)
    assert sensor.closed() is None


async def test_a_button_counts_once_a_press_and_not_while_it_hangs(board: Board) -> None:
    button = GpioButton(board, 3, poll=0.005)
    board.now.add(3)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(button.pressed(), 0.05)
    board.now.discard(3)
    pressed = asyncio.create_task(button.pressed())
    await asyncio.sleep(0.02)
    assert not pressed.done()
    board.now.add(3)
    await asyncio.wait_for(pressed, 2)


async def test_a_spike_on_the_line_is_no_press(board: Board) -> None:
    looks = iter([False, True, False, False])
    board.get = lambda line: next(looks, False)  # type: ignore[method-assign]  # noqa: ARG005 - the port's name
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(GpioButton(board, 3, poll=0.002).pressed(), 0.05)


class Request:
    """What libgpiod gives for requested lines, in memory."""

    def __init__(self, config: dict[int, gpiod.LineSettings]) -> None:
        self.config = config
        self.values: dict[int, object] = {}
        self.released = False

    def set_value(self, line: int, value: object) -> None:
        self.values[line] = value

    def set_values(self, values: dict[int, object]) -> None:
        self.values.update(values)

    def get_value(self, line: int) -> object:
        return self.values.get(line, gpiod.line.Value.ACTIVE)

    def release(self) -> None:
        self.released = True


def test_outputs_are_requested_low_and_left_low(monkeypatch: pytest.MonkeyPatch) -> None:
    """No chip is needed: what is asked of libgpiod is looked at, not libgpiod."""
    requests: list[Request] = []

    def request_lines(chip: str, consumer: str, config: dict[int, gpiod.LineSettings]) -> Request:
        assert (chip, consumer) == ("/dev/gpiochip0", "nyckelfri")
        requests.append(Request(config))
        return requests[-1]

    monkeypatch.setattr(gpiod, "request_lines", request_lines)
    lines = GpiodLines("/dev/gpiochip0", outputs=[RELAY], inputs=[3], active_low=[3])
    (request,) = requests
    assert request.config[RELAY].direction is gpiod.line.Direction.OUTPUT
    assert request.config[RELAY].output_value is gpiod.line.Value.INACTIVE
    assert not request.config[RELAY].active_low
    assert request.config[3].direction is gpiod.line.Direction.INPUT
    assert request.config[3].active_low
    assert lines.get(3) is True
    lines.set(RELAY, on=True)
    assert request.values[RELAY] is gpiod.line.Value.ACTIVE
    lines.close()
    lines.close()
    assert request.values[RELAY] is gpiod.line.Value.INACTIVE
    assert request.released
    with pytest.raises(OSError, match="let go"):
        lines.set(RELAY, on=True)


def test_a_board_without_the_chip_is_a_clear_os_error() -> None:
    with pytest.raises(OSError, match="gpiochip-that-is-not-there"):
        GpiodLines("/dev/gpiochip-that-is-not-there", outputs=[1])
