"""A morning of a small town, lived in a process of its own, with what shall go wrong in it.

House rules: the process founds the town once; each case begins from a copy of it. What a case
plants is a defect of the product, put in by hand, for an invariant to find.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from besideworld import Beside
from villageworld import read, write

FILES: Final = Path(__file__).parent.parent / "src/nyckelfri/demo/data/bjorkvik"
BEGINS: Final = "2026-11-23 01:00"
ENDS: Final = "2026-11-23 10:00"
_DAY: Final = "2026-11-23"
_TEAMS: Final = frozenset({"G3", "G6"})
_CUT: Final = (
    *("personal", "las", "etiketter", "avgiftsunderlag", "beslut", "val"),
    *("brukare", "planerade_besok", "arbetspass"),
)
_WHOLE: Final = ("utforare", "grupper", "fastigheter", "portar", "taxa", "ersattning")


@dataclass(frozen=True)
class Case:
    """`mishaps`: name and local time of each; `ends`: local time; `plant`: a function below."""

    mishaps: tuple[tuple[str, str], ...]
    seed: int = 1
    ends: str = ENDS
    plant: str = ""


@dataclass(frozen=True)
class Lived:
    """What came of it: the history as text, and the name of the invariant that did not hold."""

    lines: list[str]
    counts: Counter[str]
    broken: str
    violation: str
    checked: dict[str, int]
    shown: Counter[str]
    """What the server shows an operator, by its reason."""

    def told(self, *words: str) -> list[str]:
        """Lines that hold all of these words."""
        return [line for line in self.lines if all(word in line for word in words)]

    def place(self, *words: str) -> int:
        """Where the one line stands that holds all of these words."""
        (line,) = self.told(*words)
        return self.lines.index(line)


class Town(Beside):
    """The process in which the town lives."""

    def __init__(self, tables: Path) -> None:
        super().__init__(_begin, tables)

    def live(self, *mishaps: tuple[str, str], **more: Any) -> Lived:
        """Live through a case."""
        found = self.ask(Case(mishaps, **more))
        assert isinstance(found, Lived), found
        return found


def _begin(folder: Path) -> Callable[[Case], Lived]:
    fresh = small_town(folder)
    return lambda case: _live(fresh(), case)


def small_town(folder: Path) -> Callable[[], Any]:
    """Found the small town; what gives it as it was founded, again and again."""
    from nyckelfri.simulate import town as towns
    from nyckelfri.simulate.founding import found

    files = morning(FILES, folder / "files")
    here, rest = folder / "town", folder / "rest"
    town = found(files, here, begins=towns.moment(BEGINS))
    shutil.copytree(here, rest)

    def fresh() -> Any:
        shutil.rmtree(here)
        shutil.copytree(rest, here)
        return town

    return fresh


def _live(town: Any, case: Case) -> Lived:
    from nyckelfri.simulate import plan
    from nyckelfri.simulate import town as towns
    from nyckelfri.simulate.ground import Rates
    from nyckelfri.simulate.plan import Item, Week
    from nyckelfri.simulate.world import World

    week = Week(case.seed, towns.moment(BEGINS), towns.moment(case.ends))
    items = [*plan.shifts(town.town, week)]
    for turn, (name, at) in enumerate(case.mishaps):
        items.append(Item(f"{name}:{turn}", "mishap", towns.moment(f"{_DAY} {at}")))
    world = World(town, week, rates=Rates(too_far=0, no_coverage=0))
    with globals()[case.plant](world) if case.plant else nullcontext():
        outcome = world.run(items)
    shown = Counter(reason for reason, *_ in world.upkeep.shown())
    world.server.restart()  # nothing is open when the files are replaced
    found = outcome.violation
    return Lived(
        [str(line) for line in outcome.history.lines],
        outcome.history.counts,
        found.rule if found is not None else "",
        str(found or ""),
        outcome.checked,
        shown,
    )


# Defects to plant, and what happens too seldom to wait for it.


@contextmanager
def power_goes_before_the_motor(world: Any) -> Iterator[None]:
    """The first unit that has written down a command loses its power before the motor starts."""
    import asyncio

    from nyckelfri.door.journal import Intent
    from nyckelfri.simulate.site import _Powered

    real = _Powered.commit
    hampered = ExitStack()
    gone: list[int] = []

    def commit(self: Any, details: Any = (), **more: Any) -> Any:
        written = real(self, details, **more)
        if any(isinstance(detail, Intent) for detail in details) and not gone:
            gone.append(1)
            site = next(site for site in world.sites.values() if site.store is self)
            hampered.enter_context(world.hampered("power cut", locks=[site.lock]))
            site.cut_power()
            asyncio.get_running_loop().call_later(60, world.power_on, site)
            site.disk.check()
        return written

    with mock.patch.object(_Powered, "commit", commit), hampered:
        yield


@contextmanager
def and_is_said_to_have_moved(world: Any) -> Iterator[None]:
    """As before, and the server takes for done what the unit does not know."""
    from nyckelfri.door.journal import MotorResult
    from nyckelfri.server.visits import events
    from nyckelfri.server.visits.models import DoorEvent

    done = {MotorResult.UNKNOWN: DoorEvent.Result.DONE}
    with power_goes_before_the_motor(world), mock.patch.dict(events._RESULTS, done):
        yield


@contextmanager
def serials_from_a_counter(_world: Any) -> Iterator[None]:
    """Serials that are counted in the database, so that a restored one begins again."""
    from nyckelfri.simulate.server import Server

    given = Counter[str]()
    restore = Server.restore

    def token_bytes(size: int) -> bytes:
        given["serials"] += 1
        return given["serials"].to_bytes(size, "big")

    def restored(self: Server) -> None:
        restore(self)
        given.clear()

    counting = mock.patch("nyckelfri.server.keys.actions_issue.secrets.token_bytes", token_bytes)
    with counting, mock.patch.object(Server, "restore", restored):
        yield


@contextmanager
def phones_keep_old_answers(_world: Any) -> Iterator[None]:
    """Every third sync a phone keeps what the first one has brought."""
    from nyckelfri.phone import wire

    real = wire._trust
    brought: list[Any] = []

    def trust(answer: Any, held: Any) -> Any:
        brought.append(real(answer, held))
        return brought[0 if len(brought) % 3 == 0 else -1]

    with mock.patch.object(wire, "_trust", trust):
        yield


@contextmanager
def nobody_asks_for_the_watermark(_world: Any) -> Iterator[None]:
    """The server signs bulletins without looking at what left it before."""
    from nyckelfri.server.keys import actions_bulletin

    with mock.patch.object(actions_bulletin, "_require_not_older", return_value=None):
        yield


@contextmanager
def blocks_are_not_carried_over(_world: Any) -> Iterator[None]:
    """A new epoch forgets what the last bulletin named."""
    from nyckelfri.server.keys import actions_keyset

    with mock.patch.object(actions_keyset, "_carry_over", return_value=None):
        yield


@contextmanager
def new_epochs_count_on(_world: Any) -> Iterator[None]:
    """A new epoch has the number behind the last key set that the database knows."""
    from nyckelfri.server.keys import actions_keyset

    with mock.patch.object(actions_keyset, "_next_number", lambda last, _now: last.number + 1):
        yield


@contextmanager
def what_is_kept_is_not_shown(_world: Any) -> Iterator[None]:
    """The list of what waits for an operator is empty."""
    from nyckelfri.server.visits import queries
    from nyckelfri.server.visits.models import Kept

    with mock.patch.object(queries, "kept", Kept.objects.none):
        yield


@contextmanager
def nobody_accepts_the_cut_log(_world: Any) -> Iterator[None]:
    """After a restore nobody notes that the log lacks its tail."""
    from nyckelfri.server.audit import actions_keep

    with mock.patch.object(actions_keep, "accept", return_value=None):
        yield


@contextmanager
def signatures_of_grants_are_not_looked_at(_world: Any) -> Iterator[None]:
    """A lock believes any grant."""
    from nyckelfri.door import grants, signed

    def verify(data: bytes, _key_set: Any) -> Any:
        return grants.from_payload(signed.unverified_payload(data))

    with mock.patch.object(grants, "verify", verify):
        yield


@contextmanager
def the_phone_locks_by_the_grant_that_opened(_world: Any) -> Iterator[None]:
    """A phone does not ask whether the key of a grant is still in force."""
    from nyckelfri.phone import luggage

    with mock.patch.object(luggage, "_stands", return_value=True):
        yield


@contextmanager
def copies_are_compared_with_nothing(_world: Any) -> Iterator[None]:
    """The comparison of the copies finds no difference."""
    from nyckelfri.server.audit import comparing

    with mock.patch.object(comparing, "_difference", return_value=""):
        yield


def morning(source: Path, target: Path) -> Path:
    """Two teams, the clients whom they visit on one morning, and shifts that end with it."""
    target.mkdir()
    tables = {name: read(source, name) for name in (*_WHOLE, *_CUT)}
    staff = {row["anst_nr"] for row in tables["personal"] if row["grupp_id"] in _TEAMS | {""}}
    visits = [
        row
        for row in tables["planerade_besok"]
        if row["anst_nr"] in staff and f"{_DAY} 06" < row["slut"] < f"{_DAY} 09:30"
    ]
    clients = {row["brukare_id"] for row in visits}
    homes = [row for row in tables["brukare"] if row["brukare_id"] in clients]
    clients |= {row["partner_id"] for row in homes} - {""}
    homes = [row for row in tables["brukare"] if row["brukare_id"] in clients]
    doors = {row["port_id"] for row in homes} - {""}
    locks = {row["las_id"] for row in homes} - {""}
    shifts = [
        {**row, "slut": f"{_DAY} 09:45"}
        for row in tables["arbetspass"]
        if row["anst_nr"] in staff and f"{_DAY} 05" < row["start"] < f"{_DAY} 09"
    ]
    kept: dict[str, Callable[[dict[str, str]], bool]] = {
        "personal": lambda row: row["anst_nr"] in staff,
        "las": lambda row: row["las_id"] in locks or row["port_id"] in doors,
        "etiketter": lambda row: row["brukare_id"] in clients,
        "avgiftsunderlag": lambda row: row["brukare_id"] in clients,
        "beslut": lambda row: row["brukare_id"] in clients,
        "val": lambda row: row["brukare_id"] in clients,
    }
    for name in (*_WHOLE, *kept):
        write(target / f"{name}.csv", [*filter(kept.get(name), tables[name])])
    write(target / "brukare.csv", homes)
    write(target / "planerade_besok.csv", [{**row, "dubbel": ""} for row in visits])
    write(target / "arbetspass.csv", shifts)
    return target
