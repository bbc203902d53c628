"""Signing alone, combining, verifying; what goes wrong between holders."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from doorworld import Municipality, identifier, private_key

from nyckelfri.door import keyset, signed, update
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import Purpose, Root
from nyckelfri.door.ownership import Release
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.update import Manifest
from nyckelfri.root import requests, signing
from nyckelfri.root.errors import RootError
from nyckelfri.root.requests import Content, Request
from rootworld import Call, Held, Told, key_of, key_set_of, needed_keys

Sign = Callable[..., Told]


@pytest.fixture
def sign(call: Call, held: Held, secret: Path) -> Sign:
    """`root sign --yes` with the parts of these numbers."""

    def made(request: Path, *numbers: int, to: Path, more: tuple[str | Path, ...] = ()) -> Told:
        chosen = [word for number in numbers for word in ("--part", held.part(number))]
        return call("sign", request, *chosen, "-o", to, "--yes", "--passphrase-file", secret, *more)

    return made


def contents(root: Root) -> list[tuple[Content, Callable[[bytes, Root], Content]]]:
    """One of each kind, with the reader that locks use."""
    return [
        (key_set_of(root), keyset.read),
        (Release(root.municipality, identifier("door"), bytes(range(16))), Release.read),
        (Manifest(root.municipality, "NF-1", 7, 120_000, bytes(32)), update.read),
    ]


def read(content: Content) -> Request:
    return requests.read_request(content.payload)


@pytest.mark.parametrize("kind", range(3), ids=["key set", "release", "update"])
def test_holders_sign_each_alone_and_locks_take_what_is_combined(
    call: Call, held: Held, sign: Sign, tmp_path: Path, kind: int
) -> None:
    content, reader = contents(held.root)[kind]
    request = tmp_path / "request"
    request.write_bytes(content.payload)
    alone = [tmp_path / "by-1", tmp_path / "by-3"]
    for number, path in zip((1, 3), alone, strict=True):
        assert sign(request, number, to=path).status == 0
        with pytest.raises(SignatureError, match="needs 2"):
            reader(path.read_bytes(), held.root)
    code = requests.check_code(content.payload)
    told = call(
        "combine", request, *reversed(alone), "--root", held.root_path, "-o", tmp_path / "signed"
    )
    assert (told.status, code in told.out) == (0, True)
    assert reader((tmp_path / "signed").read_bytes(), held.root) == content
    verified = call("verify", tmp_path / "signed", "--root", held.root_path)
    assert (verified.status, code in verified.out) == (0, True)
    assert "holders 1, 3 hold" in verified.out


@pytest.mark.parametrize("kind", range(3), ids=["key set", "release", "update"])
def test_holders_in_one_room_sign_at_once(
    held: Held, sign: Sign, tmp_path: Path, kind: int
) -> None:
    content, reader = contents(held.root)[kind]
    (tmp_path / "request").write_bytes(content.payload)
    assert sign(tmp_path / "request", 3, 2, to=tmp_path / "signed").status == 0
    assert reader((tmp_path / "signed").read_bytes(), held.root) == content


@pytest.mark.threat(47)
def test_with_a_lost_part_the_others_still_sign_the_rotation_of_a_stolen_key(
    held: Held, sign: Sign, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(key_set_of(held.root).payload)
    sign(first, 1, 2, to=tmp_path / "in-force")
    held.part(2).unlink()
    kept = tuple(key for key in needed_keys() if key.purpose is not Purpose.GRANT)
    new = key_of(5100, Purpose.GRANT, 16)
    second.write_bytes(key_set_of(held.root, 2, epoch=2, keys=(*kept, new)).payload)
    told = sign(second, 1, 3, to=tmp_path / "signed", more=("--against", tmp_path / "in-force"))
    assert told.status == 0
    assert "DROPPED key 01 for grants" in told.out
    assert "ADDED   key 10 for grants" in told.out
    taken = keyset.read((tmp_path / "signed").read_bytes(), held.root)
    with pytest.raises(SignatureError):
        taken.point(Purpose.GRANT, b"\x01")


def test_with_too_many_parts_lost_nothing_is_signed(
    call: Call, held: Held, sign: Sign, request_path: Path, tmp_path: Path
) -> None:
    assert sign(request_path, 2, to=tmp_path / "alone").status == 0
    told = call(
        "combine", request_path, tmp_path / "alone", "--root", held.root_path,
        "-o", tmp_path / "signed",
    )  # fmt: skip
    assert told.status == 1
    assert "2 different holders must sign, 1 did" in told.err
    assert not (tmp_path / "signed").exists()


def test_one_holder_twice_is_one_holder(
    call: Call, held: Held, sign: Sign, request_path: Path, tmp_path: Path
) -> None:
    one, other, out = tmp_path / "one", tmp_path / "other", tmp_path / "signed"
    sign(request_path, 2, to=one)
    sign(request_path, 2, to=other)  # another signature, ECDSA being random
    assert one.read_bytes() != other.read_bytes()
    shutil.copy(one, tmp_path / "copy")
    for again in (other, tmp_path / "copy", one):
        told = call("combine", request_path, one, again, "--root", held.root_path, "-o", out)
        assert told.status == 1
        assert "same holder" in told.err or "twice" in told.err
    assert "twice" in sign(request_path, 2, 2, to=out).err
    assert not out.exists()


def test_a_request_altered_between_holders_is_found_and_named(
    call: Call, held: Held, sign: Sign, request_path: Path, tmp_path: Path
) -> None:
    altered = tmp_path / "altered"
    keys = (*needed_keys()[:3], key_of(666, Purpose.SEALING, 4))
    altered.write_bytes(key_set_of(held.root, keys=keys).payload)
    sign(request_path, 1, to=tmp_path / "honest")
    sign(altered, 2, to=tmp_path / "deceived")
    told = call(
        "combine", request_path, tmp_path / "honest", tmp_path / "deceived",
        "--root", held.root_path, "-o", tmp_path / "signed",
    )  # fmt: skip
    assert told.status == 1
    assert "deceived: it signs something else" in told.err
    for path in (request_path, altered):
        assert requests.check_code(path.read_bytes()) in told.err
    assert not (tmp_path / "signed").exists()


def test_a_signature_does_not_move_to_another_request_or_kind() -> None:
    town = Municipality.make()
    wanted = read(key_set_of(town.root, 2))
    other = read(key_set_of(town.root, 3))
    made = requests.read_signed(signing.sign_one(other, town.root, town.holders[0])).signatures
    moved = signed.join_parts(wanted.payload, typ=keyset.TYP, parts=made)
    with pytest.raises(RootError, match=r"moved: .*does not hold"):
        signing.combine(wanted, town.root, {"moved": moved})
    release = read(Release(town.root.municipality, identifier("door"), bytes(16)))
    as_update = signed.sign_part(release.payload, key=town.holders[0], typ=update.TYP, index=0)
    with pytest.raises(RootError, match="nothing that a root signs"):
        signing.combine(
            release,
            town.root,
            {"kind": signed.join_parts(release.payload, typ=update.TYP, parts=[as_update])},
        )


def test_a_part_of_another_root_signs_nothing_here(
    call: Call, held: Held, secret: Path, request_path: Path, tmp_path: Path
) -> None:
    call("part", tmp_path / "stranger", "--passphrase-file", secret)
    told = call(
        "sign", request_path, "--part", tmp_path / "stranger" / "part.pem", "--root",
        held.root_path, "-o", tmp_path / "out", "--yes", "--passphrase-file", secret,
    )  # fmt: skip
    assert (told.status, "part.pem is not of this root" in told.err) == (1, True)
    assert not (tmp_path / "out").exists()


def test_a_signature_under_another_root_is_not_combined() -> None:
    town, other = Municipality.make(), Municipality.make(7000)
    request = read(key_set_of(town.root))
    # The stranger's root with our id: everything but the signature is right.
    forged = signed.join_parts(
        request.payload,
        typ=keyset.TYP,
        parts=[signed.sign_part(request.payload, key=other.holders[0], typ=keyset.TYP, index=1)],
    )
    good = signing.sign_one(request, town.root, town.holders[0])
    with pytest.raises(RootError, match=r"forged: .*does not hold"):
        signing.combine(request, town.root, {"good": good, "forged": forged})


def test_a_request_of_another_municipality_is_refused(
    sign: Sign, held: Held, tmp_path: Path
) -> None:
    for content, _ in contents(Municipality.make(7000).root):
        (tmp_path / "request").write_bytes(content.payload)
        told = sign(tmp_path / "request", 1, to=tmp_path / "out")
        assert (told.status, "another municipality" in told.err) == (1, True)
    assert not (tmp_path / "out").exists()


def test_a_part_of_the_root_in_a_key_set_is_refused_before_it_is_signed(
    sign: Sign, held: Held, tmp_path: Path
) -> None:
    keys = (replace(needed_keys()[0], point=held.root.keys[0]), *needed_keys()[1:])
    (tmp_path / "request").write_bytes(key_set_of(held.root, keys=keys).payload)
    told = sign(tmp_path / "request", 1, to=tmp_path / "out")
    assert (told.status, "part of the root" in told.err) == (1, True)


@pytest.mark.parametrize(
    ("number", "epoch", "why"), [(2, 2, "not higher than 2"), (1, 2, "not higher"), (3, 1, "lower")]
)
def test_a_key_set_that_locks_would_refuse_is_not_signed(
    sign: Sign, held: Held, tmp_path: Path, number: int, epoch: int, why: str
) -> None:
    (tmp_path / "last").write_bytes(key_set_of(held.root, 2, epoch=2).payload)
    assert sign(tmp_path / "last", 1, 2, to=tmp_path / "in-force").status == 0
    (tmp_path / "request").write_bytes(key_set_of(held.root, number, epoch=epoch).payload)
    against = ("--against", tmp_path / "in-force")
    told = sign(tmp_path / "request", 1, to=tmp_path / "out", more=against)
    assert (told.status, why in told.err) == (1, True)
    assert not (tmp_path / "out").exists()


def test_what_is_compared_with_must_be_signed_by_this_root(
    sign: Sign, held: Held, request_path: Path, tmp_path: Path
) -> None:
    town = Municipality.make()
    (tmp_path / "foreign").write_bytes(town.signed_key_set)
    sign(request_path, 1, to=tmp_path / "alone")
    for last in (tmp_path / "foreign", tmp_path / "alone", request_path):
        told = sign(request_path, 1, to=tmp_path / "out", more=("--against", last))
        assert (told.status, last.name in told.err) == (1, True)


@pytest.mark.parametrize("answer", ["", "n\n", "no\n", "nej\n", "y\n", "j\n", "yess\n", "\n"])
def test_everything_but_a_clear_yes_signs_nothing(
    call: Call, held: Held, request_path: Path, tmp_path: Path, answer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "stdin").write_text(answer)
    with (tmp_path / "stdin").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        told = call("sign", request_path, "--part", held.part(1), "-o", tmp_path / "out")
    assert (told.status, "Nothing was signed" in told.err) == (1, True)
    assert requests.check_code(request_path.read_bytes()) in told.out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("answer", ["ja\n", "YES \n"])
def test_a_yes_in_either_language_signs(
    call: Call, held: Held, request_path: Path, secret: Path, tmp_path: Path, answer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "stdin").write_text(answer)
    with (tmp_path / "stdin").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        told = call(
            "sign", request_path, "--part", held.part(1), "-o", tmp_path / "out",
            "--passphrase-file", secret,
        )  # fmt: skip
    assert (told.status, (tmp_path / "out").exists()) == (0, True)


def test_a_wrong_passphrase_signs_nothing_and_is_not_repeated(
    call: Call, held: Held, request_path: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase")
    wrong.chmod(0o600)
    told = call(
        "sign", request_path, "--part", held.part(1), "-o", tmp_path / "out", "--yes",
        "--passphrase-file", wrong,
    )  # fmt: skip
    assert (told.status, "passphrase is wrong" in told.err) == (1, True)
    assert "not the passphrase" not in told.out + told.err
    assert not (tmp_path / "out").exists()


def test_a_part_that_others_may_read_is_not_used(
    sign: Sign, held: Held, request_path: Path, tmp_path: Path
) -> None:
    held.part(1).chmod(0o644)
    told = sign(request_path, 1, to=tmp_path / "out")
    assert (told.status, "chmod 600" in told.err) == (1, True)


def test_no_output_is_written_over(
    call: Call, held: Held, sign: Sign, request_path: Path, tmp_path: Path
) -> None:
    sign(request_path, 1, to=tmp_path / "one")
    sign(request_path, 2, to=tmp_path / "two")
    before = (tmp_path / "one").read_bytes()
    assert "written over" in sign(request_path, 1, to=tmp_path / "one").err
    told = call(
        "combine", request_path, tmp_path / "one", tmp_path / "two", "--root", held.root_path,
        "-o", tmp_path / "one",
    )  # fmt: skip
    assert (told.status, (tmp_path / "one").read_bytes()) == (1, before)


@pytest.mark.threat(24)
def test_a_file_that_was_cut_or_changed_anywhere_is_refused_everywhere() -> None:
    town = Municipality.make()
    request = read(Release(town.root.municipality, identifier("door"), bytes(range(16))))
    alone = signing.sign_one(request, town.root, town.holders[0])
    other = signing.sign_one(request, town.root, town.holders[1])
    whole = signing.combine(request, town.root, {"1": alone, "2": other})
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for bad in (whole[:at], flipped):
            with pytest.raises(RootError):
                requests.read_signed(bad).verify(town.root)
    for at in range(len(alone)):
        flipped = alone[:at] + bytes([alone[at] ^ 1]) + alone[at + 1 :]
        for bad in (alone[:at], flipped):
            with pytest.raises(RootError, match=r"^bad: "):
                signing.combine(request, town.root, {"bad": bad, "2": other})
    for at in range(len(request.payload)):
        with pytest.raises(RootError, match="fetch it again"):
            requests.read_any(request.payload[:at])


@pytest.mark.parametrize("damaged", [b"", b"\xa3", b"no root at all"])
def test_a_damaged_root_file_is_told_with_what_to_do(
    call: Call, held: Held, request_path: Path, tmp_path: Path, damaged: bytes
) -> None:
    held.root_path.unlink()
    held.root_path.write_bytes(damaged)
    told = call("verify", request_path, "--root", held.root_path)
    assert (told.status, "fetch root.cbor again" in told.err) == (1, True)


def test_a_bare_request_is_not_signed_and_verify_says_so(
    call: Call, held: Held, request_path: Path
) -> None:
    told = call("verify", request_path, "--root", held.root_path)
    assert (told.status, "not signed" in told.err) == (1, True)


def test_a_root_of_one_needs_no_combining() -> None:
    key = private_key(4)
    root = Root(1, (signed.compressed(key.public_key()),))
    content = key_set_of(root)
    assert keyset.read(signing.sign_one(read(content), root, key), root) == content


def test_more_signatures_than_needed_are_welcome() -> None:
    town = Municipality.make()
    request = read(key_set_of(town.root))
    alone = {
        str(i): signing.sign_one(request, town.root, key) for i, key in enumerate(town.holders)
    }
    whole = signing.combine(request, town.root, alone)
    assert len(requests.read_signed(whole).signatures) == 3
    assert keyset.read(whole, town.root)


def test_no_payload_can_be_read_as_two_kinds() -> None:
    readers = (keyset.from_payload, Release.from_payload, update.from_payload)
    for content, _ in contents(Municipality.make().root):
        read_as = []
        for reader in readers:
            try:
                read_as.append(reader(content.payload))
            except (ObjectError, SignatureError):
                continue
        assert read_as == [content]
