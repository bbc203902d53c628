"""A lost phone: which doors, until when, who carries the news, and that this is the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from doorworld import Door
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lockworld import scalar

from houseworld import House, rotate
from nyckelfri.door import grants, signed
from nyckelfri.door import policy as door_policy
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.journal import Refusal
from nyckelfri.door.keyset import Purpose
from nyckelfri.door.policy import Situation, Stay
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, Identity, SavedClock
from nyckelfri.server.access import actions_absence, policy
from nyckelfri.server.access.actions_absence import Share
from nyckelfri.server.access.exposure import Exposure, Standing, exposure
from nyckelfri.server.access.viewers import viewer
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.keys import actions_bulletin, actions_issue, queries
from nyckelfri.server.keys.models import Issued, IssuedBulletin, Revocation
from nyckelfri.server.locks import actions_commission
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits.actions import ingest
from serverworld import Handset

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def lost(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> Handset:
    """Alice's phone with a shift's grants, blocked five minutes later."""
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment + 5 * MINUTE)
    alices_phone.row.refresh_from_db()
    return alices_phone


@pytest.fixture
def deliver(charlies_phone: Handset, moment: datetime) -> Callable[[Any], None]:
    """A lock's journal comes home an hour later, with somebody who passes."""

    def bring(lock: Any) -> None:
        ingest(lock.batch(), phone=charlies_phone.row, now=moment + HOUR)

    return bring


def standings(found: Exposure) -> dict[Installation, Standing]:
    return {door.installation: door.standing for door in found.doors}


def refuse(lock: Any, grant: Issued, reason: Reason) -> None:
    """The lock refuses this grant's phone, and says so in its journal."""
    subject = grant.employee.subject.identifier
    lock.write(Refusal(reason, grant.serial, subject, grant.thumbprint, Command.UNLOCK), after=60)


@pytest.mark.sentence(12)
@pytest.mark.threat(36)
def test_every_door_counts_until_its_last_grant_expires_whatever_was_revoked(
    lost: Handset, cast: Any, locks: Any, moment: datetime
) -> None:
    found = exposure(lost.row, moment + 6 * MINUTE)
    assert {door.installation for door in found.doors} == {locks.at_home, locks.at_entrance}
    shift = Shift.objects.get(employee=cast.alice)
    assert (found.left, found.until) == (2, shift.end + HOUR / 2)
    assert set(standings(found).values()) == {Standing.NOT_KNOWN}
    assert found.until is not None
    over = exposure(lost.row, found.until)
    assert (over.left, over.until, over.doors) == (0, None, ())


def test_phone_that_is_not_blocked_shows_what_a_block_would_leave(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    assert exposure(alices_phone.row, moment).left == 0, "it holds nothing"
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    before = exposure(alices_phone.row, moment)
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    after = exposure(alices_phone.row, moment)
    assert (before.left, before.until) == (after.left, after.until) == (2, before.until)


def test_grants_of_whoever_used_the_phone_before_count_too(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    """Also after it has changed hands, under a key that it no longer has."""
    row = alices_phone.row
    actions_issue.issue_for(cast.charlie, row, now=moment)
    phones.hand_over(row, cast.bob, reason="x", actor="test", now=moment)
    row.refresh_from_db()
    assert [door.installation for door in exposure(row, moment).doors] == [locks.at_other_home]


@pytest.mark.threat(36)
def test_lock_that_was_taken_down_on_paper_only_still_counts(
    lost: Handset, locks: Any, moment: datetime
) -> None:
    actions_commission.retire("LB0001", reason="flytt", actor="test", now=moment + HOUR)
    assert exposure(lost.row, moment + HOUR).left == 2


# What is known of the locks.


@pytest.mark.threat(35)
def test_lock_whose_journal_says_that_it_refused_the_phone_is_closed_to_it(
    lost: Handset, locks: Any, moment: datetime, deliver: Any
) -> None:
    refuse(locks.home, Issued.objects.get(installation=locks.at_home), Reason.PHONE_BLOCKED)
    deliver(locks.home)
    found = exposure(lost.row, moment + HOUR)
    assert standings(found)[locks.at_home] is Standing.HEARD
    assert found.left == 1
    assert [door.open for door in found.doors] == [True, False], "open doors first"
    assert found.doors[1].since == moment + MINUTE


def test_lock_that_refuses_something_revoked_later_has_the_whole_list(
    lost: Handset, cast: Any, locks: Any, bobs_phone: Handset, moment: datetime, deliver: Any
) -> None:
    rows = actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment + 6 * MINUTE)
    bobs = next(row for row in rows if row.installation == locks.at_home)
    phones.block(bobs_phone.row, reason="x", actor="test", now=moment + 7 * MINUTE)
    refuse(locks.home, bobs, Reason.PHONE_BLOCKED)
    deliver(locks.home)
    assert standings(exposure(lost.row, moment + HOUR))[locks.at_home] is Standing.HEARD


def test_lock_that_refused_something_revoked_earlier_proves_nothing(
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    deliver: Any,
) -> None:
    bobs = next(
        row
        for row in actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)
        if row.installation == locks.at_home
    )
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    phones.block(bobs_phone.row, reason="x", actor="test", now=moment)
    refuse(locks.home, bobs, Reason.PHONE_BLOCKED)
    phones.block(alices_phone.row, reason="x", actor="test", now=moment + HOUR)
    deliver(locks.home)
    alices_phone.row.refresh_from_db()
    found = standings(exposure(alices_phone.row, moment + HOUR))
    assert found[locks.at_home] is Standing.NOT_KNOWN


