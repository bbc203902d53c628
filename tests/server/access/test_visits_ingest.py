"""Journals come home: once, whole, in any order, and what does not fit is kept and seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from doorworld import identifier
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.door import delivery, journal
from nyckelfri.door.delivery import open_receipt
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Intent, MotorResult, Outcome, Refusal
from nyckelfri.door.reasons import Reason
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.actions import Ingested, Status, ingest, ingest_all
from nyckelfri.server.visits.actions_openings import Opening
from nyckelfri.server.visits.models import DoorEvent, Kept, OpeningRecord, StoredEntry
from nyckelfri.server.visits.wanted import wanted
from sealworld import sealed
from serverworld import Handset, Lock, record_opening


@pytest.fixture
def grant(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> Issued:
    """Alice's grant for the client's front door."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    return next(row for row in rows if row.installation == locks.at_home)


@pytest.fixture
def home(locks: Any, grant: Issued) -> Lock:
    """The front door after two visits by Alice: nine entries."""
    lock: Lock = locks.home
    for after in (60, 7200):
        lock.use(grant, Command.UNLOCK, after=after)
        lock.use(grant, Command.LOCK, after=1800)
    assert len(lock.entries) == 9
    return lock


def bring(data: bytes, phone: Handset, moment: datetime) -> Ingested:
    return ingest(data, phone=phone.row, now=moment)


def stored(lock: Lock) -> list[tuple[int, bytes, bytes]]:
    rows = StoredEntry.objects.filter(installation__identifier=lock.installation)
    return [(row.number, bytes(row.body or b""), row.head) for row in rows]


def truth(lock: Lock, last: int | None = None) -> list[tuple[int, bytes, bytes]]:
    return [
        (number, record.body, lock.head(number))
        for number, record in enumerate(lock.bodies[:last], 1)
    ]


