"""The proof of the log, as the pages show it.

House rules: reads only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from nyckelfri.server.audit.models import AuditProof
from nyckelfri.server.console.audit import rows
from nyckelfri.server.console.audit.texts import text
from nyckelfri.server.console.work import Work, work

SHOWN: Final = 20
_State = AuditProof.State
_LOOKS: Final = {
    _State.WHOLE: "good", _State.BROKEN: "bad", _State.FAILED: "warn", _State.WALKING: "calm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proven:
    """What came of one proof."""

    at: datetime
    by: str
    state: str
    look: str
    said: str
    wrong: str
    broken: bool
    rows: int
    number: int
    head: str
    noted: int


def proven(row: AuditProof, names: Mapping[str, str]) -> Proven:
    """Put one into words; `names` are those of staff, by number."""
    state = _State(row.state)
    wrong = row.wrong.replace(" ", "_")
    if state == _State.FAILED:
        wrong = wrong or "error"
    return Proven(
        at=row.ended_at or row.asked_at,
        by=rows.actor_word(row.asked_by, names),
        state=text(f"state_{state.value}"),
        look=_LOOKS[state],
        said=text(f"chain_{state.value}", number=row.fault) if state != _State.WALKING else "",
        wrong=text(f"wrong_{wrong}") if wrong else "",
        broken=state == _State.BROKEN,
        rows=row.rows,
        number=row.number,
        head=bytes(row.head).hex()[:16] if row.head else "",
        noted=row.noted,
    )


def walk(row: AuditProof, now: datetime) -> Work | None:
    """Give how far it has come, None where it has ended."""
    if row.state != _State.WALKING:
        return None
    return work(
        row, reverse("audit_proofs"), lambda _: text("walking"), since=row.asked_at, now=now
    )
