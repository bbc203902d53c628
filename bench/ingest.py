"""Journals come home: how fast, against plain COPY of the same rows.

House rules: on PostgreSQL with synced commits, through the real action, with what phones carry
after a day without a server (`bigtown.journals`). Whatever is measured takes turns with the
reference: a phone's sync, then COPY of the very rows that it became.
"""

from __future__ import annotations

import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

_TESTS = Path(__file__).parents[1] / "tests"
_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
}


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    locks = 60 if quick else 600
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sys.path[:0] = [str(_TESTS)] if str(_TESTS) not in sys.path else []
        import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

        cluster = stack.enter_context(pgcluster.running(durable=True, settings=_SETTINGS))
        work = functools.partial(_call, Path(directory), cluster.create("town"))
        work("make", locks, 333)
        print(work("rate"))
    return
    yield


def _call(directory: Path, url: str, deed: str, *words: object) -> Any:
    environment = {
        **os.environ,
        "NYCKELFRI_DATA": str(directory),
        "NYCKELFRI_HOSTS": "testserver",
        "NYCKELFRI_HTTPS": "0",
        "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
    }
    command = [sys.executable, "-m", "bench.ingest", deed, *map(str, words)]
    done = subprocess.run(  # noqa: S603 -- ourselves
        command, env=environment, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def _make(locks: str, entries: str) -> None:
    from bench.bigtown import journals  # noqa: PLC0415 -- needs Django

    journals.make(int(locks), int(entries), 50, Path(os.environ["NYCKELFRI_DATA"]))


def _rate() -> Any:
    from bench.bigtown import journals  # noqa: PLC0415 -- needs Django
    from bench.bigtown.barecopy import BareCopy, JOURNAL, EVENTS
    from bench.bigtown.sql import MOMENT
    from nyckelfri.server.phoneapi.schemas import decode
    from nyckelfri.server.phones.queries import phone_of
    from nyckelfri.server.visits import actions

    out = []
    import cProfile

    pr = cProfile.Profile()
    prof = os.environ.get("PROF")
    bare = BareCopy()
    from bench.month import _database_seconds as dbs

    for request in journals.read(Path(os.environ["NYCKELFRI_DATA"]) / "backlog"):
        b = [decode(t) for t in json.loads(request.body)["batches"]]
        if not b:
            continue
        phone = phone_of(decode(request.token))
        d0 = dbs()
        t = time.perf_counter()
        c = time.process_time()
        if prof:
            pr.enable()
        st = actions.ingest_all(b, phone=phone, now=MOMENT)
        if prof:
            pr.disable()
        t = time.perf_counter() - t
        c = time.process_time() - c
        d1 = dbs()
        came = bare.take()
        n = came[JOURNAL][0]
        p0 = time.process_time() + dbs()
        x = bare.seconds(*((k, v[1]) for k, v in came.items()))
        y = time.process_time() + dbs() - p0
        out.append((request.entries, len(b), t, c, n, x, came[EVENTS][0], d1 - d0, y))
        if len(out) >= int(os.environ.get("SYNCS", "30")):
            break
    if prof:
        pr.dump_stats(prof)
    S = lambda i: sum(o[i] for o in out[2:])
    return dict(
        syncs=len(out),
        brought=S(0),
        batches=S(1),
        stored=S(4),
        events=S(6),
        wall=S(2),
        us=S(2) / S(4) * 1e6,
        cpu=S(3) / S(4) * 1e6,
        rate=S(4) / S(2),
        bare=S(4) / S(5),
        ratio=S(5) / S(2),
        cpu_py=S(3) / S(4) * 1e6,
        cpu_db=S(7) / S(4) * 1e6,
        cpu_bare=S(8) / S(4) * 1e6,
        cpu_ratio=S(8) / (S(3) + S(7)),
        median=statistics.median(o[5] / o[2] for o in out[2:]),
    )


if __name__ == "__main__":
    from nyckelfri.server import start

    start.set_up()
    start.bring_tables_up_to_date()
    sys.stdout.write(json.dumps({"make": _make, "rate": _rate}[sys.argv[1]](*sys.argv[2:])))
