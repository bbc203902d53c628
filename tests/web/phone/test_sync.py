"""What a sync takes, brings, and survives."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from doorworld import HOUR, NOON, Door, Municipality, identifier
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.door import delivery
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.grants import thumbprint
from phoneserver import PIN
from webphone import DAY, PageError, PagePhone, PageServer, entry, opening


def fails(phone: PagePhone, name: str = "sync") -> PageError:
    with pytest.raises(PageError) as caught:
        phone.step(name)
    return caught.value


def _always(answer: tuple[int, str], _body: dict[str, Any]) -> tuple[int, str]:
    return answer


def syncs(server: PageServer) -> list[dict[str, Any]]:
    return [body for name, body in server.calls if name == "sync"]


@pytest.mark.threat(55)
def test_what_the_server_did_not_answer_for_stays_and_is_sent_again(
    full: PagePhone, server: PageServer
) -> None:
    told, answer = entry(), opening()
    full.step("keepEntry", told)
    full.step("keepOpening", answer)
    full.step("keepBatches", 1, 100)
    server.lose = {"sync"}
    assert fails(full).name == "OfflineError"
    assert full.step("waiting")["total"] == 3
    server.lose = set()
    report = full.step("sync")
    assert report["sent"] == {"entries": 1, "openings": 1, "batches": 1}
    assert full.step("waiting")["total"] == 0
    assert [sent["id"] for sent in server.entered] == [told["id"]], "stored once by its id"
    assert [row["id"] for row in server.openings] == [answer["id"]] * 2
    assert full.step("facts")[0]["conveyed"]


def test_the_day_comes_once_and_again_only_when_it_has_changed(
    full: PagePhone, server: PageServer
) -> None:
    assert full.step("day") == DAY
    assert syncs(server)[-1]["day"] == "", "of none"
    full.step("sync")
    assert syncs(server)[-1]["day"] == DAY["digest"]
    assert full.step("day") == DAY
    server.day = {**DAY, "digest": "cd" * 16, "visits": []}
    assert full.step("sync")["dayChanged"]
    assert full.step("day")["visits"] == []


def test_a_locked_phone_carries_home_what_waits_and_fetches_no_door(
    full: PagePhone, server: PageServer
) -> None:
    told = entry()
    full.step("keepEntry", told)
    full.step("keepBatches", 1, 100)
    full.restart()
    report = full.step("sync")
    assert not report["signedIn"]
    assert [sent["id"] for sent in server.entered] == [told["id"]]
    assert len(server.batches) == 1
    assert "day" not in syncs(server)[-1]
    full.step("unlock", PIN)
    assert len(full.step("grants")) == 1, "what was there is there"


def test_when_the_session_has_run_out_what_waits_still_goes_and_the_keys_stay(
    full: PagePhone, server: PageServer
) -> None:
    full.step("keepEntry", entry())
    server.now = full.clock = server.session_ends
    report = full.step("sync")
    assert not report["signedIn"]
    assert len(server.entered) == 1
    assert len(full.step("grants")) == 1, "the lock judges them"
    assert full.step("state") == "over"
    assert full.step("session")["token"] is None


def test_a_grant_that_the_server_no_longer_gives_goes_but_for_a_running_stay(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    mine = server.grants[0]
    stay = {"installation": door.installation.hex(), "serial": mine.serial.hex(), "opened": NOON}
    full.step("keepStay", {**stay, "locked": None})
    server.grants.clear()
    server.doors.clear()
    full.step("sync")
    assert [grant["serial"] for grant in full.step("grants")] == [mine.serial.hex()]
    assert len(full.step("doors")) == 1
    full.step("stayLocked", stay["installation"], NOON + 60)
    assert full.step("stays") == [{**stay, "locked": NOON + 60}]
    server.now = full.clock = NOON + 4 * HOUR + 1
    full.step("sync")
    assert full.step("grants") == full.step("doors") == full.step("stays") == []


@pytest.mark.threat(58)
def test_eight_hours_of_work_go_home_in_three_requests(full: PagePhone, server: PageServer) -> None:
    kinds = ("visit_start", "visit_end", "note")
    for number in range(300):
        detail = {"text": "ö" * 200} if number % 3 == 2 else {"how": "door"}
        full.step("keepEntry", entry(kinds[number % 3], NOON + number, **detail))
    for number in range(100):
        full.step("keepOpening", opening(NOON + number))
    full.step("keepBatches", 60, 4_000)
    before = len(syncs(server))
    report = full.step("sync")
    assert report["sent"] == {"entries": 300, "openings": 100, "batches": 60}
    assert len(syncs(server)) - before <= 3
    assert full.step("waiting")["total"] == 0
    assert [row["at"] for row in server.entered] == [NOON + number for number in range(300)]


@pytest.mark.threat(58)
def test_a_busy_server_gives_the_keys_and_what_it_puts_off_stays_and_goes_later(
    full: PagePhone, server: PageServer
) -> None:
    full.step("keepBatches", 10, 100)
    for number in range(3):
        full.step("keepEntry", entry(text=str(number)))
    server.busy, before = 30, len(syncs(server))
    report = full.step("sync")
    assert (report["later"], report["grants"]) == (30, 1)
    assert report["sent"] == {"entries": 0, "openings": 0, "batches": 0}
    assert len(syncs(server)) == before + 1, "and the phone does not insist"
    assert full.step("waiting")["total"] == 13
    report = full.step("sync", {"little": True})
    assert report["sent"] == {"entries": 3, "openings": 0, "batches": 4}
    assert report["later"] == 0
    assert len(syncs(server)) == before + 2, "one request"
    server.busy = 0
    assert full.step("sync")["sent"]["batches"] == 6
    assert len(server.batches) == 10
    assert len(server.entered) == 3


@pytest.mark.threat(58)
def test_a_long_outbox_goes_in_requests_within_the_servers_limits(
    full: PagePhone, server: PageServer
) -> None:
    full.step("keepBatches", 150, 16_000)
    for _ in range(8):
        full.step("keepEntry", entry(text="å" * 1000))
    full.step("sync")
    assert len(server.batches) == 150
    assert len({bytes(batch) for batch in server.batches}) == 150
    for body in syncs(server):
        assert len(body["batches"]) <= 64
        assert sum(len(text) for text in body["batches"]) < 1_600_000


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_what_the_server_cannot_take_is_set_aside_and_keeps_neither_keys_nor_the_rest(
    full: PagePhone, server: PageServer, door: Door, status: int
) -> None:
    told = [entry(at=NOON + number) for number in range(9)]
    for one in told:
        full.step("keepEntry", one)
    full.step("keepBatches", 2, 100)
    bad = told[4]["id"]
    codes = {400: "malformed", 413: "too_large", 422: "invalid", 500: "internal"}

    def refuses(body: dict[str, Any]) -> tuple[int, str] | None:
        carried = {one["id"] for one in body.get("entries", [])}
        return (status, codes[status]) if bad in carried else None

    server.refuses = refuses
    server.allow(door, serial="serial 2")
    full.step("sync")
    assert len(full.step("grants")) == 2
    assert {one["id"] for one in server.entered} == {one["id"] for one in told} - {bad}
    assert len(server.batches) == 2
    waiting = full.step("waiting")
    assert waiting["total"] == waiting["entries"] == 1
    assert waiting["aside"] == (0 if status == 500 else 1), (
        "an accident of the server is tried anew"
    )

    requests = len(syncs(server))
    full.step("sync")
    if status != 500:
        assert len(syncs(server)) == requests + 1, "left in peace"
    server.refuses = lambda _body: None
    full.clock += 24 * HOUR
    full.step("sync")
    assert full.step("waiting")["total"] == 0
    assert len(server.entered) == 9


def test_one_row_that_the_server_cannot_take_keeps_no_key_away(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    full.step("keepEntry", entry())
    server.refuses = lambda body: (422, "invalid") if body.get("entries") else None
    server.allow(door, serial="serial 2")
    assert full.step("sync")["aside"] == 1
    assert len(full.step("grants")) == 2
    assert full.step("waiting")["aside"] == 1


def test_an_error_of_the_server_changes_nothing(full: PagePhone, server: PageServer) -> None:
    before = full.step("grants")
    full.step("keepEntry", entry())
    for status, code, name in (
        (500, "internal", "OfflineError"),
        (503, "not_ready", "OfflineError"),
        (429, "too_often", "TooOftenError"),
        (404, "not_found", "RefusedError"),
    ):
        server.refuses = partial(_always, (status, code))
        assert fails(full).name == name
    assert full.step("grants") == before
    assert full.step("waiting")["entries"] == 1


def test_an_answer_that_is_no_json_or_does_not_read_changes_nothing(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    full.step("keepEntry", entry())
    before = [full.step(name) for name in ("grants", "day", "trusted")]
    usual = server._sync

    def spoilt(name: str, value: object) -> None:
        server.allow(door, serial=name)

        def sync(body: dict[str, Any], *, signed_in: bool) -> dict[str, Any]:
            return {**usual(body, signed_in=signed_in), name: value}

        server._sync = sync  # type: ignore[method-assign]

    spoils: list[tuple[str, object]] = [
        ("server_time", "noon"),
        ("doors", [{"protocol": 1, "installation": "zz"}]),
        ("grants", None),
        ("results", {"batches": [{"status": "stored"}], "openings": [], "entries": []}),
        ("wanted", [{"installation": "00" * 8, "first": "1"}]),
        ("key_set", "***"),
        ("receipts", [7]),
    ]
    for name, value in spoils:
        spoilt(name, value)
        assert fails(full).name == "AnswerError", name
    assert [full.step(name) for name in ("grants", "day", "trusted")] == before
    assert full.step("waiting")["entries"] == 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
"""Whatever JSON can say."""


@pytest.mark.threat(13)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_answer_of_a_server_is_anything_but_an_answer_or_an_error_of_its_own(
    full: PagePhone, server: PageServer, data: st.DataObject
) -> None:
    answer = server._sync({"batches": [], "openings": [], "day": ""}, signed_in=True)
    full.step("reads", answer)
    for name in data.draw(st.sets(st.sampled_from(sorted(answer)), min_size=1)):
        row = answer[name]
        inside = (
            isinstance(row, list) and row and isinstance(row[0], dict) and data.draw(st.booleans())
        )
        if inside:
            field = data.draw(st.sampled_from(sorted(row[0])))
            answer[name] = [{**row[0], field: data.draw(ANYTHING)}]
        else:
            answer[name] = data.draw(ANYTHING)
    assert full.outcome("reads", answer) in {"", "AnswerError"}


@pytest.mark.threat(55)
def test_a_day_that_does_not_read_keeps_no_key_away(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    server.day = {**DAY, "digest": "ef" * 16, "clients": [{"number": 7}]}
    server.allow(door, serial="serial 2")
    full.step("keepEntry", entry())
    assert full.step("sync")["refused"] == 1
    assert len(full.step("grants")) == 2
    assert full.step("day") == DAY
    assert full.step("waiting")["total"] == 0


@pytest.mark.threat(8)
def test_the_phone_believes_its_municipalitys_root_and_no_server(
    full: PagePhone, server: PageServer
) -> None:
    held = full.step("trusted")
    stranger = Municipality.make(500, number=9)
    server.key_set = stranger.signed_key_set
    server.bulletin = stranger.bulletin(NOON)
    server.municipality = stranger
    assert full.step("sync")["refused"] >= 2
    assert full.step("grants") == []
    assert full.step("trusted") == held


@pytest.mark.threat(44)
def test_key_set_and_bulletin_never_go_back(
    full: PagePhone, server: PageServer, municipality: Municipality
) -> None:
    newer = replace(municipality.key_set, number=5, epoch=2)
    server.key_set = municipality.sign_key_set(newer)
    server.bulletin = municipality.bulletin(NOON, epoch=2)
    full.step("sync")
    server.key_set = municipality.signed_key_set
    server.bulletin = municipality.bulletin(NOON + HOUR)
    full.step("sync")
    assert full.step("trusted") == {"keySet": [2, 5], "bulletin": NOON}
    server.key_set = municipality.sign_key_set(replace(newer, number=6, epoch=3))
    full.step("sync")
    assert full.step("trusted") == {"keySet": [3, 6], "bulletin": None}, "it was of the old epoch"


@pytest.mark.threat(9)
def test_a_grant_for_another_key_or_door_is_not_kept(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    server.grants = [replace(server.grants[0], phone=bytes(31) + b"\x07")]
    assert full.step("sync")["refused"] == 1
    assert full.step("grants") == []


def test_only_the_newest_receipt_of_a_lock_is_kept(
    full: PagePhone, server: PageServer, municipality: Municipality, door: Door
) -> None:
    for number in (5, 9, 7):
        receipt = Receipt(municipality.root.municipality, door.installation, number, bytes(32))
        data = delivery.sign_receipt(receipt, key=municipality.receipt_key, kid=b"\x03")
        forged = delivery.sign_receipt(
            replace(receipt, number=99), key=municipality.bulletin_key, kid=b"\x03"
        )
        server.receipts = [data, forged]
        full.step("sync")
    assert full.step("receipt", door.installation.hex())["number"] == 9


@pytest.mark.threat(34)
def test_the_phones_clock_is_corrected_by_the_servers(full: PagePhone) -> None:
    full.clock = NOON - 86_400
    full.step("sync")
    assert full.step("offset") == 86_400
    assert full.step("state") == "open"


@pytest.mark.threat(35)
def test_a_phone_that_the_bulletin_names_destroys_itself(
    full: PagePhone, server: PageServer
) -> None:
    full.step("keepOpening", opening())
    own = thumbprint(server.phone_x)
    server.bulletin = server.municipality.bulletin(NOON + 1, phones=frozenset({own}))
    assert fails(full).name == "BlockedError"
    assert full.step("state") == "new"
    assert {name for name, rows in full.step("dump").items() if rows} == {"openings"}


def test_a_door_whose_every_grant_is_withdrawn_is_told(
    full: PagePhone, server: PageServer, door: Door
) -> None:
    serial = server.grants[0].serial
    server.bulletin = server.municipality.bulletin(NOON + 1, serials=frozenset({serial}))
    assert full.step("sync")["withdrawn"] == [door.installation.hex()]
    server.allow(door, serial="serial 2")
    assert full.step("sync")["withdrawn"] == []


def test_two_syncs_at_once_are_one_after_the_other(full: PagePhone, server: PageServer) -> None:
    full.step("keepBatches", 3, 100)
    reports = full.step("syncTwice")
    assert [report["sent"]["batches"] for report in reports] == [3, 0]
    assert len(server.batches) == 3


def test_a_full_outbox_says_so(full: PagePhone) -> None:
    assert not full.step("full")
    full.step("keepBatches", 2_000, 16)
    assert full.step("full")


@pytest.mark.slow
@pytest.mark.threat(38)
@pytest.mark.threat(54)
@pytest.mark.threat(55)
@pytest.mark.parametrize("moment", ["before", "within", "after"])
def test_an_app_that_dies_at_any_write_of_a_sync_loses_nothing_and_sends_nothing_twice(
    full: PagePhone, server: PageServer, door: Door, moment: str
) -> None:
    entries, openings = [], []
    for writes in range(12):
        told, answer = entry(at=NOON + writes), opening(NOON + writes)
        entries.append(told["id"])
        openings.append(answer["id"])
        full.step("keepEntry", told)
        full.step("keepOpening", answer)
        full.step("keepBatches", 1, 100, writes)
        digest = f"{writes:032x}"
        server.day = {**DAY, "digest": digest}
        grants = {server.allow(door, serial=f"of {writes}").serial.hex()}
        grants |= {grant.serial.hex() for grant in server.grants}
        full.step("dieAt", writes, moment)
        full.step("sync")
        died = full.died
        full.restart()
        full.step("unlock", PIN)
        held = {grant["serial"] for grant in full.step("grants")}
        whole = full.step("day")["digest"] == digest
        assert whole == (held == grants), "keys and day come together, or neither"
        full.step("sync")
        assert full.step("waiting")["total"] == 0
        assert {grant["serial"] for grant in full.step("grants")} == grants
        assert full.step("day")["digest"] == digest
        if not died:
            break
    else:
        raise AssertionError("a sync has more writes than this test looks at")
    assert writes > 2
    assert [sent["id"] for sent in server.entered] == entries, "each once, by its id"
    assert len(set(server.batches)) == len(entries)
    assert {row["id"] for row in server.openings} == set(openings)
    assert [fact["id"] for fact in full.step("facts")] == entries
    assert all(fact["conveyed"] for fact in full.step("facts"))
    assert identifier("front door").hex() == server.openings[0]["installation"]
