"""The command: help, errors, and loading one room at a time."""

from __future__ import annotations

import sys

import pytest

from nyckelfri import __version__, cli


def test_help_names_every_command_without_loading_a_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cli.SUBCOMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"nyckelfri {__version__}"


@pytest.mark.parametrize("arguments", [[], ["open-sesame"], ["lock"]])
def test_a_wrong_call_is_told_with_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: nyckelfri" in capsys.readouterr().err


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("nyckelfri.lock")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "apsw", None)
    assert cli.main(["lock", "--config", "lock.toml"]) == 1
    assert "pip install 'nyckelfri[lock]'" in capsys.readouterr().err
