"""A commissioned lock's store on a real disk, and what the server would make of its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from doorworld import NOON, identifier, private_key

from nyckelfri.door import delivery, signed
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.delivery import Batch, SealedBatch, Segment
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Detail, Entry, Intent, MotorResult, Outcome
from nyckelfri.door.keyset import Key, KeySet
from nyckelfri.door.policy import Stay
from nyckelfri.door.sealing import Wrapping
from nyckelfri.lock import store_rows
from nyckelfri.lock.store import Store, Update
from nyckelfri.lock.store_disk import MACHINE, Disk
from nyckelfri.lock.store_rows import Row
from nyckelfri.lock.store_state import Factory, Identity, SavedClock
from sealworld import SEALING, open_piece, read_batch, unwrapping

SECRET = b"printed on unit!"
CARER = (identifier("serial 1"), identifier("Alice"), identifier("phone 1"))
SIGNING_KEY = private_key(401)
IDENTITY = Identity(
    root=b"root of the municipality",
    installation=identifier("front door"),
    dh_key=(400).to_bytes(32, "big"),
    signing_key=(401).to_bytes(32, "big"),
    radio_key=b"radio key 16 byt",
    release_nonce=b"release nonce 16",
    threshold=-60,
)


def key_set(number: int = 1, *more: Key) -> bytes:
    """The payload of a key set with a key to seal to."""
    keys = tuple(sorted((SEALING, *more), key=lambda key: key.kid))
    return KeySet(identifier("municipality"), number, 1, NOON - 86_400, keys).payload


NOW = Reading(NOON, Mark.SET)


def factory_store(path: Path, disk: Disk = MACHINE) -> Store:
    return Store.create(path, Factory(1, b"factory key of the unit 32 bytes", SECRET), disk=disk)


def commissioned_store(
    path: Path, disk: Disk = MACHINE, *, bulletin: bytes = b"bulletin 1" * 40
) -> Store:
    store = factory_store(path, disk)
    store.commission(
        IDENTITY,
        key_set=(1, key_set()),
        bulletin=bulletin,
        clock=SavedClock(NOON - 60, NOON, Mark.SET),
    )
    return store


def open_door(store: Store, at: int = NOON) -> int:
    """One opening from intent to outcome; the number of the intent."""
    now = Reading(at, Mark.SET)
    update = Update(stay=Stay.of(CARER[0], at))
    (intent,) = store.commit([Intent(*CARER, Command.UNLOCK)], now=now, update=update)
    store.commit([Outcome(intent.number, MotorResult.DONE)], now=now)
    return intent.number


def rows_of(store: Store) -> list[Row]:
    return store_rows.get_rows(store._db, 0, 1_000_000)


def batch_of(store: Store, first: int = 0) -> Batch | None:
    """What the server gets when it asks from `first`, signed and verified."""
    piece = store.piece(first)
    if piece is None:
        return None
    data = delivery.sign_batch(
        piece.segments,
        installation=IDENTITY.installation,
        first=piece.first,
        previous=piece.previous,
        key=SIGNING_KEY,
    )
    key = signed.compressed(SIGNING_KEY.public_key())
    return read_batch(data, key=key, installation=IDENTITY.installation)


def all_batches(store: Store, first: int = 1) -> list[Batch]:
    """The journal from `first` as the server fetches it, batch after batch."""
    batches = []
    while batch := batch_of(store, first):
        batches.append(batch)
        first = batch.last + 1
    return batches


def open_rows(rows: Sequence[Row], wrappings: Mapping[int, Wrapping]) -> tuple[Entry, ...]:
    """The entries of rows that follow each other, as the server would read them."""
    if not rows:
        return ()
    segments = [Segment(wrappings[row.wrapping], (row.sealed,)) for row in rows]
    batch = SealedBatch(IDENTITY.installation, rows[0].number, rows[0].previous, tuple(segments))
    opened = delivery.open_batch(batch, unwrapping())
    assert list(opened.heads) == [row.head for row in rows]
    return opened.entries


def entries_of(store: Store, first: int = 1) -> list[Entry]:
    """All that the server would read, from number `first` on."""
    entries: list[Entry] = []
    while piece := store.piece(first):
        opened = open_piece(piece, installation=IDENTITY.installation)
        entries += opened.entries
        first = opened.last + 1
    return entries


def details_of(store: Store, first: int = 1) -> list[Detail]:
    """The same, without numbers and times."""
    return [entry.detail for entry in entries_of(store, first)]
