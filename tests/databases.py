"""Which database the server's tests use: SQLite, or PostgreSQL with `--database postgresql`.

House rules: the PostgreSQL is our own (`pgcluster`), one a run, whatever server this machine
has and whatever DATABASE_URL says. Migrations run once a run, into a template; every database
of a test is a copy of it. A test that starts a process of its own takes its environment from
`Stores`, so that it runs on both.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

import pgcluster
from pgcluster import Cluster

TEMPLATE: Final = "template_nyckelfri"
_EXISTS: Final = "SELECT 1 FROM pg_database WHERE datname = '{}'"
_FIXTURES: Final = {"db", "transactional_db", "stores"}
_CLUSTER = pytest.StashKey[Cluster | None]()
_SHARED = pytest.StashKey[Path]()


def add_option(parser: pytest.Parser) -> None:
    """Let `pytest` be told which database."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what the server's tests store in (sqlite)",
    )


def configure(config: pytest.Config) -> None:
    """Start PostgreSQL where it is asked for, and have Django use what was chosen."""
    os.environ.pop("DATABASE_URL", None)
    config.stash[_CLUSTER] = None
    told = getattr(config, "workerinput", {})
    config.stash[_SHARED] = Path(told.get("shared", os.environ["NYCKELFRI_DATA"]))
    if told.get("cluster"):
        config.stash[_CLUSTER] = Cluster(Path(told["cluster"]))
    elif config.getoption("--database") == "postgresql" and not config.option.collectonly:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        try:
            cluster = stack.enter_context(pgcluster.running())
        except pgcluster.ClusterError as error:
            raise pytest.UsageError(str(error)) from None
        _make_template(cluster)
        config.stash[_CLUSTER] = cluster
    _use(config.stash[_CLUSTER])


def select(config: pytest.Config, items: list[Any]) -> None:
    """On PostgreSQL, leave out the tests that ask for no database: they run on SQLite already."""
    if config.getoption("--database") != "postgresql":
        return
    config.hook.pytest_deselected(items=[item for item in items if not _asks(item)])
    items[:] = filter(_asks, items)


def _asks(item: Any) -> bool:
    """Whether this test asks for a database."""
    return bool(_FIXTURES & {*item.fixturenames} or item.get_closest_marker("django_db"))


def configure_worker(node: Any) -> None:
    """Tell a process of pytest-xdist where the database is, and what the run shares."""
    cluster = node.config.stash[_CLUSTER]
    node.workerinput["cluster"] = str(cluster.directory) if cluster else ""
    node.workerinput["shared"] = str(node.config.stash[_SHARED])


def _make_template(cluster: Cluster) -> None:
    url = cluster.create(TEMPLATE)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "nyckelfri.server.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise pytest.UsageError(f"The migrations fail on PostgreSQL: {done.stderr[-2000:]}")


def _use(cluster: Cluster | None) -> None:
    from django.conf import settings

    from nyckelfri.server import database

    url = cluster.url("tests") if cluster else ""
    chosen = database.from_url(url, Path(os.environ["NYCKELFRI_DATA"]))
    if cluster:
        chosen["TEST"] = {"TEMPLATE": TEMPLATE}
    settings.DATABASES["default"] = chosen
    _connect_to(chosen)


def _connect_to(chosen: dict[str, Any]) -> None:
    from django.db import connections as known

    connections: Any = known
    full = connections.configure_settings({"default": chosen})["default"]
    connections.settings["default"] = full
    if hasattr(connections._connections, "default"):
        del connections["default"]


