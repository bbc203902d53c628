"""clock.json: what moves a lock's clock, written by hand from the protocol's section 5."""

from __future__ import annotations

from typing import Any

from generator.world import HOUR, NOON, Case

SET, APPROXIMATE, LOST = 0, 1, 2
DAY = 24 * HOUR
WEEK = 7 * DAY


def contents() -> Case:
    """The whole file."""
    return {
        "version": 1,
        "about": "docs/protocol.md section 5: steps that a lock's clock goes through, and floor, "
        "estimate and mark after each. ticks are seconds of a counter that never jumps. do is "
        "start (the program starts, with what was saved and what the hardware clock says, null "
        "for nothing), factory (a unit that was never commissioned), bulletin (issued), time (a "
        "time token), epoch (the first key set of a higher epoch was taken, signed at issued) "
        "or wait. refused: the step must be refused and changes nothing.",
        "cases": [
            _steps(name, *steps) for name, *steps in [*_running(), *_lost(), *_epochs(), *_starts()]
        ],
    }


def _steps(name: str, *steps: Case) -> Case:
    return {"name": name, "steps": list(steps)}


def _step(do: str, ticks: int, floor: int, estimate: int, mark: int, **more: Any) -> Case:
    then = {"floor": floor, "estimate": estimate, "mark": mark}
    return {"do": do, "ticks": ticks} | more | {"then": then}


def _start(
    hardware: int | None,
    estimate: int,
    mark: int,
    *,
    ticks: int = 0,
    floor: int = NOON - DAY,
    checkpoint: int = NOON,
    saved: int = SET,
) -> Case:
    return _step(
        "start",
        ticks,
        floor,
        estimate,
        mark,
        saved={"floor": floor, "checkpoint": checkpoint, "mark": saved},
        hardware=hardware,
    )


def _running() -> list[tuple[Any, ...]]:
    start = _start(NOON, NOON, SET)
    floor = NOON - DAY
    return [
        ("the estimate runs with the ticks", start, _step("wait", 500, floor, NOON + 500, SET)),
        (
            "a bulletin ahead raises floor and estimate",
            start,
            _step("bulletin", 0, NOON + HOUR, NOON + HOUR, SET, issued=NOON + HOUR),
            _step("wait", 60, NOON + HOUR, NOON + HOUR + 60, SET),
        ),
        (
            "a bulletin behind raises the floor alone",
            start,
            _step("bulletin", 9, NOON - HOUR, NOON + 9, SET, issued=NOON - HOUR),
        ),
        (
            "a bulletin below the floor changes nothing of the clock",
            start,
            _step("bulletin", 0, floor, NOON, SET, issued=NOON - 9 * DAY),
        ),
        (
            "a bulletin exactly 7 days ahead",
            start,
            _step("bulletin", 0, NOON + WEEK, NOON + WEEK, SET, issued=NOON + WEEK),
        ),
        (
            "a bulletin over 7 days ahead",
            start,
            _step("bulletin", 0, floor, NOON, SET, issued=NOON + WEEK + 1, refused=True),
        ),
        (
            "a token sets forward, however far",
            start,
            _step("time", 0, NOON + 90 * DAY, NOON + 90 * DAY, SET, time=NOON + 90 * DAY),
        ),
        (
            "a token sets back",
            start,
            _step("time", 5, NOON - HOUR, NOON - HOUR, SET, time=NOON - HOUR),
            _step("wait", 15, NOON - HOUR, NOON - HOUR + 10, SET),
        ),
        (
            "a token never sets below the floor",
            start,
            _step("time", 0, floor, floor, SET, time=NOON - 9 * DAY),
        ),
        (
            "through 2038",
            _start(2**31 - 5, 2**31 - 5, SET, floor=2**31 - DAY, checkpoint=2**31 - 9),
            _step("wait", 10, 2**31 - DAY, 2**31 + 5, SET),
            _step("bulletin", 10, 2**31 + 9, 2**31 + 9, SET, issued=2**31 + 9),
        ),
    ]


