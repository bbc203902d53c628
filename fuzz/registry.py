"""All targets. A new one stands in its module's TARGETS; a new module stands here."""

from __future__ import annotations

import importlib
from typing import Final

from fuzz.target import Target

MODULES: Final = ("values", "handshake", "objects", "records", "files", "server", "session", "unit")
"""In the order of the report."""


def load(module: str) -> tuple[Target, ...]:
    """The targets of one module."""
    found: tuple[Target, ...] = importlib.import_module(f"fuzz.{module}").TARGETS
    return found


def everything() -> dict[str, tuple[str, Target]]:
    """Module and target by the target's name."""
    return {target.name: (module, target) for module in MODULES for target in load(module)}
