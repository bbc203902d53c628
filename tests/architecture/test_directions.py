"""Who may know whom: the contracts of .importlinter, and what is really loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("room", "strangers"),
    [
        ("nyckelfri.edhoc", "nyckelfri.door nyckelfri.care django asyncio socket bumble"),
        ("nyckelfri.door", "nyckelfri.care nyckelfri.clock django asyncio socket bumble apsw"),
        ("nyckelfri.care", "nyckelfri.door nyckelfri.edhoc django asyncio socket cryptography"),
        ("nyckelfri.lock.cli", "django ninja nyckelfri.care nyckelfri.phone nyckelfri.server"),
        ("nyckelfri.phone.cli", "django ninja nyckelfri.care nyckelfri.lock nyckelfri.server"),
        (
            "nyckelfri.root.cli",
            "django ninja asyncio socket bumble nyckelfri.care nyckelfri.lock nyckelfri.server",
        ),
        ("nyckelfri.cli", "django bumble apsw cryptography"),
    ],
)
def test_a_room_loads_nothing_it_must_not_know(room: str, strangers: str) -> None:
    program = (
        f"import sys, {room}; "
        f"sys.exit(','.join(set({strangers.split()!r}) & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{room} loads {done.stderr.strip()}"