def test_refusal_for_another_reason_proves_nothing(
    lost: Handset, locks: Any, moment: datetime, deliver: Any
) -> None:
    refuse(locks.home, Issued.objects.get(installation=locks.at_home), Reason.TOO_FAR)
    deliver(locks.home)
    assert exposure(lost.row, moment + HOUR).left == 2


def test_colleague_who_came_with_the_news_is_told_of_and_is_no_proof(
    lost: Handset, cast: Any, locks: Any, bobs_phone: Handset, moment: datetime, deliver: Any
) -> None:
    rows = actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment + 6 * MINUTE)
    locks.home.use(next(row for row in rows if row.installation == locks.at_home), after=600)
    deliver(locks.home)
    found = exposure(lost.row, moment + HOUR)
    assert standings(found) == {
        locks.at_home: Standing.PASSED,
        locks.at_entrance: Standing.NOT_KNOWN,
    }
    assert found.left == 2, "the courier may have been cut short"


def test_lock_whose_clock_is_in_doubt_is_marked(
    lost: Handset, locks: Any, moment: datetime, deliver: Any
) -> None:
    grant = Issued.objects.get(installation=locks.at_home)
    subject = grant.employee.subject.identifier
    detail = Refusal(Reason.TOO_FAR, grant.serial, subject, grant.thumbprint, Command.UNLOCK)
    locks.home.write(detail, after=60, mark=Mark.APPROXIMATE)
    deliver(locks.home)
    found = exposure(lost.row, moment + HOUR)
    assert {door.installation: door.clock_in_doubt for door in found.doors} == {
        locks.at_home: True,
        locks.at_entrance: False,
    }


@pytest.mark.threat(36)
@pytest.mark.threat(44)
@pytest.mark.parametrize(
    ("after", "doubted"),
    [
        # Who first brought it may have had the time of an hour ago.
        (60, True),
        (3500, False),
    ],
)
def test_lock_whose_clock_is_not_shown_to_be_right_in_the_epoch_in_force_is_marked(
    after: int,
    doubted: bool,
    keys: Any,
    cast: Any,
    locks: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    deliver: Any,
) -> None:
    rotate(keys, moment, new_epoch=True)
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    rows = actions_issue.issue_for(cast.bob, bobs_phone.row, now=moment)
    locks.home.use(next(row for row in rows if row.installation == locks.at_home), after=after)
    deliver(locks.home)
    found = exposure(alices_phone.row, moment + HOUR)
    assert {door.installation: door.clock_in_doubt for door in found.doors} == {
        locks.at_home: doubted,
        locks.at_entrance: True,
    }


@pytest.fixture
def restored(keys: Any, lost: Handset, moment: datetime) -> None:
    """The database forgets all that was signed for the lost phone."""
    actions_bulletin.current(moment + 5 * MINUTE)
    for each in (IssuedBulletin, Revocation, Issued):
        each.objects.all().delete()