@pytest.mark.sentence(19)
@pytest.mark.sentence(20)
def test_each_unlock_and_lock_has_person_lock_and_time(
    cast: Any, locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    assert bring(home.batch(), alices_phone, moment).status is Status.STORED
    found = list(DoorEvent.objects.order_by("number"))
    assert [event.get_command_display() for event in found] == ["låsa upp", "låsa"] * 2
    assert {event.employee for event in found} == {cast.alice}
    assert {event.installation for event in found} == {locks.at_home}
    assert {event.result for event in found} == {DoorEvent.Result.DONE}
    assert found[0].at == moment + timedelta(seconds=60)
    assert stored(home) == truth(home)


@pytest.mark.sentence(21)
def test_stays_are_computed_from_unlocking_and_locking(
    home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(), alices_phone, moment)
    stays = queries.stays(moment, moment + timedelta(hours=8))
    assert [stay.duration for stay in stays] == [timedelta(seconds=1801)] * 2
    assert {stay.employee_id for stay in stays} == {"10001"}


@pytest.mark.sentence(22)
def test_client_s_visits_can_be_told_by_who_and_when(
    cast: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(), alices_phone, moment)
    seen = queries.events().filter(installation__door__clients=cast.client)
    assert [(event.employee, event.at) for event in seen][-1] == (
        cast.alice,
        moment + timedelta(seconds=60),
    )


@pytest.mark.sentence(23)
@pytest.mark.sentence(24)
def test_entrance_passage_is_logged_here_with_person_and_time_and_is_no_stay(
    cast: Any, locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    """Here and nowhere else: no client, and nothing for the owner's own system."""
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    grant = next(row for row in rows if row.installation == locks.at_entrance)
    locks.entrance.use(grant)
    bring(locks.entrance.batch(), alices_phone, moment)
    (event,) = DoorEvent.objects.all()
    assert (event.employee, event.installation) == (cast.alice, locks.at_entrance)
    assert queries.stays(moment, moment + timedelta(hours=8)) == []


@pytest.mark.threat(54)
def test_same_batch_twice_or_through_two_phones_is_stored_once(
    home: Lock, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    first = bring(home.batch(), alices_phone, moment)
    again = bring(home.batch(), alices_phone, moment)
    other = bring(home.batch(), bobs_phone, moment)
    assert [found.status for found in (first, again, other)] == ["stored", "known", "known"]
    assert [found.number for found in (first, again, other)] == [9, 9, 9]
    assert stored(home) == truth(home)
    assert DoorEvent.objects.count() == 4


@pytest.mark.threat(39)
def test_journal_comes_home_through_another_phone(
    cast: Any, home: Lock, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    """Alice's phone never syncs again; what it did is told by the next phone that passes."""
    bring(home.batch(1, 4), bobs_phone, moment)
    bring(home.batch(3), bobs_phone, moment)
    assert stored(home) == truth(home)
    assert {event.employee for event in DoorEvent.objects.all()} == {cast.alice}
    assert {event.received_from for event in DoorEvent.objects.all()} == {bobs_phone.row}


@pytest.mark.threat(54)
@pytest.mark.threat(55)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_order_partition_and_repetition_through_two_phones_stores_the_same_once(
    data: st.DataObject,
    home: Lock,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
) -> None:
    last = len(home.entries)
    pieces = data.draw(
        st.lists(
            st.tuples(st.integers(1, last), st.integers(1, last)).map(
                lambda pair: (min(pair), max(pair))
            ),
            max_size=6,
        )
    )
    cuts = sorted({1, last + 1, *data.draw(st.sets(st.integers(2, last), max_size=4))})
    whole = [(first, after - 1) for first, after in pairwise(cuts)]
    order = data.draw(st.permutations([*pieces, *whole]))
    with transaction.atomic():
        for first, until in order:
            carrier = data.draw(st.sampled_from([alices_phone, bobs_phone]))
            assert bring(home.batch(first, until), carrier, moment)
        assert stored(home) == truth(home)
        assert DoorEvent.objects.count() == 4
        assert {event.result for event in DoorEvent.objects.all()} == {DoorEvent.Result.DONE}
        assert not queries.unresolved().exists()
        transaction.set_rollback(True)


@pytest.mark.threat(56)
def test_gap_is_kept_asked_for_and_filled_in(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(1, 3), alices_phone, moment)
    late = bring(home.batch(6), alices_phone, moment)
    assert (late.status, late.number) == (Status.KEPT, 4)
    (kept,) = queries.unresolved()
    assert (kept.reason, kept.installation, kept.number) == ("gap", locks.at_home, 4)
    assert wanted([locks.at_home]) == [(locks.at_home, 4)]
    assert stored(home) == truth(home, 3)
    bring(home.batch(4, 5), alices_phone, moment)
    assert stored(home) == truth(home)
    assert wanted([locks.at_home]) == []
    assert not queries.unresolved().exists()


def _other_history(lock: Lock) -> Lock:
    """The same lock with another past from entry 4 on: a copied store, or a forger with its key."""
    other = Lock.make("home", _root(lock), lock.entries[0].time)
    other.entries, other.bodies = lock.entries[:3], lock.bodies[:3]
    other.clock = lock.entries[2].time
    other.write(Battery(50), after=5)
    other.write(Battery(45), after=5)
    return other


def _root(lock: Lock) -> Any:
    from nyckelfri.server.keys import queries as keys

    assert lock.record.municipality == keys.root().municipality
    return keys.root()


@pytest.mark.threat(56)
def test_fork_is_kept_and_changes_nothing(
    home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(1, 6), alices_phone, moment)
    rival = _other_history(home).batch(2)
    fork = bring(rival, alices_phone, moment)
    assert (fork.status, fork.number) == (Status.KEPT, 4)
    (kept,) = queries.unresolved()
    assert kept.reason == Kept.Reason.FORK
    assert bytes(kept.data) == rival
    assert stored(home) == truth(home, 6)
    (event,) = audit.of_kind(Verb.JOURNAL_REJECT)
    assert event.reason == "fork"


def test_same_fork_or_gap_fetched_by_every_phone_that_passes_is_kept_once(
    home: Lock, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    """The lock signs the batch anew each time."""
    bring(home.batch(1, 3), alices_phone, moment)
    for phone in (alices_phone, bobs_phone):
        bring(home.batch(7), phone, moment)
    assert queries.unresolved().count() == 1
    bring(home.batch(4, 6), alices_phone, moment)
    for phone in (alices_phone, bobs_phone):
        bring(_other_history(home).batch(2), phone, moment)
    assert queries.unresolved().count() == 1


@pytest.mark.threat(57)
def test_batch_of_a_lock_that_nobody_commissioned_is_kept(
    keys: Any, alices_phone: Handset, moment: datetime
) -> None:
    stranger = Lock.make("never seen", keys.holders.root, 1)
    assert bring(stranger.batch(), alices_phone, moment).status is Status.KEPT
    (kept,) = queries.unresolved()
    assert (kept.reason, kept.claimed) == (Kept.Reason.UNKNOWN_LOCK, stranger.installation)


@pytest.mark.threat(57)
def test_batch_under_another_lock_s_id_is_kept_and_not_stored(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    forged = delivery.sign_batch(
        [sealed(home.bodies, installation=home.installation, first=1)],
        installation=home.installation,
        first=1,
        previous=journal.genesis(home.installation),
        key=locks.other_home.signing_key,
    )
    assert bring(forged, alices_phone, moment).status is Status.KEPT
    (kept,) = queries.unresolved()
    assert (kept.reason, kept.installation) == (Kept.Reason.BAD_SIGNATURE, locks.at_home)
    assert stored(home) == []


@pytest.mark.threat(57)
def test_any_changed_byte_is_kept_and_not_stored(
    home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    data = home.batch()
    for at in range(0, len(data), 37):
        changed = bytearray(data)
        changed[at] ^= 0x01
        assert bring(bytes(changed), alices_phone, moment).status is Status.KEPT
    assert stored(home) == []


def test_one_bad_batch_does_not_hinder_the_others(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    batches = [b"\x00", home.batch(1, 4), b"x" * 16_384, home.batch(8), locks.entrance.batch()]
    found = ingest_all(batches, phone=alices_phone.row, now=moment)
    assert [one.status for one in found] == ["kept", "stored", "kept", "kept", "stored"]
    assert [one.number for one in found] == [0, 4, 0, 5, 1]


def test_same_rubbish_is_kept_once(locks: Any, alices_phone: Handset, moment: datetime) -> None:
    for _ in range(3):
        bring(b"rubbish", alices_phone, moment)
    assert Kept.objects.count() == 1


def test_receipt_names_what_is_committed_and_no_more(
    locks: Any, keys: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    assert queries.receipts([locks.at_home]) == []
    bring(home.batch(1, 4), alices_phone, moment)
    bring(home.batch(7), alices_phone, moment)
    (data,) = queries.receipts([locks.at_home])
    receipt = open_receipt(data, keys.key_set, installation=home.installation)
    assert (receipt.number, receipt.head) == (4, home.head(4))


@pytest.mark.threat(26)
@pytest.mark.parametrize(
    ("result", "shown"),
    [(MotorResult.JAMMED, "jammed"), (MotorResult.UNKNOWN, "unknown"), (None, "pending")],
)
def test_what_the_motor_did_is_told_as_the_lock_told_it_and_is_no_stay(
    locks: Any,
    grant: Issued,
    alices_phone: Handset,
    moment: datetime,
    result: MotorResult | None,
    shown: str,
) -> None:
    locks.home.use(grant, result=result)
    bring(locks.home.batch(), alices_phone, moment)
    assert DoorEvent.objects.get().result == shown
    assert queries.stays(moment, moment + timedelta(hours=8)) == []


def test_outcome_that_comes_with_a_later_batch_finds_its_opening(
    locks: Any, grant: Issued, alices_phone: Handset, moment: datetime
) -> None:
    intent = locks.home.use(grant, result=None)
    bring(locks.home.batch(), alices_phone, moment)
    locks.home.write(Outcome(intent, MotorResult.DONE), after=2)
    bring(locks.home.batch(3), alices_phone, moment)
    assert DoorEvent.objects.get().result == DoorEvent.Result.DONE


def test_refusal_is_shown_with_its_reason(
    cast: Any, locks: Any, grant: Issued, alices_phone: Handset, moment: datetime
) -> None:
    subject = grant.employee.subject.identifier
    refusal = Refusal(Reason.EXPIRED, grant.serial, subject, grant.thumbprint, Command.UNLOCK)
    locks.home.write(refusal, after=9)
    bring(locks.home.batch(), alices_phone, moment)
    event = DoorEvent.objects.get()
    assert (event.result, event.reason, event.employee) == ("refused", 2, cast.alice)


@pytest.mark.threat(59)
@pytest.mark.parametrize("changed", ["serial", "subject", "phone"])
def test_opening_under_a_grant_that_was_not_issued_so_is_shown_and_flagged(
    locks: Any, grant: Issued, alices_phone: Handset, moment: datetime, changed: str
) -> None:
    details = {
        "serial": grant.serial,
        "subject": grant.employee.subject.identifier,
        "phone": grant.thumbprint,
        changed: identifier("not so"),
    }
    locks.home.write(Intent(**details, command=Command.UNLOCK), after=9)
    bring(locks.home.batch(), alices_phone, moment)
    event = DoorEvent.objects.get()
    assert event.issued is None
    assert (event.employee is None) == (changed != "serial")
    (kept,) = queries.unresolved()
    assert kept.reason == Kept.Reason.UNKNOWN_GRANT


@pytest.mark.threat(7)
def test_grant_of_one_door_in_another_door_s_journal_is_flagged(
    locks: Any, grant: Issued, alices_phone: Handset, moment: datetime
) -> None:
    locks.other_home.use(grant)
    bring(locks.other_home.batch(), alices_phone, moment)
    assert DoorEvent.objects.get().employee is None
    assert queries.unresolved().get().reason == Kept.Reason.UNKNOWN_GRANT


# What phones say.


def opening(lock: Lock, number: int | None, head: bytes | None = None, name: int = 1) -> Opening:
    return Opening(
        uuid=UUID(int=name),
        claimed=lock.installation,
        serial=bytes(8),
        command=1,
        reason=0,
        number=number,
        head=lock.head(number)[:8] if head is None and number else head,
        phone_time=lock.clock,
    )


def say(what: Opening, phone: Handset, moment: datetime) -> str:
    return record_opening(what, phone=phone.row, now=moment)


def test_phone_s_record_waits_for_the_journal_and_is_confirmed_by_it(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    assert say(opening(home, 4), alices_phone, moment) == "stored"
    assert wanted([locks.at_home]) == [(locks.at_home, 1)]
    assert say(opening(home, 4), alices_phone, moment) == "known"
    assert queries.awaited() == 1
    bring(home.batch(), alices_phone, moment)
    assert queries.awaited() == 0
    assert wanted([locks.at_home]) == []
    assert say(opening(home, 6, name=2), alices_phone, moment) == "stored"
    assert queries.awaited() == 0
    assert OpeningRecord.objects.count() == 2
    assert not Kept.objects.exists()


@pytest.mark.threat(23)
@pytest.mark.parametrize("journal_first", [True, False])
def test_cut_tail_is_exposed_by_what_a_phone_saw(
    home: Lock, alices_phone: Handset, moment: datetime, journal_first: bool
) -> None:
    """A lock set back to an older store writes on with numbers that it has used before."""
    other = _other_history(home)
    if journal_first:
        bring(other.batch(), alices_phone, moment)
        assert say(opening(home, 4), alices_phone, moment) == "kept"
    else:
        assert say(opening(home, 4), alices_phone, moment) == "stored"
        bring(other.batch(), alices_phone, moment)
    (kept,) = queries.unresolved()
    assert kept.reason == Kept.Reason.CUT_TAIL
    assert kept.number == 4
    assert kept.phone == alices_phone.row
    assert queries.awaited() == 0


@pytest.mark.threat(23)
def test_tail_that_never_comes_is_asked_for_again_and_again(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(1, 6), alices_phone, moment)
    say(opening(home, 8), alices_phone, moment)
    assert wanted([locks.at_home]) == [(locks.at_home, 7)]


def test_record_that_changes_under_its_id_is_kept(
    home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    say(opening(home, 4), alices_phone, moment)
    assert say(opening(home, 6), alices_phone, moment) == "kept"
    assert queries.unresolved().get().reason == Kept.Reason.CHANGED
    assert OpeningRecord.objects.get().number == 4


def test_same_id_from_two_phones_is_two_records(
    home: Lock, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    assert say(opening(home, 4), alices_phone, moment) == "stored"
    assert say(opening(home, 4), bobs_phone, moment) == "stored"


def test_record_of_an_unknown_lock_is_kept(
    keys: Any, alices_phone: Handset, moment: datetime
) -> None:
    stranger = Lock.make("never seen", keys.holders.root, 1)
    assert say(opening(stranger, 1), alices_phone, moment) == "kept"
    assert queries.unresolved().get().reason == Kept.Reason.UNKNOWN_LOCK


def test_record_of_a_link_that_broke_before_message_4_needs_no_number(
    home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    assert say(opening(home, None), alices_phone, moment) == "stored"
    assert queries.awaited() == 0
    bring(home.batch(), alices_phone, moment)
    assert not Kept.objects.exists()
