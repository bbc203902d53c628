"""A primary that is lost, and one that comes back alone: real PostgreSQL, twice, and real kills.

Patroni itself is not here; what it does to the two (promote one, leave the other) is.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import DatabaseError, connections
from pytest_django import DjangoDbBlocker, Settings

import databases
import pgcluster
import pgpair
from carerworld import Carer, said
from databases import Stores
from nyckelfri.cli import main
from nyckelfri.server import database
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits import actions as visits
from outageworld import WsgiApi, all_hangs_together, asked, tries_later
from pgpair import Node, Pair, until
from serverfixtures import SetClock
from serverworld import PASSWORD, Answer, Api, Handset, unb64

Found = TypeVar("Found")


@pytest.fixture(scope="session")
def tables(stores: Stores) -> str:
    """What makes the server's tables."""
    if stores.cluster is None:
        pytest.skip("needs PostgreSQL: run with --database postgresql")
    address = stores.cluster.url(databases.TEMPLATE)
    return pgcluster.call(["pg_dump", "--no-owner", address], stores.cluster.directory)


@pytest.fixture
def pair(tables: str) -> Iterator[Pair]:
    with pgpair.running(tables) as both:
        yield both


@pytest.fixture
def db(
    pair: Pair, tmp_path: Path, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The server uses the two as a municipality would tell it to."""
    settings.STANDBY = True
    settings.DATA = tmp_path
    with django_db_blocker.unblock(), server_uses(pair.url):
        yield


@contextmanager
def server_uses(url: str) -> Iterator[None]:
    """Have this process, and each of its threads from now on, use the database at `url`."""
    saved, held = connections.settings["default"], connections["default"]
    try:
        databases._connect_to(database.from_url(url, Path()))
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = saved
        connections["default"] = held


# The primary is lost.


class LaterError(Exception):
    """The server said so."""


@dataclass
class Night:
    """What happens while a primary dies: people who do their things until told to stop."""

    stop: threading.Event = field(default_factory=threading.Event)
    killed: float = 0.0
    first_after: float = 0.0

    def persist(self, call: Callable[..., Found], *told: Any) -> Found:
        """Do it again until it is done, as phones and people do."""
        end = time.monotonic() + 60
        while (begun := time.monotonic()) < end:
            try:
                found = call(*told)
            except (DatabaseError, LaterError):
                connections.close_all()
                time.sleep(0.02)
            else:
                if self.killed and begun > self.killed and not self.first_after:
                    self.first_after = time.monotonic()
                return found
        raise AssertionError("the server did not come back")

    def carry(self, carer: Carer) -> int:
        """Visit after visit, each brought home; how many."""

        def bring() -> dict[str, Any]:
            answer = carer.ask()
            if tries_later(answer):
                raise LaterError
            assert answer.status == 200, answer
            found: dict[str, Any] = answer.body
            return found

        try:
            while not self.stop.is_set():
                self.persist(carer.lose_access)
                self.persist(carer.visit)
                self.persist(carer.take, self.persist(bring))
            return carer.rounds
        finally:
            connections.close_all()

    def manage(self, holder: Any, now: datetime) -> list[str]:
        """Register and block one phone after another; those that were answered to be blocked."""
        done: list[str] = []

        def register(label: str) -> Phone:
            known = Phone.objects.filter(label=label).first()
            return known or phones.register(label=label, holder=holder, actor="t", now=now)

        try:
            while not self.stop.is_set():
                label = f"Telefon {len(done)}"
                row = self.persist(register, label)
                self.persist(partial(phones.block, row, reason="lost", actor="t", now=now))
                done.append(label)
            return done
        finally:
            connections.close_all()


@pytest.mark.threat(45)
def test_primary_that_is_killed_amid_syncs_takes_nothing_with_it_that_was_answered(
    pair: Pair,
    carer: Carer,
    bobs_phone: Handset,
    locks: Any,
    cast: Any,
    moment: datetime,
    set_clock: SetClock,
) -> None:
    """Entries, grants, revocations and rows of the log: each that was answered, and each once."""
    api = WsgiApi(bobs_phone.token)
    assert api.sign_in("10002").status == 200
    bob = Carer.begin(
        api,
        phone=bobs_phone.row,
        lock=locks.entrance,
        client="B0001",
        now=moment,
        set_clock=set_clock,
    )
    night = Night()
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(night.carry, carer), pool.submit(night.carry, bob)]
        manager = pool.submit(night.manage, cast.alice, moment)
        try:
            until(lambda: min(carer.rounds, bob.rounds) > 2)
            pair.primary.kill()
            night.killed = time.monotonic()
            pair.standby.promote()
            before = carer.rounds, bob.rounds
            until(lambda: carer.rounds > before[0] + 2 and bob.rounds > before[1] + 2)
        finally:
            night.stop.set()
        for job in jobs:
            job.result(90)
        blocked = manager.result(90)
    assert blocked
    assert night.first_after, "nobody was answered after the primary had died"
    print(f"{night.first_after - night.killed:.1f} s from the kill to the first answer")  # noqa: T201
    connections.close_all()
    for each in (carer, bob):
        each.is_home_once()
        assert each.held <= {bytes(data) for data in Issued.objects.values_list("data", flat=True)}
    for row in Issued.objects.exclude(revoked_at=None):
        assert Revocation.objects.filter(value=row.serial).count() == 1
        about = AuditEvent.objects.filter(object_id=f"grant:{bytes(row.serial).hex()}")
        assert about.filter(verb=Verb.GRANT_REVOKE).count() == 1
    for label in blocked:
        phone = Phone.objects.get(label=label)
        assert phone.state == PhoneState.BLOCKED
        about = AuditEvent.objects.filter(object_id=f"phone:{phone.identifier.hex()}")
        assert about.filter(verb=Verb.PHONE_BLOCK).count() == 1
    all_hangs_together()
    carer.visit()
    carer.take(carer.sync())


@pytest.mark.threat(45)
def test_of_several_hosts_the_primary_is_found_and_a_standby_by_itself_is_refused(
    pair: Pair, api: Api, keys: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts = f"{pair.standby.directory},{pair.primary.directory}"
    with server_uses(f"postgresql://nyckelfri@/{pgpair.NAME}?host={hosts}"):
        connections["default"].ensure_connection()
        connection: Any = connections["default"].connection
        assert connection.info.host == str(pair.primary.directory)
    with server_uses(pair.standby.url):
        assert main(["server", "check"]) == 1
        assert "leads to a standby" in capsys.readouterr().err
        assert tries_later(api.post("sync"))
    settings.STANDBY = False
    with server_uses(pair.standby.url):
        assert main(["server", "check"]) == 1
        assert "wrong: DATABASE_URL leads to a standby" in capsys.readouterr().out
        assert main(["server", "run"]) == 1
        assert "leads to a standby" in capsys.readouterr().err
        assert tries_later(api.post("sync"))


@pytest.mark.threat(45)
def test_what_the_server_is_told_of_a_standby_is_held_against_what_there_is(
    pair: Pair, keys: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["server", "check"]) == 0
    assert "synchronous" not in capsys.readouterr().out
    settings.STANDBY = False
    assert main(["server", "check"]) == 0
    assert "warning: PostgreSQL has a synchronous standby: set NYCKELFRI_STANDBY=1" in (
        capsys.readouterr().out
    )
    settings.STANDBY = True
    pair.primary.cluster.run("ALTER SYSTEM SET synchronous_standby_names = ''")
    pair.primary.cluster.run("SELECT pg_reload_conf()")
    names = "SHOW synchronous_standby_names"
    until(lambda: pair.primary.cluster.run(names) == [("",)])
    connections.close_all()
    assert main(["server", "check"]) == 0
    assert "warning: PostgreSQL has no synchronous standby" in capsys.readouterr().out


# Two primaries.


@contextmanager
def cut_in_the_middle(
    pair: Pair, carer: Carer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Future[Answer]]:
    """A sync during which the line to the standby is lost, so that its next commit waits."""
    real = visits.take_in

    def take_in(*args: Any, **kwargs: Any) -> Any:
        pair.standby.cut_off()
        return real(*args, **kwargs)

    with monkeypatch.context() as cut, ThreadPoolExecutor(1) as pool:
        cut.setattr(visits, "take_in", take_in)
        answer = pool.submit(in_a_thread, carer.ask)
        until(lambda: bool(pair.waiting()) or answer.done())
        assert not answer.done(), answer.result()
        yield answer


def in_a_thread(call: Callable[[], Found]) -> Found:
    try:
        return call()
    finally:
        connections.close_all()


def in_time(call: Callable[..., Found], *told: Any) -> Found:
    """Have it done elsewhere within a while; what waits for ever fails and ends with its server."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(in_a_thread, partial(call, *told)).result(20)
    finally:
        pool.shutdown(wait=False)


def rows(node: Node, table: str) -> int:
    """How many rows a table has on one of the two machines."""
    ((count,),) = node.cluster.run(f"SELECT count(*) FROM {table}", pgpair.NAME)  # noqa: S608
    return int(count)


ENTRIES, GRANTS = "visits_storedentry", "keys_issued"


@pytest.mark.threat(46)
def test_primary_that_is_alone_answers_nobody_and_changes_nothing(
    pair: Pair, carer: Carer, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = {"username": "10001", "password": PASSWORD}
    carer.visit()
    pair.standby.cut_off()
    before = [rows(pair.primary, table) for table in (ENTRIES, GRANTS, "audit_auditevent")]
    assert tries_later(in_time(carer.ask))
    assert tries_later(in_time(carer.api.post, "sign-in", credentials))
    status, page, _ = in_time(asked, {"PATH_INFO": "/", "HTTP_COOKIE": f"sessionid={'x' * 32}"})
    assert status == 503
    assert "Servern kan inte spara något just nu" in page
    connections.close_all()
    assert main(["server", "block-phone", "A", "--why", "lost"]) == 1
    assert "no standby that takes part" in capsys.readouterr().err
    after = [rows(pair.primary, table) for table in (ENTRIES, GRANTS, "audit_auditevent")]
    assert before == after


@pytest.mark.threat(46)
@pytest.mark.parametrize("ending", ["pg_terminate_backend", "pg_cancel_backend"])
def test_commit_that_waits_for_a_standby_is_not_answered_however_the_wait_is_ended(
    pair: Pair, carer: Carer, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL tells whoever is cancelled that the commit is done, with a warning."""
    carer.visit()
    with cut_in_the_middle(pair, carer, monkeypatch) as answer:
        time.sleep(1)
        assert not answer.done()
        (pid,) = pair.waiting()
        pair.primary.cluster.run(f"SELECT {ending}({pid})")
        assert tries_later(answer.result(20))
    assert rows(pair.standby, ENTRIES) == 1


@pytest.mark.threat(46)
def test_what_a_primary_has_alone_is_given_to_nobody(
    pair: Pair,
    carer: Carer,
    bobs_phone: Handset,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Killed while a commit waits, a primary has it after all when it is back.

    Who then only reads is not made to wait by PostgreSQL: without the setting a bulletin goes out
    that the other side does not know.
    """
    carer.visit()
    shared, elsewhere = settings.DATA, tmp_path / "elsewhere"
    shutil.copytree(shared, elsewhere)
    with cut_in_the_middle(pair, carer, monkeypatch) as answer:
        pair.primary.kill()
        assert tries_later(answer.result(20))
    pair.primary.start()
    assert (rows(pair.primary, ENTRIES), rows(pair.standby, ENTRIES)) == (3, 1)
    bobs = WsgiApi(bobs_phone.token)
    settings.DATA, settings.STANDBY = elsewhere, False
    with server_uses(pair.primary.url):
        block = partial(phones.block, carer.phone, reason="lost", actor="t", now=carer.now)
        assert killed_while_it_waits(pair, block) is None
        asked = (killed_while_it_waits(pair, bobs.post, "sync") for _ in range(5))
        given = next(answer for answer in asked if answer is not None)
    assert carer.phone.thumbprint in said(unb64(given.body["bulletin"])).phones
    assert rows(pair.standby, "keys_revocation") == 0

    settings.STANDBY = True
    with server_uses(pair.primary.url):
        assert tries_later(in_time(bobs.post, "sync"))
    pair.standby.promote()
    with server_uses(pair.standby.url):
        # Where the careless server kept what it gave out, it is stopped all the same.
        assert carer.ask().code == "not_ready"
        settings.DATA = shared
        carer.take(carer.sync())
        carer.is_home_once()
        all_hangs_together()


def killed_while_it_waits(pair: Pair, call: Callable[..., Found], *told: Any) -> Found | None:
    """Do something at a primary that is alone, and kill it when it waits; it comes back."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(in_a_thread, partial(call, *told))
        until(lambda: bool(pair.waiting()) or answer.done())
        if answer.done():
            return answer.result()
        pair.primary.kill()
        with suppress(DatabaseError):
            answer.result(20)
    pair.primary.start()
    return None
