"""Journals, opening records, commissioning and imports, many at once."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import raceworld
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery
from nyckelfri.root import signing
from nyckelfri.root.requests import read_request
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.importer import actions as importer
from nyckelfri.server.importer import check
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.locks import actions_commission, actions_orders
from nyckelfri.server.locks.models import Installation, LockOrder
from nyckelfri.server.visits import actions, actions_openings, events, journals, queries
from nyckelfri.server.visits.actions import Status
from nyckelfri.server.visits.actions_openings import Opening
from nyckelfri.server.visits.models import Kept, OpeningRecord, StoredEntry
from raceworld import at_once, meet_after, once_between
from serverworld import Handset, Lock, record_opening
from townworld import Town


def _statuses(found: list[Any]) -> list[Any]:
    return sorted(getattr(each, "status", each) for each in found)


@pytest.mark.threat(54)
def test_one_batch_through_two_phones_at_once_is_stored_once(
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for percent in range(90, 80, -1):
        locks.home.write(Battery(percent), after=60)
    data = locks.home.batch()
    meet_after(monkeypatch, journals, "of")
    found = at_once(
        *[
            partial(actions.ingest, data, phone=phone.row, now=moment)
            for phone in (alices_phone, bobs_phone)
        ]
    )
    assert _statuses(found) == [Status.KNOWN, Status.STORED]
    assert StoredEntry.objects.count() == 11


def test_parts_of_one_journal_that_come_at_once_are_all_stored(
    locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    for percent in range(90, 60, -1):
        locks.home.write(Battery(percent), after=60)
    parts = [locks.home.batch(first, first + 4) for first in (26, 21, 16, 11, 6, 1)]
    found = at_once(
        *[partial(actions.ingest, part, phone=alices_phone.row, now=moment) for part in parts]
    )
    assert not [each for each in found if isinstance(each, Exception)], found
    assert journals.one(locks.at_home).number == 30
    assert not Kept.objects.filter(resolved_at=None).exists()


def test_same_gap_through_two_phones_at_once_is_kept_once_and_counted(
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for percent in range(90, 80, -1):
        locks.home.write(Battery(percent), after=60)
    meet_after(monkeypatch, journals, "of")
    found = at_once(
        *[
            partial(actions.ingest, locks.home.batch(5), phone=phone.row, now=moment)
            for phone in (alices_phone, bobs_phone)
        ]
    )
    assert _statuses(found) == [Status.KEPT, Status.KEPT]
    assert Kept.objects.get().times == 2


def test_senseless_bytes_through_two_phones_at_once_are_kept_once(
    locks: Any, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    found = at_once(
        *[
            partial(actions.ingest, b"senseless", phone=phone.row, now=moment)
            for phone in (alices_phone, bobs_phone) * 3
        ]
    )
    assert _statuses(found) == [Status.KEPT] * 6
    assert Kept.objects.count() == 1
    assert AuditEvent.objects.filter(verb=Verb.JOURNAL_REJECT).count() == 1


@pytest.mark.threat(54)
def test_the_same_rubbish_in_two_orders_at_once_makes_nobody_wait_for_whom_waits_for_him(
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meet_after(monkeypatch, actions, "keep")
    rubbish = [b"senseless", b"and more"]
    found = at_once(
        partial(actions.ingest_all, rubbish, phone=alices_phone.row, now=moment),
        partial(actions.ingest_all, rubbish[::-1], phone=bobs_phone.row, now=moment),
    )
    assert [[each.status for each in some] for some in found] == [[Status.KEPT] * 2] * 2
    assert Kept.objects.count() == 2


@pytest.mark.threat(54)
@pytest.mark.threat(55)
def test_journals_of_many_locks_in_any_order_by_many_at_once_are_stored_once(
    locks: Any, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    both = [locks.home, locks.other_home]
    for lock in both:
        for percent in range(90, 60, -1):
            lock.write(Battery(percent), after=60)
    parts = [lock.batch(first, first + 4) for lock in both for first in range(1, 31, 5)]
    found = at_once(
        *[
            partial(actions.ingest_all, parts[at:] + parts[:at], phone=phone.row, now=moment)
            for at in (0, 3, 8)
            for phone in (alices_phone, bobs_phone)
        ]
    )
    assert not [each for each in found if isinstance(each, Exception)], found
    assert sum(each.status is Status.STORED for some in found for each in some) <= len(parts)
    assert StoredEntry.objects.count() == 60
    assert not Kept.objects.filter(resolved_at=None).exists()


def test_phone_that_syncs_twice_at_once_waits_for_nothing_that_waits_for_it(
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sync has the lock's journal and names the phone, the other has the phone and the lock."""
    locks.home.write(Battery(90), after=60)
    meeting = meet_after(monkeypatch, journals, "of")
    monkeypatch.setattr(actions_issue, "_live", meeting.after(actions_issue._live))
    found = at_once(
        partial(actions.ingest, locks.home.batch(), phone=alices_phone.row, now=moment),
        partial(actions_issue.issue_for, cast.alice, alices_phone.row, now=moment),
    )
    assert not [each for each in found if isinstance(each, Exception)], found
    assert len(found[1]) == 2


