"""The drill's own ground: a folder that it has made, and nothing outside it.

House rule: before anything is broken, and before each command, it is asked again whether this is
still the folder of this drill, so that no real server's data is ever in its place.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MARK: Final = ".nyckelfri-drill"
_OURS: Final = ("server", "server/nyckelfri.sqlite3", "server/keys", "root")
"""What is broken; each must lie here itself, and not be a link to somebody else's."""


class GroundError(Exception):
    """This is not the drill's to break; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder with a mark that only this drill knows."""

    folder: Path
    _token: str = field(repr=False)

    @classmethod
    def make(cls, folder: Path) -> Ground:
        """A new folder, or one that is empty; GroundError for any other."""
        folder = folder.absolute()
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise GroundError(f"{folder} is not a folder: name a new one")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise GroundError(f"{folder} is not empty, so it is not the drill's: name a new folder")
        made = cls(folder.resolve(), secrets.token_hex(16))
        (made.folder / MARK).write_text(made._token, "ascii")
        return made

    def require(self) -> None:
        """GroundError unless everything that the drill breaks is still its own."""
        mark = self.folder / MARK
        if not mark.is_file() or mark.read_text("ascii", "replace") != self._token:
            raise GroundError(f"{self.folder} is no longer the drill's: nothing more is touched")
        for name in _OURS:
            path = self.folder / name
            if path.is_symlink() or not path.resolve().is_relative_to(self.folder):
                raise GroundError(f"{path} leads out of the drill: nothing more is touched")
