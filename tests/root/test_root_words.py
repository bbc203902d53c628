"""What holders are told before they sign."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from doorworld import NOON, Municipality, identifier
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.door.ownership import Release
from nyckelfri.door.update import Manifest
from nyckelfri.root import changes, parts, requests, words
from rootworld import Call, Held, key_of, key_set_of, needed_keys

DAY = 86_400
TOWN = Municipality.make()


def told(content: KeySet | Release | Manifest, against: KeySet | None = None) -> str:
    return words.describe(requests.read_request(content.payload), now=NOON, against=against)


def halves(text: str) -> tuple[str, str]:
    swedish, english = text.removeprefix("Svenska\n").split("English\n")
    return swedish, english


@pytest.mark.parametrize(
    "text",
    [
        told(key_set_of(TOWN.root)),
        told(key_set_of(TOWN.root, 3, epoch=2, issued=NOON + 9 * DAY), key_set_of(TOWN.root, 2)),
        told(Release(TOWN.root.municipality, identifier("door"), bytes(range(16)))),
        told(Manifest(TOWN.root.municipality, "NF-1", 7, 120_000, bytes(range(32)))),
        words.describe_root(TOWN.root),
    ],
)
def test_both_languages_say_the_same_numbers_and_codes(text: str) -> None:
    swedish, english = halves(text.rsplit("\n", 1)[0])
    figures = r"[0-9a-f]{16,}|\b[0-9A-Z]{4}(?: [0-9A-Z]{4}){3}|\b\d+\b"
    assert re.findall(figures, swedish) == re.findall(figures, english)
    assert re.findall(figures, english)
    assert len(swedish.splitlines()) == len(english.splitlines())


def test_a_release_names_the_installation_and_what_becomes_of_it() -> None:
    text = told(Release(TOWN.root.municipality, identifier("door"), bytes(range(16))))
    assert identifier("door").hex() in text
    assert "forgets its keys, its journal" in text
    assert "glömmer sina nycklar, sin journal" in text


def test_an_update_names_model_version_size_and_hash() -> None:
    digest = hashlib.sha256(b"image").digest()
    text = told(Manifest(TOWN.root.municipality, "NF-1", 7, 120_000, digest))
    assert "model NF-1 to version 7, 120000 bytes" in text
    assert text.count(digest.hex()) == 2


def test_a_change_says_what_comes_goes_and_stays() -> None:
    old = key_set_of(TOWN.root, 4)
    new_key = key_of(5200, Purpose.GRANT, 9)
    new = key_set_of(TOWN.root, 5, keys=(*needed_keys()[1:], new_key))
    text = told(new, old)
    assert f"ADDED   key 09 for grants: {requests.check_code(new_key.point)}" in text
    assert "DROPPED key 01 for grants" in text
    assert "BORT   nyckel 01 för behörigheter" in text
    assert text.count("kept    key") == 3
    assert "Against key set 4, epoch 1" in text


def test_without_the_last_key_set_the_words_say_that_nothing_was_compared() -> None:
    assert "--against" not in told(key_set_of(TOWN.root, 1))
    assert "--against" in told(key_set_of(TOWN.root, 2))


def test_a_new_epoch_and_a_grant_key_that_survives_it_are_pointed_out() -> None:
    old = key_set_of(TOWN.root, 1)
    text = told(key_set_of(TOWN.root, 2, epoch=2), old)
    assert "NOTE: new epoch 2" in text
    assert "NOTE: grant key 01 goes on" in text
    assert "epoch 2: all" not in told(key_set_of(TOWN.root, 2), old)


def test_another_key_under_a_known_number_is_pointed_out() -> None:
    other = (key_of(666, Purpose.GRANT, 1), *needed_keys()[1:])
    text = told(key_set_of(TOWN.root, 2, keys=other), key_set_of(TOWN.root, 1))
    assert "NOTE: number 01 gets another key" in text


@pytest.mark.parametrize(
    ("off", "odd"), [(0, False), (3 * DAY, False), (-3 * DAY - 1, True), (3 * DAY + 1, True)]
)
def test_a_time_that_could_stop_every_clock_is_pointed_out(off: int, odd: bool) -> None:
    text = told(key_set_of(TOWN.root, issued=NOON + off))
    assert ("compare with a calendar" in text) is odd


@pytest.mark.parametrize("purpose", [p for p in Purpose if p.name in {"GRANT", "SEALING"}])
def test_a_set_with_which_no_unit_can_be_commissioned_is_pointed_out(purpose: Purpose) -> None:
    keys = tuple(key for key in needed_keys() if key.purpose is not purpose)
    english = changes.PURPOSES[purpose][1]
    assert f"no key for {english}" in told(key_set_of(TOWN.root, keys=keys))


def test_every_purpose_has_its_words() -> None:
    assert set(changes.PURPOSES) == set(Purpose)


@given(st.binary(max_size=80))
def test_a_check_code_is_16_letters_that_cannot_be_misheard(data: bytes) -> None:
    code = requests.check_code(data)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4} ){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    number = 0
    for letter in code.replace(" ", ""):
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert number.to_bytes(10, "big") == hashlib.sha256(data).digest()[:10]


def test_every_field_of_a_request_changes_its_code() -> None:
    first = key_set_of(TOWN.root)
    others = [
        replace(first, number=2),
        replace(first, epoch=2),
        replace(first, issued=NOON + 1),
        replace(first, keys=first.keys[1:]),
        replace(first, municipality=bytes(8)),
    ]
    codes = {requests.check_code(one.payload) for one in (first, *others)}
    assert len(codes) == 6


def test_show_tells_what_every_file_of_the_ceremony_is(
    call: Call, held: Held, request_path: Path, secret: Path, tmp_path: Path
) -> None:
    assert "Key set 1, epoch 1" in call("show", request_path).out
    root = call("show", held.root_path).out
    assert "2 of 3 holders must sign" in root
    assert all(requests.check_code(key) in root for key in held.root.keys)
    call("part", tmp_path, "--passphrase-file", secret)
    point = parts.read_public((tmp_path / "part.public").read_bytes(), "part")
    assert requests.check_code(point) in call("show", tmp_path / "part.public").out
    for numbers, name in (((1,), "alone"), ((1, 3), "whole")):
        chosen = [word for number in numbers for word in ("--part", held.part(number))]
        call(
            "sign", request_path, *chosen, "-o", tmp_path / name, "--yes",
            "--passphrase-file", secret,
        )  # fmt: skip
    assert "holders 1, not verified" in call("show", tmp_path / "alone").out
    assert "2 are needed" in call("show", tmp_path / "alone", "--root", held.root_path).out
    whole = call("show", tmp_path / "whole", "--root", held.root_path).out
    assert "Valid: the signatures of holders 1, 3 hold" in whole


def test_show_compares_with_the_last_key_set(
    call: Call, held: Held, request_path: Path, secret: Path, tmp_path: Path
) -> None:
    chosen = [word for number in (1, 2) for word in ("--part", held.part(number))]
    call(
        "sign", request_path, *chosen, "-o", tmp_path / "last", "--yes", "--passphrase-file", secret
    )
    (tmp_path / "next").write_bytes(key_set_of(held.root, 1, epoch=1).payload)
    told_ = call("show", tmp_path / "next", "--against", tmp_path / "last")
    assert told_.status == 0
    assert "WRONG, locks refuse it: the number is not higher than 1" in told_.out


def test_show_of_a_private_part_or_of_anything_else_tells_nothing_of_it(
    call: Call, held: Held, tmp_path: Path
) -> None:
    told_ = call("show", held.part(1))
    assert (told_.status, told_.out) == (1, "")
    assert "BEGIN" not in told_.err
    (tmp_path / "noise").write_bytes(b"\x00" * 100)
    assert "damaged" in call("show", tmp_path / "noise").err
