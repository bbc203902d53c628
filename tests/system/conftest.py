"""Real processes on a virtual air, under a declared clock, for the tests of the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from doorworld import NOON

from nyckelfri.demo.processes import Backstage, Clockwork, Program


@dataclass
class Stage:
    """An air process with the radios `lock` and `phone`, and a folder for everything."""

    backstage: Backstage
    air: Program
    ports: dict[str, int]
    control: int

    @property
    def folder(self) -> Path:
        return self.backstage.folder

    def config(self, **simulated: object) -> Path:
        """A lock's configuration with simulated hardware."""
        path = self.folder / "lock.toml"
        lines = [
            'store = "lock.db"',
            f'transport = "{self.transport("lock")}"',
            "advertising_interval = 20",
            "[simulated]",
            *(f"{key} = {json.dumps(value)}" for key, value in simulated.items()),
        ]
        path.write_text("\n".join(lines) + "\n")
        return path

    def transport(self, radio: str) -> str:
        return f"tcp-client:127.0.0.1:{self.ports[radio]}"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    clockwork = Clockwork(tmp_path / "clock")
    clockwork.set(NOON)
    with Backstage(tmp_path, clockwork) as backstage:
        air = backstage.start(
            "air", "--port", "lock=0", "--port", "phone=0", module="nyckelfri.demo.air"
        )
        up = air.wait_for("ports", lambda event: "ports" in event)
        yield Stage(backstage, air, up["ports"], up["control"])
