"""Why a door does not open: a closed list, each with what to do next (docs/protocol.md, 7).

House rule: texts for people stand here and nowhere else; every face shows these.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal

Language = Literal["sv", "en"]


class Reason(IntEnum):
    """The lock's answer to a command; the number is what stands in message 4."""

    GRANTED = 0
    NOT_ACCEPTED = 1
    EXPIRED = 2
    NOT_YET_VALID = 3
    GRANT_REVOKED = 4
    PHONE_BLOCKED = 5
    TOO_FAR = 6
    NOT_PERMITTED = 7
    WINDOW_TOO_LONG = 8
    BULLETIN_NEEDED = 9
    LOCK_FAULT = 10
    UNKNOWN = 255

    @classmethod
    def _missing_(cls, value: object) -> Reason | None:
        """A newer lock may know more reasons: refused is refused."""
        return cls.UNKNOWN if isinstance(value, int) and value > cls.LOCK_FAULT else None

    @property
    def heals_at_the_door(self) -> bool:
        """Whether one more try, with key set and bulletin, may change the answer."""
        return self in _HEALS

    def text(self, language: Language = "sv") -> str:
        """What happened and what to do, for the person at the door."""
        return _TEXTS[self][language]


_HEALS: Final = frozenset({Reason.NOT_ACCEPTED, Reason.NOT_YET_VALID, Reason.BULLETIN_NEEDED})

_TEXTS: Final[dict[Reason, dict[Language, str]]] = {
    Reason.GRANTED: {"sv": "Godkänt.", "en": "Granted."},
    Reason.NOT_ACCEPTED: {
        "sv": "Låset godtar inte nyckeln. Kontrollera att du står vid rätt dörr.",
        "en": "The lock does not accept this key. Check that you are at the right door.",
    },
    Reason.EXPIRED: {
        "sv": "Nyckeln har gått ut. Synka telefonen där det finns täckning.",
        "en": "The key has expired. Sync the phone where there is coverage.",
    },
    Reason.NOT_YET_VALID: {
        "sv": "Nyckeln gäller inte än. Vänta till ditt pass eller synka telefonen.",
        "en": "The key is not valid yet. Wait for your shift or sync the phone.",
    },
    Reason.GRANT_REVOKED: {
        "sv": "Nyckeln är återkallad. Ring din samordnare.",
        "en": "The key has been withdrawn. Call your planner.",
    },
    Reason.PHONE_BLOCKED: {
        "sv": "Telefonen är spärrad. Lämna den till din chef.",
        "en": "This phone is blocked. Hand it to your manager.",
    },
    Reason.TOO_FAR: {
        "sv": "Du står för långt bort. Gå fram till dörren och försök igen.",
        "en": "You are too far away. Step up to the door and try again.",
    },
    Reason.NOT_PERMITTED: {
        "sv": "Nyckeln får inte göra detta. Ring din samordnare.",
        "en": "This key may not do that. Call your planner.",
    },
    Reason.WINDOW_TOO_LONG: {
        "sv": "Nyckeln är felaktigt utfärdad. Ring supporten.",
        "en": "The key was issued wrongly. Call support.",
    },
    Reason.BULLETIN_NEEDED: {
        "sv": "Låset har tappat tiden. Synka telefonen och försök igen.",
        "en": "The lock has lost the time. Sync the phone and try again.",
    },
    Reason.LOCK_FAULT: {
        "sv": "Låset kan inte röra sig. Använd reservnyckeln och felanmäl låset.",
        "en": "The lock cannot move. Use the reserve key and report the lock.",
    },
    Reason.UNKNOWN: {
        "sv": "Låset nekade av okänd orsak. Uppdatera appen eller ring supporten.",
        "en": "The lock refused for an unknown reason. Update the app or call support.",
    },
}
