"""The ceremony: the root is made by its holders, and they sign what they have read."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from nyckelfri.cli import main
from nyckelfri.door import keyset
from nyckelfri.door.keyset import Root
from nyckelfri.server.keys import queries, signer
from nyckelfri.server.keys.models import SignedKeySet


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text("korrekt häst batteri\n", encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path, passphrase: Path) -> Path:
    directory = tmp_path / "root"
    assert main(["root", "new", str(directory), "--passphrase-file", str(passphrase)]) == 0
    return directory


@pytest.fixture
def data(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA = tmp_path / "data"
    monkeypatch.setenv("NYCKELFRI_CLOCK", "1795413600@0*0")
    signer.of.cache_clear()
    return tmp_path / "data"


def test_each_holder_gets_one_encrypted_file_and_the_root_is_public(root: Path) -> None:
    files = sorted(path.name for path in root.iterdir())
    assert files == ["holder-1.pem", "holder-2.pem", "holder-3.pem", "root.cbor"]
    for path in root.glob("*.pem"):
        assert b"ENCRYPTED" in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Root.read((root / "root.cbor").read_bytes()).threshold == 2


def test_root_is_never_overwritten(root: Path, passphrase: Path) -> None:
    before = (root / "root.cbor").read_bytes()
    assert main(["root", "new", str(root), "--passphrase-file", str(passphrase)]) == 1
    assert (root / "root.cbor").read_bytes() == before


def _sign(root: Path, passphrase: Path, request: Path, parts: list[int], signed: Path) -> int:
    call = ["root", "sign", str(request), "-o", str(signed), "--yes"]
    call += ["--passphrase-file", str(passphrase)]
    for part in parts:
        call += ["--part", str(root / f"holder-{part}.pem")]
    return main(call)


@pytest.mark.django_db
def test_from_nothing_to_a_key_set_in_force(
    root: Path, passphrase: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request, signed = tmp_path / "request", tmp_path / "signed"
    assert main(["server", "init", "--root", str(root / "root.cbor"), "-o", str(request)]) == 0
    assert main(["root", "show", str(request)]) == 0
    shown = capsys.readouterr().err
    assert "Key set 1, epoch 1" in shown
    assert all(f"for {purpose}" in shown for purpose in ("grant", "bulletin", "receipt"))
    assert _sign(root, passphrase, request, [1, 3], signed) == 0
    assert main(["server", "install-key-set", str(signed)]) == 0
    assert queries.key_set().number == 1
    assert main(["server", "status"]) == 0
    assert '"number": 1' in capsys.readouterr().out
    assert main(["server", "init", "--root", str(root / "root.cbor"), "-o", str(request)]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("parts", [[1], [2, 2]])
def test_fewer_different_holders_than_the_threshold_sign_nothing(
    root: Path, passphrase: Path, data: Path, tmp_path: Path, parts: list[int]
) -> None:
    request, signed = tmp_path / "request", tmp_path / "signed"
    assert main(["server", "init", "--root", str(root / "root.cbor"), "-o", str(request)]) == 0
    assert _sign(root, passphrase, request, parts, signed) == 1
    assert not signed.exists()


@pytest.mark.django_db
def test_wrong_passphrase_or_foreign_part_signs_nothing(
    root: Path,
    passphrase: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    request, signed = tmp_path / "request", tmp_path / "signed"
    assert main(["server", "init", "--root", str(root / "root.cbor"), "-o", str(request)]) == 0
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase")
    assert _sign(root, wrong, request, [1, 2], signed) == 1
    assert "passphrase is wrong" in capsys.readouterr().err
    other = tmp_path / "other"
    assert main(["root", "new", str(other), "--passphrase-file", str(passphrase)]) == 0
    (root / "holder-2.pem").write_bytes((other / "holder-1.pem").read_bytes())
    assert _sign(root, passphrase, request, [1, 2], signed) == 1
    assert "not of this root" in capsys.readouterr().err
    assert not signed.exists()


@pytest.mark.django_db
def test_unsigned_request_is_not_installed(
    root: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = tmp_path / "request"
    assert main(["server", "init", "--root", str(root / "root.cbor"), "-o", str(request)]) == 0
    assert keyset.from_payload(request.read_bytes()).number == 1
    assert main(["server", "install-key-set", str(request)]) == 1
    assert "not signed by our root" in capsys.readouterr().err
    assert not SignedKeySet.objects.exists()


def test_holder_is_asked_before_anything_is_signed(
    root: Path,
    passphrase: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keys: Any,
    moment: datetime,
) -> None:
    request = tmp_path / "request"
    own = Root.read((root / "root.cbor").read_bytes())
    key_set = keyset.KeySet(own.municipality, 1, 1, 0, keys.key_set.keys)
    request.write_bytes(key_set.payload)
    monkeypatch.setattr("builtins.input", lambda _: "no")
    call = ["root", "sign", str(request), "-o", str(tmp_path / "signed")]
    call += ["--part", str(root / "holder-1.pem"), "--part", str(root / "holder-2.pem")]
    assert main([*call, "--passphrase-file", str(passphrase)]) == 1
    assert not (tmp_path / "signed").exists()
