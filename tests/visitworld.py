"""A small town to derive visits in, told in lines.

    plan P1 eva ada 08:00-08:30         a visit planned for eva (eva+kim: for two)
    eva 08:01 unlock ada                her home's lock; also `lock`
    eva 08:02 tap ada                   a simple label; `tap ada 7` is a chip's seventh, signed
    eva 08:02 forged ada                also `unsigned`, `unknown`, `replayed`
    eva 07:59 enter ada,bo              an entrance, and who lives behind it
    eva says visit ada 08:00-08:30 P1 glömt       also `declined`, `missed`, `undo`; the times
                                        also `08:00`, `-08:30`, and `@08:10` that claims none;
                                        `@08:10-` and `-@08:10` as they came and went
    alarm ada 08:00 eva                 taken by eva
    away ada 23..24 sjukhus

A time is Swedish and on the 23rd, or `24T08:00`. `late=4d` at the end of a line tells how much
later the server heard of it. Ada and Eli live alone, Bo and Cia share a home, Dan has no lock.
Refs are the lines themselves, so a visit shows what it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from nyckelfri.care.derive import derive
from nyckelfri.care.performed import (
    AlarmSign,
    Away,
    ByHand,
    Derived,
    DoorSign,
    EntranceSign,
    HandSign,
    Home,
    LabelSign,
    Loose,
    Plan,
    Signs,
    Tap,
    Visit,
    VisitPolicy,
)
from nyckelfri.care.visits import Movement

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOMES = {
    "h-ada": Home("h-ada", ("ada",), locked=True),
    "h-bo": Home("h-bo", ("bo", "cia"), locked=True),
    "h-dan": Home("h-dan", ("dan",), locked=False),
    "h-eli": Home("h-eli", ("eli",), locked=True),
}
HOME_OF = {client: home.home_id for home in HOMES.values() for client in home.client_ids}
MOVEMENTS = {"unlock": Movement.UNLOCKED, "lock": Movement.LOCKED}
TAPS = {
    "tap": Tap.PLAIN,
    "forged": Tap.FORGED,
    "unsigned": Tap.UNSIGNED,
    "unknown": Tap.UNKNOWN,
    "replayed": Tap.REPLAYED,
}
MUCH_LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""When everything has come home that ever will."""


def moment(text: str, month: date = date(2026, 11, 23)) -> datetime:
    """`08:00` or `24T08:00` as an aware moment in UTC; `08:00*` is the second such in autumn."""
    day, _, clock = text.rpartition("T")
    hour, minute = map(int, clock.rstrip("*").split(":"))
    local = datetime(
        month.year, month.month, int(day) if day else month.day, hour, minute, tzinfo=STOCKHOLM
    )
    return local.replace(fold=int(text.endswith("*"))).astimezone(UTC)


