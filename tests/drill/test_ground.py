"""The drill breaks what it has made, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nyckelfri import cli
from nyckelfri.drill.ground import MARK, Ground, GroundError


def everything(folder: Path) -> dict[str, bytes]:
    """All that is in a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Somebody's server."""
    folder = tmp_path / "real"
    (folder / "keys").mkdir(parents=True)
    (folder / "nyckelfri.sqlite3").write_bytes(b"SQLite format 3\0")
    (folder / "keys" / "grant-01.pem").write_text("secret")
    return folder


@pytest.mark.parametrize("name", [".", "nyckelfri.sqlite3", "keys"])
def test_a_folder_or_database_that_it_did_not_make_is_refused(
    name: str, real: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(real)
    assert cli.main(["drill", "--check", "--folder", str(real / name)]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "name a new" in said
    assert everything(real) == before


def test_a_link_to_a_real_server_is_refused(real: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with pytest.raises(GroundError):
        Ground.make(tmp_path / "link")
    ground = Ground.make(tmp_path / "drill")
    ground.require()
    (ground.folder / "server").symlink_to(real)
    with pytest.raises(GroundError, match="leads out"):
        ground.require()


@pytest.mark.parametrize("name", ["nyckelfri.sqlite3", "keys"])
def test_a_part_that_leads_out_is_refused(name: str, real: Path, tmp_path: Path) -> None:
    ground = Ground.make(tmp_path / "drill")
    (ground.folder / "server").mkdir()
    (ground.folder / "server" / name).symlink_to(real / name)
    with pytest.raises(GroundError, match="leads out"):
        ground.require()


def test_another_drills_folder_or_one_without_its_mark_is_refused(tmp_path: Path) -> None:
    ground = Ground.make(tmp_path / "drill")
    other = Ground.make(tmp_path / "other")
    (ground.folder / MARK).write_bytes((other.folder / MARK).read_bytes())
    with pytest.raises(GroundError, match="no longer"):
        ground.require()
    (ground.folder / MARK).unlink()
    with pytest.raises(GroundError, match="no longer"):
        ground.require()
    with pytest.raises(GroundError, match="not empty"):
        Ground.make(tmp_path / "other")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tsunami"], "Scenes: power, server, backup, key, root"),
        (["--report", "drill.pdf"], ".html or .json"),
    ],
)
def test_a_wrong_call_says_what_there_is(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["drill", "--check", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().out.split())