@dataclass(frozen=True)
class Stores:
    """Databases for data directories: a server process with `environment(directory)` has its own.

    What `environment` first gives is `empty`, or holds the tables and nothing in them.
    """

    cluster: Cluster | None
    shared: Path
    """A folder of the whole run, however many processes share it."""

    @contextmanager
    def once(self, name: str) -> Iterator[Path]:
        """A path in the shared folder, for one process at a time; the first finds nothing there."""
        with (self.shared / f"{name}.lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.shared / name

    def migrated(self) -> Path:
        """SQLite's file with the tables and nothing in them."""
        with self.once("migrated.sqlite3") as path:
            if not path.exists():
                _migrate(path)
        return path

    def environment(self, directory: Path, *, empty: bool = False) -> dict[str, str]:
        """The variables that make a process use the data directory and a database of its own."""
        found = {**os.environ, "NYCKELFRI_DATA": str(directory)}
        if self.cluster:
            name = self._name(directory)
            if not self.cluster.run(_EXISTS.format(name)):
                self.cluster.create(name, "template0" if empty else TEMPLATE)
            found["DATABASE_URL"] = self.cluster.url(name)
        elif not empty and not (directory / "nyckelfri.sqlite3").exists():
            directory.mkdir(mode=0o700, exist_ok=True)
            shutil.copy(self.migrated(), directory / "nyckelfri.sqlite3")
        return found

    def copy(self, source: Path, target: Path) -> None:
        """Give the directory `target` a database like that of `source`; no file is copied."""
        if self.cluster:
            with self.once(self._name(source)):  # PostgreSQL copies what nobody is connected to
                self.cluster.create(self._name(target), self._name(source))
            return
        with (
            closing(sqlite3.connect(source / "nyckelfri.sqlite3")) as old,
            closing(sqlite3.connect(target / "nyckelfri.sqlite3")) as new,
        ):
            old.backup(new)

    def rows(self, directory: Path, query: str) -> list[tuple[Any, ...]]:
        """Ask the database of a directory."""
        if self.cluster:
            return self.cluster.run(query, self._name(directory))
        with closing(sqlite3.connect(directory / "nyckelfri.sqlite3")) as database:
            return database.execute(query).fetchall()

    @contextmanager
    def in_this_process(self, directory: Path) -> Iterator[None]:
        """Have every thread of this process use the database of `directory`, until the end."""
        from django.db import connections

        from nyckelfri.server import database

        saved, held = connections.settings["default"], connections["default"]
        url = self.environment(directory).get("DATABASE_URL", "")
        try:
            _connect_to(database.from_url(url, directory))
            yield
        finally:
            connections["default"].close()
            connections.settings["default"] = saved
            connections["default"] = held

    @contextmanager
    def in_memory(self) -> Iterator[None]:
        """Have the database that Django makes for tests begin with the tables, on SQLite."""
        from django.db import connection

        if self.cluster:
            yield
            return
        creation: Any = connection.creation
        name = creation._get_test_db_name()
        with (
            closing(sqlite3.connect(self.migrated())) as old,
            closing(sqlite3.connect(name, uri=True)) as new,
        ):
            old.backup(new)
            yield

    def fill(self, source: Path, skip: Sequence[str]) -> None:
        """Copy the rows of a directory's database into the one that the test uses."""
        if self.cluster:
            with self.once(self._name(source)):
                _copy_postgresql(self.cluster.url(self._name(source)), skip)
        else:
            _copy_sqlite(source / "nyckelfri.sqlite3", skip)

    @staticmethod
    def _name(directory: Path) -> str:
        return f"of_{hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:20]}"


def stores(config: pytest.Config) -> Stores:
    """The databases of this run."""
    return Stores(config.stash[_CLUSTER], config.stash[_SHARED])


def _migrate(path: Path) -> None:
    directory = path.with_suffix(".d")
    environment = {
        **os.environ,
        "NYCKELFRI_DATA": str(directory),
        "DJANGO_SETTINGS_MODULE": "nyckelfri.server.settings",
    }
    directory.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    (directory / "nyckelfri.sqlite3").rename(path)


def _copy_sqlite(path: Path, skip: Sequence[str]) -> None:
    from django.db import connection

    with closing(sqlite3.connect(path)) as source, connection.cursor() as cursor:
        names = source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (name,) in names.fetchall():
            if name.startswith(tuple(skip)):
                continue
            rows = source.execute(f"SELECT * FROM {name}")  # noqa: S608 -- a name of our own
            columns = ", ".join(f'"{column[0]}"' for column in rows.description)
            marks = ", ".join(["%s"] * len(rows.description))
            insert = f"INSERT INTO {name} ({columns}) VALUES ({marks})"  # noqa: S608 -- the same
            cursor.executemany(insert, rows.fetchall())


def _copy_postgresql(url: str, skip: Sequence[str]) -> None:
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection

    with psycopg.connect(url) as source, connection.cursor() as cursor:
        names = source.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in names.fetchall():
            if name.startswith(tuple(skip)):
                continue
            with (
                source.cursor().copy(f"COPY {name} TO STDOUT") as rows,
                cursor.copy(f"COPY {name} FROM STDIN") as target,
            ):
                for block in rows:
                    target.write(block)
        # Without this the next new row would get the number of one that was copied.
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)
