"""Entries and chain: one encoding an entry, every field in its range, one head a history."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace

import pytest
from doorworld import NOON, identifier
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.door import journal
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import (
    Battery,
    ClockMoved,
    Commissioned,
    Entry,
    Fault,
    FaultCode,
    Intent,
    JournalError,
    KeySetTaken,
    Lost,
    MotorResult,
    Outcome,
    Refusal,
    decode_entry,
    encode_entry,
)
from nyckelfri.door.reasons import Reason

CARER = (identifier("serial 1"), identifier("Alice"), identifier("phone 1"))
MOST = 0xFFFFFFFF

_ids = st.binary(min_size=8, max_size=8)
_uints = st.integers(0, MOST)
_commands = st.sampled_from(Command)
_details = st.one_of(
    st.builds(Intent, _ids, _ids, _ids, _commands),
    st.builds(Outcome, st.integers(1, 1000), st.sampled_from(MotorResult)),
    st.builds(
        Refusal,
        st.sampled_from([reason for reason in Reason if reason > 1]),
        _ids,
        _ids,
        _ids,
        _commands,
    ),
    st.builds(Fault, st.sampled_from(FaultCode)),
    st.builds(Battery, st.integers(0, 100)),
    st.builds(ClockMoved, _uints, _uints),
    st.builds(Lost, st.integers(1, 500), st.integers(500, 1000)),
    st.builds(KeySetTaken, st.integers(1, MOST), _uints),
)
_entries = st.builds(Entry, st.integers(1001, MOST), _uints, st.sampled_from(Mark), _details)


@given(_entries)
def test_every_entry_reads_back_as_it_was_written(entry: Entry) -> None:
    data = encode_entry(entry)
    assert len(data) <= journal.MAX_ENTRY
    read = decode_entry(data)
    assert read == entry
    assert encode_entry(read) == data


@pytest.mark.threat(13)
@pytest.mark.threat(14)
@given(_entries, st.data())
def test_a_mutated_entry_is_refused_or_another_entry_with_its_own_one_encoding(
    entry: Entry, data: st.DataObject
) -> None:
    good = bytearray(encode_entry(entry))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))
    try:
        read = decode_entry(bytes(good))
    except JournalError:
        return
    # A reason that a newer lock knows is kept in the bytes, and read as unknown like any other.
    if not (isinstance(read.detail, Refusal) and read.detail.reason is Reason.UNKNOWN):
        assert read != entry
        assert encode_entry(read) == bytes(good)


@pytest.mark.threat(13)
@given(st.binary(max_size=80))
def test_anything_else_is_refused_and_not_a_crash(data: bytes) -> None:
    with contextlib.suppress(JournalError):
        decode_entry(data)


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "value",
    [
        [2, NOON, 0, 1, *CARER],
        [2, NOON, 0, 1, *CARER, 1, 1],
        [2, NOON, 0, 1, *CARER, 4],
        [2, NOON, 0, 1, *CARER, True],
        [2, NOON, 0, 1, CARER[0][:7], *CARER[1:], 1],
        [2, NOON, 0, 1, *CARER[:2], "phone001", 1],
        [2, NOON, 3, 5, 50],
        [2, -1, 0, 5, 50],
        [2, MOST + 1, 0, 5, 50],
        [0, NOON, 0, 5, 50],
        [2, NOON, 0, 5, 101],
        [2, NOON, 0, 5, None],
        [2, NOON, 0, 4, 0],
        [2, NOON, 0, 4, 5],
        [9, NOON, 0, 2, 8, 4],
        [9, NOON, 0, 2, 0, 1],
        [2, NOON, 0, 3, 0, *CARER, 1],
        [2, NOON, 0, 3, 1, *CARER, 1],
        [2, NOON, 0, 10, 1],
        [2, NOON, 0, 0],
        [2, NOON, 0, [1]],
        [2, NOON, 0],
        {1: 2},
        [],
    ],
)
def test_an_entry_outside_the_protocol_is_refused(value: cbor.Encodable) -> None:
    with pytest.raises(JournalError):
        decode_entry(cbor.encode(value))


def test_bytes_behind_an_entry_are_refused() -> None:
    with pytest.raises(JournalError):
        decode_entry(encode_entry(Entry(2, NOON, Mark.SET, Battery(50))) + b"\x00")


def test_a_longer_entry_than_any_is_refused_before_it_is_read() -> None:
    with pytest.raises(JournalError):
        decode_entry(b"\x9a\xff\xff\xff\xff" + bytes(journal.MAX_ENTRY))


@pytest.mark.parametrize(
    ("number", "detail"),
    [(1, Battery(50)), (2, Commissioned(1)), (5, Outcome(5, MotorResult.DONE)), (5, Lost(3, 5))],
)
def test_an_entry_in_a_place_where_it_cannot_stand_is_refused(
    number: int, detail: journal.Detail
) -> None:
    with pytest.raises(JournalError):
        encode_entry(Entry(number, NOON, Mark.SET, detail))


def test_what_could_not_be_read_back_is_never_written() -> None:
    for detail in (Battery(101), Fault(9), Intent(b"short", *CARER[1:], Command.LOCK)):  # type: ignore[arg-type]
        with pytest.raises(JournalError):
            encode_entry(Entry(2, NOON, Mark.SET, detail))


@pytest.mark.threat(33)
def test_an_entry_after_2038_and_at_the_end_of_the_format() -> None:
    for time in (0x7FFFFFFF, 0x80000000, MOST):
        entry = Entry(2, time, Mark.SET, Battery(50))
        assert decode_entry(encode_entry(entry)) == entry


def test_leaf_and_head_are_plain_sha_256() -> None:
    salt, body, installation = bytes(range(16)), b"entry", identifier("front door")
    start = hashlib.sha256(b"nyckelfri/journal" + installation).digest()
    leaf = hashlib.sha256(salt + body).digest()
    assert journal.genesis(installation) == start
    assert journal.leaf(salt, body) == leaf
    assert journal.next_head(start, leaf) == hashlib.sha256(start + leaf).digest()


def test_a_salt_a_head_or_an_installation_of_another_length_is_refused() -> None:
    with pytest.raises(JournalError):
        journal.leaf(bytes(15), b"entry")
    with pytest.raises(JournalError):
        journal.next_head(bytes(32), bytes(31))
    with pytest.raises(JournalError):
        journal.genesis(bytes(9))


@pytest.mark.threat(66)
def test_without_its_salt_a_leaf_does_not_give_away_which_of_few_entries_it_stands_for() -> None:
    body = encode_entry(Entry(2, NOON, Mark.SET, Battery(50)))
    leaf = journal.leaf(b"sixteen secrets!", body)
    guesses = [encode_entry(Entry(2, NOON, Mark.SET, Battery(percent))) for percent in range(101)]
    assert leaf not in {hashlib.sha256(guess).digest() for guess in guesses}
    assert leaf not in {journal.leaf(bytes(16), guess) for guess in guesses}


@pytest.mark.sentence(19)
@pytest.mark.sentence(20)
def test_unlock_and_lock_are_logged_with_person_phone_and_time() -> None:
    for command in (Command.UNLOCK, Command.LOCK):
        entry = decode_entry(encode_entry(Entry(2, NOON, Mark.SET, Intent(*CARER, command))))
        assert entry.time == NOON
        assert entry.detail == Intent(
            serial=CARER[0], subject=CARER[1], phone=CARER[2], command=command
        )


def test_entries_are_values() -> None:
    entry = Entry(2, NOON, Mark.SET, Battery(50))
    assert replace(entry) == entry
    assert len({entry, replace(entry)}) == 1
