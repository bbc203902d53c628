"""What a lock's store holds of its visits: nothing that the lock, or its thief, could read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from doorworld import NOON, identifier, private_key

from nyckelfri.door import delivery, journal, sealing
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.delivery import SealedBatch
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Intent, MotorResult, Outcome, Refusal
from nyckelfri.door.policy import Stay
from nyckelfri.door.reasons import Reason
from nyckelfri.door.sealing import SealError, Wrapping
from nyckelfri.lock import store_file, store_rows
from nyckelfri.lock.store import Store, Update
from nyckelfri.lock.store_file import StoreError
from sealworld import KEYS, NEXT_SEALING, SEALING, unwrapping
from storeworld import (
    CARER,
    IDENTITY,
    NOW,
    SECRET,
    commissioned_store,
    details_of,
    entries_of,
    key_set,
    open_door,
    rows_of,
)

DAY = 86_400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with commissioned_store(path) as opened:
        yield opened


def wrappings(store: Store) -> list[Wrapping]:
    return list(store_rows.get_wrappings(store._db, range(1, 1000)).values())


def keys_used(store: Store) -> list[int]:
    """The number of the content key of each entry."""
    return [row.wrapping for row in rows_of(store)]


@pytest.mark.threat(28)
def test_a_dump_of_the_store_shows_no_visit_in_any_byte_of_its_files(
    store: Store, path: Path
) -> None:
    people: list[bytes] = []
    for visit in range(120):
        serial, subject, phone = (identifier(f"{what} {visit}") for what in ("s", "e", "p"))
        who = (serial, subject, phone)
        people += who
        now = Reading(NOON + 1000 + 60 * visit, Mark.SET)
        stay = Update(stay=Stay.of(serial, now.time))
        (intent,) = store.commit([Intent(*who, Command.UNLOCK)], now=now, update=stay)
        store.commit([Outcome(intent.number, MotorResult.DONE)], now=now)
        store.commit([Refusal(Reason.EXPIRED, *who, Command.UNLOCK)], now=now)
    bodies = [journal.encode_entry(entry) for entry in entries_of(store)]
    assert len(bodies) == 361
    files = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    # File and WAL hold different parts of it; both are searched, and once more when folded.
    assert len(files["lock.db-wal"]) > 100_000
    store_file.fold_wal(store._db)
    files["folded"] = path.read_bytes()
    for name, content in files.items():
        found = [value.hex() for value in (*people, *bodies) if value in content]
        assert not found, f"{name} tells {found[:3]}"
    assert rows_of(store)[-1].sealed in files["folded"]


@pytest.mark.threat(28)
def test_no_sixteen_bytes_of_a_dump_open_any_of_its_entries(store: Store, path: Path) -> None:
    """Neither a content key nor anything else in file or WAL is a key to what is sealed."""
    for visit in range(10):
        open_door(store, NOON + visit)
    content = path.read_bytes() + path.with_name("lock.db-wal").read_bytes()
    row = rows_of(store)[1]
    nonce = row.number.to_bytes(12, "big")
    tried = {content[at : at + 16] for at in range(len(content) - 15)}
    assert row.sealed in content
    assert len(tried) > 5_000
    for candidate in tried:
        with pytest.raises(InvalidTag):
            AESGCM(candidate).decrypt(nonce, row.sealed, None)


@pytest.mark.threat(28)
def test_the_locks_own_keys_open_nothing_that_it_sealed(store: Store) -> None:
    open_door(store)
    rows = rows_of(store)
    held = [IDENTITY.dh_key, IDENTITY.signing_key]
    for scalar in held:
        key = private_key(int.from_bytes(scalar, "big"))
        for wrapping in wrappings(store):
            with pytest.raises(SealError):
                sealing.unwrap(wrapping.wrapped, key=key, installation=IDENTITY.installation)
    piece = store.piece(1)
    assert piece is not None
    batch = SealedBatch(IDENTITY.installation, 1, piece.previous, piece.segments)
    with pytest.raises(SealError):
        delivery.open_batch(batch, unwrapping({SEALING.kid: private_key(400)}))
    assert len(delivery.open_batch(batch, unwrapping(KEYS)).entries) == len(rows)


@pytest.mark.threat(28)
def test_running_state_names_nobody_though_it_knows_who_may_lock(store: Store, path: Path) -> None:
    """The grant that opened last is kept as a digest, so that its holder can lock."""
    open_door(store)
    store.commit(
        [Intent(identifier("serial 2"), *CARER[1:], Command.LOCK)], now=NOW, update=Update()
    )
    store_file.fold_wal(store._db)
    content = path.read_bytes()
    assert Stay.of(CARER[0], NOON).grant in content
    assert CARER[0] not in content
    assert identifier("serial 2") not in content
    assert CARER[1] not in content
    assert CARER[2] not in content


def test_each_start_each_day_and_each_key_set_has_a_content_key_of_its_own(
    store: Store, path: Path
) -> None:
    open_door(store)
    open_door(store, NOON + 60)
    assert keys_used(store) == [1] * 5
    open_door(store, NOON + DAY)
    assert keys_used(store)[5:] == [2, 2]
    rotated = Update(key_set=key_set(2, NEXT_SEALING))
    now = Reading(NOON + DAY, Mark.SET)
    store.commit([journal.KeySetTaken(2, 1)], now=now, update=rotated)
    assert keys_used(store)[7:] == [3]
    store.close()
    with Store.open(path) as again:
        open_door(again, NOON + DAY)
        assert keys_used(again)[8:] == [4, 4]
        found = wrappings(again)
        assert [wrapping.kid for wrapping in found] == [b"\x04", b"\x04", b"\x05", b"\x05"]
        assert len({wrapping.wrapped for wrapping in found}) == 4
        assert len(details_of(again)) == 10


@pytest.mark.parametrize("failure", ["full disk", "impossible entry", "outcome of nothing"])
def test_after_a_commit_that_failed_no_number_is_sealed_again_under_the_same_key(
    store: Store, failure: str
) -> None:
    open_door(store)
    if failure == "full disk":
        store._db.pragma("max_page_count", store._db.pragma("page_count"))
        with pytest.raises(StoreError):
            store.commit([Battery(50)], now=NOW, update=Update(bulletin=b"x" * 300_000))
        store._db.pragma("max_page_count", 1 << 30)
    elif failure == "impossible entry":
        with pytest.raises(journal.JournalError):
            store.commit([Battery(50), Battery(101)], now=NOW)
    else:
        with pytest.raises(StoreError):
            store.commit([Battery(50), Outcome(1, MotorResult.DONE)], now=NOW)
    assert keys_used(store) == [1, 1, 1]
    store.commit([Battery(60)], now=NOW)
    assert keys_used(store) == [1, 1, 1, 2]
    assert details_of(store)[-1] == Battery(60)


def test_no_content_key_is_given_twice_by_a_source_that_is_random(path: Path) -> None:
    given: list[bytes] = []

    def random(size: int) -> bytes:
        given.append(size.to_bytes(2) + len(given).to_bytes(14))
        return given[-1]

    with commissioned_store(path) as store:
        store._writer._random = random
        for day in range(1, 4):
            open_door(store, NOON + day * DAY)
    # A content key and two salts a day.
    assert len(given) == len(set(given)) == 9


def test_content_keys_go_with_the_last_entry_they_sealed(store: Store) -> None:
    for day in range(5):
        open_door(store, NOON + day * DAY)
    assert len(wrappings(store)) == 5
    with store_file.transaction(store._db):
        store_rows.drop_rows(store._db, 6)
    assert keys_used(store)[0] == 3
    assert len(wrappings(store)) == 3


def test_a_batch_over_many_starts_is_a_segment_for_each(path: Path) -> None:
    commissioned_store(path).close()
    for _ in range(3):
        with Store.open(path) as store:
            open_door(store)
    with Store.open(path) as store:
        piece = store.piece(1)
        assert piece is not None
        assert [len(segment.sealed) for segment in piece.segments] == [1, 2, 2, 2]


@pytest.mark.threat(64)
def test_nothing_of_what_was_sealed_stands_in_reprs(store: Store) -> None:
    open_door(store)
    text = repr(store._writer) + repr(rows_of(store)) + repr(store.state.identity)
    for secret in (SECRET, *CARER, IDENTITY.signing_key):
        assert repr(secret)[2:-1] not in text
