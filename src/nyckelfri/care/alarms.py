"""Which unplanned visit answered which alarm.

House rules: whoever took an alarm answers it first; else anybody who came to that home soon
after. An alarm is the reason of every visit that answers it, and is told of in one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from nyckelfri.care.performed import AlarmSign, Loose
from nyckelfri.care.stretches import AT_THE_DOOR, Stretch

AFTER_ALARM: Final = timedelta(hours=2)
"""An unplanned visit this soon after an alarm is an answer to it."""


class Alarms:
    """The alarms around a time, and what answered them."""

    def __init__(self, alarms: Iterable[AlarmSign], home_of: Mapping[str, str]) -> None:
        self._alarms = sorted(alarms, key=lambda alarm: (alarm.at, alarm.ref))
        self._home_of = home_of
        self._told: set[str] = set()

    def answer(self, stretches: Iterable[Stretch], *, by_name: bool) -> None:
        """Find what answered them: visits of those who took them, or of anybody."""
        if not self._alarms:
            return
        unplanned: defaultdict[str, list[Stretch]] = defaultdict(list)
        for stretch in stretches:
            if not stretch.slots:
                unplanned[stretch.home_id].append(stretch)
        for alarm in self._alarms:
            home_id = self._home_of.get(alarm.client_id, alarm.client_id)
            answers = [
                stretch
                for stretch in unplanned.get(home_id, ())
                if (not by_name or stretch.employee_id == alarm.employee_id)
                and _is_answer(stretch, alarm)
            ]
            for stretch in answers:
                stretch.answers = True
            if answers and alarm.ref not in self._told:
                first = min(answers, key=lambda stretch: (stretch.first, stretch.employee_id))
                first.alarms += (alarm,)
                self._told.add(alarm.ref)

    def unanswered(self) -> list[Loose]:
        """Alarms that nobody came for; that may well be in order."""
        return [
            Loose(
                flag=None,
                employee_id=alarm.employee_id,
                client_id=alarm.client_id,
                at=alarm.at,
                refs=(alarm.ref,),
            )
            for alarm in self._alarms
            if alarm.ref not in self._told
        ]


def _is_answer(stretch: Stretch, alarm: AlarmSign) -> bool:
    return alarm.at - AT_THE_DOOR <= stretch.first <= alarm.at + AFTER_ALARM and (
        not stretch.clients or alarm.client_id in stretch.clients
    )
