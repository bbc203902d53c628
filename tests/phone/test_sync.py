"""What a sync takes, brings, and survives."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from doorworld import HOUR, NOON, Door, Municipality, identifier
from hypothesis import given, settings
from hypothesis import strategies as st

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.grants import Command
from nyckelfri.door.keyset import Root
from nyckelfri.door.reasons import Reason
from nyckelfri.phone import sync, wire
from nyckelfri.phone.client import RefusedError, ServerError, UnreachableError
from nyckelfri.phone.outbox import MAX_BATCHES, Unsure
from nyckelfri.phone.values import OpeningRecord, Trusted
from phoneserver import SmallServer
from phoneworld import Phone


def opening(phone: Phone) -> OpeningRecord:
    record = OpeningRecord(
        str(uuid.uuid4()),
        identifier("front door"),
        identifier("serial 1"),
        Command.UNLOCK,
        Reason.GRANTED,
        7,
        bytes(8),
        NOON,
    )
    phone.outbox.keep_opening(record)
    return record


def test_what_the_server_did_not_answer_for_stays_and_is_sent_again(
    phone: Phone, server: SmallServer
) -> None:
    phone.sync()
    record = opening(phone)
    phone.outbox.keep_batch(b"a batch")
    server.lose = {"sync"}
    with pytest.raises(UnreachableError):
        phone.sync()
    assert phone.outbox.waiting().total == 2
    server.lose = set()
    report = phone.sync()
    assert (report.sent_batches, report.sent_openings) == (1, 1)
    assert phone.outbox.waiting().total == 0
    assert server.batches == [b"a batch"] * 2
    assert [row["id"] for row in server.openings] == [record.id] * 2


@pytest.mark.threat(58)
def test_a_busy_server_gives_the_keys_and_what_it_puts_off_stays_and_goes_later(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    batches = [b"batch %d" % number for number in range(10)]
    for data in batches:
        phone.outbox.keep_batch(data)
    records = [opening(phone) for _ in range(3)]
    server.busy, before = 30, len(server.calls)
    report = phone.sync()
    assert (report.grants, report.sent_batches, report.sent_openings) == (1, 0, 0)
    assert 30 <= report.later <= 37, "not at the same moment as all the others"
    assert (server.batches, server.openings) == ([], [])
    assert phone.outbox.waiting().total == 13
    assert len(server.calls) == before + 1, "and the phone does not insist"

    phone.clock += 5
    report = phone.sync()
    assert 25 <= report.later <= 32, "until the time that was said, little at a time"
    assert server.batches == batches[:4]
    assert [row["id"] for row in server.openings] == [record.id for record in records]

    server.busy = 0
    phone.clock += report.later
    report = phone.sync()
    assert (report.later, phone.outbox.waiting().total) == (0, 0)
    assert server.batches == batches


def test_a_clock_that_is_set_back_makes_no_phone_wait_for_days(
    phone: Phone, server: SmallServer
) -> None:
    for number in range(10):
        phone.outbox.keep_batch(b"batch %d" % number)
    server.busy = 30
    phone.sync()
    server.busy = 0
    phone.clock -= 7 * 24 * HOUR
    assert phone.sync().later == 0
    assert phone.outbox.waiting().total == 0


@pytest.mark.parametrize("later", [None, "soon", 1.5, True])
def test_a_later_that_does_not_read_changes_nothing(
    phone: Phone, server: SmallServer, later: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.outbox.keep_batch(b"a batch")
    real = server.handle

    def handle(name: str, *rest: Any) -> Any:
        status, answer = real(name, *rest)
        return status, {**answer, "later": later} if name == "sync" else answer

    monkeypatch.setattr(server, "handle", handle)
    with pytest.raises(wire.AnswerError):
        phone.sync()
    assert phone.outbox.waiting().total == 1


@pytest.mark.threat(55)
def test_a_server_that_answers_for_some_batches_only_is_not_believed(
    phone: Phone, server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        phone.outbox.keep_batch(b"batch %d" % number)
    real = server.handle

    def handle(name: str, *rest: Any) -> Any:
        status, answer = real(name, *rest)
        if name == "sync":
            answer["results"]["batches"].pop()
            answer["later"] = 10
        return status, answer

    monkeypatch.setattr(server, "handle", handle)
    with pytest.raises(wire.AnswerError):
        phone.sync()
    assert phone.outbox.waiting().batches == 5


def test_without_anybody_signed_in_the_journal_goes_home_and_news_come(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    server.allow(door)
    phone.outbox.keep_batch(b"a batch")
    report = phone.sync()
    assert server.batches == [b"a batch"]
    assert not report.signed_in
    assert phone.book.doors() == []
    assert phone.store.trusted().bulletin is not None


def test_when_the_session_has_run_out_the_journal_still_goes_and_the_keys_stay(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    phone.outbox.keep_batch(b"a batch")
    server.now = server.session_ends
    report = phone.sync()
    assert server.batches == [b"a batch"]
    assert not report.signed_in
    assert len(phone.book.grants()) == 1, "the lock judges them"
    session = phone.book.session()
    assert session is not None
    assert session.token is None


def test_a_grant_that_the_server_no_longer_gives_goes(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    server.grants.clear()
    server.doors.clear()
    phone.sync()
    assert phone.book.grants() == []
    assert phone.book.doors() == []


def test_a_long_outbox_goes_in_several_requests_within_the_servers_limits(
    phone: Phone, server: SmallServer
) -> None:
    record = opening(phone)
    batches = [(number.to_bytes(2, "big") * 8000,) for number in range(150)]
    with phone.store.transaction() as change:
        change.executemany("INSERT INTO batches (data) VALUES (?)", batches)
        change.executemany(
            "INSERT INTO openings SELECT ?, installation, serial, command, reason, number, head,"
            " phone_time FROM openings WHERE id = ?",
            [(str(uuid.uuid4()), record.id) for _ in range(1_999)],
        )
    phone.sync()
    assert phone.outbox.waiting().total == 0
    assert len(set(server.batches)) == 150
    assert len({row["id"] for row in server.openings}) == 2_000
    bodies = [body for name, body in server.calls if name == "sync"]
    assert all(len(body["batches"]) <= 64 for body in bodies)
    assert all(len(body["openings"]) <= 1_500 for body in bodies)
    assert all(sum(len(text) for text in body["batches"]) < 1_600_000 for body in bodies)


def test_what_the_server_cannot_take_does_not_keep_new_keys_away(
    phone: Phone, server: SmallServer, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.allow(door)
    phone.sign_in()
    opening(phone)
    server.allow(door, serial="serial 2")
    usual = server.handle

    def picky(name: str, body: dict[str, object], headers: dict[str, str]) -> object:
        if body.get("openings"):
            return 422, {"code": "invalid", "message": "openings.0.head: must be 8 bytes"}
        return usual(name, body, headers)

    monkeypatch.setattr(server, "handle", picky)
    report = phone.sync()
    assert len(phone.book.grants()) == 2
    assert phone.outbox.waiting().openings == 1
    assert "does not take" in report.notes[0]


def test_an_error_of_the_server_changes_nothing(
    phone: Phone, server: SmallServer, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.allow(door)
    phone.sign_in()
    before = phone.book.grants()
    opening(phone)
    for status, kind in ((500, UnreachableError), (503, UnreachableError), (429, RefusedError)):
        answer = (status, {"code": "x", "message": "later"})
        monkeypatch.setattr(server, "handle", lambda *_, answer=answer: answer)
        with pytest.raises(kind):
            phone.sync()
    assert phone.book.grants() == before
    assert phone.outbox.waiting().openings == 1


@pytest.mark.threat(8)
def test_the_phone_believes_its_municipalitys_root_and_no_server(
    phone: Phone, server: SmallServer, municipality: Municipality, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    held = phone.store.trusted()
    stranger = Municipality.make(500, number=9)
    server.key_set = stranger.signed_key_set
    server.bulletin = stranger.bulletin(NOON)
    server.municipality = stranger
    report = phone.sync()
    assert report.refused >= 2
    assert phone.book.grants() == []
    after = phone.store.trusted()
    assert after.signed_key_set == held.signed_key_set
    assert after.signed_bulletin == held.signed_bulletin
    assert Root.read(municipality.root.encoded) == after.root


@pytest.mark.threat(44)
def test_key_set_and_bulletin_never_go_back(
    phone: Phone, server: SmallServer, municipality: Municipality
) -> None:
    newer = replace(municipality.key_set, number=5, epoch=2)
    server.key_set = municipality.sign_key_set(newer)
    server.bulletin = municipality.bulletin(NOON, epoch=2)
    phone.sync()
    server.key_set = municipality.signed_key_set
    server.bulletin = municipality.bulletin(NOON + HOUR)
    phone.sync()
    held = phone.store.trusted()
    assert held.key_set is not None
    assert held.bulletin is not None
    assert held.key_set.number == 5
    assert held.bulletin.number == (2, NOON)
    server.key_set = municipality.sign_key_set(newer)
    server.bulletin = municipality.bulletin(NOON - HOUR, epoch=2)
    phone.sync()
    assert phone.store.trusted() == held


def test_a_new_epoch_drops_the_bulletin_of_the_old_one(
    phone: Phone, server: SmallServer, municipality: Municipality
) -> None:
    phone.sync()
    newer = replace(municipality.key_set, number=2, epoch=2)
    server.key_set = municipality.sign_key_set(newer)
    phone.sync()
    held = phone.store.trusted()
    assert held.key_set == newer
    assert held.bulletin is None, "the server's was still of the old epoch"
    server.bulletin = municipality.bulletin(NOON, epoch=2)
    phone.sync()
    assert phone.store.trusted().bulletin == bulletins.read(server.bulletin, newer)


def test_only_the_newest_receipt_of_a_lock_is_kept(
    phone: Phone, server: SmallServer, municipality: Municipality, door: Door
) -> None:
    for number in (5, 9, 7):
        receipt = Receipt(municipality.root.municipality, door.installation, number, bytes(32))
        data = delivery.sign_receipt(receipt, key=municipality.receipt_key, kid=b"\x03")
        forged = delivery.sign_receipt(
            replace(receipt, number=99), key=municipality.bulletin_key, kid=b"\x03"
        )
        server.receipts = [data, forged]
        phone.sync()
    kept = phone.store.receipt(door.installation)
    assert kept is not None
    assert kept[0] == 9


@pytest.mark.threat(34)
def test_the_phones_clock_is_corrected_by_the_servers(phone: Phone, server: SmallServer) -> None:
    phone.clock = NOON - 86_400
    report = phone.sync()
    assert report.offset == 86_400
    assert phone.store.offset == 86_400


def test_a_new_installation_that_the_server_refuses_is_kept_and_said(
    phone: Phone, server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.sign_in()
    phone.outbox.keep_unsure(b"unit", Unsure("LAS-1", b"signed record", NOON))
    phone.outbox.keep_installation(b"unit", "LAS-1")
    usual = server.handle

    def conflict(name: str, body: dict[str, object], headers: dict[str, str]) -> object:
        if name == "installations":
            return 409, {"code": "conflict", "message": "this unit stands elsewhere"}
        return usual(name, body, headers)

    monkeypatch.setattr(server, "handle", conflict)
    assert phone.sync().notes == ["LAS-1: this unit stands elsewhere"]
    monkeypatch.undo()
    assert phone.sync().sent_installations == 1
    assert server.installations == [("LAS-1", b"signed record")]


def test_a_full_outbox_says_so(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nyckelfri.phone.outbox.MAX_BATCHES", 2)
    for number in range(2):
        assert phone.outbox.waiting().batches == number
        phone.outbox.keep_batch(bytes([number]))
    phone.outbox.keep_batch(b"\x00")
    assert phone.outbox.waiting().batches == 2, "the same batch is kept once"
    assert phone.outbox.full
    assert MAX_BATCHES * delivery.MAX_BATCH < 40_000_000, "bytes on the phone at most"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
NAMES = ("server_time", "key_set", "bulletin", "doors", "grants", "receipts", "results", "wanted")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_answer_of_a_server_raises_anything_but_a_server_error(
    municipality: Municipality, data: st.DataObject
) -> None:
    answer: dict[str, object] = {
        "server_time": NOON,
        "key_set": wire.encode(municipality.signed_key_set),
        "bulletin": wire.encode(municipality.bulletin()),
        "doors": [],
        "grants": [],
        "receipts": [],
        "results": {"batches": [], "openings": []},
        "wanted": [],
    }
    held = Trusted(municipality.root)
    wire.read_sync(answer, held, bytes(32))
    for name in data.draw(st.sets(st.sampled_from(NAMES), min_size=1)):
        answer[name] = data.draw(ANYTHING)
    with suppress(ServerError):
        wire.read_sync(answer, held, bytes(32))


def test_the_limits_of_a_request_fit_the_contract() -> None:
    assert sync.MAX_BATCHES <= 64
    assert sync.MAX_OPENINGS <= 1_500
    longest_opening = 400
    whole = sync.MAX_BATCH_BYTES * 4 / 3 + sync.MAX_OPENINGS * longest_opening
    assert whole < 3 * 1024 * 1024