@dataclass
class Town:
    """Signs read from lines, `first` being the day that a time without one is on."""

    first: date = date(2026, 11, 23)
    policy: VisitPolicy = field(default_factory=VisitPolicy)

    def signs(self, *lines: str) -> Signs:
        doors: list[DoorSign] = []
        entrances: list[EntranceSign] = []
        labels: list[LabelSign] = []
        by_hand: list[HandSign] = []
        alarms: list[AlarmSign] = []
        plans: list[Plan] = []
        away: list[Away] = []
        for line in lines:
            words, received = self._words(line)
            if words[0] == "plan":
                plans.append(self._plan(words))
            elif words[0] == "alarm":
                who = words[3] if len(words) > 3 else None
                alarms.append(AlarmSign(line, words[1], self.at(words[2]), who))
            elif words[0] == "away":
                first, last = (self.first.replace(day=int(day)) for day in words[2].split(".."))
                away.append(Away(words[1], first, last, " ".join(words[3:])))
            elif words[1] == "says":
                by_hand.append(self._hand(line, words, received))
            else:
                who, at = words[0], self.at(words[1])
                if words[2] in MOVEMENTS:
                    home_id = HOME_OF.get(words[3], words[3])
                    doors.append(
                        DoorSign(line, who, home_id, MOVEMENTS[words[2]], at, at + received)
                    )
                elif words[2] == "enter":
                    home_ids = frozenset(HOME_OF[client] for client in words[3].split(","))
                    entrances.append(EntranceSign(line, who, home_ids, at, at + received))
                else:
                    labels.append(_label(line, words, at, received))
        return Signs(
            doors=doors, entrances=entrances, labels=labels, by_hand=by_hand, alarms=alarms,
            plans=plans, away=away, homes=HOMES, told_until={},
        )  # fmt: skip

    def at(self, text: str) -> datetime:
        return moment(text, self.first)

    def _words(self, line: str) -> tuple[list[str], timedelta]:
        late = re.search(r" late=(\d+)([mhd])$", line)
        if late is None:
            return line.split(), timedelta(minutes=1)
        unit = {"m": "minutes", "h": "hours", "d": "days"}[late[2]]
        return line[: late.start()].split(), timedelta(**{unit: int(late[1])})

    def _plan(self, words: list[str]) -> Plan:
        start, end = words[4].split("-")
        who = () if words[2] == "-" else tuple(words[2].split("+"))
        services = tuple(words[5:]) or ("care",)
        return Plan(words[1], words[3], who, self.at(start), self.at(end), services)

    def _hand(self, line: str, words: list[str], received: timedelta) -> HandSign:
        who, _, kind, client, times, *rest = words
        held = self.at(times.strip("@-")) if "@" in times else None
        entry, _, exit_ = ("", "", "") if held else times.partition("-")
        begin = self.at(entry) if entry else None
        end = self.at(exit_) if exit_ else None
        at = held or begin or end or self.at("12:00")
        said = (end or at) + received
        planned = rest.pop(0) if rest and re.fullmatch(r"P\d+", rest[0]) else None
        return HandSign(
            line, who, client, ByHand(kind), said, at, planned, begin, end, " ".join(rest),
            begins=times.startswith("@") and times.endswith("-"), ends=times.startswith("-@"),
        )  # fmt: skip

    def derive(self, *lines: str, now: datetime = MUCH_LATER, told: str = "") -> Derived:
        signs = self.signs(*lines)
        if told:
            signs = replace(signs, told_until=dict.fromkeys(HOMES, self.at(told)))
        return derive(signs, self.policy, now)

    def seen(self, *lines: str, now: str | None = None, told: str = "") -> list[str]:
        """Visits and loose signs as lines."""
        at = MUCH_LATER if now is None else self.at(now)
        found = self.derive(*lines, now=at, told=told)
        return [*map(show, found.visits), *map(show_loose, found.loose)]


def _label(line: str, words: list[str], at: datetime, received: timedelta) -> LabelSign:
    who, client = words[0], words[3]
    if words[2] == "tap" and len(words) > 4:
        counter = int(words[4])
        return LabelSign(
            line, who, client, at, at + received, Tap.SIGNED, f"chip of {client}", counter
        )
    return LabelSign(line, who, client, at, at + received, TAPS[words[2]])


def clock(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(STOCKHOLM):%H:%M}"


def show(visit: Visit) -> str:
    """`P1 eva ada 08:01-08:30 door_and_label`, then outcome if not performed, `rule`, flags."""
    plan = visit.planned_id or "--"
    words = [plan, visit.employee_id, visit.client_id]
    if visit.entry or visit.exit:
        words += [f"{clock(visit.entry)}-{clock(visit.exit)}", visit.grade.value]
    if visit.outcome.value != "performed":
        words.append(visit.outcome.value)
    if visit.closed_by_rule:
        words.append("rule")
    if visit.reason:
        words.append(f"({visit.reason})")
    words += [f"!{flag.value}" for flag in visit.flags]
    return " ".join(words)


def show_loose(loose: Loose) -> str:
    return f"loose {clock(loose.at)} {loose.flag.value if loose.flag else 'in order'}"


def refs(found: Derived) -> Iterable[str]:
    for visit in found.visits:
        yield from visit.refs
    for loose in found.loose:
        yield from loose.refs
