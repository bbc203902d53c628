"""DATABASE_URL: what it means, what is refused, and that no error shows the password."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import OperationalError

from databases import Stores
from nyckelfri.server import bulk, database
from nyckelfri.server.visits.models import VisitDay

HERE = Path("/data")
SECRET = "s3cret-Å"


def test_without_an_address_it_is_sqlite_in_the_data_directory() -> None:
    found = database.from_url("", HERE)
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert found["NAME"] == HERE / "nyckelfri.sqlite3"


def test_address_is_read_as_psql_reads_it() -> None:
    found = database.from_url(
        "postgresql://anna%40town:p%40ss%2Fw@db.example:5433/care?sslmode=require", HERE
    )
    assert found["ENGINE"] == "nyckelfri.server.postgres"
    named = {key: found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    assert named == {
        "USER": "anna@town",
        "PASSWORD": "p@ss/w",
        "HOST": "db.example",
        "PORT": "5433",
        "NAME": "care",
    }
    assert found["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_socket_and_several_hosts_are_addresses_too(scheme: str) -> None:
    assert database.from_url(f"{scheme}:///n?host=/run/postgresql", HERE)["HOST"] == (
        "/run/postgresql"
    )
    found = database.from_url(f"{scheme}://a:5433,b:5434/n?target_session_attrs=read-write", HERE)
    assert (found["HOST"], found["PORT"]) == ("a,b", "5433,5434")


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("db.example", "verify-full"),
        ("127.0.0.1,db.example", "verify-full"),
        ("10.0.0.1", "verify-full"),
        ("localhost", None),
        ("[::1]", None),
        ("", None),
    ],
)
def test_another_machine_is_reached_over_tls_with_a_checked_certificate(
    host: str, mode: str | None
) -> None:
    assert database.from_url(f"postgresql://u@{host}/n", HERE)["OPTIONS"].get("sslmode") == mode


def test_waiting_for_locks_and_idle_transactions_have_limits() -> None:
    options = database.from_url("postgresql:///n", HERE)["OPTIONS"]
    assert "lock_timeout=20s" in options["options"]
    assert "idle_in_transaction_session_timeout=60s" in options["options"]
    assert int(options["connect_timeout"]) <= 20


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        (f"mysql://u:{SECRET}@h/n", "must be postgresql://"),
        (f"u:{SECRET}@h/n", "must be postgresql://"),
        (f"postgresql://u:{SECRET}@h", "names no database"),
        (f"postgresql://u:{SECRET}@h/n?sslmod=require", "option that PostgreSQL does not know"),
        (f"postgresql://u:{SECRET}@h/n?options=-cfsync%3Doff", "may not set options"),
        (f"postgresql://u:{SECRET}@h/n?client_encoding=latin1", "may not set client_encoding"),
        (f"postgresql://u:{SECRET}%zz@h/n", "cannot be read"),
        (f"postgresql://u:x@{SECRET}@h/n", "Write @ as %40"),
        (f"postgresql://u:x/{SECRET}@h/n", "Write @ as %40 and / as %2F"),
        (f"postgresql://u:{SECRET}/n", "port .* must be a number"),
        (f"postgresql://u:{SECRET}@h:5432x/n", "port .* must be a number"),
        (f"postgresql://u:{SECRET}@h/" + "n" * 3000, "over 2048 characters"),
    ],
)
def test_what_cannot_be_used_is_refused_with_advice_and_without_the_password(
    url: str, advice: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=advice) as caught:
        database.from_url(url, HERE)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert caught.value.__context__ is None


def test_command_with_a_wrong_address_says_what_to_do_and_shows_no_password(
    tmp_path: Path,
) -> None:
    done = _status(tmp_path, f"postgres//u:{SECRET}@h/n")
    assert done.returncode != 0
    assert "DATABASE_URL must be postgresql://USER:PASSWORD@HOST:PORT/NAME" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_command_with_a_wrong_password_fails_without_showing_it(
    stores: Stores, tmp_path: Path
) -> None:
    cluster = _cluster(stores)
    cluster.run("DROP ROLE IF EXISTS guarded")
    cluster.run("CREATE ROLE guarded LOGIN PASSWORD 'the right one'")
    done = _status(tmp_path, cluster.url("postgres", "guarded", "s3cret-wrong"))
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr
    assert "s3cret-wrong" not in done.stdout + done.stderr


def test_password_stands_in_no_traceback_of_a_connection_that_fails() -> None:
    chosen = database.from_url(f"postgresql://u:{SECRET}@/n?host=/nowhere", HERE)
    settings = connections.configure_settings({"default": chosen})["default"]
    wrapper = DatabaseWrapper(settings, "default")
    with pytest.raises(OperationalError) as caught:
        wrapper.connect()
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in repr(wrapper)


@pytest.mark.django_db
def test_migrations_hold_every_model_as_it_is_on_this_database(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)
    assert "No changes detected" in capsys.readouterr().out
    call_command("migrate", "--check", verbosity=0)


def test_server_starts_on_an_empty_database_and_finds_it_again(
    stores: Stores, tmp_path: Path
) -> None:
    environment = stores.environment(tmp_path, empty=True)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "nyckelfri.cli", "server", "status"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert '"openings": 0' in done.stdout
    assert stores.rows(tmp_path, "SELECT count(*) FROM homes_client") == [(0,)]


def test_many_processes_that_start_at_once_on_an_empty_database_all_find_its_tables(
    stores: Stores, tmp_path: Path
) -> None:
    environment = stores.environment(tmp_path, empty=True)
    command = [sys.executable, "-m", "nyckelfri.cli", "server", "status"]
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in started]
    assert [code for _, code in ended] == [0, 0, 0], ended


def _cluster(stores: Stores) -> Any:
    if stores.cluster is None:
        pytest.skip("needs a server that asks for passwords: run with --database postgresql")
    return stores.cluster


def _status(directory: Path, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nyckelfri.cli", "server", "status"],
        env={**os.environ, "NYCKELFRI_DATA": str(directory), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db
def test_each_test_uses_the_database_that_was_asked_for(
    request: pytest.FixtureRequest,
) -> None:
    assert connection.vendor == request.config.getoption("--database")


@pytest.mark.django_db
@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_moments_are_read_as_they_were_written_aware_and_in_utc(microsecond: int) -> None:
    for year in (1969, 2026, 9999):
        at = datetime(year, 10, 25, 1, 30, 0, microsecond, tzinfo=UTC)
        VisitDay.objects.update_or_create(day=at.date(), defaults={"derived_at": at})
        (found,) = VisitDay.objects.filter(day=at.date()).values_list("derived_at", flat=True)
        assert found == at
        assert found.tzinfo is UTC


def test_the_search_for_cycles_rests_only_until_the_end_of_the_block() -> None:
    def fail() -> None:
        with bulk.unsearched():
            assert not gc.isenabled()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert gc.isenabled()
