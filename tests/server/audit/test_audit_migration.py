"""A server whose audit log is older than its chain is brought up to date."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from auditworld import event_at, execute, record
from nyckelfri.server.audit import verify

pytestmark = pytest.mark.django_db(transaction=True)
MOMENT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BEFORE, AFTER = [("audit", "0001_initial")], [("audit", "0004_guards")]


@pytest.fixture
def old_tables() -> Iterator[None]:
    MigrationExecutor(connection).migrate(BEFORE)
    yield
    # All the way, or the tests after this one lack tables.
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("audit"))


@pytest.mark.threat(61)
def test_rows_from_before_the_chain_are_chained_in_their_order(
    old_tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        execute(
            "INSERT INTO audit_auditevent (at, actor, verb, object_id, reason, details) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            f"2026-11-2{number} 06:00:00+00:00",
            "employee:1",
            "staff:phone:block",
            f"phone:{number}",
            "",
            '{"n": 1, "a": [null, "å"]}',
        )
    fill = importlib.import_module("nyckelfri.server.audit.migrations.0003_chain_what_is_there")
    monkeypatch.setattr(fill, "BATCH", 2)
    MigrationExecutor(connection).migrate(AFTER)
    proof = verify.prove()
    assert (proof.last, proof.fault) == (5, None)
    assert [event_at(number).object_id for number in (1, 5)] == ["phone:0", "phone:4"]
    record("new", now=event_at(5).at)
    assert verify.prove().last == 6


@pytest.mark.threat(61)
def test_chain_goes_on_when_its_links_are_laid_in_order_and_back() -> None:
    record("before", now=MOMENT)
    for name, target in (("back", "0005_proofs"), ("forth", "0006_links_in_order")):
        MigrationExecutor(connection).migrate([("audit", target)])
        record(name, now=MOMENT)
        with pytest.raises(DatabaseError, match="append-only"):
            execute("UPDATE audit_auditlink SET number = number + 100")
    proof = verify.prove()
    assert (proof.last, proof.fault) == (3, None)
    assert [event_at(number).object_id for number in (1, 2, 3)] == [
        "phone:before",
        "phone:back",
        "phone:forth",
    ]