@pytest.mark.sentence(12)
@pytest.mark.threat(36)
@pytest.mark.threat(44)
def test_keys_that_a_restored_database_has_forgotten_are_reckoned_with_until_they_have_expired(
    restored: None,
    keys: Any,
    cast: Any,
    locks: Any,
    lost: Handset,
    bobs_phone: Handset,
    moment: datetime,
    deliver: Any,
) -> None:
    life = policy.in_force(moment).horizon + policy.in_force(moment).longest_grant
    at = moment + 10 * MINUTE
    # Before a new epoch has begun.
    found = exposure(lost.row, at)
    assert found.doors == ()
    assert found.forgotten == (3, at + life)
    assert found.until == at + life
    rotate(keys, at, new_epoch=True)
    assert exposure(lost.row, at + MINUTE).forgotten == (3, at + life)
    # A door that has the new epoch opens for none of them.
    rows = actions_issue.issue_for(cast.bob, bobs_phone.row, now=at)
    at_home = next(row for row in rows if row.installation == locks.at_home)
    locks.home.use(at_home, after=int(HOUR.total_seconds()) - 100)
    deliver(locks.home)
    assert exposure(lost.row, moment + HOUR).forgotten == (2, at + life)
    # What goes on with the same keys changes nothing of it.
    begun = queries.key_set().keys
    old = next(key.kid for key in begun if key.purpose is Purpose.GRANT)
    rotate(keys, moment + HOUR, new=[Purpose.GRANT])
    rotate(keys, moment + HOUR + MINUTE, drop=[old])
    assert exposure(lost.row, moment + 2 * HOUR).forgotten == (2, at + life)
    assert exposure(lost.row, at + life - SECOND).forgotten == (2, at + life)
    assert exposure(lost.row, at + life).forgotten is None
    assert exposure(lost.row, at + life).until is None


@pytest.mark.threat(44)
def test_damaged_watermark_tells_nothing_and_so_all_may_be_forgotten(
    lost: Handset, locks: Any, moment: datetime
) -> None:
    assert exposure(lost.row, moment + 6 * MINUTE).forgotten is None
    actions_bulletin.current(moment + 5 * MINUTE)
    (queries.directory() / "last-bulletin.cbor").write_bytes(b"\x00")
    found = exposure(lost.row, moment + 6 * MINUTE)
    assert found.forgotten is not None
    assert found.forgotten.doors == 1  # grants are known of for the other two
    assert found.until == found.forgotten.until


@pytest.mark.threat(47)
def test_an_epoch_that_goes_on_with_a_grant_key_from_before_has_forgotten_nothing(
    lost: Handset, keys: Any, moment: datetime
) -> None:
    old = next(key.kid for key in keys.key_set.keys if key.purpose is Purpose.GRANT)
    rotate(keys, moment + 6 * MINUTE, new=[Purpose.GRANT])
    rotate(keys, moment + 7 * MINUTE, drop=[old])
    assert queries.epochs() == (moment + 7 * MINUTE, None)
    with CaptureQueriesContext(connection) as asked:
        assert exposure(lost.row, moment + 8 * MINUTE).forgotten is None
    assert len(asked) == 6


# Who carries the news.


def plan(cast: Any, employee: Employee, start: datetime, key: str = "V000009") -> PlannedVisit:
    return PlannedVisit.objects.create(
        external_id=key,
        client=cast.client,
        employee=employee,
        start=start,
        end=start + HOUR / 2,
        services=["care"],
    )


def carriers(found: Exposure, at: Installation) -> list[tuple[str, datetime]]:
    (door,) = (door for door in found.doors if door.installation == at)
    return [(carrier.employee.number, carrier.at) for carrier in door.carriers]


@pytest.mark.sentence(12)
def test_colleagues_who_come_by_the_plan_are_named_soonest_first(
    lost: Handset, cast: Any, locks: Any, bobs_phone: Handset, moment: datetime
) -> None:
    later, soon = moment + 3 * HOUR, moment + HOUR
    plan(cast, cast.bob, later, "V000008")
    plan(cast, cast.bob, soon)
    plan(cast, cast.bob, soon, "V000011")  # in one home they come once
    plan(cast, cast.bob, moment + 20 * HOUR, "V000010")
    found = exposure(lost.row, moment + 6 * MINUTE)
    assert carriers(found, locks.at_home) == [("10002", soon), ("10002", later)]
    assert carriers(found, locks.at_entrance) == [("10002", soon), ("10002", later)]


