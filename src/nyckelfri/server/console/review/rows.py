"""What is to be reviewed, as plain values.

House rules: reads only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nyckelfri.server.console.review.texts import text
from nyckelfri.server.visits.models import Kept, OpeningRecord


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One thing to review, in words."""

    at: datetime
    why: str
    lock: str
    entry: int | None
    through: str


def kept_lines(rows: Iterable[Kept]) -> list[KeptLine]:
    """Put what was kept into words."""
    return [
        KeptLine(
            at=row.received_at,
            why=text(f"kept_{row.reason}"),
            lock=(
                row.installation.lock_unit.external_id
                if row.installation
                else (row.claimed or b"").hex()
            ),
            entry=row.number,
            through=row.phone.label if row.phone else "",
        )
        for row in rows
    ]


def waiting() -> int:
    """Count the openings that phones know of and no journal has told yet."""
    return OpeningRecord.objects.filter(standing=OpeningRecord.Standing.PENDING).count()
