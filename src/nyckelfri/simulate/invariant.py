"""What must hold in every simulated week: hooks that the world calls as things happen.

House rules: an invariant looks at the world's own truth and at what programs have let out; it
changes nothing. It raises a ViolationError in the first moment in which it does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from nyckelfri.simulate.history import ViolationError

if TYPE_CHECKING:
    from nyckelfri.simulate.carer import Attempt
    from nyckelfri.simulate.ledger import Handed
    from nyckelfri.simulate.site import Move
    from nyckelfri.simulate.world import World


ALWAYS: Final = {
    "no_error_is_lost": "No error comes that nobody expects",
    "no_program_ends_by_itself": "No unit's program ends without being told to",
}
"""Rules that the world holds everything to by itself, all the time."""


class Invariant:
    """One rule: `name` is what a violation is called by, `text` the rule in a sentence."""

    name: ClassVar[str]
    text: ClassVar[str]

    def __init__(self, world: World) -> None:
        self.world = world
        self.checked = 0
        """How often it was looked at, so that a rule that never was can be seen."""

    def broken(self, text: str) -> ViolationError:
        """What to raise."""
        return ViolationError(self.name, text)

    def moved(self, move: Move) -> None:
        """A motor starts."""

    def attempted(self, attempt: Attempt) -> None:
        """Somebody has tried a door."""

    def handed(self, handed: Handed) -> None:
        """A grant has gone out to a phone."""

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """The server has answered a phone."""

    def powered(self, lock: str) -> None:
        """A unit has started."""

    def hourly(self) -> None:
        """An hour has passed."""

    def ended(self) -> None:
        """The week is over, everything that was hampered works again, all logs are home."""
