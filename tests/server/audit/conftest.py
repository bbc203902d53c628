"""A data directory of its own for each test of the audit log: the witness lies there.

And what reviews of openings need: locks in service and phones.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from serverfixtures import (
    alices_phone,
    api,
    bobs_phone,
    keys,
    locks,
    password_hash,
    passwords,
    set_clock,
)

__all__ = [
    "alices_phone",
    "api",
    "bobs_phone",
    "keys",
    "locks",
    "password_hash",
    "passwords",
    "set_clock",
]


@pytest.fixture(autouse=True)
def audit_directory(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path
