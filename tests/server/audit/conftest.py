"""A data directory of its own for each test of the audit log: the witness lies there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def audit_directory(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path
