"""What readings of labels prove.

House rules: a signed reading counts once, by the chip's own counter, whichever phone brings
it and in whatever order: one that comes late is as good as one that came at once. Whether a
reading fits the door is another question (`care.readings`), asked when the evidence is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nyckelfri.server.keys import taps
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.locks.models import NfcLabel
from nyckelfri.server.visits.models import PhoneEntry

_PICC = re.compile(r"[0-9A-Fa-f]{32}")
_MAC = re.compile(r"[0-9A-Fa-f]{16}")
_Verdict = PhoneEntry.Verdict


def judge(rows: Sequence[PhoneEntry]) -> None:
    """Give each reading its verdict; called in a transaction that has locked their labels."""
    for row in rows:
        row.verdict, row.counter = _verdict(row)
        row.chip = row.label.uid if row.label is not None and row.counter is not None else None
    _tell_replays([row for row in rows if row.counter is not None])


def _verdict(row: PhoneEntry) -> tuple[str, int | None]:
    label, picc, mac = row.label, row.detail.get("picc"), row.detail.get("mac")
    if label is None:
        return _Verdict.UNKNOWN, None
    counting = label.kind == NfcLabel.Kind.COUNTING and label.uid is not None
    if picc is None and mac is None:
        return _Verdict.UNSIGNED if counting else _Verdict.PLAIN, None
    if not counting or label.uid is None:
        # Nothing that a label signs which we have written no keys to.
        return _Verdict.FORGED, None
    if not _PICC.fullmatch(picc or "") or not _MAC.fullmatch(mac or ""):
        return _Verdict.FORGED, None
    try:
        counter = taps.counter(label.uid, picc=bytes.fromhex(picc), mac=bytes.fromhex(mac))
    except KeysError:
        # The key's file is away: nobody is accused of that.
        return _Verdict.UNSIGNED, None
    return (_Verdict.FORGED, None) if counter is None else (_Verdict.SIGNED, counter)


def _tell_replays(signed: Sequence[PhoneEntry]) -> None:
    if not signed:
        return
    before = PhoneEntry.objects.filter(
        verdict=_Verdict.SIGNED,
        chip__in={row.chip for row in signed},
        counter__in={row.counter for row in signed},
    )
    seen = {
        (bytes(chip), counter)
        for chip, counter in before.order_by().values_list("chip", "counter")
        if chip is not None
    }
    for row in signed:
        label, chip, counter = row.label, row.chip, row.counter
        if label is None or chip is None or counter is None:
            continue
        if (chip, counter) in seen:
            row.verdict = _Verdict.REPLAYED
            continue
        seen.add((chip, counter))
        if label.counter is None or counter > label.counter:
            label.counter = counter
            label.save(update_fields=["counter"])
