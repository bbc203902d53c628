"""What staff said of one visit, in all.

House rules: the last word counts, and every word is kept. A word without times claims none: it
tells what was done, or why somebody came. When it was entered is worth something only where
nothing else tells of an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from nyckelfri.care.performed import ByHand, HandSign


class Statement(NamedTuple):
    """What was said in all; `kind` is None where nothing is claimed, or all was taken back.

    `began` and `ended` are when it was entered that somebody came and went.
    """

    kind: ByHand | None
    at: datetime
    entry: datetime | None
    exit: datetime | None
    reason: str
    services: tuple[str, ...]
    began: datetime | None = None
    ended: datetime | None = None


def moment(hand: HandSign) -> datetime:
    """When somebody says that it was."""
    return hand.entry or hand.exit or hand.at


def statement(hands: Sequence[HandSign]) -> Statement | None:
    """The last word of what was said of one visit; None where nobody said anything.

    Coming and going may be told each for itself; an end before the beginning is none.
    """
    if not hands:
        return None
    refusal: HandSign | None = None
    entry = exit_ = None
    reason = ""
    services: tuple[str, ...] = ()
    for hand in sorted(hands, key=lambda hand: (hand.received_at, hand.at, hand.ref)):
        if hand.kind is ByHand.UNDO:
            refusal = None
        elif hand.kind is not ByHand.VISIT:
            refusal = hand
        else:
            if hand.entry is not None or hand.exit is not None:
                refusal = None
            entry, exit_ = hand.entry or entry, hand.exit or exit_
            reason, services = hand.reason or reason, hand.services or services
    at = min(map(moment, hands))
    kind: ByHand | None = None
    if refusal is not None:
        kind, at = refusal.kind, moment(refusal)
        entry, exit_, reason = refusal.entry or at, refusal.exit, refusal.reason or reason
    elif entry is not None or exit_ is not None:
        kind = ByHand.VISIT
    if entry is not None and exit_ is not None and exit_ < entry:
        exit_ = None
    began = min((hand.at for hand in hands if hand.begins), default=None)
    ended = max((hand.at for hand in hands if hand.ends), default=None)
    return Statement(kind, at, entry, exit_, reason, services, began, ended)