def test_whoever_has_no_phone_in_use_or_only_the_lost_one_carries_nothing(
    lost: Handset, cast: Any, locks: Any, moment: datetime
) -> None:
    plan(cast, cast.bob, moment + HOUR)
    found = exposure(lost.row, moment + 6 * MINUTE)
    assert carriers(found, locks.at_home) == [], "Alice's visit at half past is hers, without it"


def test_absent_colleague_carries_nothing_and_whoever_takes_over_does(
    lost: Handset, cast: Any, locks: Any, bobs_phone: Handset, moment: datetime
) -> None:
    row = Employee.objects.create(
        number="20001", name="Planerare", role=Role.PLANNER, employed_from=date(2024, 1, 1)
    )
    planner = viewer(row)
    assert planner is not None
    now = moment + 6 * MINUTE
    assert carriers(exposure(lost.row, now), locks.at_home) == []
    actions_absence.take_over(
        planner, [Share(cast.visit, cast.bob)], instead_of=cast.alice, reason="x", now=now
    )
    assert carriers(exposure(lost.row, now), locks.at_home) == [("10002", cast.visit.start)]
    other = plan(cast, cast.bob, moment + 2 * HOUR)
    actions_absence.report_absence(
        planner, cast.bob, start=other.start, end=other.end, reason="borta", now=now
    )
    assert carriers(exposure(lost.row, now), locks.at_home) == [("10002", cast.visit.start)]


def test_it_takes_six_questions_however_many_doors(
    lost: Handset, cast: Any, locks: Any, bobs_phone: Handset, moment: datetime
) -> None:
    plan(cast, cast.bob, moment + HOUR)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        exposure(lost.row, moment + 6 * MINUTE)
    assert len(asked) == 6


# That it is the truth, at a real lock.


@pytest.fixture
def house(
    keys: Any, locks: Any, alices_phone: Handset, tmp_path: Path, moment: datetime
) -> Iterator[House]:
    lock = locks.home
    bulletin = actions_bulletin.current(moment)
    with Store.create(tmp_path / "lock.db", Factory(1, b"f" * 32, bytes(16))) as store:
        store.commission(
            Identity(
                root=keys.holders.root.encoded,
                installation=lock.installation,
                dh_key=scalar(lock.key),
                signing_key=scalar(lock.signing_key),
                radio_key=lock.record.radio_key,
                release_nonce=lock.record.release_nonce,
                threshold=-70,
            ),
            key_set=(1, keys.key_set.payload),
            bulletin=signed.unverified_payload(bulletin),
            clock=SavedClock(int(moment.timestamp()), int(moment.timestamp()), Mark.SET),
        )
        yield House(store, Door(lock.installation, lock.key, lock.signing_key), alices_phone)


@pytest.mark.sentence(12)
@pytest.mark.threat(36)
def test_real_lock_that_hears_of_nothing_opens_until_the_stated_end_and_not_after(
    house: House, lost: Handset, locks: Any, moment: datetime
) -> None:
    """The lock was commissioned before the block (the order of the fixtures)."""
    found = exposure(lost.row, moment + 6 * MINUTE)
    held = Issued.objects.get(installation=locks.at_home)
    assert found.until is not None
    assert house.knock(bytes(held.data), found.until - SECOND)[0] is Reason.GRANTED
    assert house.knock(bytes(held.data), found.until)[0] is Reason.EXPIRED


@pytest.mark.threat(36)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_nothing_on_the_phone_opens_any_door_from_the_stated_end_on(
    lost: Handset, keys: Any, locks: Any, moment: datetime, data: st.DataObject
) -> None:
    """Whatever the lock knows, has been opened with, or measures, if its clock is right."""
    end = exposure(lost.row, moment + 6 * MINUTE).until
    assert end is not None
    row = data.draw(st.sampled_from(list(Issued.objects.filter(phone=lost.row))))
    grant: Grant = grants.verify(bytes(row.data), keys.key_set)
    now = int(end.timestamp()) + data.draw(st.integers(0, 10**8))
    opened = data.draw(st.none() | st.integers(0, now).map(lambda at: Stay.of(grant.serial, at)))
    situation = Situation(
        Reading(now, data.draw(st.sampled_from([Mark.SET, Mark.APPROXIMATE]))),
        None,
        opened,
        data.draw(st.integers(-120, 0)),
        -120,
    )
    assert door_policy.decide(grant, Command.UNLOCK, situation) is not Reason.GRANTED
