"""Work in a process and a database of its own, and what it costs.

House rules: on PostgreSQL as an administrator sets it up; what something costs is processor time,
of this process and of all of the database's. What else the machine does is no cost of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

_TESTS: Final = Path(__file__).parents[1] / "tests"
_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
}
"""What an administrator sets on a machine with SSD: nothing of it is unusual."""


class Cost(NamedTuple):
    """Seconds by the clock, and of processors."""

    clock: float
    processor: float


@contextmanager
def cluster() -> Iterator[Any]:
    """A server of PostgreSQL until the end of the block, which syncs as in production."""
    sys.path[:0] = [str(_TESTS)] if str(_TESTS) not in sys.path else []
    import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

    with pgcluster.running(durable=True, settings=_SETTINGS) as found:
        yield found


def call(module: str, directory: Path, deed: str, url: str, *words: object) -> Any:
    """Do a deed of a module in a process of its own, with a data directory of its own."""
    environment = {
        **os.environ,
        "NYCKELFRI_DATA": tempfile.mkdtemp(dir=directory),
        "NYCKELFRI_HOSTS": "testserver",
        "NYCKELFRI_HTTPS": "0",
        "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
    }
    command = [sys.executable, "-m", module, deed, *map(str, words)]
    done = subprocess.run(  # noqa: S603 -- ourselves
        command, env=environment, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def row(  # noqa: PLR0917 -- what a row has
    name: str, ours: float, reference: float, unit: str, target: str | None = None, note: str = ""
) -> dict[str, Any]:
    """A row of the report: `ours` as many times the `reference` as it is."""
    return {
        "name": name,
        "ours": round(ours, 1),
        "reference": round(reference, 1),
        "ratio": round(ours / reference, 3),
        "unit": unit,
        "target": target,
        "note": note,
    }


def set_up() -> None:
    """Make this process the server's."""
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in these processes only

    start.set_up()
    start.bring_tables_up_to_date()


def cost(call: Callable[[], object]) -> Cost:
    """What a call costs."""
    clock, processor = time.perf_counter(), time.process_time() + _database_seconds()
    call()
    spent = time.process_time() + _database_seconds() - processor
    return Cost(time.perf_counter() - clock, spent)


def _database_seconds() -> float:
    """Processor time of all of PostgreSQL's processes, those that have ended too."""
    from django.db import connection  # noqa: PLC0415 -- needs Django

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    server = _stat(connection.connection.info.backend_pid)[1]
    spent = sum(map(int, _stat(server)[11:15])) / os.sysconf("SC_CLK_TCK")
    for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        spent += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e9
    return spent


def _stat(process: int | str) -> list[str]:
    """Fields of /proc/PID/stat after the name (proc(5)): 1 the parent, 11 to 14 its times."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
