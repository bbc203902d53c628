"""What a key set changes against the one before it.

House rules: pure; `faults` are what every lock would refuse, `remarks` what holders should
ask about before they sign. Texts in Swedish and English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nyckelfri.door.keyset import Key, KeySet, Purpose

_DAYS_OFF: Final = 3
_DAY: Final = 86_400
_OFF: Final = (
    (
        "utfärdad mer än tre dagar från den här datorns klocka: jämför med kalendern. En tid "
        "långt fram kan hindra alla lås från att öppna"
    ),
    (
        "issued more than three days off this machine's clock: compare with a calendar. A time "
        "far ahead may keep all locks from opening"
    ),
)

Text = tuple[str, str]
"""Swedish, English."""

PURPOSES: Final[dict[Purpose, Text]] = {
    Purpose.GRANT: ("behörigheter", "grants"),
    Purpose.BULLETIN: ("spärrlistor och tid", "revocations and time"),
    Purpose.RECEIPT: ("kvitton på journaler", "receipts for journals"),
    Purpose.SETTINGS: ("inställningar", "settings"),
    Purpose.INSTALLER: ("montörer", "installers"),
    Purpose.SEALING: ("försegling av journaler", "sealing of journals"),
}


@dataclass(frozen=True)
class Changes:
    """The keys that come, go and stay, and what is wrong or odd about it."""

    added: tuple[Key, ...]
    dropped: tuple[Key, ...]
    kept: tuple[Key, ...]
    faults: tuple[Text, ...]
    remarks: tuple[Text, ...]


def compare(old: KeySet, new: KeySet) -> Changes:
    """What `new` would change where `old` is in force."""
    faults: list[Text] = []
    if new.municipality != old.municipality:
        faults.append(("en annan kommun", "another municipality"))
    if new.number <= old.number:
        faults.append(
            (
                f"numret är inte högre än {old.number}",
                f"the number is not higher than {old.number}",
            )
        )
    if new.epoch < old.epoch:
        faults.append((f"epoken är lägre än {old.epoch}", f"the epoch is lower than {old.epoch}"))
    kept = tuple(key for key in new.keys if key in old.keys)
    remarks: list[Text] = []
    if new.issued < old.issued:
        remarks.append(("den är utfärdad före den förra", "it was issued before the last one"))
    if new.epoch > old.epoch:
        swedish = "alla låsklockor börjar om från tiden ovan; bara efter återställd eller stulen "
        english = "all locks' clocks begin anew at the time above; only after a restored or stolen "
        remarks.append(
            (f"ny epok {new.epoch}: {swedish}server", f"new epoch {new.epoch}: {english}server")
        )
        remarks += [
            (
                f"behörighetsnyckel {key.kid.hex()} följer med in i den nya epoken",
                f"grant key {key.kid.hex()} goes on into the new epoch",
            )
            for key in kept
            if key.purpose is Purpose.GRANT
        ]
    dropped = tuple(key for key in old.keys if key not in new.keys)
    reused = {key.kid for key in dropped} & {key.kid for key in new.keys}
    remarks += [
        (f"nummer {kid.hex()} får en annan nyckel", f"number {kid.hex()} gets another key")
        for kid in sorted(reused)
    ]
    added = tuple(key for key in new.keys if key not in old.keys)
    return Changes(added, dropped, kept, tuple(faults), tuple(remarks))


def remarks_on(key_set: KeySet, now: int) -> list[Text]:
    """What is odd about a key set by itself; `now` in Unix seconds by the holder's machine."""
    found: list[Text] = []
    for purpose in sorted(key_set.missing):
        swedish, english = PURPOSES[purpose]
        found.append(
            (
                f"ingen nyckel för {swedish}: inget lås kan sättas upp med denna uppsättning",
                f"no key for {english}: no unit can be commissioned with this set",
            )
        )
    if abs(key_set.issued - now) > _DAYS_OFF * _DAY:
        found.append(_OFF)
    return found
