"""What the phone keeps, in the browser's own IndexedDB: nothing is lost, nothing is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doorworld import NOON, Door
from playwright.sync_api import Browser

from phoneserver import ADDRESS, LABEL, PASSWORD, PIN, USER
from webphone import DAY, PageError, PagePhone, PageServer, entry, fill_up, make_room, opening
from webworld import CHROMIUM, FLAGS

NAMES = ("Elsa", "Månsdotter", "höften", "Kerstin", "Anna Ek", LABEL, ADDRESS, "Granv", "V000123")


@pytest.mark.threat(37)
@pytest.mark.threat(64)
def test_cloned_storage_shows_no_name_no_address_and_no_secret(
    browser: Browser, server: PageServer, door: Door, tmp_path: Path
) -> None:
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path), executable_path=CHROMIUM, args=[*FLAGS]
    )
    try:
        phone = PagePhone.open(context, server).enrol()
        server.allow(door)
        server.day = DAY
        phone.sign_in()
        phone.step("keepEntry", entry())
        phone.step("keepOpening", opening())
        phone.step("keepBatches", 3, 500)
    finally:
        context.close()
    disk = everything(tmp_path)
    assert opening()["installation"].encode() in disk, "the right files are looked at"
    radio_key = door.record.radio_key
    for secret in (*NAMES, PASSWORD, USER, PIN, server.session, server.token, radio_key.hex()):
        for form in (secret.encode(), secret.encode("utf-16-le"), secret.encode("latin-1")):
            assert form not in disk, secret
    assert radio_key not in disk


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.mark.threat(37)
def test_no_script_can_read_the_keys_of_the_phone(full: PagePhone) -> None:
    assert full.step("keysCanBeRead") == [False] * 4


@pytest.mark.threat(37)
def test_a_sealed_row_under_another_name_does_not_open(full: PagePhone) -> None:
    full.step("exchange", "sealed", "day", "session")
    with pytest.raises(PageError) as caught:
        full.step("session")
    assert caught.value.name == "DamagedError"


def test_what_was_kept_is_there_when_the_app_is_started_anew(full: PagePhone) -> None:
    told = entry()
    full.step("keepEntry", told)
    full.step("keepOpening", opening())
    full.restart()
    assert full.step("state") == "locked"
    assert full.step("waiting")["total"] == 2
    full.step("unlock", PIN)
    (fact,) = full.step("facts")
    assert fact == {**told, "conveyed": False}
    assert full.step("day") == DAY


def test_the_badge_counts_what_waits_and_since_when(full: PagePhone) -> None:
    empty = full.step("waiting")
    assert (empty["total"], empty["since"]) == (0, None)
    full.step("keepEntry", entry(at=NOON - 120))
    full.step("keepOpening", opening(NOON - 300))
    full.step("keepBatches", 2, 100)
    waiting = full.step("waiting")
    assert waiting == {
        "entries": 1, "openings": 1, "batches": 2, "total": 4, "aside": 0, "since": NOON - 300,
        "full": False,
    }  # fmt: skip


def test_the_same_entry_and_the_same_batch_are_kept_once(full: PagePhone) -> None:
    told, answer = entry(), opening()
    for _ in range(2):
        full.step("keepEntry", told)
        full.step("keepOpening", answer)
        full.step("keepBatches", 1, 100)
    assert full.step("waiting")["total"] == 3


@pytest.fixture
def small(browser: Browser, server: PageServer) -> Iterator[PagePhone]:
    """A phone on which not a kilobyte is free."""
    context = browser.new_context()
    phone = PagePhone.open(context, server, quota=2_000_000).enrol()
    phone.sign_in()
    fill_up(phone)
    yield phone
    context.close()


def test_a_full_phone_is_unlocked_keeps_an_entry_and_syncs_on_the_room_that_is_held(
    small: PagePhone, server: PageServer
) -> None:
    told = entry()
    small.restart()
    small.step("unlock", PIN)
    small.step("keepEntry", told)
    assert small.step("waiting")["full"]
    small.step("sync")
    assert [sent["id"] for sent in server.entered] == [told["id"]]
    make_room(small)
    small.step("sync")
    assert not small.step("waiting")["full"]


def test_a_phone_without_any_room_says_what_to_do_and_loses_nothing(
    small: PagePhone, server: PageServer
) -> None:
    kept: list[str] = []
    error = None
    while error is None and len(kept) < 2_000:
        told = entry(text="x" * 900)
        try:
            small.step("keepEntry", told)
        except PageError as full:
            error = full
        else:
            kept.append(told["id"])
    assert error is not None
    assert error.name == "StoreFullError"
    assert "remove pictures" in str(error)
    assert len(kept) > 50, "the room that is held is worth something"
    assert [fact["id"] for fact in small.step("facts")] == kept
    small.step("sync")
    assert small.step("waiting")["total"] == 0, "what has gone home makes room"
    assert [sent["id"] for sent in server.entered] == kept


def test_a_full_phone_can_be_wiped(small: PagePhone) -> None:
    small.step("destroy", "nothing")
    assert small.step("state") == "new"
    assert sum(map(len, small.step("dump").values())) == 0


@pytest.mark.threat(38)
@pytest.mark.parametrize("moment", ["before", "within", "after"])
def test_an_app_that_dies_while_something_is_entered_has_all_of_it_or_nothing(
    full: PagePhone, moment: str
) -> None:
    told = entry()
    full.step("dieAt", 0, moment)
    full.step("keepEntry", told)
    assert full.died
    full.restart()
    full.step("unlock", PIN)
    kept = 1 if moment == "after" else 0
    assert full.step("waiting")["entries"] == kept
    assert len(full.step("facts")) == kept


def test_what_was_entered_long_ago_is_forgotten_once_it_has_been_sent(
    full: PagePhone, server: PageServer
) -> None:
    old, new = entry(at=NOON - 40 * 3600), entry(at=NOON)
    for told in (old, new):
        full.step("keepEntry", told)
    full.step("sync")
    assert [fact["id"] for fact in full.step("facts")] == [new["id"]]
    assert full.step("facts")[0]["conveyed"]
    assert len(server.entered) == 2
