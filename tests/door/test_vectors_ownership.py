"""vectors/ownership.json: what must be taken is taken with these contents, the rest refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nyckelfri.door import update
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import Root
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.signed import SignatureError

Case = dict[str, Any]
OWNERSHIP: Case = json.loads(
    (Path(__file__).parents[2] / "vectors" / "ownership.json").read_text("utf-8")
)
GIVEN = OWNERSHIP["given"]
ROOT = Root.read(bytes.fromhex(GIVEN["root"]))
SIGNING_KEY = bytes.fromhex(GIVEN["lock_signing_key"])
VERDICTS = {
    None: "taken",
    update.Unfit.OTHER_MODEL: "other model",
    update.Unfit.NOT_NEWER: "not newer",
}


def release_fields(data: bytes) -> Case:
    release = Release.read(data, ROOT)
    return {
        "municipality": release.municipality.hex(),
        "installation": release.installation.hex(),
        "release_nonce": release.nonce.hex(),
    }


def label_fields(data: bytes) -> Case:
    label = Label.read(data, key=SIGNING_KEY)
    assert Label.claimed(data) == label
    return {
        "municipality": label.municipality.hex(),
        "installation": label.installation.hex(),
        "kind": int(label.kind),
        "factory_key": label.key.hex(),
        "secret": label.secret.hex(),
        "printed": label.printed.text(),
    }


def update_fields(data: bytes) -> Case:
    manifest = update.read(data, ROOT)
    return {
        "municipality": manifest.municipality.hex(),
        "model": manifest.model,
        "version": manifest.version,
        "size": manifest.size,
        "sha-256": manifest.digest.hex(),
    }


READ: dict[str, Callable[[bytes], Case]] = {
    "release": release_fields,
    "label": label_fields,
    "update": update_fields,
}


def called(case: Case) -> str:
    return f"{case['object']} {case['name']}"


@pytest.mark.parametrize(
    "case", [case for case in OWNERSHIP["cases"] if "verdict" not in case], ids=called
)
def test_object_of_ownership_in_the_vectors(case: Case) -> None:
    data = bytes.fromhex(case["hex"])
    if case["accepted"]:
        assert READ[case["object"]](data) == case["fields"]
    else:
        with pytest.raises((SignatureError, ObjectError)):
            READ[case["object"]](data)


@pytest.mark.threat(25)
@pytest.mark.parametrize(
    "case", [case for case in OWNERSHIP["cases"] if "verdict" in case], ids=called
)
def test_verdict_on_an_update_in_the_vectors(case: Case) -> None:
    manifest = update.read(bytes.fromhex(case["hex"]), ROOT)
    found = update.judge(manifest, model=GIVEN["model"], running=GIVEN["running"])
    assert VERDICTS[found] == case["verdict"]


def test_the_release_of_the_vectors_frees_the_lock_of_the_vectors_and_no_other() -> None:
    data = next(bytes.fromhex(case["hex"]) for case in OWNERSHIP["cases"])
    installation, nonce = (bytes.fromhex(GIVEN[name]) for name in ("installation", "release_nonce"))
    release = Release.read(data, ROOT)
    assert release.frees(installation=installation, nonce=nonce)
    assert not release.frees(installation=bytes(8), nonce=nonce)
    assert not release.frees(installation=installation, nonce=bytes(16))
