"""A PostgreSQL server of one's own, in a directory of its own, that ends with its owner.

House rules: no network, only a socket in a directory that nobody else may enter; nothing is
shared with a server that this machine may have; PostgreSQL refuses to run as root, so root
starts it as `nobody`. It stops when its owner ends, however that ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

MISSING = (
    "PostgreSQL is not installed: run `apt-get install postgresql` "
    "(or another package with initdb and postgres), or name its directory in PG_BINDIR"
)
_STARTS_WITHIN = 30.0
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Nothing of a test survives a power cut."""
_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
    "log_min_messages": "warning",
}


class ClusterError(RuntimeError):
    """PostgreSQL does not run; the text says what to do."""


@dataclass(frozen=True)
class Cluster:
    """A running server; `directory` holds its socket."""

    directory: Path

    def url(self, name: str, user: str = "nyckelfri", password: str = "") -> str:
        """The address of a database in it."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{name}?host={self.directory}"

    def run(self, statement: Any, name: str = "postgres") -> list[Any]:
        """Run a statement outside any transaction, and give its rows."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database like `template`; its address."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever still uses it."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def programs() -> Path:
    """Where initdb and postgres are, the newest first; ClusterError says what to install."""
    named = os.environ.get("PG_BINDIR")
    found = [Path(named)] if named else []
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if (there := shutil.which("initdb")) is not None:
        found.append(Path(there).resolve().parent)
    for directory in found:
        if (directory / "postgres").exists() and (directory / "initdb").exists():
            return directory
    raise ClusterError(MISSING)


@contextmanager
def running(*, durable: bool = False, settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    """A new server until the end of the block; `durable` syncs each commit, as in production."""
    chosen = {**({} if durable else _FORGETFUL), **(settings or {})}
    with directory() as made:
        make(made, chosen)
        with started(made):
            yield Cluster(made)


@contextmanager
def directory() -> Iterator[Path]:
    """A directory for a server, until the end of the block."""
    # Short: the path of a socket has at most 107 bytes.
    made = Path(tempfile.mkdtemp(prefix="nyckelfri-pg-", dir="/tmp"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def make(directory: Path, settings: dict[str, str]) -> None:
    """Make the files of a new server in `directory`."""
    data = directory / "data"
    call(
        [
            "initdb",
            "--username=nyckelfri",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            f"--pgdata={data}",
        ],
        directory,
    )
    configure(directory, {**_SETTINGS, **settings})
    # The one user who needs a password, for tests of what is shown of it.
    access = data / "pg_hba.conf"
    access.write_text(f"local all guarded scram-sha-256\n{access.read_text()}")


def copy(source: Path, directory: Path, name: str) -> None:
    """Make the files of a standby of the running server in `source`; `name` is what it calls it."""
    address = f"host={source} user=nyckelfri application_name={name}"
    data = directory / "data"
    kind = ["--checkpoint=fast", "--write-recovery-conf"]
    call(["pg_basebackup", *kind, f"--pgdata={data}", f"--dbname={address}"], directory)
    configure(directory, {})


def configure(directory: Path, settings: dict[str, str]) -> None:
    """Add settings to the files of a server; they count from its next start."""
    chosen = {**settings, "unix_socket_directories": f"'{directory}'"}
    with (directory / "data" / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = {value}\n" for name, value in chosen.items())


@contextmanager
def started(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server of these files until the end of the block; its process leads a group."""
    process = start(directory)
    try:
        yield process
    finally:
        _stop(process)


def start(directory: Path) -> subprocess.Popen[bytes]:
    """Start the server of these files, and give its process when it answers."""
    who = _unprivileged(directory)
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen(
            [*who, str(programs() / "postgres"), "-D", str(directory / "data")],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            # A Ctrl-C at the terminal is for us; we stop the server when we are done.
            start_new_session=True,
        )
    try:
        _wait(Cluster(directory), process)
    except BaseException:
        _stop(process)
        raise
    return process


def _unprivileged(directory: Path) -> list[str]:
    """What to put before a command so that it ends with us, and is not root's."""
    ends_with_us = ["setpriv", "--pdeathsig=INT"] if shutil.which("setpriv") else []
    if os.geteuid() != 0:
        return ends_with_us
    if not ends_with_us:
        raise ClusterError("PostgreSQL refuses to run as root: install util-linux for `setpriv`")
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return [*ends_with_us, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]


def call(command: Sequence[str], directory: Path) -> str:
    """Run a program of PostgreSQL as whoever the server runs as; what it printed."""
    program, *told = command
    done = subprocess.run(
        [*_unprivileged(directory), str(programs() / program), *told],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise ClusterError(f"{program} failed: {done.stderr.strip()}")
    return done.stdout


def _wait(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            cluster.run("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                said = (cluster.directory / "log").read_text("utf-8", "replace")[-2000:]
                raise ClusterError(f"PostgreSQL did not start: {said}") from None
            time.sleep(0.05)
        else:
            return


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it at once, without waiting for whoever is still connected."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=20)
