"""The tests written in JavaScript, its types, and the numbers it shares with Python."""

from __future__ import annotations

import json
import subprocess
from enum import IntEnum, IntFlag, StrEnum
from pathlib import Path
from typing import Any, Final

import pytest

from nyckelfri.door import (
    advert,
    bulletin,
    clock,
    courier,
    delivery,
    framing,
    grants,
    journal,
    keyset,
    policy,
    reasons,
    signed,
    trust,
)
from nyckelfri.phone import account, airtime, client, errand, opening, outbox, sync, vault, wire
from nyckelfri.server.phoneapi import entries

HERE: Final = Path(__file__).parent


def node(*arguments: str) -> str:
    """What a program of Node prints; its output is the failure where it fails."""
    done = subprocess.run(
        ["node", *arguments], cwd=HERE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    return done.stdout


@pytest.mark.slow
def test_the_tests_in_javascript() -> None:
    files = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.test.js"))
    assert files
    assert "# fail 0" in node("--test", "--test-reporter=tap", *files)


def camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(part.title() for part in rest)


def numbers(names: type[IntEnum | IntFlag]) -> dict[str, int]:
    return {camel(name): int(member) for name, member in names.__members__.items()}


INSTALLERS: Final = {courier.Commission, courier.Confirm, courier.ReleaseRecord} | {
    courier.Commissioned,
    courier.Released,
}


def records() -> dict[str, int]:
    """Number of each record that a staff phone speaks, by its class without `Record`."""
    known: list[Any] = [*courier._FROM_PHONE, *courier._FROM_LOCK]
    spoken = [record for record in known if record not in INSTALLERS]
    named = {record.__name__.removesuffix("Record"): record.TYPE for record in spoken}
    return {name[0].lower() + name[1:]: number for name, number in named.items()}


def test_javascript_and_python_have_the_same_numbers() -> None:
    assert json.loads(node("support/numbers.js")) == {
        "reasons": numbers(reasons.Reason),
        "heals": [camel(each.name) for each in reasons.Reason if each.heals_at_the_door],
        "commands": numbers(grants.Command),
        "scopes": numbers(grants.Scope),
        "records": records(),
        "marks": numbers(clock.Mark),
        "motor": numbers(journal.MotorResult),
        "taken": numbers(trust.Taken),
        "purposes": numbers(keyset.Purpose),
        "uuids": [framing.SERVICE_UUID, framing.TO_LOCK_UUID, framing.TO_PHONE_UUID],
        "air": [
            advert.COMPANY_ID,
            advert.HOUR,
            advert.PAYLOAD_BYTES,
            airtime.NEAR,
            airtime.WIDE,
        ],
        "types": [keyset.TYP, bulletin.TYP, bulletin.TIME_TYP, delivery.RECEIPT_TYP],
        "limits": [
            framing.MAX_MESSAGE,
            framing.MAX_PIECE,
            keyset.MAX_KEYS,
            keyset.MAX_ROOT_KEYS,
            bulletin.MAX_REVOCATIONS,
            bulletin.NONCE_BYTES,
            grants.GRANT_BYTES,
            delivery.MAX_BATCH,
            delivery.MAX_BATCH_ENTRIES,
            courier.MAX_RECORD,
            signed.MAX_PAYLOAD,
        ],
        "phone": [
            vault.MAX_TRIES,
            account.LONGEST,
            account.MAX_MISSES,
            policy.STAY,
            wire.PROTOCOL,
            client.MAX_ANSWER,
            client.TIMEOUT * 1000,
        ],
        "errand": [
            errand.WHOLE * 1000,
            errand.ANSWER_WITHIN * 1000,
            errand.OUTCOME_WITHIN * 1000,
            errand.TIME_WITHIN * 1000,
            errand.FAR_OFF,
            errand.MAX_BATCHES,
            opening.MESSAGE_2_WITHIN * 1000,
            opening.MESSAGE_4_WITHIN * 1000,
        ],
        "outbox": [
            outbox.MAX_BATCHES,
            sync.MAX_BATCHES,
            sync.MAX_OPENINGS,
            sync.MAX_BATCH_BYTES,
            sync._MAX_ROUNDS,
        ],
    }


def test_the_app_and_the_server_know_the_same_entries() -> None:
    shown = json.loads(node("support/entries.js"))
    taken: dict[str, type[StrEnum]] = {
        "manual": entries.Manual,
        "missed": entries.Missed,
        "unplanned": entries.Unplanned,
        "deviates": entries.Deviates,
        "fault": entries.Fault,
    }
    assert sorted(shown.pop("kinds")) == sorted(kind.value for kind in entries.DETAILS)
    assert {name: sorted(values) for name, values in shown.items()} == {
        name: sorted(each.value for each in reasons_) for name, reasons_ in taken.items()
    }
