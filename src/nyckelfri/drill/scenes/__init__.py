"""What is drilled, scene by scene, in the order of the days in November."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nyckelfri.drill.report import Text
from nyckelfri.drill.scenes import backup, key, power, root, server
from nyckelfri.drill.stage import Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene: its title, when it begins, and what happens."""

    title: Text
    begins: tuple[int, str]
    play: Callable[[Stage], None]


SCENES: Final = {
    "power": Scene(power.TITLE, (23, "07:05"), power.play),
    "server": Scene(server.TITLE, (23, "07:20"), server.play),
    "backup": Scene(backup.TITLE, (26, "07:00"), backup.play),
    "key": Scene(key.TITLE, (28, "07:00"), key.play),
    "root": Scene(root.TITLE, (29, "07:00"), root.play),
}
