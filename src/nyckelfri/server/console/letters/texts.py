"""Words around the letter; the letter itself is in `letters.content`."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "no_letter": ("Brevet kan inte skrivas", "The letter cannot be written"),
    "no_letter_hint": (
        "Be systemansvarig rätta det här, och försök igen.",
        "Ask the system manager to put this right, and try again.",
    ),
}
text: Final = Words(TEXTS)
