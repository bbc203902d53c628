"""The page for holders is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nyckelfri import cli

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/subsystems/root.md").read_text("utf-8")


def test_every_case_names_tests_that_are_there() -> None:
    cases = re.findall(r"^\d+\. .*$", PAGE, re.MULTILINE)
    assert len(cases) == 18
    assert all("`test_" in case for case in cases)
    there = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    missing = [name for name in re.findall(r"`(test_\w+)`", PAGE) if f"def {name}(" not in there]
    assert missing == []


def test_every_deed_stands_on_the_page_and_explains_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["root", "--help"])
    deeds = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE)
    assert {"part", "join", "new", "sign", "combine", "show", "verify", "rehearse"} < set(deeds)
    missing = [name for name in deeds if f"root {name}" not in PAGE]
    assert missing == []
