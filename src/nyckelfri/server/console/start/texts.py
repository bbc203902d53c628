"""Words of the first page."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "all_calm": ("Allt är lugnt", "All is calm"),
    "all_calm_hint": (
        "Just nu är det inget som väntar på dig. När något gör det syns det här.",
        "Nothing waits for you right now. When something does, it shows here.",
    ),
    "lead": ("Det som behöver någon just nu.", "What needs somebody right now."),
}
text: Final = Words(TEXTS)
