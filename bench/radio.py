"""A framed link against bare GATT on one air: the round trips of an opening, and a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from nyckelfri.demo import radiobench

ROUNDS = 300


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report; medians of interleaved turns."""
    found = asyncio.run(_measure(5 if quick else ROUNDS))
    yield _row("framed round trips of an opening's sizes", found, "opening", "median_ms", "ms")
    yield _row("framed stream from the lock", found, "stream", "kB_per_s", "kB/s")


async def _measure(rounds: int) -> dict[str, dict[str, float]]:
    async with radiobench.whole_air() as (phone, probe):
        return await radiobench.measure(phone, probe, rounds)


def _row(
    name: str, found: dict[str, dict[str, float]], label: str, figure: str, unit: str
) -> dict[str, Any]:
    ours, bare = found[f"{label} ours"][figure], found[f"{label} bare"][figure]
    return {
        "name": f"{name} / bare GATT",
        "ours": ours,
        "reference": bare,
        "ratio": round(ours / bare, 3),
        "unit": unit,
    }
