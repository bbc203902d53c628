"""The log: every passage once, by whom and when, and nothing acknowledged that can be lost."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from nyckelfri.lock.ports import MotorCommand
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.site import Move


class NothingIsAcknowledgedBeforeItIsSafe(Invariant):
    """A receipt covers only what the server's database holds."""

    name = "nothing_is_acknowledged_before_it_is_committed"
    text = "No receipt covers an entry that the server's database does not hold"

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """Hold the receipts that went out against the database as it stands now."""
        del phone
        if call == "sync" and answer.get("receipts"):
            self._compare()

    def ended(self) -> None:
        """Once more."""
        self._compare()

    def _compare(self) -> None:
        self.checked += 1
        stored = self.world.registry.newest_entries()
        for lock, number in self.world.ledger.receipts.items():
            if stored.get(lock, 0) < number:
                raise self.broken(
                    f"a receipt for {lock} covers entry {number}, the database ends at"
                    f" {stored.get(lock, 0)}"
                )


class EveryPassageIsLoggedOnce(Invariant):
    """What motors did and what the server says are the same, one to one."""

    name = "no_opening_is_missing_invented_or_doubled"
    text = "The server's log names each start of a motor once, with lock, number and person"

    def ended(self) -> None:
        """Compare every motor of the week with every event of the log."""
        logged = Counter(self.world.registry.door_events())
        for move in self.world.moves:
            self.checked += 1
            person = self._person(move)
            key = (move.lock, move.intent, move.command.value)
            found = [event for event in logged if event[:3] == key]
            if not found:
                raise self.broken(f"{move.lock} moved ({move.command.value}) and no event says so")
            if logged[found[0]] > 1:
                raise self.broken(f"one movement of {move.lock} is logged twice")
            if person is not None and found[0][3] != person:
                raise self.broken(f"{move.lock} moved for {person} and the log says {found[0][3]}")
            del logged[found[0]]
        for lock, number, command, _ in logged:
            if command in {MotorCommand.UNLOCK.value, MotorCommand.LOCK.value}:
                raise self.broken(f"entry {number} of {lock} says {command}, and nothing moved")

    def _person(self, move: Move) -> str | None:
        """Who worked on the phone, where there was only one."""
        return self.world.at_work(move.phones[0], move.at) if len(move.phones) == 1 else None


ALL: Final = (NothingIsAcknowledgedBeforeItIsSafe, EveryPassageIsLoggedOnce)
