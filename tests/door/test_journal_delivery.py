"""Batches, what the server makes of them, receipts, and what retention leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from doorworld import NOON, Municipality, identifier, private_key
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.door import delivery, fields, journal, keyset, sealing, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.delivery import (
    Batch,
    Connection,
    Receipt,
    Record,
    Relation,
    Retained,
    Segment,
    connect,
    open_receipt,
    sign_batch,
    sign_receipt,
    verify_batch,
    verify_retained,
)
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Commissioned, Entry, Intent, JournalError, encode_entry
from nyckelfri.door.sealing import SealError, Wrapping
from nyckelfri.door.signed import SignatureError
from sealworld import KEYS, SEALING, read_batch, sealed, unwrapping

LOCK = identifier("front door")
KEY = private_key(700)
POINT = signed.compressed(KEY.public_key())
CARER = (identifier("serial 1"), identifier("Alice"), identifier("phone 1"))
SIZE = 40


def _history(tale: str = "", split: int = SIZE) -> list[Record]:
    """Entries 1 to SIZE; from `split` on they differ by `tale`."""
    records = []
    for number in range(1, SIZE + 1):
        detail = Commissioned(1) if number == 1 else Intent(*CARER, Command.UNLOCK)
        told = tale if number >= split else ""
        salt = (identifier(f"salt {number} {told}") * 2)[:16]
        records.append(Record(salt, encode_entry(Entry(number, NOON + number, Mark.SET, detail))))
    return records


RECORDS = _history()
HEADS = [journal.genesis(LOCK)]
for _record in RECORDS:
    HEADS.append(journal.next_head(HEADS[-1], _record.leaf))


def _heads(records: list[Record]) -> list[bytes]:
    heads = [journal.genesis(LOCK)]
    for record in records:
        heads.append(journal.next_head(heads[-1], record.leaf))
    return heads


def _segments(first: int, last: int, records: list[Record]) -> list[Segment]:
    """As a lock would seal them that starts anew at every multiple of 7."""
    segments = []
    while first <= last:
        until = min(last, first + 6 - first % 7)
        part = records[first - 1 : until]
        segments.append(sealed(part, installation=LOCK, first=first, name=f"since {first}"))
        first = until + 1
    return segments


def _signed(first: int, last: int, records: list[Record] | None = None) -> bytes:
    source = RECORDS if records is None else records
    return sign_batch(
        _segments(first, last, source),
        installation=LOCK,
        first=first,
        previous=_heads(source)[first - 1],
        key=KEY,
    )


def _batch(first: int, last: int, records: list[Record] | None = None) -> Batch:
    return read_batch(_signed(first, last, records), key=POINT, installation=LOCK)


def _row(segment: Segment) -> list[Any]:
    return [segment.wrapping.kid, segment.wrapping.wrapped, list(segment.sealed)]


def _one(number: int = 5, record: Record | None = None) -> list[Any]:
    """A segment of one entry, in the shape of the protocol."""
    records = [record or RECORDS[number - 1]]
    return _row(sealed(records, installation=LOCK, first=number))


def _forged(payload: Any, *, key: int = 700, typ: str = delivery.TYP) -> bytes:
    return signed.sign(cbor.encode(payload), key=private_key(key), typ=typ, kid=None)


def test_a_batch_says_number_entry_and_head_of_everything_in_it() -> None:
    batch = _batch(5, 9)
    assert (batch.first, batch.last, batch.previous) == (5, 9, HEADS[4])
    assert [entry.number for entry in batch.entries] == [5, 6, 7, 8, 9]
    assert list(batch.heads) == HEADS[5:10]
    assert [batch.head_at(number) for number in range(4, 10)] == HEADS[4:10]
    for outside in (3, 10):
        with pytest.raises(JournalError):
            batch.head_at(outside)
    assert delivery.claimed_installation(_signed(5, 9)) == LOCK


@pytest.mark.threat(57)
def test_a_batch_with_a_forged_lock_id_is_refused() -> None:
    other = identifier("another door")
    payload = [LOCK, 5, HEADS[4], [_one()]]
    with pytest.raises(SignatureError):
        verify_batch(_forged(payload, key=701), key=POINT, installation=LOCK)
    own_key = signed.compressed(private_key(701).public_key())
    with pytest.raises(JournalError, match="another installation"):
        verify_batch(_forged(payload, key=701), key=own_key, installation=other)
    # What it claims only finds the key; it is not believed.
    assert delivery.claimed_installation(_forged(payload, key=701)) == LOCK


@pytest.mark.threat(57)
def test_another_locks_sealed_entries_under_this_locks_signature_do_not_open() -> None:
    """Whoever can sign for one lock cannot pass off what another lock has sealed."""
    elsewhere = sealed(RECORDS[4:6], installation=identifier("another door"), first=5)
    data = _forged([LOCK, 5, HEADS[4], [_row(elsewhere)]])
    with pytest.raises(SealError, match="another key or lock"):
        read_batch(data, key=POINT, installation=LOCK)


@pytest.mark.threat(57)
def test_something_else_that_the_lock_signed_is_not_a_batch() -> None:
    payload = [LOCK, 5, HEADS[4], [_one()]]
    with pytest.raises(SignatureError):
        verify_batch(_forged(payload, typ="nyckelfri/installation"), key=POINT, installation=LOCK)


@pytest.mark.threat(55)
@pytest.mark.parametrize("change", ["swapped", "left out", "twice"])
def test_sealed_entries_out_of_order_do_not_open_even_when_signed(change: str) -> None:
    kid, wrapped, items = _row(sealed(RECORDS[4:9], installation=LOCK, first=5))
    if change == "swapped":
        items[1], items[2] = items[2], items[1]
    elif change == "left out":
        del items[2]
    else:
        items.insert(2, items[2])
    data = _forged([LOCK, 5, HEADS[4], [[kid, wrapped, items]]])
    assert verify_batch(data, key=POINT, installation=LOCK).first == 5
    with pytest.raises(SealError, match="does not open"):
        read_batch(data, key=POINT, installation=LOCK)


@pytest.mark.threat(55)
def test_an_entry_of_another_number_than_it_was_sealed_as_is_refused() -> None:
    with pytest.raises(JournalError, match="stands in the place"):
        read_batch(
            _forged([LOCK, 5, HEADS[4], [_one(5, RECORDS[6])]]), key=POINT, installation=LOCK
        )


def test_anybody_may_verify_a_batch_and_only_the_server_opens_it() -> None:
    verified = verify_batch(_signed(5, 9), key=POINT, installation=LOCK)
    assert (verified.first, verified.last, verified.previous) == (5, 9, HEADS[4])
    for keys in ({}, {SEALING.kid: private_key(999)}, {b"\x09": KEYS[SEALING.kid]}):
        with pytest.raises(SealError):
            delivery.open_batch(verified, unwrapping(keys))
    assert delivery.open_batch(verified, unwrapping()).last == 9


def test_a_batch_over_a_rotation_opens_with_the_old_and_the_new_key() -> None:
    new = private_key(114)
    to = replace(SEALING, kid=b"\x09", point=signed.compressed(new.public_key()))
    segments = [
        sealed(RECORDS[4:6], installation=LOCK, first=5),
        sealed(RECORDS[6:8], installation=LOCK, first=7, to=to),
    ]
    data = sign_batch(segments, installation=LOCK, first=5, previous=HEADS[4], key=KEY)
    batch = read_batch(data, key=POINT, installation=LOCK, keys={**KEYS, to.kid: new})
    assert list(batch.heads) == HEADS[5:9]
    with pytest.raises(SealError):
        read_batch(data, key=POINT, installation=LOCK)


def test_entry_1_starts_at_the_head_of_its_own_installation() -> None:
    with pytest.raises(JournalError, match="first head"):
        verify_batch(_forged([LOCK, 1, bytes(32), [_one(1)]]), key=POINT, installation=LOCK)


ROW = _one()


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "payload",
    [
        [LOCK, 5, HEADS[4], []],
        [LOCK, 5, HEADS[4], [[*ROW, 1]]],
        [LOCK, 5, HEADS[4], [[ROW[0] * 2, *ROW[1:]]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1][:-1], ROW[2]]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1] + b"x", ROW[2]]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1], []]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1], ROW[2][0]]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1], ["text that is long enough to be an entry"]]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1], [bytes(sealing.MIN_SEALED - 1)]]]],
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1], [bytes(sealing.MAX_SEALED + 1)]]]],
        [LOCK, 5, HEADS[4][:31], [ROW]],
        [LOCK, 0, HEADS[4], [ROW]],
        [LOCK, 2**32 - 1, HEADS[4], [ROW, ROW]],
        [LOCK[:7], 5, HEADS[4], [ROW]],
        [LOCK, 5, HEADS[4]],
        {1: LOCK},
        [LOCK, 5, HEADS[4], [[ROW[0], ROW[1], [bytes(40)] * 128], [*ROW[:2], [bytes(40)] * 129]]],
    ],
)
def test_a_batch_of_another_shape_is_refused_even_when_signed(payload: cbor.Encodable) -> None:
    with pytest.raises((JournalError, SignatureError)):
        verify_batch(_forged(payload), key=POINT, installation=LOCK)


@pytest.mark.threat(4)
@pytest.mark.threat(14)
@given(st.data())
def test_any_mutated_byte_of_a_batch_is_refused(data: st.DataObject) -> None:
    good = bytearray(BATCH_BYTES)
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((JournalError, SignatureError)):
        verify_batch(bytes(good), key=POINT, installation=LOCK)


BATCH_BYTES = _signed(5, 8)


@pytest.mark.threat(55)
def test_a_truncated_batch_is_refused() -> None:
    for size in range(0, len(BATCH_BYTES), 7):
        with pytest.raises((JournalError, SignatureError)):
            verify_batch(BATCH_BYTES[:size], key=POINT, installation=LOCK)


WRAPPINGS = [Wrapping(bytes([n]), bytes([n]) * sealing.WRAPPED_BYTES) for n in range(256)]


def _count(segments: tuple[Segment, ...]) -> int:
    return sum(len(segment.sealed) for segment in segments)


def test_a_batch_takes_as_many_entries_as_it_holds_and_never_more() -> None:
    many = [(WRAPPINGS[0], bytes(sealing.MAX_SEALED))] * 600
    assert _count(delivery.fit(many)) == 164
    assert _count(delivery.fit([(WRAPPINGS[0], bytes(40))] * 600)) == delivery.MAX_BATCH_ENTRIES
    assert _count(delivery.fit(many, max_bytes=1)) == 1
    assert delivery.fit([]) == ()
    for room in (600, 4_000, delivery.MAX_BATCH):
        taken = delivery.fit(many, max_bytes=room)
        data = sign_batch(taken, installation=LOCK, first=2**32 - 600, previous=HEADS[4], key=KEY)
        assert room - 130 < len(data) <= room


def test_a_content_key_for_each_entry_still_fits_what_a_batch_may_have() -> None:
    each = [(wrapping, bytes(80)) for wrapping in WRAPPINGS]
    taken = delivery.fit(each)
    assert all(len(segment.sealed) == 1 for segment in taken)
    data = sign_batch(taken, installation=LOCK, first=2**32 - 600, previous=HEADS[4], key=KEY)
    assert delivery.MAX_BATCH - 600 < len(data) <= delivery.MAX_BATCH
    assert delivery.claimed(data).last == 2**32 - 600 + len(taken) - 1


def test_entries_stay_in_order_and_each_with_its_content_key() -> None:
    entries = [(WRAPPINGS[n // 3], bytes([n]) * 40) for n in range(20)]
    told = [
        (segment.wrapping, item) for segment in delivery.fit(entries) for item in segment.sealed
    ]
    assert told == entries


def test_an_empty_or_oversized_batch_is_not_signed() -> None:
    for count in (0, 257):
        with pytest.raises(JournalError):
            sign_batch(
                [Segment(WRAPPINGS[0], (bytes(40),) * count)],
                installation=LOCK,
                first=5,
                previous=HEADS[4],
                key=KEY,
            )
    with pytest.raises(JournalError, match="fewer entries"):
        sign_batch(
            [Segment(WRAPPINGS[0], (bytes(90),) * 256)],
            installation=LOCK,
            first=5,
            previous=HEADS[4],
            key=KEY,
        )


def test_more_bytes_than_a_batch_may_have_are_refused_unread() -> None:
    for reader in (
        delivery.claimed_installation,
        lambda data: verify_batch(data, key=POINT, installation=LOCK),
    ):
        with pytest.raises(JournalError, match="at most"):
            reader(bytes(delivery.MAX_BATCH + 1))


@pytest.mark.threat(54)
def test_the_same_batch_twice_adds_nothing() -> None:
    batch = _batch(1, 10)
    assert connect(batch, number=0, head_at=HEADS.__getitem__) == Connection(Relation.CONTINUES, 1)
    assert len(batch.after(0)) == 10
    again = connect(batch, number=10, head_at=HEADS.__getitem__)
    assert again == Connection(Relation.KNOWN, 10)
    assert batch.after(10) == []
    assert connect(batch, number=30, head_at=HEADS.__getitem__) == Connection(Relation.KNOWN, 10)


@pytest.mark.threat(54)
def test_overlapping_batches_through_two_phones_add_each_entry_once() -> None:
    stored = 0
    for first, last in ((1, 10), (6, 15), (1, 15), (3, 20), (16, 22)):
        batch = _batch(first, last)
        found = connect(batch, number=stored, head_at=HEADS.__getitem__)
        new = [entry.number for entry, _, _ in batch.after(stored)]
        assert new == list(range(stored + 1, last + 1))
        relation = Relation.CONTINUES if last > stored else Relation.KNOWN
        assert found == Connection(relation, stored + 1 if last > stored else last)
        stored = max(stored, last)


@pytest.mark.threat(55)
@pytest.mark.threat(56)
def test_a_batch_from_ahead_is_a_gap_and_names_the_first_missing_entry() -> None:
    found = connect(_batch(12, 15), number=9, head_at=HEADS.__getitem__)
    assert found == Connection(Relation.GAP, 10)


@pytest.mark.threat(56)
@pytest.mark.threat(23)
@pytest.mark.parametrize(
    ("first", "last", "stored", "split", "named"),
    [
        (1, 20, 20, 8, 8),
        (5, 20, 20, 8, 8),
        (1, 20, 10, 8, 8),
        (1, 9, 20, 8, 8),
        (9, 20, 8, 8, 8),
        (11, 20, 20, 8, 10),
        (20, 30, 20, 20, 20),
        (21, 30, 20, 20, 20),
    ],
)
def test_two_histories_under_one_key_are_a_fork_where_they_part(
    first: int, last: int, stored: int, split: int, named: int
) -> None:
    other = _history("told otherwise", split)
    found = connect(_batch(first, last, other), number=stored, head_at=HEADS.__getitem__)
    assert found == Connection(Relation.FORK, named)


@pytest.mark.threat(56)
@given(
    first=st.integers(1, SIZE),
    length=st.integers(0, SIZE),
    stored=st.integers(0, SIZE),
    split=st.integers(2, SIZE + 1),
)
def test_a_batch_is_stored_only_if_it_agrees_with_everything_before(
    first: int, length: int, stored: int, split: int
) -> None:
    last = min(SIZE, first + length)
    batch = _batch(first, last, _history("told otherwise", split))
    found = connect(batch, number=stored, head_at=HEADS.__getitem__).relation
    if first > stored + 1:
        assert found is Relation.GAP
    elif min(stored, last) >= split:
        assert found is Relation.FORK
    else:
        assert found is (Relation.CONTINUES if last > stored else Relation.KNOWN)


LOST = range(10, 20)


def _with_lost(number: int) -> bytes | None:
    """The stored heads of a server that knows 10 to 19 to be lost, and the head at 20."""
    return None if number in LOST else HEADS[number]


@pytest.mark.threat(22)
@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (5, 25, Connection(Relation.KNOWN, 25)),
        (5, 14, Connection(Relation.KNOWN, 14)),
        (10, 14, Connection(Relation.KNOWN, 14)),
        (15, 20, Connection(Relation.KNOWN, 20)),
        (12, 15, Connection(Relation.GAP, 12)),
        (5, 35, Connection(Relation.CONTINUES, 31)),
    ],
)
def test_entries_given_up_as_lost_find_their_place_when_they_come_after_all(
    first: int, last: int, found: Connection
) -> None:
    assert connect(_batch(first, last), number=30, head_at=_with_lost) == found


@pytest.mark.threat(56)
def test_another_history_is_a_fork_also_around_a_lost_stretch() -> None:
    other = _history("told otherwise", 12)
    assert connect(_batch(5, 25, other), number=30, head_at=_with_lost).relation is Relation.FORK
    assert connect(_batch(15, 20, other), number=30, head_at=_with_lost).relation is Relation.FORK


def _receipt(municipality: Municipality) -> Receipt:
    return Receipt(municipality.key_set.municipality, LOCK, 9, HEADS[9])


def test_a_receipt_reads_back_as_it_was_signed(municipality: Municipality) -> None:
    data = sign_receipt(_receipt(municipality), key=municipality.receipt_key, kid=b"\x03")
    read = open_receipt(data, municipality.key_set, installation=LOCK)
    assert read == _receipt(municipality)


def test_a_receipt_for_another_lock_or_municipality_is_refused(municipality: Municipality) -> None:
    receipt = _receipt(municipality)
    for wrong in (
        replace(receipt, installation=identifier("another door")),
        replace(receipt, municipality=identifier("another municipality")),
        replace(receipt, number=0),
        replace(receipt, head=bytes(31)),
    ):
        data = sign_receipt(wrong, key=municipality.receipt_key, kid=b"\x03")
        with pytest.raises(fields.ObjectError):
            open_receipt(data, municipality.key_set, installation=LOCK)


@pytest.mark.threat(6)
def test_a_receipt_signed_by_a_key_for_something_else_is_refused(
    municipality: Municipality,
) -> None:
    for key, kid in (
        (municipality.grant_key, b"\x01"),
        (municipality.bulletin_key, b"\x02"),
        (municipality.grant_key, b"\x03"),
    ):
        data = sign_receipt(_receipt(municipality), key=key, kid=kid)
        with pytest.raises(SignatureError):
            open_receipt(data, municipality.key_set, installation=LOCK)
    data = signed.sign(b"\xa0", key=municipality.receipt_key, typ=keyset.TYP, kid=b"\x03")
    with pytest.raises(SignatureError):
        open_receipt(data, municipality.key_set, installation=LOCK)


@given(st.data())
def test_any_mutated_byte_of_a_receipt_is_refused(
    municipality: Municipality, data: st.DataObject
) -> None:
    good = bytearray(
        sign_receipt(_receipt(municipality), key=municipality.receipt_key, kid=b"\x03")
    )
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((fields.ObjectError, SignatureError)):
        open_receipt(bytes(good), municipality.key_set, installation=LOCK)


def _kept(records: list[Record], deleted: set[int]) -> list[Retained]:
    return [
        Retained(record.leaf, None if number in deleted else record)
        for number, record in enumerate(records, 1)
    ]


@pytest.mark.threat(66)
@given(st.sets(st.integers(1, SIZE)))
def test_retention_deletes_any_entries_and_the_chain_still_verifies(deleted: set[int]) -> None:
    kept = _kept(RECORDS, deleted)
    end = verify_retained(kept, first=1, previous=HEADS[0], heads=HEADS[1:])
    assert end == HEADS[-1]
    assert verify_retained(kept[9:], first=10, previous=HEADS[9]) == end


@pytest.mark.threat(61)
@pytest.mark.threat(66)
def test_an_entry_that_was_changed_added_or_taken_out_breaks_the_retained_chain() -> None:
    kept = _kept(RECORDS, {3, 4})
    other = _history("told otherwise", 6)[5]
    attempts = {
        "changed entry": [*kept[:5], replace(kept[5], record=other), *kept[6:]],
        "changed entry and leaf": [*kept[:5], Retained(other.leaf, other), *kept[6:]],
        "changed leaf of a deleted entry": [*kept[:2], Retained(bytes(32)), *kept[3:]],
        "taken out and closed up": [*kept[:5], *kept[6:], kept[-1]],
        "swapped": [*kept[:5], kept[6], kept[5], *kept[7:]],
    }
    for attempt in attempts.values():
        with pytest.raises(JournalError):
            verify_retained(attempt, first=1, previous=HEADS[0], heads=HEADS[1:])
    with pytest.raises(JournalError):
        verify_retained(kept[:-1], first=1, previous=HEADS[0], heads=HEADS[1:])
    # Without stored heads, the last head is what a signed batch or receipt must agree with.
    assert verify_retained(kept[:-1], first=1, previous=HEADS[0]) != HEADS[-1]


def test_salts_and_entries_stay_out_of_reprs_and_errors() -> None:
    text = repr(RECORDS[0]) + repr(_batch(5, 6).records)
    assert repr(RECORDS[0].salt)[2:-1] not in text
