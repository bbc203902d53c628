"""Courier records: each kind goes through whole, and nothing else does."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.door import courier
from nyckelfri.door.courier import (
    Applied,
    BatchRecord,
    BulletinRecord,
    Commission,
    Commissioned,
    Courier,
    CourierError,
    End,
    Fetch,
    KeySetRecord,
    NoMore,
    OutcomeRecord,
    ReceiptRecord,
    Record,
    Side,
    Status,
    TimeRecord,
)

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
TABLE = PROTOCOL.split("\n## 9. ")[1].split("\n## ")[0]
FROM_PHONE: tuple[type[Record], ...] = get_args(courier.FromPhone)
FROM_LOCK: tuple[type[Record], ...] = get_args(courier.FromLock)


def exporter(label: int, context: bytes, length: int) -> bytes:
    """Stands for a finished handshake: other bytes for each label."""
    assert context == b""
    return bytes((label * 7 + n) & 0xFF for n in range(length))


def ends() -> tuple[Courier, Courier]:
    return Courier(Side.PHONE, exporter), Courier(Side.LOCK, exporter)


def sealed(sender: Side, plain: bytes, counter: int = 0) -> bytes:
    """A record with this plaintext, made after the protocol's page and not by our code."""
    material = exporter(32768 if sender is Side.PHONE else 32769, b"", 29)
    nonce = int.from_bytes(material[16:], "big") ^ counter
    return AESCCM(material[:16], tag_length=16).encrypt(nonce.to_bytes(13, "big"), plain, None)


numbers = st.integers(0, 2**64 - 1)
texts = st.binary(max_size=300)
VALUES = {"bytes": texts, "int": numbers, "int | None": numbers | st.none()}


def of(kind: type[Record]) -> st.SearchStrategy[Record]:
    return st.builds(kind, *(VALUES[str(field.type)] for field in dataclasses.fields(kind)))


@given(records=st.lists(st.sampled_from(FROM_PHONE).flatmap(of), max_size=8))
def test_every_record_of_a_phone_reaches_the_lock_as_it_was(records: list[Record]) -> None:
    phone, lock = ends()
    assert [lock.open(phone.seal(record)) for record in records] == records


@given(records=st.lists(st.sampled_from(FROM_LOCK).flatmap(of), max_size=8))
def test_every_record_of_a_lock_reaches_the_phone_as_it_was(records: list[Record]) -> None:
    phone, lock = ends()
    assert [phone.open(lock.seal(record)) for record in records] == records


def test_types_senders_and_fields_are_those_of_the_protocols_table() -> None:
    rows = re.findall(r"^\| (\d+) (.+?) \| (phone|lock) \| (.*?) \|", TABLE, flags=re.MULTILINE)
    documented = {
        int(number): (sender, fields)
        for number, name, sender, fields in rows
        if "reserved" not in name
    }
    in_code = {kind.TYPE: "phone" for kind in FROM_PHONE} | {k.TYPE: "lock" for k in FROM_LOCK}
    assert {number: sender for number, (sender, _) in documented.items()} == in_code
    assert len(in_code) == len(FROM_PHONE) + len(FROM_LOCK)
    status = re.sub(r"\(.*?\)", "", documented[Status.TYPE][1]).split(", ")
    assert len(status) == len(dataclasses.fields(Status))
    assert len(documented[OutcomeRecord.TYPE][1].split(", ")) == len(
        dataclasses.fields(OutcomeRecord)
    )


def test_a_record_is_sealed_as_the_protocols_page_says() -> None:
    phone, lock = ends()
    for counter in range(3):
        assert phone.seal(Fetch(9)) == sealed(Side.PHONE, b"\x06\x09", counter)
        assert lock.seal(Applied(5, 1)) == sealed(Side.LOCK, b"\x12\x05\x01", counter)


@pytest.mark.threat(11)
def test_the_directions_have_different_keys_so_nothing_can_be_reflected() -> None:
    phone, lock = ends()
    record = phone.seal(End())
    with pytest.raises(CourierError, match="does not open"):
        phone.open(record)
    assert lock.open(record) == End()


@pytest.mark.threat(1)
@pytest.mark.threat(55)
def test_replayed_dropped_and_reordered_records_do_not_open() -> None:
    phone, lock = ends()
    first, second, third = (phone.seal(Fetch(number)) for number in (1, 2, 3))
    assert lock.open(first) == Fetch(1)
    with pytest.raises(CourierError):
        lock.open(first)
    phone, lock = ends()
    assert lock.open(first) == Fetch(1)
    with pytest.raises(CourierError):
        lock.open(third)
    phone, lock = ends()
    with pytest.raises(CourierError):
        lock.open(second)


