"""A proof of the drill holds for what happened, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nyckelfri.drill import proofs
from nyckelfri.drill.proofs import Finding, Made, Truth

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRUTHS = (
    Truth("L1", 3, "10007", "unlock", NOON.timestamp(), None),
    Truth("L1", 5, "10007", "lock", NOON.timestamp(), None),
    Truth("L2", 3, "10008", "unlock", NOON.timestamp(), "phone_blocked"),
)


def rows() -> list[dict[str, Any]]:
    """The log that is right."""
    return [
        {
            "lock": truth.lock,
            "entry": truth.entry,
            "number": truth.number,
            "command": truth.command,
            "reason": truth.reason,
            "result": "refused" if truth.reason else "done",
            "time": NOON.isoformat(),
            "clock": 0,
            "serial": f"{truth.entry:016x}",
        }
        for truth in TRUTHS
    ]


def test_the_log_that_is_right_proves_it() -> None:
    assert proofs.openings(TRUTHS, rows()) == Finding(3)
    assert proofs.openings(TRUTHS, rows()).held


def test_a_proof_that_looked_at_nothing_proves_nothing() -> None:
    assert not proofs.openings((), []).held
    assert not proofs.nothing_waits({}).held
    assert not proofs.came_back({}, {}).held
    assert not proofs.apart(["a"], []).held


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda log: log[:-1], "L2 3: missing"),
        (lambda log: [*log, log[0]], "L1 3: twice"),
        (lambda log: [*log, {**log[0], "entry": 9}], "L1 9: invented"),
        (lambda log: [{**log[0], "number": "10009"}, *log[1:]], "L1 3: another person"),
        (lambda log: [{**log[0], "number": None}, *log[1:]], "L1 3: another person"),
        (lambda log: [{**log[0], "command": "lock"}, *log[1:]], "L1 3: lock done"),
        (lambda log: [*log[:-1], {**log[-1], "reason": None}], "L2 3: unlock refused"),
        (
            lambda log: [{**log[0], "time": "2026-11-23T12:03:00+00:00"}, *log[1:]],
            "L1 3: another time",
        ),
    ],
)
def test_any_other_log_is_a_fault_that_is_named(change: Any, fault: str) -> None:
    assert proofs.openings(TRUTHS, change(rows())).faults == (fault,)


def test_where_the_clock_was_lost_its_time_is_not_held_against_the_log() -> None:
    log = [{**rows()[0], "time": "2026-11-23T10:00:00+00:00", "clock": 1}, *rows()[1:]]
    assert proofs.openings(TRUTHS, log).held


def test_one_whom_a_restored_log_cannot_name_is_known_to_be_nameless_and_named_by_copies() -> None:
    log = [{**rows()[0], "number": None}, *rows()[1:]]
    assert proofs.openings(TRUTHS, log, nameless={"10007"}).held
    issue = {
        "verb": "server:grant:issue",
        "actor": "employee:10007",
        "details": {"serials": [log[0]["serial"]]},
    }
    assert proofs.named_by_copies(log, TRUTHS, {"audit": {1: issue}}) == Finding(1)
    other = {**issue, "actor": "employee:10008"}
    assert proofs.named_by_copies(log, TRUTHS, {"audit": {1: other}}).faults == ("L1 3",)
    assert not proofs.named_by_copies(log, TRUTHS, {}).held


def test_a_second_try_of_the_same_person_is_not_invented() -> None:
    log = [*rows(), {**rows()[0], "entry": 2}]
    assert proofs.openings(TRUTHS, log).faults == ("L1 2: invented",)
    assert proofs.openings((replace(TRUTHS[0], tries=2), *TRUTHS[1:]), log).held


def test_an_entry_that_is_not_there_or_lost_is_a_fault() -> None:
    made = {"aa": Made(7, 5, 1, 1, 0)}
    assert proofs.journals(made, {"aa": {"stored": 7, "lost": 0}}) == Finding(7)
    assert not proofs.journals(made, {"aa": {"stored": 6, "lost": 1}}).held
    assert not proofs.journals(made, {"aa": {"stored": 6, "lost": 0}}).held
    assert not proofs.journals(made, {}).held


def test_what_came_back_is_the_same_entry() -> None:
    before = {"entry/aa": {1: {"leaf": "x", "head": "y"}, 2: {"leaf": "p", "head": "q"}}}
    assert proofs.came_back(before, before) == Finding(2)
    assert proofs.came_back(before, {"entry/aa": {1: before["entry/aa"][1]}}).faults == (
        "entry/aa 2",
    )
    other = {"entry/aa": {**before["entry/aa"], 2: {"leaf": "p", "head": "z"}}}
    assert proofs.came_back(before, other).faults == ("entry/aa 2",)


def test_what_a_restored_database_lacks_is_counted() -> None:
    copied: dict[str, dict[int, dict[str, str]]] = {
        "entry/aa": {n: {} for n in range(1, 6)},
        "entry/bb": {1: {}},
        "audit": {n: {} for n in range(1, 9)},
    }
    assert proofs.behind(copied, journals={"aa": 3}, log=5) == (3, 3)


def test_copies_that_were_altered_or_a_log_that_lacks_nothing_prove_nothing() -> None:
    assert proofs.only_the_copies({"audit": "row 7 is not in the database"}, 4) == Finding(4)
    altered = {"audit": "x", "copies": "a segment was changed"}
    assert proofs.only_the_copies(altered, 4).faults == ("a segment was changed",)
    assert not proofs.only_the_copies({}, 4).held


def test_the_rest() -> None:
    assert proofs.nothing_waits({"Telefon 1": 0, "Telefon 2": 3}).faults == ("Telefon 2: 3",)
    assert proofs.apart({"a", "b"}, {"b", "c"}).faults == ("b",)
    assert proofs.is_so(("yes", True), ("no", False)).faults == ("no",)
    whole = {"fault": None, "rows": 5}
    assert proofs.log_whole(whole).held
    broken = {"fault": {"number": 3, "wrong": "edited"}, "rows": 5}
    assert proofs.log_whole(broken).faults == ("row 3: edited",)
