"""Simulated hardware obeys lines on standard input, for the demonstration and for trying out.

press            the inside button
hand             the thumb-turn is turned by hand, from inside
jam on|off       the bolt meets the frame
battery PERCENT  the charge; at 0 no motor of a thumb-turn starts
"""

from __future__ import annotations

import asyncio
import sys

from nyckelfri.lock.adapters.simulated import SimulatedBattery, SimulatedButton, SimulatedMotor
from nyckelfri.lock.hardware import Hardware


async def obey(hardware: Hardware) -> None:
    """Until standard input ends; a line that is not understood is answered with the list."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        words = line.decode("utf-8", "replace").split()
        if words and not _done(hardware, words):
            sys.stderr.write((__doc__ or "").strip() + "\n")


def _done(hardware: Hardware, words: list[str]) -> bool:
    match words, hardware.motor, hardware.battery, hardware.button:
        case ["press"], _, _, SimulatedButton() as button:
            button.press()
        case ["hand"], SimulatedMotor() as motor, _, _:
            motor.turn_by_hand()
        case ["jam", "on" | "off" as state], SimulatedMotor() as motor, _, _:
            motor.jammed = state == "on"
        case ["battery", percent], motor, SimulatedBattery() as battery, _ if percent.isdigit():
            battery.charge = min(100, int(percent))
            if isinstance(motor, SimulatedMotor):
                motor.powered = battery.charge > 0
        case _:
            return False
    return True
