"""The second opinion by itself, and against the server's own for every carer and every door."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest

import rightsworld as world
from nyckelfri.care import times
from nyckelfri.care.world import PhoneStanding
from nyckelfri.server.access import values
from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.simulate import changes
from nyckelfri.simulate.office import Office
from nyckelfri.simulate.rights import Rights, Scope
from nyckelfri.simulate.town import Shift, Town

DAY: Final = timedelta(days=1)
MINUTE: Final = 60
HOUR: Final = 3600
AUTUMN, SPRING = world.SUNDAYS


def shift_at(town: Town, at: float, team: str) -> Shift:
    """A shift that runs at a moment and for two hours more, of a carer of this team."""
    mine = {carer.number for carer in town.carers if carer.team == team}
    return next(
        shift
        for shift in town.shifts
        if shift.carer in mine and shift.start <= at and at + 2 * HOUR <= shift.end
    )


@pytest.mark.sentence(3)
@pytest.mark.parametrize(
    ("scope", "weeks"),
    [("team", AUTUMN), ("team", SPRING), ("visits", AUTUMN), ("area", SPRING)],
)
def test_server_and_opinion_say_the_same_of_every_door(
    db: None, tmp_path: Path, scope: Scope, weeks: int
) -> None:
    """From Saturday evening over the night in which the clocks change until Monday morning."""
    town = world.moved(tmp_path, weeks)
    at = world.moment(world.SUNDAYS[weeks] - DAY, time(20))
    world.bring_in(tmp_path, at - 7 * 86_400)
    AccessPolicy.objects.create(
        valid_from=date(2026, 1, 1),
        settings={"scope": scope},
        reason="beslut",
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    opinion = Rights(town, scope=scope)
    found = world.differences(opinion, world.pairs_of(town), at)
    assert not found, "\n".join(map(str, found))
    assert len(world.of_server(at)) > 500


def test_a_mistake_planted_in_the_server_s_reading_is_found(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = world.moved(tmp_path, AUTUMN)
    at = world.moment(world.SUNDAYS[AUTUMN] - DAY, time(9))
    world.bring_in(tmp_path, at - 86_400)
    world.give_phones(town)
    opinion, office = Rights(town, phones=world.phones(town)), Office(tmp_path)
    away, without = shift_at(town, at, "G1"), shift_at(town, at, "G4")
    for change in (
        changes.Absence(at, away.carer, at, away.end),
        changes.PhoneBlock(at, f"P{without.carer}"),
    ):
        opinion.apply(office.carry_out(change, at).change)
    patrol = shift_at(town, at + 18 * HOUR, "GN")
    pairs = [
        (carer, lock)
        for carer in (away.carer, without.carer, patrol.carer)
        for lock, _ in town.locks
    ]
    assert not world.differences(opinion, pairs, at)
    planted: tuple[tuple[Any, str, Any], ...] = (
        (values, "_away", lambda _people: {}),
        (values, "_standing", lambda **_: PhoneStanding.IN_USE),
        (times, "ZONE", timezone(timedelta(hours=2))),
    )
    for mistake in planted:
        times.local_moment.cache_clear()
        with monkeypatch.context() as patched:
            patched.setattr(*mistake)
            assert world.differences(opinion, pairs, at), mistake
    times.local_moment.cache_clear()


@pytest.mark.parametrize("weeks", world.SUNDAYS)
def test_windows_are_the_moments_at_which_somebody_may(tmp_path: Path, weeks: int) -> None:
    town = world.moved(tmp_path, weeks)
    at = world.moment(world.SUNDAYS[weeks] - DAY, time(14))
    opinion = Rights(town)
    staff = [shift_at(town, at + hours * HOUR, team).carer for hours, team in WHEN]
    opinion.apply(changes.Withdrawal(at, staff[0], None, at + 90 * MINUTE))
    opinion.apply(changes.Absence(at, staff[1], at + 2 * HOUR, at + 5 * HOUR))
    held = 0
    for carer in staff:
        for lock, _ in town.locks[::20]:
            windows = opinion.windows(carer, lock, at, at + 30 * HOUR)
            held += len(windows)
            for minute in range(0, 30 * HOUR, MINUTE):
                inside = any(start <= at + minute < end for start, end in windows)
                assert opinion.may(carer, lock, at + minute) == inside, (carer, lock, minute)
    assert held > 10


WHEN: Final = (0, "G1"), (1, "G2"), (12, "GN"), (2, "GL"), (20, "G1")
"""In how many hours a shift of which team runs."""


@pytest.mark.parametrize(("weeks", "hours"), [(AUTUMN, 10), (SPRING, 8)])
def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(
    tmp_path: Path, weeks: int, hours: int
) -> None:
    town = world.moved(tmp_path, weeks)
    evening = world.moment(world.SUNDAYS[weeks] - DAY, time(22))
    patrol = {carer.number for carer in town.carers if carer.team == "GN"}
    opinion = Rights(town)
    windows = [
        window
        for carer in patrol
        for lock, _ in town.locks
        for window in opinion.windows(carer, lock, evening - HOUR, evening + 12 * HOUR)
    ]
    assert windows
    assert {start for start, _ in windows} == {evening}
    assert max(end for _, end in windows) == evening + hours * HOUR


def a_right(town: Town, at: float) -> tuple[str, str, float, float]:
    """Somebody of a home-care team, a door that is theirs at a moment, and for how long."""
    opinion, carer = Rights(town), shift_at(town, at, "G1").carer
    for lock, _ in town.locks:
        for start, end in opinion.windows(carer, lock, at - 12 * HOUR, at + 12 * HOUR):
            if start <= at < end:
                return carer, lock, start, end
    raise AssertionError("nobody may open anything")


def test_what_was_a_right_when_it_was_known_stays_one_for_then(tmp_path: Path) -> None:
    town = world.moved(tmp_path, AUTUMN)
    at = world.moment(world.SUNDAYS[AUTUMN] - 2 * DAY, time(10))
    carer, lock, start, end = a_right(town, at)
    opinion = Rights(town)
    opinion.apply(changes.Withdrawal(at, carer, None, None))
    assert opinion.may(carer, lock, at - 1)
    assert not opinion.may(carer, lock, at)
    assert opinion.covers(carer, lock, start, end, at - 1)
    assert not opinion.covers(carer, lock, start, end, at)
    opinion.apply(changes.GivenBack(at + HOUR, carer, None))
    assert not opinion.may(carer, lock, at + HOUR - 1)
    assert opinion.may(carer, lock, at + HOUR)
    assert opinion.covers(carer, lock, at + HOUR, end, at + HOUR)
    with pytest.raises(ValueError, match="decided later"):
        opinion.apply(changes.GivenBack(at, carer, None))


def test_a_grant_gives_no_second_more_than_a_right(tmp_path: Path) -> None:
    town = world.moved(tmp_path, AUTUMN)
    at = world.moment(world.SUNDAYS[AUTUMN] - 2 * DAY, time(10))
    carer, lock, start, end = a_right(town, at)
    opinion = Rights(town)
    assert opinion.covers(carer, lock, start, end, at)
    assert opinion.covers(carer, lock, start + 1, end - 1, at)
    assert not opinion.covers(carer, lock, start - 1, end, at)
    assert not opinion.covers(carer, lock, start, end + 1, at)


@pytest.mark.sentence(12)
def test_whoever_lost_their_phone_may_with_one_that_is_lent(tmp_path: Path) -> None:
    town = world.moved(tmp_path, AUTUMN)
    at = world.moment(world.SUNDAYS[AUTUMN] - 2 * DAY, time(10))
    carer, lock, *_ = a_right(town, at)
    colleague = next(each for each in town.carers if each.team == "G1" and each.number != carer)
    opinion = Rights(town, phones=world.phones(town))
    lost, lent = f"P{carer}", f"P{colleague.number}"
    steps = (
        (changes.PhoneBlock(at, lost), False),
        (changes.SignIn(at + 60, carer, lent, at + 600), True),
        (changes.SignOut(at + 120, carer, lent), False),
        (changes.SignIn(at + 180, carer, lent, at + 600), True),
        (changes.PhoneBlock(at + 240, lent), False),
        (changes.PhoneUnblock(at + 300, lost), True),
        (changes.PhoneBlock(at + 360, lost), False),
        (changes.PhoneHandOver(at + 420, "P10002", carer), True),
    )
    for change, may in steps:
        opinion.apply(change)
        assert opinion.may(carer, lock, change.at) == may, change
    opinion = Rights(town, phones=world.phones(town))
    opinion.apply(changes.PhoneBlock(at, lost))
    opinion.apply(changes.SignIn(at, carer, lent, at + 600))
    assert opinion.may(carer, lock, at + 599)
    assert not opinion.may(carer, lock, at + 600)


def test_a_restored_server_knows_no_more_than_its_backup_until_the_files_come_again(
    tmp_path: Path,
) -> None:
    town = world.moved(tmp_path, AUTUMN)
    at = world.moment(world.SUNDAYS[AUTUMN] - 2 * DAY, time(10))
    carer, lock, *_ = a_right(town, at)
    last = changes.EmploymentEnd(carer, world.SUNDAYS[AUTUMN] - 3 * DAY)
    opinion = Rights(town)
    opinion.apply(changes.NewerFiles(at + 60, (last,)))
    opinion.apply(changes.Withdrawal(at + 120, carer, None, None))
    opinion.restored(at + 180, at)
    assert opinion.may(carer, lock, at + 180)
    assert not opinion.may(carer, lock, at + 60)
    opinion.apply(changes.NewerFiles(at + 240, ()))
    assert not opinion.may(carer, lock, at + 240)
    opinion.restored(at + 300, at + 200)
    assert opinion.may(carer, lock, at + 300)
    opinion.apply(changes.NewerFiles(at + 360, ()))
    assert not opinion.may(carer, lock, at + 360)