def _lost() -> list[tuple[Any, ...]]:
    floor = NOON - DAY
    lost = _start(None, NOON, LOST)
    return [
        (
            "lost, then a newer bulletin, then a token",
            lost,
            _step("bulletin", 10, NOON + HOUR, NOON + HOUR, APPROXIMATE, issued=NOON + HOUR),
            _step("wait", 40, NOON + HOUR, NOON + HOUR + 30, APPROXIMATE),
            _step("time", 40, NOON + 9 * HOUR, NOON + 9 * HOUR, SET, time=NOON + 9 * HOUR),
        ),
        (
            "lost, then a bulletin from before the checkpoint",
            lost,
            _step("bulletin", 10, NOON - HOUR, NOON + 10, APPROXIMATE, issued=NOON - HOUR),
        ),
        (
            "lost, then a bulletin from a year ahead",
            lost,
            _step(
                "bulletin",
                0,
                NOON + 365 * DAY,
                NOON + 365 * DAY,
                APPROXIMATE,
                issued=NOON + 365 * DAY,
            ),
        ),
        (
            "approximate, then a bulletin over 7 days ahead",
            lost,
            _step("bulletin", 0, NOON, NOON, APPROXIMATE, issued=NOON),
            _step("bulletin", 0, NOON, NOON, APPROXIMATE, issued=NOON + WEEK + 1, refused=True),
        ),
        ("lost, and a token alone", lost, _step("time", 0, NOON, NOON, SET, time=NOON)),
        ("lost keeps running", lost, _step("wait", 99, floor, NOON + 99, LOST)),
        (
            "factory-new, then the bulletin of its commissioning",
            _step("factory", 50, 0, 0, LOST),
            _step("bulletin", 60, NOON, NOON, APPROXIMATE, issued=NOON),
        ),
    ]


def _epochs() -> list[tuple[Any, ...]]:
    years = NOON + 900 * DAY
    return [
        (
            "a new epoch brings back a clock that was set years ahead",
            _start(NOON, NOON, SET),
            _step("time", 0, years, years, SET, time=years),
            _step("epoch", 5, NOON + HOUR, NOON + HOUR, LOST, issued=NOON + HOUR),
            _step(
                "bulletin", 9, NOON + HOUR + 30, NOON + HOUR + 30, APPROXIMATE, issued=NOON + 3630
            ),
        ),
        (
            "a new epoch, then a bulletin from before its key set",
            _start(NOON, NOON, SET),
            _step("epoch", 5, NOON, NOON, LOST, issued=NOON),
            _step("bulletin", 9, NOON, NOON + 4, APPROXIMATE, issued=NOON - HOUR),
        ),
    ]


def _starts() -> list[tuple[Any, ...]]:
    return [
        ("hardware clock at the checkpoint", _start(NOON, NOON, SET)),
        ("hardware clock a day on", _start(NOON + DAY, NOON + DAY, SET)),
        ("hardware clock 7 days on", _start(NOON + WEEK, NOON + WEEK, SET)),
        ("hardware clock over 7 days on", _start(NOON + WEEK + 1, NOON, LOST)),
        ("hardware clock a second behind", _start(NOON - 1, NOON, LOST)),
        ("hardware clock reset to 1970", _start(0, NOON, LOST)),
        ("hardware clock reset to 2000", _start(946_684_800, NOON, LOST)),
        ("no hardware clock", _start(None, NOON, LOST)),
        (
            "approximate stays approximate",
            _start(NOON + 9, NOON + 9, APPROXIMATE, saved=APPROXIMATE),
        ),
        ("lost stays lost", _start(NOON + 9, NOON + 9, LOST, saved=LOST)),
        ("approximate without hardware clock", _start(None, NOON, LOST, saved=APPROXIMATE)),
        (
            "a checkpoint below the floor counts as the floor",
            _start(NOON + 9, NOON + 9, SET, floor=NOON, checkpoint=NOON - DAY),
        ),
        (
            "hardware clock between such a checkpoint and the floor",
            _start(NOON - 9, NOON, LOST, floor=NOON, checkpoint=NOON - DAY),
        ),
    ]
