"""The rehearsal is the ceremony, marked in every line, and leaves nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from doorworld import NOON

from nyckelfri.root import rehearsal, signing
from nyckelfri.root.errors import RootError
from nyckelfri.root.terminal import Desk
from rootworld import Told

ABSENT = "asyncio django ninja bumble apsw gpiod socket subprocess rich"


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Path]:
    """A run in a process in which only the base package can be loaded, and its temp folder."""
    folder = tmp_path_factory.mktemp("tmp")
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({ABSENT.split()!r})); "
        "from nyckelfri import cli; sys.exit(cli.main(['root', 'rehearse', '--yes']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Told(done.returncode, done.stdout, done.stderr), folder


def test_it_goes_as_it_should_with_the_base_package_alone(rehearsed: tuple[Told, Path]) -> None:
    told, _ = rehearsed
    assert (told.status, told.err) == (0, "")
    assert "The rehearsal went as it should" in told.out
    assert [int(n) for n in re.findall(r"== (\d)\. ", told.out)] == sorted([*range(1, 9)] * 2)


def test_every_line_and_every_file_is_marked(rehearsed: tuple[Told, Path]) -> None:
    told, _ = rehearsed
    assert all(line.startswith("REHEARSAL | ") for line in told.out.splitlines())
    files = re.findall(r"/([^/\s]+\.(?:pem|public|cbor|signed))\b", told.out)
    assert files
    assert all(name.startswith("REHEARSAL-") for name in files)


def test_it_leaves_nothing_behind(rehearsed: tuple[Told, Path]) -> None:
    _, folder = rehearsed
    assert list(folder.iterdir()) == []


def test_what_goes_wrong_in_earnest_is_refused_in_it(rehearsed: tuple[Told, Path]) -> None:
    refusals = re.findall("REFUSED, as it should be: (.*)", rehearsed[0].out)
    reasons = (
        "signs something else", "another municipality", "not higher", "passphrase is wrong",
        "same holder", "different holders", "cannot read",
    )  # fmt: skip
    assert len(refusals) == len(reasons)
    assert all(reason in line for reason, line in zip(reasons, refusals, strict=True))


class Silent(Desk):
    """A desk that keeps what it was told, and is interrupted at pause number `stop`."""

    def __init__(self, stop: int = 0) -> None:
        super().__init__(NOON)
        self.lines: list[str] = []
        self.left = stop

    def say(self, text: str) -> None:
        self.lines.append(text)

    def pause(self, prompt: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def municipalities(text: str) -> set[str]:
    return set(re.findall("Municipality ([0-9a-f]{16})", text))


def test_interrupted_it_leaves_nothing_and_no_two_share_a_municipality(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rehearsed: tuple[Told, Path]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    desk = Silent(stop=2)
    with pytest.raises(KeyboardInterrupt):
        rehearsal.run(desk, wait=True)
    assert list(tmp_path.iterdir()) == []
    first, other = municipalities(rehearsed[0].out), municipalities("\n".join(desk.lines))
    assert (len(first), len(other), first & other) == (1, 1, set())


def test_it_fails_when_the_tool_no_longer_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(signing, "_same", lambda *_: None)
    with pytest.raises(RootError, match="rehearsal FAILED"):
        rehearsal.run(Silent(), wait=False)
    assert list(tmp_path.iterdir()) == []
