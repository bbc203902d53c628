"""Making parts and joining them into a root."""

from __future__ import annotations

import base64
import os
import pty
import shutil
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from doorworld import private_key

from nyckelfri.door import signed
from nyckelfri.door.keyset import Root
from nyckelfri.root import envelope, parts, requests
from nyckelfri.root.errors import RootError
from rootworld import PASSPHRASE, Call, Held, key_set_of

SALT = bytes(16)


def test_each_holder_makes_a_part_alone_and_only_public_halves_meet(
    call: Call, secret: Path, tmp_path: Path
) -> None:
    public = []
    for name in ("anna", "bo", "cecilia"):
        told = call("part", tmp_path / name, "--name", name, "--passphrase-file", secret)
        assert told.status == 0
        private = tmp_path / name / f"{name}.pem"
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        point = parts.read_public(private.with_suffix(".public").read_bytes(), name)
        assert requests.check_code(point) in told.out
        key = envelope.open_(private.read_bytes(), PASSPHRASE.encode(), name)
        assert parts.point(key) == point
        public.append(private.with_suffix(".public"))
    joined = call("join", *public, "--threshold", "2", "-o", tmp_path / "root.cbor")
    assert joined.status == 0
    root = Root.read((tmp_path / "root.cbor").read_bytes())
    assert (root.threshold, len(root.keys)) == (2, 3)
    assert root.municipality.hex() in joined.out
    for path in public:
        number = root.keys.index(parts.read_public(path.read_bytes(), path.name)) + 1
        assert f"{path}: holder {number}," in joined.out


