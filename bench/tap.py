"""From the tap in the staff app to the motor: a real page, Chromium's emulated radio, a real lock.

The page runs the app's own modules; between two openings it makes the same calls of Web Bluetooth
with nothing of ours around them, over the same bridge and air, to a radio that only answers: that
is the reference. Both connect anew each time, as a phone does at a door. The lock stamps its event
`granted` after the motor has started.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nyckelfri.demo.processes import Backstage, Clockwork
from nyckelfri.demo.radiobench import OPENING
from nyckelfri.door.advert import HOUR, pseudonym
from nyckelfri.door.grants import Command

_TESTS = Path(__file__).parents[1] / "tests"
ROUNDS: Final = 60
WARM_UP: Final = 3


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of one opening and of the bare calls beside it."""

    motor: float
    answer: float
    messages: float
    """Of it from the link's standing to the motor."""
    bare: float
    trips: float
    """Of it from the link's standing to the end."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report; medians of interleaved turns."""
    rounds = measure(3 if quick else ROUNDS)
    bare = [each.bare for each in rounds]
    yield _row("tap to motor start", [each.motor for each in rounds], bare) | {
        "target": "≤ 2",
        "note": "reference: connect, find the service, subscribe and two round trips of an"
        " opening's sizes",
    }
    yield _row("tap to message 4", [each.answer for each in rounds], bare)
    messages, trips = [each.messages for each in rounds], [each.trips for each in rounds]
    yield _row("of it from the link's standing to motor start", messages, trips) | {
        "note": "reference: the two round trips alone; ours has both sides' cryptography and the"
        " lock's synced write between them",
    }


def _row(name: str, ours: Sequence[float], bare: Sequence[float]) -> dict[str, Any]:
    mine, reference = statistics.median(ours), statistics.median(bare)
    return {
        "name": f"{name} in the emulated radio / bare emulated calls",
        "ours": round(mine, 1),
        "reference": round(reference, 1),
        "ratio": round(mine / reference, 2),
        "unit": "ms",
    }


def measure(rounds: int) -> list[Round]:
    """An opening and the bare calls take turns; the first ones do not count."""
    sys.path.insert(0, str(_TESTS))
    try:
        from doorworld import NOON, Municipality  # noqa: PLC0415 -- the tests' own

        import webradio  # noqa: PLC0415 -- the tests' own
        import webworld  # noqa: PLC0415 -- the tests' own
    finally:
        sys.path.remove(str(_TESTS))
    door, municipality = webradio.RealDoor.make("door", 900), Municipality.make()
    with tempfile.TemporaryDirectory(prefix="nyckelfri-") as folder:
        clockwork = Clockwork(Path(folder) / "clock")
        clockwork.set(NOON)
        with (
            Backstage(Path(folder), clockwork) as backstage,
            webworld.driver() as driver,
            webradio.street(driver, backstage, "door", "echo", "phone") as street,
        ):
            lock = street.lock("door", door, municipality)
            echo = street.echo("echo", "bare")
            with street.handset("phone").page() as phone:
                said = pseudonym(door.record.radio_key, NOON // HOUR).hex()
                phone.step("choose", "door", [said])
                asks = door.for_page(municipality)
                found = []
                for _ in range(WARM_UP + rounds):
                    opening = phone.step("visit", "door", asks, Command.UNLOCK)
                    granted = webradio.heard(lock, "granted")["monotonic"]
                    motor = 1000 * (granted - time.monotonic() + time.time())
                    bare = phone.step("bare", echo, OPENING)
                    found.append(
                        Round(
                            motor - opening["tapped"],
                            opening["answered"] - opening["tapped"],
                            motor - opening["connected"],
                            bare["answered"] - bare["tapped"],
                            bare["answered"] - bare["connected"],
                        )
                    )
        return found[WARM_UP:]
