"""A primary and a standby that must have everything first, as two machines would run them.

House rules: to kill one is to kill all its processes at once, as a power cut does. To cut the
line between them leaves both alive. Each is started from the main thread: it ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pgcluster
from pgcluster import Cluster

NAME = "care"
_STANDBY = "beside"
_PRIMARY = {
    "wal_level": "replica",
    "synchronous_standby_names": f"'{_STANDBY}'",
    "wal_sender_timeout": "2s",
    "hot_standby": "on",
}
_WITHIN = 60.0


@dataclass
class Node:
    """One machine with PostgreSQL."""

    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.directory)

    @property
    def url(self) -> str:
        """The address of the server's database on this machine alone."""
        return self.cluster.url(NAME)

    def start(self) -> None:
        self.process = pgcluster.start(self.directory)

    def kill(self) -> None:
        """The power goes."""
        assert self.process is not None
        pid = self.process.pid
        # Each of its processes leads a group of its own.
        family = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, family)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.process.wait(timeout=20)
        self.process = None

    def promote(self) -> None:
        """Take over."""
        self.cluster.run("SELECT pg_promote()")

    def cut_off(self) -> None:
        """Lose the line to the primary; both live on."""
        self.cluster.run("ALTER SYSTEM SET primary_conninfo = ''")
        self.cluster.run("SELECT pg_reload_conf()")
        until(lambda: not self.cluster.run("SELECT 1 FROM pg_stat_wal_receiver"))


@dataclass
class Pair:
    """Two machines; `url` names both, as the server is told."""

    primary: Node
    standby: Node

    @property
    def url(self) -> str:
        both = f"{self.primary.directory},{self.standby.directory}"
        return f"postgresql://nyckelfri@/{NAME}?host={both}"

    def is_together(self) -> bool:
        """Whether the standby takes part in each commit."""
        found = self.primary.cluster.run("SELECT sync_state FROM pg_stat_replication")
        return found == [("sync",)]

    def waiting(self) -> list[int]:
        """Processes of the primary whose commit waits for the standby, but for its own upkeep's."""
        rows = self.primary.cluster.run(
            "SELECT pid FROM pg_stat_activity"
            " WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in rows]


@contextmanager
def running(template: str) -> Iterator[Pair]:
    """Both, with a database made by the SQL in `template`, until the end of the block."""
    with ExitStack() as stack:
        first, second = (Node(stack.enter_context(pgcluster.directory())) for _ in range(2))
        stack.callback(_stop, first, second)
        pgcluster.make(first.directory, {"fsync": "off", **_PRIMARY, "shared_buffers": "32MB"})
        # Until there is a standby nothing may wait for one.
        alone = {"synchronous_standby_names": "''"}
        pgcluster.configure(first.directory, alone)
        first.start()
        first.cluster.create(NAME)
        (first.directory / "made.sql").write_text(template)
        made = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=made.sql"]
        pgcluster.call(["psql", *made, first.url], first.directory)
        pgcluster.copy(first.directory, second.directory, _STANDBY)
        second.start()
        for name in alone:
            first.cluster.run(f"ALTER SYSTEM SET {name} = {_PRIMARY[name]}")
        first.cluster.run("SELECT pg_reload_conf()")
        pair = Pair(first, second)
        until(pair.is_together)
        yield pair


def until(found: Callable[[], bool]) -> None:
    """Wait for it; AssertionError when it does not come."""
    end = time.monotonic() + _WITHIN
    while not found():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def _stop(*nodes: Node) -> None:
    for node in nodes:
        if node.process is not None and node.process.poll() is None:
            node.kill()
