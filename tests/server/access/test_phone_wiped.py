"""The reference phone against the real server: lost, handed over, found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nyckelfri.phone import account, vault
from nyckelfri.phone.account import Account
from nyckelfri.phone.book import Book
from nyckelfri.phone.client import Address, BlockedError, Client
from nyckelfri.phone.store import Store
from nyckelfri.phone.sync import Report, Sync
from nyckelfri.server.people.models import Phone
from nyckelfri.server.phones import actions
from serverworld import PASSWORD

PIN = "493027"
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Carried:
    """A reference phone, as somebody carries it, and its row at the server."""

    row: Phone
    store: Store
    url: str
    now: int

    def enrol(self, code: str) -> None:
        account.enrol(self.store, self.url, code, PIN, clock=lambda: self.now)

    def sign_in(self, number: str) -> None:
        secrets = account.unlock(self.store, PIN)
        Account(self.store, secrets, clock=lambda: self.now).sign_in(number, PASSWORD)

    def sync(self) -> Report:
        secrets = account.unlock(self.store, PIN)
        client = Client(Address.read(self.url), token=secrets.token)
        return Sync(self.store, secrets, client, clock=lambda: self.now).run()

    def doors(self) -> list[str]:
        secrets = account.unlock(self.store, PIN)
        return [door.label for door in Book(self.store, secrets.data_key).doors()]

    @property
    def everything(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.store.folder.iterdir()))


@pytest.fixture
def carried(
    live_server: Any,
    cast: Any,
    locks: Any,
    passwords: None,
    set_clock: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: datetime,
) -> Iterator[Carried]:
    """Alice's, in the middle of her shift."""
    monkeypatch.setattr(vault, "COST", 10)
    row = actions.register(label="A", holder=cast.alice, actor="test", now=moment)
    code = actions.invite(row, actor="test", now=moment)
    with Store(tmp_path / "phone") as store:
        phone = Carried(row, store, live_server.url, int(moment.timestamp()))
        phone.enrol(code)
        phone.sign_in("10001")
        assert phone.sync().grants == 2
        assert sorted(phone.doors()) == ["Kyrkogatan 1 1101", "Port Kyrkogatan 1"]
        yield phone


@pytest.mark.sentence(12)
@pytest.mark.sentence(95)
@pytest.mark.threat(35)
def test_lost_phone_is_empty_after_the_first_answer_of_the_server(
    carried: Carried, moment: datetime
) -> None:
    actions.block(carried.row, reason="lost", actor="test", now=moment)
    with pytest.raises(BlockedError):
        carried.sync()
    assert not carried.store.enrolled
    assert carried.store.rows("SELECT * FROM grants") == []
    for trace in (b"Kyrkogatan", b"Alice", b"10001"):
        assert trace not in carried.everything


@pytest.mark.threat(41)
@pytest.mark.sentence(95)
def test_phone_that_changes_hands_empties_itself_and_then_has_only_the_next_person_s_keys(
    carried: Carried, cast: Any, moment: datetime
) -> None:
    row = actions.hand_over(carried.row, cast.charlie, reason="byte", actor="test", now=moment)
    with pytest.raises(BlockedError):
        carried.sync()
    assert not carried.store.enrolled
    carried.enrol(actions.invite(row, actor="test", now=moment))
    carried.sign_in("10003")
    carried.sync()
    assert carried.doors() == ["Storgatan 2 1101"]


@pytest.mark.sentence(95)
def test_found_phone_that_never_heard_of_its_block_empties_itself_after_it_is_lifted(
    carried: Carried, moment: datetime
) -> None:
    actions.block(carried.row, reason="lost", actor="test", now=moment)
    row = actions.unblock(carried.row, reason="found", actor="test", now=moment)
    with pytest.raises(BlockedError):
        carried.sync()
    assert not carried.store.enrolled
    carried.enrol(actions.invite(row, actor="test", now=moment))
    carried.sign_in("10001")
    assert carried.sync().grants == 2