@pytest.mark.parametrize("known", [True, False])
def test_one_opening_told_twice_at_once_is_stored_once(
    locks: Any,
    alices_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,
) -> None:
    opening = Opening(
        uuid.UUID(int=1),
        locks.at_home.identifier if known else b"\x01" * 8,
        b"\x02" * 8,
        int(Command.UNLOCK),
        0,
        7,
        b"\x03" * 8,
        int(moment.timestamp()),
    )
    meet_after(monkeypatch, actions_openings, "_wrong")
    call = partial(record_opening, opening, phone=alices_phone.row, now=moment)
    found = at_once(call, call)
    assert (
        sorted(map(str, found)) == ["known", "stored" if known else "kept"][:: 1 if known else -1]
    )
    assert OpeningRecord.objects.count() == 1


def test_outcome_that_comes_while_its_intent_is_stored_is_not_lost(
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (grant, *_) = [
        row
        for row in actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
        if row.installation_id == locks.at_home.pk
    ]
    intent = locks.home.use(grant)
    other = once_between(
        monkeypatch,
        events,
        "store",
        partial(actions.ingest, locks.home.batch(intent + 1), phone=bobs_phone.row, now=moment),
    )
    actions.ingest(locks.home.batch(1, intent), phone=alices_phone.row, now=moment)
    raceworld.finish()
    assert other[0].status is Status.STORED, other
    assert queries.events().get().result == "done"


def test_one_unit_commissioned_twice_at_once_is_one_installation(
    keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Lock.make("home", keys.holders.root, int(moment.timestamp()))
    meet_after(monkeypatch, actions_commission, "_check")
    call = partial(lock.put_in_service, cast.front_door, moment)
    first, second = at_once(call, call)
    assert first == second == Installation.objects.get()


def test_one_unit_commissioned_on_two_doors_at_once_is_on_one(
    keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Lock.make("home", keys.holders.root, int(moment.timestamp()))
    meet_after(monkeypatch, actions_commission, "_check")
    found = at_once(
        partial(lock.put_in_service, cast.front_door, moment),
        partial(lock.put_in_service, cast.other_front_door, moment),
    )
    assert {type(each) for each in found} == {
        Installation,
        actions_commission.CommissionError,
    }, found


def _release(locks: Any, keys: Any, cast: Any, moment: datetime) -> bytes:
    release = actions_orders.request(cast.front_door.external_id, actor="test", now=moment)
    request = read_request(release.payload)
    return signing.sign_whole(request, keys.holders.root, keys.holders.keys[:2])


def test_one_release_installed_twice_at_once_is_one_order(
    locks: Any, keys: Any, cast: Any, moment: datetime
) -> None:
    data = _release(locks, keys, cast, moment)
    call = partial(actions_orders.install, data, actor="test", now=moment)
    first, second = at_once(call, call)
    assert first == second == LockOrder.objects.get()


def test_lock_retired_while_its_order_is_installed_has_no_open_order(
    locks: Any, keys: Any, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _release(locks, keys, cast, moment)
    once_between(
        monkeypatch,
        actions_orders,
        "_record",
        partial(
            actions_commission.retire,
            cast.front_door.external_id,
            reason="stolen",
            actor="test",
            now=moment,
        ),
    )
    actions_orders.install(data, actor="test", now=moment)
    raceworld.finish()
    assert Installation.objects.get(pk=locks.at_home.pk).retired_at == moment
    assert not LockOrder.objects.filter(done_at=None).exists()


@pytest.mark.threat(53)
def test_two_imports_of_the_same_files_at_once_store_them_once(
    db: None, tmp_path: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "town"
    directory.mkdir()
    files = Town(directory).write()
    meet_after(monkeypatch, check, "check")
    call = partial(importer.import_files, files, actor="test", now=moment)
    first, second = at_once(call, call)
    assert first.stored, first
    assert second.stored, second
    created = sorted(each.counts["brukare"]["created"] for each in (first, second))
    assert created == [0, Client.objects.count()]
