"""The hardware that a configuration names, behind the ports."""

from __future__ import annotations

from dataclasses import dataclass

from nyckelfri.door.commissioning import Kind
from nyckelfri.lock import ports
from nyckelfri.lock.adapters import simulated, system
from nyckelfri.lock.config import Config, ConfigError, Gpio, Simulated


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything of a unit that is not radio or store."""

    motor: ports.Motor
    battery: ports.Battery
    clock: ports.HardwareClock
    button: ports.Button


def build(config: Config, kind: Kind) -> Hardware:
    """The unit's hardware; ConfigError when lines that it needs are not named."""
    if config.simulated is not None:
        return _simulated(config, config.simulated, kind)
    if config.gpio is not None:
        return _gpio(config, config.gpio, kind)
    raise ConfigError("no hardware is named")


def _simulated(config: Config, wanted: Simulated, kind: Kind) -> Hardware:
    state = config.path(wanted.bolt) if wanted.bolt else None
    motor: ports.Motor
    if kind is Kind.ENTRANCE_UNIT:
        motor = simulated.SimulatedStrike(wanted.pulse, state=state)
    else:
        motor = simulated.SimulatedMotor(wanted.travel, state=state)
    clock = simulated.SimulatedHardwareClock()
    clock.present = wanted.hardware_clock
    clock.offset = wanted.hardware_clock_offset
    return Hardware(
        motor,
        simulated.SimulatedBattery(wanted.battery),
        clock,
        simulated.SimulatedButton(),
    )


def _gpio(config: Config, wanted: Gpio, kind: Kind) -> Hardware:
    # Only boards have gpiod's character devices, so only they load it.
    from nyckelfri.lock.adapters import gpio, lines  # noqa: PLC0415

    if wanted.button is None:
        raise ConfigError("[gpio] button must be given: it opens the commissioning window")
    pins = lines.GpiodLines(wanted.chip, wanted.outputs, wanted.inputs, wanted.active_low)
    motor: ports.Motor
    if kind is Kind.ENTRANCE_UNIT:
        if wanted.relay is None:
            raise ConfigError("[gpio] relay must be given for an entrance unit")
        motor = gpio.GpioStrike(pins, wanted.relay, wanted.pulse)
    else:
        if wanted.motor_unlock is None or wanted.motor_lock is None:
            raise ConfigError("[gpio] motor_unlock and motor_lock must be given for a thumb-turn")
        motor = gpio.GpioMotor(
            pins,
            gpio.MotorPins(
                unlock=wanted.motor_unlock,
                lock=wanted.motor_lock,
                at_unlocked=wanted.at_unlocked,
                at_locked=wanted.at_locked,
                stall=wanted.stall,
            ),
        )
    battery: ports.Battery = system.MainsPower()
    if wanted.battery_file:
        battery = system.FileBattery(config.path(wanted.battery_file))
    return Hardware(
        motor,
        battery,
        system.SystemHardwareClock(),
        gpio.GpioButton(pins, wanted.button),
    )
