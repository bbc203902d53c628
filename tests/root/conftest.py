"""A root made by the tool itself, and a way to call the tool as its users do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from doorworld import NOON

from nyckelfri import cli
from nyckelfri.door.keyset import Root
from rootworld import PASSPHRASE, Call, Held, Told, key_set_of


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """`nyckelfri root …` at NOON; strings and paths are arguments."""
    monkeypatch.setenv("NYCKELFRI_CLOCK", f"{NOON}@0*0")

    def made(*arguments: str | Path) -> Told:
        capsys.readouterr()
        status = cli.main(["root", *map(str, arguments)])
        said = capsys.readouterr()
        return Told(status, said.out, said.err)

    return made


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with the passphrase of every part."""
    return _secret_in(tmp_path)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ceremony")
    command = ["root", "new", folder / "root", "--passphrase-file", _secret_in(folder)]
    assert cli.main([str(word) for word in command]) == 0
    return folder / "root"


@pytest.fixture
def held(made_once: Path, tmp_path: Path) -> Held:
    """A root with its parts, in a folder of the test's own."""
    folder = tmp_path / "root"
    shutil.copytree(made_once, folder)
    return Held(folder, Root.read((folder / "root.cbor").read_bytes()))


@pytest.fixture
def request_path(held: Held, tmp_path: Path) -> Path:
    """A key set of that municipality, for its root to sign."""
    path = tmp_path / "key-set.request"
    path.write_bytes(key_set_of(held.root).payload)
    return path


def _secret_in(folder: Path) -> Path:
    path = folder / "passphrase"
    path.write_text(PASSPHRASE + "\n", "utf-8")
    path.chmod(0o600)
    return path
