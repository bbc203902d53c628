"""The vectors for other languages: our code agrees with every case of every file."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import clock, grants, keyset, policy
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.clock import Clock, Mark, Reading, TimeJumpError
from nyckelfri.door.commissioning import InstallationRecord
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.grants import Command, Grant, Scope
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.door.policy import Situation, Stay
from nyckelfri.door.signed import SignatureError

ROOM = Path(__file__).parents[2]
FOLDER = ROOM / "vectors"

Case = dict[str, Any]


def load(name: str) -> Case:
    found: Case = json.loads((FOLDER / name).read_text("utf-8"))
    assert found["version"] == 1
    assert found["about"].startswith("docs/protocol.md")
    names = [(case.get("object"), case["name"]) for case in found["cases"]]
    assert len(set(names)) == len(names)
    return found


SIGNED = load("signed.json")
POLICY = load("policy.json")
CLOCK = load("clock.json")


def named(case: Case) -> str:
    return f"{case.get('object', '')} {case['name']}".strip()


def test_every_file_of_vectors_is_read_by_a_test() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOM / "tests").rglob("test_*.py"))
    files = [path.name for path in FOLDER.iterdir() if path.suffix == ".json"]
    assert len(files) >= 8
    assert [name for name in files if f'"{name}"' not in sources] == []


def test_the_page_about_the_vectors_names_every_file() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    assert [p.name for p in FOLDER.glob("*.json") if f"`{p.name}`" not in page] == []


def test_the_files_are_what_their_generator_makes() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# signed.json


GIVEN = SIGNED["given"]
ROOT = Root.read(bytes.fromhex(GIVEN["root"]))
KEY_SET = keyset.read(bytes.fromhex(GIVEN["key_set"]), ROOT)


def key_set_fields(key_set: KeySet) -> Case:
    keys = [(key.kid.hex(), int(key.purpose), key.point.hex()) for key in key_set.keys]
    return {
        "municipality": key_set.municipality.hex(),
        "number": key_set.number,
        "epoch": key_set.epoch,
        "issued": key_set.issued,
        "keys": [dict(zip(("kid", "purpose", "key"), key, strict=True)) for key in keys],
    }


def grant_fields(grant: Grant) -> Case:
    return {
        "sub": grant.subject.hex(),
        "aud": grant.installation.hex(),
        "exp": grant.not_after,
        "nbf": grant.not_before,
        "iat": grant.issued,
        "cti": grant.serial.hex(),
        "x": grant.phone.hex(),
        "scope": int(grant.scope),
    }


def bulletin_fields(bulletin: Bulletin) -> Case:
    return {
        "municipality": bulletin.municipality.hex(),
        "epoch": bulletin.epoch,
        "issued": bulletin.issued,
        "phones": sorted(item.hex() for item in bulletin.phones),
        "serials": sorted(item.hex() for item in bulletin.serials),
    }


def installation_fields(record: InstallationRecord) -> Case:
    return {
        "municipality": record.municipality.hex(),
        "installation": record.installation.hex(),
        "kind": int(record.kind),
        "lock_key": record.lock_key.hex(),
        "signing_key": record.signing_key.hex(),
        "radio_key": record.radio_key.hex(),
        "release_nonce": record.release_nonce.hex(),
    }


def time_fields(data: bytes) -> Case:
    installation, nonce = bytes.fromhex(GIVEN["installation"]), bytes.fromhex(GIVEN["nonce"])
    return {"time": bulletins.read_time(data, KEY_SET, installation=installation, nonce=nonce)}


READERS: dict[str, Callable[[bytes], Case]] = {
    "key set": lambda data: key_set_fields(keyset.read(data, ROOT)),
    "grant": lambda data: grant_fields(grants.verify(data, KEY_SET)),
    "bulletin": lambda data: bulletin_fields(bulletins.read(data, KEY_SET)),
    "time token": time_fields,
    "installation": lambda data: installation_fields(InstallationRecord.read(data)),
}
REASONS: dict[str, tuple[type[Exception], str]] = {
    "signature": (SignatureError, "does not hold"),
    "second form": (SignatureError, "second form"),
    "encoding": (SignatureError, "not a signed object: "),
    "shape": (SignatureError, r"^not a (root-)?signed object$|^not a signed object"),
    "header": (SignatureError, "something else than expected"),
    "purpose": (SignatureError, "id and purpose"),
    "too few signatures": (SignatureError, "needs 2 to 3"),
    "order of signatures": (SignatureError, "out of order"),
    "key": (SignatureError, "not a point"),
    "content": (ObjectError, ""),
}


@pytest.mark.parametrize("case", SIGNED["cases"], ids=named)
@pytest.mark.threat(6)
@pytest.mark.threat(14)
def test_signed_object_of_the_vectors(case: Case) -> None:
    data, read = bytes.fromhex(case["hex"]), READERS[case["object"]]
    if case["accepted"]:
        assert read(data) == case["fields"]
    else:
        error, text = REASONS[case["reason"]]
        with pytest.raises(error, match=text or None):
            read(data)


def test_there_are_accepted_and_refused_cases_of_every_kind_and_every_reason() -> None:
    for kind in READERS:
        cases = [case for case in SIGNED["cases"] if case["object"] == kind]
        assert {case["accepted"] for case in cases} == {True, False}
    assert {case.get("reason") for case in SIGNED["cases"]} == {None, *REASONS}


# policy.json


def read_grant(fields: Case) -> Grant:
    return Grant(
        subject=bytes.fromhex(fields["sub"]),
        installation=bytes.fromhex(fields["aud"]),
        not_before=fields["nbf"],
        not_after=fields["exp"],
        issued=fields["iat"],
        serial=bytes.fromhex(fields["cti"]),
        phone=bytes.fromhex(fields["x"]),
        scope=Scope(fields["scope"]),
    )


def read_situation(case: Case) -> Situation:
    bulletin, stay = case["bulletin"], case["stay"]
    return Situation(
        clock=Reading(case["clock"]["time"], Mark(case["clock"]["mark"])),
        bulletin=bulletin
        and Bulletin(
            bytes(8),
            1,
            0,
            frozenset(map(bytes.fromhex, bulletin["phones"])),
            frozenset(map(bytes.fromhex, bulletin["serials"])),
        ),
        stay=stay and Stay.of(bytes.fromhex(stay["cti"]), stay["opened"]),
        strength=case["strength"],
        threshold=case["threshold"],
    )


@pytest.mark.parametrize("case", POLICY["cases"], ids=named)
def test_situation_of_the_vectors(case: Case) -> None:
    grant = read_grant(case["grant"])
    reason = policy.decide(grant, Command(case["command"]), read_situation(case))
    assert reason.name.lower() == case["reason"]


def test_a_thumbprint_in_the_vectors_is_that_of_the_grants_key() -> None:
    blocked = next(case for case in POLICY["cases"] if case["name"] == "phone blocked")
    x = bytes.fromhex(blocked["grant"]["x"])
    assert blocked["bulletin"]["phones"] == [hashlib.sha256(x).hexdigest()[:16]]


# clock.json


def stepped(before: Clock | None, step: Case) -> Clock:
    ticks = step["ticks"]
    if step["do"] == "factory":
        return clock.factory(ticks)
    if step["do"] == "start":
        saved = step["saved"]
        return clock.started(
            floor=saved["floor"],
            checkpoint=saved["checkpoint"],
            mark=Mark(saved["mark"]),
            hardware=step["hardware"],
            ticks=ticks,
        )
    assert before is not None
    if step["do"] == "time":
        return before.with_signed_time(step["time"], ticks)
    if step["do"] == "bulletin":
        return before.with_bulletin(step["issued"], ticks)
    if step["do"] == "epoch":
        return clock.begun(step["issued"], ticks)
    assert step["do"] == "wait"
    return before


@pytest.mark.threat(29)
@pytest.mark.threat(31)
@pytest.mark.parametrize("case", CLOCK["cases"], ids=named)
def test_clock_of_the_vectors(case: Case) -> None:
    now: Clock | None = None
    for step in case["steps"]:
        if step.get("refused"):
            with pytest.raises(TimeJumpError):
                stepped(now, step)
        else:
            now = stepped(now, step)
        assert now is not None
        found = {
            "floor": now.floor,
            "estimate": now.estimate(step["ticks"]),
            "mark": int(now.mark),
        }
        assert found == step["then"]
