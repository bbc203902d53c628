"""How this municipality reads its evidence: `care.performed.VisitPolicy`, as recorded.

House rules: one place to ask; a day is read by the rules of that day.
"""

from __future__ import annotations

from datetime import date

from nyckelfri.care.performed import VisitPolicy
from nyckelfri.server import dated_settings
from nyckelfri.server.visits.models import VisitRules

DEFAULT = VisitPolicy()
"""What holds before anybody has recorded rules."""


def on(day: date) -> VisitPolicy:
    """The rules of a local day."""
    row = VisitRules.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    return (
        DEFAULT if row is None else dated_settings.read(VisitPolicy, row.valid_from, row.settings)
    )


def changes() -> set[date]:
    """The days on which new rules begin."""
    return set(VisitRules.objects.values_list("valid_from", flat=True))
