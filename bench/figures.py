"""How long a month's figures take in a municipality of any size: `python -m bench.figures 5000`.

House rules: on PostgreSQL, in a database of its own; the visits are rows as deriving leaves them,
made by `bigtown`. What is timed is what the round does, and what a page then reads.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1] / "tests"


def main(clients: int) -> None:
    """Start a cluster, and measure in a process of its own."""
    sys.path[:0] = [str(_TESTS)]
    import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

    with tempfile.TemporaryDirectory() as directory, pgcluster.running(durable=True) as cluster:
        environment = {
            **os.environ,
            "NYCKELFRI_DATA": directory,
            "DATABASE_URL": cluster.create("figures"),
        }
        command = [sys.executable, "-m", "bench.figures", str(clients), "here"]
        subprocess.run(command, env=environment, check=True)  # noqa: S603 -- ourselves


def _measured(clients: int) -> dict[str, Any]:
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

    start.set_up()
    start.bring_tables_up_to_date()
    from bench.bigtown import make, visits  # noqa: PLC0415 -- the same
    from nyckelfri.server.visits import actions_statistics, kept_measures  # noqa: PLC0415
    from nyckelfri.server.visits.models import MeasuredMonth, Visit  # noqa: PLC0415 -- the same

    make.build(make.Size(clients, 0))
    visits.build()
    took = []
    for _ in range(3):
        began, worked = time.perf_counter(), time.process_time()
        actions_statistics.measure(visits.FIRST, visits.NOW)
        took.append((time.perf_counter() - began, time.process_time() - worked))
    began = time.perf_counter()
    (kept,) = MeasuredMonth.objects.filter(provider=None).values_list("measures", flat=True)
    read = kept_measures.read(kept)
    return {
        "clients": clients,
        "visits": Visit.objects.count(),
        "planned": read.performed and read.performed.planned,
        "seconds": min(clock for clock, _ in took),
        "of them in Python": min(worked for _, worked in took),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "milliseconds to read": 1000 * (time.perf_counter() - began),
        "bytes": len(json.dumps(kept)),
    }


if __name__ == "__main__":
    if sys.argv[2:] == ["here"]:
        sys.stdout.write(json.dumps(_measured(int(sys.argv[1])), indent=1) + "\n")
    else:
        main(int(sys.argv[1]))
