"""A morning of a generated municipality: everybody's grants derived and minted, and stored.

House rules: on PostgreSQL, in a process of its own, as `month`: what something costs is processor
time, of this process and of all of the database's, so one core's however many there are. Ours and
the bare signatures of the same bytes take turns, and the cheapest turn of each counts.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from bench import apart
from bench.apart import cost, row, set_up

SHIFTS: Final = "NYCKELFRI_BENCH_SHIFTS"
_TENTH: Final = 2125
"""Of the 21 250 shifts that begin in Sweden on a morning."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, measured in processes of their own.

    NYCKELFRI_BENCH_SHIFTS (2125) says how many shifts begin, beside a morning of a fifth of
    them; 21250 is all of Sweden in one database, and takes five minutes.
    """
    shifts = int(os.environ.get(SHIFTS, "300" if quick else str(_TENTH)))
    turns = 1 if quick else 3
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        cluster = stack.enter_context(apart.cluster())
        work = functools.partial(apart.call, "bench.morning", Path(directory))
        few, many = (
            work("morning", cluster.create(f"of_{size}"), size, turns)
            for size in (shifts // 5, shifts)
        )
    yield from _rows(few, many)


def _rows(few: dict[str, Any], many: dict[str, Any]) -> Iterator[dict[str, Any]]:
    size = f"{many['shifts']:,} shifts × {many['doors']} doors".replace(",", " ")
    yield row(
        f"derive and mint a morning of {size} / bare ES256 of the same bytes",
        1e6 / many["minted"],
        1e6 / many["bare"],
        "1/s of processor",
        target="≥ 0.4",
        note=f"of {many['minted']:.0f} µs a grant, derived {many['derived']:.0f}, the database's "
        f"part with it; every signature was verified afterwards",
    )
    yield row(
        "that morning derived, minted and stored / bare ES256 of the same bytes",
        1e6 / many["stored"],
        1e6 / many["bare"],
        "1/s of processor",
        note=f"locks, rows and audit rows take {many['stored'] - many['minted']:.0f} µs a grant, "
        f"a COPY of the same rows alone {many['copy']:.0f}",
    )
    yield row(
        f"a grant of that morning, derived and minted, {many['shifts']} shifts / {few['shifts']}",
        many["minted"],
        few["minted"],
        "µs of processor",
        target="≤ 1.2",
    )


def _morning(shifts: str, turns: str) -> dict[str, Any]:
    """What a grant costs, in microseconds of processor; the cheapest turn of each part counts."""
    set_up()
    from bench.bigtown import morning  # noqa: PLC0415 -- needs Django

    town = morning.Morning(int(shifts))
    spent: dict[str, list[float]] = {}
    for _ in range(int(turns)):
        for name, part in town.parts.items():
            town.clear()
            spent.setdefault(name, []).append(cost(part).processor)
    count = town.check()
    cheapest = {name: min(each) / count * 1e6 for name, each in spent.items()}
    return {"shifts": town.shifts, "doors": round(count / town.shifts), **cheapest}


_DEEDS: Final[dict[str, Callable[..., Any]]] = {"morning": _morning}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_DEEDS[sys.argv[1]](*sys.argv[2:])))
