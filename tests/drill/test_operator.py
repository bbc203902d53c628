"""The operator at the keyboard: whose commands go to the test installation alone."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from nyckelfri.demo.crew import Server
from nyckelfri.demo.processes import Backstage, Clockwork
from nyckelfri.drill.ground import Ground, GroundError
from nyckelfri.drill.operator import AtKeyboard, Automatic, DrillError
from nyckelfri.drill.report import Report
from nyckelfri.drill.town import Town

NEW = "nyckelfri root new root --insecure-demo"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A ground with nothing on it yet."""
    ground = Ground.make(tmp_path / "drill")
    clockwork = Clockwork(ground.folder / "clock")
    clockwork.set(1_795_431_600)
    backstage = Backstage(ground.folder, clockwork)
    return Town(ground, backstage, Server(backstage, port=1), {}, {})


@pytest.fixture
def report() -> Report:
    return Report(Console(record=True, width=200), "en")


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Iterator[str]:
    """Somebody types these lines, and then nothing."""
    left = iter(lines)

    def answer(_prompt: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(builtins, "input", answer)
    return left


def test_the_command_is_asked_for_until_it_is_done(
    town: Town, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = typing(
        monkeypatch, "", "?", "rm -rf /", "nyckelfri demo", 'nyckelfri "root', "nyckelfri",
        "nyckelfri root show nothing", "nyckelfri root new root --parts x", NEW,
    )  # fmt: skip
    assert AtKeyboard(town, report, waits=True).does(NEW, (0,)) == 0
    assert not list(left)
    assert (town.ground.folder / "root" / "root.cbor").exists()
    said = report.console.export_text()
    assert "Only audit, root, server are used here" in said
    assert "Cannot be read" in said
    assert "goes to the drill's own installation" in " ".join(said.split())
    assert "Ended with 1" in said
    assert "Ended with 2" in said


def test_the_drill_types_it_when_asked_to(
    town: Town, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, "!")
    assert AtKeyboard(town, report, waits=False).does(NEW, (0,)) == 0


def test_nobody_at_the_keyboard_ends_the_drill_and_says_how_else(
    town: Town, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch)
    with pytest.raises(DrillError, match="--check"):
        AtKeyboard(town, report, waits=False).does(NEW, (0,))
    with pytest.raises(DrillError, match="--check"):
        AtKeyboard(town, report, waits=True).ready()
    AtKeyboard(town, report, waits=False).ready()


def test_a_command_never_reaches_another_installation(
    town: Town, report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = tmp_path / "real"
    real.mkdir()
    monkeypatch.setenv("NYCKELFRI_DATA", str(real))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    operator = Automatic(town, report)
    assert operator.does(NEW, (0,)) == 0
    assert operator.does("nyckelfri server init --root root/root.cbor -o asked", (0,)) == 0
    assert (town.ground.folder / "server" / "nyckelfri.sqlite3").exists()
    assert not list(real.iterdir())


def test_nothing_is_typed_where_the_ground_is_no_longer_the_drills(
    town: Town, report: Report, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (town.ground.folder / "server").symlink_to(tmp_path / "real")
    with pytest.raises(GroundError):
        Automatic(town, report).does("nyckelfri server status", (0,))
    assert not list((tmp_path / "real").iterdir())