@pytest.mark.threat(4)
@given(at=st.integers(0, 1000), flip=st.integers(1, 255))
def test_a_changed_byte_of_a_record_is_refused(at: int, flip: int) -> None:
    phone, lock = ends()
    record = bytearray(phone.seal(ReceiptRecord(bytes(150))))
    record[at % len(record)] ^= flip
    with pytest.raises(CourierError, match="does not open"):
        lock.open(bytes(record))


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\x00",
        b"\x03",  # settings, reserved
        b"\x09",
        b"\x10",  # a lock's record from a phone
        b"\x12\x05\x01",
        b"\xf5\x40",  # true is no type 1
        b"\x20",
        b"\x41\x06",
        b"\x18\x06\x00",  # the type in a longer form
        b"\x06",  # too few
        b"\x06\x00\x00",  # too many
        b"\x08\x00",
        b"\x06\x20",  # negative
        b"\x06\xf5",
        b"\x06\xf4",
        b"\x06\xf6",
        b"\x06\x40",
        b"\x06\x18\x05",  # a longer form
        b"\x06\x1b" + bytes(7),  # cut short
        b"\x06\xf9\x3c\x00",
        b"\x01\x00",
        b"\x01\x60",
        b"\x01\xf6",
        b"\x01\x80",
        b"\x01\x5f\x41\x00\xff",
        b"\x81\x01\x40",
        b"\x07\x40\x40\x40",
    ],
    ids=bytes.hex,
)
def test_a_well_sealed_record_of_wrong_content_is_refused(plain: bytes) -> None:
    _, lock = ends()
    with pytest.raises(CourierError):
        lock.open(sealed(Side.PHONE, plain))


@pytest.mark.threat(13)
@given(plain=st.binary(max_size=60))
def test_any_well_sealed_junk_is_a_record_or_refused(plain: bytes) -> None:
    for sender, receiver in ((Side.PHONE, Side.LOCK), (Side.LOCK, Side.PHONE)):
        try:
            record = Courier(receiver, exporter).open(sealed(sender, plain))
        except CourierError:
            continue
        parts = (record.TYPE, *dataclasses.astuple(record))
        assert b"".join(map(cbor.encode, parts)) == plain


def test_only_the_battery_may_be_unknown() -> None:
    status = Status(0, 1, 2, 3, 4, 5, 6, None, bytes(16))
    phone, lock = ends()
    assert phone.open(lock.seal(status)) == status
    values = dataclasses.astuple(status)
    for at in (*range(7), 8):
        parts = (16, *values[:at], None, *values[at + 1 :])
        plain = b"".join(map(cbor.encode, parts))
        with pytest.raises(CourierError, match="wrong kind"):
            Courier(Side.PHONE, exporter).open(sealed(Side.LOCK, plain))


@pytest.mark.threat(13)
def test_records_have_a_largest_size_on_both_ends() -> None:
    phone, lock = ends()
    most = courier.MAX_RECORD - 16 - 1 - 3
    assert lock.open(phone.seal(KeySetRecord(bytes(most)))) == KeySetRecord(bytes(most))
    with pytest.raises(CourierError, match="at most"):
        phone.seal(KeySetRecord(bytes(most + 1)))
    with pytest.raises(CourierError, match="too long"):
        lock.open(bytes(courier.MAX_RECORD + 1))


def test_a_session_ends_before_its_counter_could_repeat() -> None:
    phone, lock = ends()
    phone._sealing._next = lock._opening._next = 65_535
    assert lock.open(phone.seal(End())) == End()
    with pytest.raises(CourierError, match="too many"):
        phone.seal(End())
    with pytest.raises(CourierError, match="too many"):
        lock.open(bytes(20))


@pytest.mark.threat(64)
def test_records_that_hold_secrets_do_not_show_them() -> None:
    secret = bytes(range(200, 232))
    for record in (Commission(secret, b"", b"", b""), Commissioned(secret)):
        assert repr(secret)[2:-1] not in repr(record)


def test_the_records_of_a_normal_visit_are_short() -> None:
    _, lock = ends()
    status = Status(0, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32, 2**32, 100, bytes(16))
    assert len(lock.seal(status)) <= 90
    assert len(lock.seal(OutcomeRecord(2**32, 1, 2**32, bytes(8)))) <= 50
    for record in (BulletinRecord(b""), TimeRecord(b""), BatchRecord(b""), NoMore()):
        assert len(Courier(Side.LOCK, exporter).seal(record)) <= 18