def test_the_order_of_joining_does_not_matter(call: Call, secret: Path, tmp_path: Path) -> None:
    public = []
    for name in ("a", "b"):
        call("part", tmp_path, "--name", name, "--passphrase-file", secret)
        public.append(tmp_path / f"{name}.public")
    call("join", *public, "--threshold", "1", "-o", tmp_path / "one")
    call("join", *reversed(public), "--threshold", "1", "-o", tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_ceremony_on_one_machine_numbers_parts_as_the_root_does(held: Held) -> None:
    for number in (1, 2, 3):
        key = envelope.open_(held.part(number).read_bytes(), PASSPHRASE.encode(), "part")
        assert held.root.keys[number - 1] == parts.point(key)
        assert stat.S_IMODE(held.part(number).stat().st_mode) == 0o600


def test_a_part_is_worth_nothing_without_its_passphrase() -> None:
    key = private_key(4)
    pem = envelope.close(key, b"the right words", salt=SALT, initial=SALT)
    assert envelope.is_closed(pem)
    for wrong in (b"the wrong words", b"", None):
        with pytest.raises(RootError, match="passphrase is wrong"):
            envelope.open_(pem, wrong, "part.pem")
    plain = key.private_numbers().private_value.to_bytes(32, "big")
    assert plain not in body_of(pem)


def body_of(pem: bytes) -> bytes:
    body = b"".join(line for line in pem.splitlines() if not line.startswith(b"-----"))
    return base64.b64decode(body)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program here")
def test_a_part_opens_in_another_program_too(tmp_path: Path) -> None:
    pem = envelope.close(private_key(4), b"the right words", salt=SALT, initial=bytes(range(16)))
    (tmp_path / "part.pem").write_bytes(pem)
    done = subprocess.run(
        ["openssl", "pkey", "-in", tmp_path / "part.pem", "-passin", "pass:the right words"],
        capture_output=True, check=True,
    )  # fmt: skip
    opened = serialization.load_pem_private_key(done.stdout, None)
    assert isinstance(opened, ec.EllipticCurvePrivateKey)
    assert opened.private_numbers() == private_key(4).private_numbers()


def test_a_damaged_part_says_so_wherever_it_is_cut() -> None:
    pem = envelope.unprotected(private_key(4))
    for size in range(0, len(pem) - 1, 7):
        with pytest.raises(RootError, match="damaged"):
            envelope.open_(pem[:size], None, "part.pem")


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
        ec.derive_private_key(5, ec.SECP384R1()),
    ],
    ids=["another kind", "another curve"],
)
def test_a_key_of_another_kind_is_no_part(
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(RootError, match="no part of a root"):
        envelope.open_(pem, None, "part.pem")


def test_a_public_part_that_was_cut_or_changed_is_refused_at_every_byte() -> None:
    data = parts.public_file(private_key(4))
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        for bad in (data[:at], flipped):
            with pytest.raises(RootError, match="send it again"):
                parts.read_public(bad, "anna.public")


def test_a_public_part_needs_its_own_private_half() -> None:
    mine, other = private_key(4), private_key(5)
    stolen = signed.sign(
        signed.unverified_payload(parts.public_file(other)), key=mine, typ=parts.TYP, kid=None
    )
    with pytest.raises(RootError, match="does not hold"):
        parts.read_public(stolen, "anna.public")


def test_one_part_twice_is_no_second_holder(call: Call, secret: Path, tmp_path: Path) -> None:
    call("part", tmp_path, "--passphrase-file", secret)
    copy = tmp_path / "copy.public"
    shutil.copy(tmp_path / "part.public", copy)
    for again in (copy, tmp_path / "part.public"):
        told = call(
            "join", tmp_path / "part.public", again, "--threshold", "2", "-o", tmp_path / "r"
        )
        assert told.status == 1
        assert "each holder" in told.err
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("threshold", ["0", "-1", "2"])
def test_a_root_that_nobody_or_anybody_could_speak_for_is_refused(
    call: Call, secret: Path, tmp_path: Path, threshold: str
) -> None:
    call("part", tmp_path, "--passphrase-file", secret)
    told = call(
        "join", tmp_path / "part.public", f"--threshold={threshold}", "-o", tmp_path / "root.cbor"
    )
    assert (told.status, (tmp_path / "root.cbor").exists()) == (1, False)
    made = call("new", tmp_path / "new", "--parts", "1", f"--threshold={threshold}")
    assert (made.status, (tmp_path / "new").exists()) == (1, False)
    assert call("new", tmp_path / "new", "--parts", "17").status == 1


def test_no_root_and_no_part_is_ever_written_over(
    call: Call, secret: Path, held: Held, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in held.folder.iterdir()}
    assert call("new", held.folder, "--passphrase-file", secret).status == 1
    held.root_path.unlink()
    assert call("new", held.folder, "--passphrase-file", secret).status == 1
    assert not held.root_path.exists()
    part = call("part", held.folder, "--name", "holder-1", "--passphrase-file", secret)
    assert (part.status, "written over" in part.err) == (1, True)
    del before[held.root_path]
    assert {path: path.read_bytes() for path in held.folder.iterdir()} == before


@pytest.mark.parametrize("name", ["", "../bo", "a b", "å", "x" * 41])
def test_a_name_is_a_name_and_no_path(call: Call, secret: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "anna"
    assert call("part", folder, f"--name={name}", "--passphrase-file", secret).status == 1
    assert not folder.exists()


def test_a_short_passphrase_is_refused_before_anything_is_made(call: Call, tmp_path: Path) -> None:
    secret = tmp_path / "short"
    secret.write_text(" 11 letters \n")
    secret.chmod(0o600)
    told = call("part", tmp_path / "anna", "--passphrase-file", secret)
    assert (told.status, "at least 12" in told.err) == (1, True)
    assert not list((tmp_path / "anna").iterdir())
    secret.chmod(0o644)
    assert "chmod 600" in call("part", tmp_path / "anna", "--passphrase-file", secret).err


def at_a_terminal(answers: list[str], *arguments: str | Path) -> tuple[int, str]:
    """Run the tool at a terminal of its own, answering each question as it comes."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - another process
        os.execv(  # noqa: S606 - our own program
            sys.executable, [sys.executable, "-m", "nyckelfri.cli", "root", *map(str, arguments)]
        )
    said = b""
    left = list(answers)
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the child has closed the terminal
            break
        if not piece:
            break
        said += piece
        if left and piece.endswith(b": "):
            os.write(terminal, left.pop(0).encode() + b"\n")
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.decode()


def test_a_new_passphrase_is_asked_for_twice_and_never_shown(tmp_path: Path) -> None:
    status, said = at_a_terminal([PASSPHRASE, PASSPHRASE], "part", tmp_path / "anna")
    assert status == 0
    assert said.count("Passphrase for") == 1
    assert "once more" in said
    assert PASSPHRASE not in said
    pem = (tmp_path / "anna" / "part.pem").read_bytes()
    assert envelope.open_(pem, PASSPHRASE.encode(), "part.pem")


def test_without_a_terminal_no_passphrase_is_taken_or_shown(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nyckelfri.cli", "root", "part", tmp_path / "anna"],
        input=f"{PASSPHRASE}\n{PASSPHRASE}\n",
        start_new_session=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "no terminal" in done.stderr) == (1, True)
    assert list((tmp_path / "anna").iterdir()) == []


@pytest.mark.parametrize(
    ("answers", "why"), [([PASSPHRASE, "another one!"], "differ"), (["short"], "at least 12")]
)
def test_passphrases_that_differ_or_are_short_make_no_part(
    tmp_path: Path, answers: list[str], why: str
) -> None:
    status, said = at_a_terminal(answers, "part", tmp_path / "anna")
    assert (status, why in said) == (1, True)
    assert list((tmp_path / "anna").iterdir()) == []


def test_a_passphrase_is_the_same_however_the_keyboard_writes_its_letters(
    call: Call, held: Held, request_path: Path, tmp_path: Path
) -> None:
    apart = tmp_path / "apart"
    apart.write_text(unicodedata.normalize("NFD", PASSPHRASE), "utf-8")
    apart.chmod(0o600)
    told = call(
        "sign", request_path, "--part", held.part(1), "--yes", "--passphrase-file", apart,
        "-o", tmp_path / "signature",
    )  # fmt: skip
    assert told.status == 0


def test_a_successor_gets_the_part_under_a_passphrase_of_their_own(
    held: Held, tmp_path: Path
) -> None:
    new = tmp_path / "successor.pem"
    answers = [PASSPHRASE, "a successor's own", "a successor's own"]
    status, _ = at_a_terminal(answers, "passphrase", held.part(1), "-o", new)
    assert status == 0
    key = envelope.open_(new.read_bytes(), b"a successor's own", "new")
    assert parts.point(key) == held.root.keys[0]
    with pytest.raises(RootError):
        envelope.open_(new.read_bytes(), PASSPHRASE.encode(), "new")


def test_parts_without_a_passphrase_are_told_apart_each_time(
    call: Call, tmp_path: Path, request_path: Path
) -> None:
    made = call("new", tmp_path / "demo", "--insecure-demo")
    assert "demonstration and nothing else" in made.out
    root = Root.read((tmp_path / "demo" / "root.cbor").read_bytes())
    request_path.write_bytes(key_set_of(root).payload)
    part = tmp_path / "demo" / "holder-2.pem"
    told = call("sign", request_path, "--part", part, "--yes", "-o", tmp_path / "signature")
    assert (told.status, "no passphrase" in told.out) == (0, True)
