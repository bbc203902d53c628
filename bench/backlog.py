"""The day after: a backlog comes home through the real server, while doors are opened.

House rules: `nyckelfri server run` as in production, on PostgreSQL with synced commits, and
phones that behave as phones do: all come within a minute, one request at a time, and again
when they were told to. Another process is a phone that opens doors and syncs after each,
before and meanwhile. Counted are all processes of the server and of PostgreSQL, from when the
first phone comes until the last has brought all; not the phones, nor what as many openings cost
on a calm day. The reference is COPY of the very rows that it all became, in plain text, into
tables of the same shape: logged, with every index, constraint and foreign key.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import ingest
from bench.bigtown import brought
from bench.bigtown.brought import Request
from bench.ingest import Town

ENTRIES: Final = "NYCKELFRI_BENCH_ENTRIES"
_WITHIN: Final = 60
"""Seconds in which all phones come, when the server is back; fewer for a smaller backlog."""
_LINES: Final = 8
"""Phones that are served at the same time at most: as many as the server has threads."""
_IDLE: Final = 100
"""Openings before the backlog comes."""
_OPENINGS: Final = 4000
_PAUSE: Final = 0.25
"""Seconds between a sync of the phone that opens doors and the next."""
_MOMENT: Final = 1_795_422_600
"""2026-11-23 08:30 UTC, as in `bigtown.sql`."""
_ENOUGH: Final = "enough"
"""The name of a file that tells the phone that opens doors to stop."""
_ROWS: Final = 10_000
"""Rows of each table in one COPY."""
_MILLION: Final = 1_000_000


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report; NYCKELFRI_BENCH_ENTRIES (100000) says how large the backlog is."""
    locks = -(-int(os.environ.get(ENTRIES, "20000" if quick else "100000")) // ingest.ENTRIES)
    idle = 20 if quick else _IDLE
    with ingest.town(locks, openings=_OPENINGS) as town, _server(town) as (server, port):
        _wait(port)

        def cost() -> float:
            return _processor(server) + _processor(town.database)

        before = cost()
        calm = town.work("bench.backlog", "open", port, 0, idle)
        each = (cost() - before) / len(calm)
        opener = subprocess.Popen(  # noqa: S603 -- ourselves
            [sys.executable, "-m", "bench.backlog", "open", str(port), str(idle), str(_OPENINGS)],
            env=town.environment,
            stdout=subprocess.PIPE,
        )
        within = _WITHIN * locks * ingest.ENTRIES / _MILLION
        phones = _Phones(town, port, within)
        before = cost()
        clock = phones.drain()
        spent = cost() - before
        (town.directory / _ENOUGH).touch()
        busy = json.loads(opener.communicate()[0])
        after = town.work("bench.backlog", "copied", locks)
    if after["home"] != locks * ingest.ENTRIES or after["kept"]:
        raise RuntimeError(f"{after} of {locks * ingest.ENTRIES} entries came home")
    yield _rate(after, Cost(clock, spent - each * len(busy)), phones)
    yield from _opening(calm, busy)


def _rate(after: dict[str, Any], spent: Cost, phones: _Phones) -> dict[str, Any]:
    said = f"{after['home']:,}".replace(",", " ")
    return {
        "name": f"a backlog of {said} entries comes home / COPY of the rows it becomes",
        "ours": round(after["home"] / spent.processor),
        "reference": round(after["home"] / after["processor"]),
        "ratio": round(after["processor"] / spent.processor, 3),
        "unit": "1/s",
        "target": "≥ 0.35",
        "note": f"of a processor, the database's too, without what the openings meanwhile cost; "
        f"{phones.count} phones, {phones.requests} requests, {phones.told} of them told to come "
        f"again; by the clock {spent.clock:.0f} s, COPY {after['clock']:.1f}; the rows are "
        f"entries, door events and opening records, copied {_ROWS} of each in a commit, into "
        "logged tables with the same indexes and foreign keys",
    }


def _opening(calm: list[float], busy: list[float]) -> Iterator[dict[str, Any]]:
    for name, at in (("p95", 0.95), ("median", 0.5)):
        meanwhile, alone = _quantile(busy, at) * 1000, _quantile(calm, at) * 1000
        yield {
            "name": f"an opening's own sync while a backlog comes home, {name} / on a calm day",
            "ours": round(meanwhile, 1),
            "reference": round(alone, 1),
            "ratio": round(meanwhile / alone, 3),
            "unit": "ms",
            "target": "≤ 3",
            "note": f"{len(busy)} syncs, {len(calm)} on a calm day",
        }


def _quantile(values: Sequence[float], at: float) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[round(at * 100) - 1]


@contextmanager
def _server(town: Town) -> Iterator[tuple[int, int]]:
    """The server at a declared hour: its process, and its port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "nyckelfri.cli", "server", "run", "--no-work", "--listen"]
    process = subprocess.Popen(  # noqa: S603 -- ourselves
        [*command, f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"],
        env=town.environment | {"NYCKELFRI_CLOCK": f"{_MOMENT}@{time.time():.0f}*1"},
    )
    try:
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(30)


def _processor(process: int) -> float:
    """Seconds of processors of a process and all its children, those that have ended too."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    alive = sum(_processor(int(child)) for child in children)
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + alive


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")


class Cost(NamedTuple):
    """Seconds by the clock, and of processors."""

    clock: float
    processor: float


class _Phones:
    """All phones with a backlog: each brings its requests one after the other."""

    def __init__(self, town: Town, port: int, within: float) -> None:
        self._port = port
        waiting: dict[str, deque[Request]] = defaultdict(deque)
        for request in brought.read(town.directory / "backlog.jsonl"):
            waiting[request.token].append(request)
        self.count, self.requests, self.told = len(waiting), 0, 0
        self._chance = random.Random(1)  # noqa: S311 -- the same each time
        begun = time.monotonic()
        # When, a number that no other has, and what is left.
        self._due = [
            (begun + self._chance.random() * within, number, left)
            for number, left in enumerate(waiting.values())
        ]
        heapq.heapify(self._due)
        self._out = 0
        self._gate = threading.Condition()

    def drain(self) -> float:
        """Seconds from when the first comes until the last has brought all."""
        begun = time.perf_counter()
        with ThreadPoolExecutor(_LINES) as pool:
            for line in [pool.submit(self._serve) for _ in range(_LINES)]:
                line.result()
        return time.perf_counter() - begun

    def _serve(self) -> None:
        while (turn := self._next()) is not None:
            _, number, left = turn
            try:
                later = _sync(self._port, left[0])["later"]
            except BaseException:
                self._done(number, deque(), 0)
                raise
            if not later:
                left.popleft()
            self._done(number, left, later)

    def _done(self, number: int, left: deque[Request], later: int) -> None:
        with self._gate:
            self.requests += 1
            self.told += later > 0
            if left:
                again = (
                    time.monotonic()
                    + later
                    + max(1, later / 4) * self._chance.random() * (later > 0)
                )
                heapq.heappush(self._due, (again, number, left))
            self._out -= 1
            self._gate.notify_all()

    def _next(self) -> tuple[float, int, deque[Request]] | None:
        """Whoever is due, when it is; None when all have brought everything."""
        with self._gate:
            while self._due or self._out:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._out += 1
                    return heapq.heappop(self._due)
                self._gate.wait(wait)
            return None


def _sync(port: int, request: Request) -> dict[str, Any]:
    """What a sync is answered; a phone calls once in a while, so it connects anew."""
    headers = {"Content-Type": "application/json", **request.headers}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        line.request("POST", "/api/phone/v1/sync", request.body, headers)
        response = line.getresponse()
        said = response.read()
    if response.status != http.HTTPStatus.OK:
        raise RuntimeError(f"a sync was answered with {response.status}: {said[:200]!r}")
    answer: dict[str, Any] = json.loads(said)
    return answer


def _open(port: str, first: str, last: str) -> list[float]:
    """Seconds of each sync after an opening, until told that it is enough."""
    directory = Path(os.environ["NYCKELFRI_DATA"])
    spent = []
    for request in itertools.islice(
        brought.read(directory / "openings.jsonl"), int(first), int(last)
    ):
        begun = time.perf_counter()
        statuses = [row["status"] for row in _sync(int(port), request)["results"]["batches"]]
        spent.append(time.perf_counter() - begun)
        if statuses != ["stored"]:
            raise RuntimeError(f"an opening's own sync was answered with {statuses}")
        if (directory / _ENOUGH).exists():
            break
        time.sleep(_PAUSE)
    return spent


def _copied(locks: str) -> dict[str, Any]:
    """What came home, and the seconds of COPY of all of it, a few thousand rows at a time."""
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

    start.set_up()
    from bench.bigtown.barecopy import BareCopy  # noqa: PLC0415 -- needs Django
    from bench.bigtown.make import BASE  # noqa: PLC0415 -- the same
    from nyckelfri.server.visits.models import Kept, StoredEntry  # noqa: PLC0415 -- the same

    bare = BareCopy("bare", "visits_storedentry", "visits_doorevent", "visits_openingrecord")
    clock, processor, entries = 0.0, 0.0, 0
    while (came := bare.take(_ROWS))[0].rows:
        spent = bare.spent(lambda: bare.copy(came))
        clock, processor = clock + spent.clock, processor + spent.processor
        entries += came[0].rows
    home = StoredEntry.objects.filter(installation__lt=BASE + int(locks)).count()
    kept = Kept.objects.filter(resolved_at=None).count()
    # Those of the openings meanwhile are not of the backlog.
    share = home / entries
    return {"clock": clock * share, "processor": processor * share, "home": home, "kept": kept}


_DEEDS: Final[dict[str, Callable[..., Any]]] = {"open": _open, "copied": _copied}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_DEEDS[sys.argv[1]](*sys.argv[2:])))
