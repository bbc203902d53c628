"""Whether the lock does what it is asked: the table, its edges, and that less never gives more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorworld import HOUR, NOON, identifier
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door import policy
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.clock import EARLY, EARLY_APPROXIMATE, Mark, Reading
from nyckelfri.door.grants import MAX_WINDOW, Command, Grant, Scope
from nyckelfri.door.policy import STAY, Situation, Stay, decide
from nyckelfri.door.reasons import Reason

DAY = 24 * HOUR
NOW = Situation(
    clock=Reading(NOON, Mark.SET), bulletin=None, stay=None, strength=-50, threshold=-70
)


def at(time: int, mark: Mark = Mark.SET, **changes: object) -> Situation:
    return replace(NOW, clock=Reading(time, mark), **changes)  # type: ignore[arg-type]


def revoking(
    *, phones: frozenset[bytes] = frozenset(), serials: frozenset[bytes] = frozenset()
) -> Bulletin:
    return Bulletin(identifier("municipality"), 1, NOON - HOUR, phones, serials)


@pytest.mark.sentence(1)
@pytest.mark.parametrize("command", [Command.UNLOCK, Command.LOCK])
def test_a_care_grant_unlocks_and_locks_in_its_window(grant: Grant, command: Command) -> None:
    assert decide(grant, command, NOW) is Reason.GRANTED


@pytest.mark.sentence(10)
@pytest.mark.threat(36)
def test_a_grant_is_refused_from_its_expiry_on_however_long_the_lock_was_offline(
    grant: Grant,
) -> None:
    assert decide(grant, Command.UNLOCK, at(grant.not_after - 1)) is Reason.GRANTED
    for later in (0, 1, HOUR, 40 * DAY):
        assert decide(grant, Command.UNLOCK, at(grant.not_after + later)) is Reason.EXPIRED


@pytest.mark.sentence(11)
def test_a_grant_is_of_no_use_before_the_shift(grant: Grant) -> None:
    first = grant.not_before - EARLY
    assert decide(grant, Command.UNLOCK, at(first)) is Reason.GRANTED
    assert decide(grant, Command.UNLOCK, at(first - 1)) is Reason.NOT_YET_VALID
    assert decide(grant, Command.UNLOCK, at(first - DAY)) is Reason.NOT_YET_VALID


@pytest.mark.threat(29)
def test_a_clock_that_is_a_lower_bound_lets_in_as_early_as_grants_are_issued(grant: Grant) -> None:
    first = grant.not_before - EARLY_APPROXIMATE
    mark = Mark.APPROXIMATE
    assert decide(grant, Command.UNLOCK, at(first, mark)) is Reason.GRANTED
    assert decide(grant, Command.UNLOCK, at(first - 1, mark)) is Reason.NOT_YET_VALID
    assert decide(grant, Command.UNLOCK, at(grant.not_after, mark)) is Reason.EXPIRED


@pytest.mark.threat(29)
@pytest.mark.parametrize("time", [0, NOON, NOON + DAY, 2**32 - 1])
def test_a_lost_clock_judges_nothing(grant: Grant, time: int) -> None:
    assert decide(grant, Command.UNLOCK, at(time, Mark.LOST)) is Reason.BULLETIN_NEEDED


@pytest.mark.sentence(12)
@pytest.mark.threat(35)
def test_no_grant_on_a_blocked_phone_opens_any_door(grant: Grant) -> None:
    blocked = revoking(phones=frozenset({grant.phone_thumbprint}))
    for serial in range(5):
        another = replace(grant, serial=bytes([serial] * 8), installation=bytes([serial] * 8))
        assert (
            decide(another, Command.UNLOCK, replace(NOW, bulletin=blocked)) is Reason.PHONE_BLOCKED
        )


@pytest.mark.sentence(12)
def test_a_withdrawn_grant_is_refused_and_the_phones_others_are_not(grant: Grant) -> None:
    withdrawn = replace(NOW, bulletin=revoking(serials=frozenset({grant.serial})))
    assert decide(grant, Command.UNLOCK, withdrawn) is Reason.GRANT_REVOKED
    other = replace(grant, serial=identifier("serial 2"))
    assert decide(other, Command.UNLOCK, withdrawn) is Reason.GRANTED


@pytest.mark.sentence(7)
@pytest.mark.parametrize("command", [Command.UNLOCK, Command.LOCK])
@pytest.mark.parametrize("strength", [-71, -90, -127, None])
def test_a_phone_further_away_than_the_learnt_place_is_refused(
    grant: Grant, command: Command, strength: int | None
) -> None:
    assert decide(grant, command, replace(NOW, strength=strength)) is Reason.TOO_FAR
    assert decide(grant, command, replace(NOW, strength=-70)) is Reason.GRANTED


def test_service_needs_its_right_and_no_nearness(grant: Grant) -> None:
    assert decide(grant, Command.SERVICE, NOW) is Reason.NOT_PERMITTED
    service = replace(grant, scope=Scope.SERVICE)
    assert decide(service, Command.SERVICE, replace(NOW, strength=None)) is Reason.GRANTED
    assert decide(service, Command.UNLOCK, NOW) is Reason.NOT_PERMITTED
    assert decide(service, Command.LOCK, NOW) is Reason.NOT_PERMITTED


@pytest.mark.sentence(10)
@pytest.mark.threat(47)
def test_a_window_over_sixteen_hours_is_refused_whoever_signed_it(grant: Grant) -> None:
    longest = replace(grant, not_after=grant.not_before + MAX_WINDOW)
    assert decide(longest, Command.UNLOCK, NOW) is Reason.GRANTED
    too_long = replace(longest, not_after=longest.not_after + 1)
    assert decide(too_long, Command.UNLOCK, NOW) is Reason.WINDOW_TOO_LONG
    for end in (grant.not_before, grant.not_before - 1):
        empty = replace(grant, not_after=end)
        assert decide(empty, Command.UNLOCK, NOW) is Reason.WINDOW_TOO_LONG


def test_the_grant_that_opened_locks_for_four_hours_though_it_expired(grant: Grant) -> None:
    opened = grant.not_after - 60
    stay = Stay.of(grant.serial, opened)
    for time, reason in (
        (opened + STAY, Reason.GRANTED),
        (opened + STAY + 1, Reason.EXPIRED),
    ):
        assert decide(grant, Command.LOCK, at(time, stay=stay)) is reason
    assert decide(grant, Command.UNLOCK, at(opened + 120, stay=stay)) is Reason.EXPIRED
    lost = at(opened + 120, Mark.LOST, stay=stay)
    assert decide(grant, Command.LOCK, lost) is Reason.GRANTED
    other = replace(grant, serial=identifier("another"))
    assert decide(other, Command.LOCK, at(opened + 120, stay=stay)) is Reason.EXPIRED


def test_a_stay_that_seems_to_begin_in_the_future_gives_nothing(grant: Grant) -> None:
    stay = Stay.of(grant.serial, NOON + DAY)
    late = at(grant.not_after, stay=stay)
    assert decide(grant, Command.LOCK, late) is Reason.EXPIRED


@pytest.mark.sentence(12)
def test_the_stay_does_not_help_a_blocked_phone_or_a_withdrawn_grant(grant: Grant) -> None:
    stay = Stay.of(grant.serial, NOON)
    for bulletin, reason in (
        (revoking(phones=frozenset({grant.phone_thumbprint})), Reason.PHONE_BLOCKED),
        (revoking(serials=frozenset({grant.serial})), Reason.GRANT_REVOKED),
    ):
        assert decide(grant, Command.LOCK, replace(NOW, stay=stay, bulletin=bulletin)) is reason


@pytest.mark.threat(33)
def test_grants_are_judged_alike_across_2038(grant: Grant) -> None:
    for start in (2**31 - 2 * HOUR, 2**31, 2**32 - 1 - 8 * HOUR):
        late = replace(grant, not_before=start, not_after=start + 4 * HOUR)
        assert decide(late, Command.UNLOCK, at(start)) is Reason.GRANTED
        assert decide(late, Command.UNLOCK, at(start - EARLY - 1)) is Reason.NOT_YET_VALID
        assert decide(late, Command.UNLOCK, at(start + 4 * HOUR)) is Reason.EXPIRED


@pytest.mark.threat(34)
def test_what_the_phones_clock_says_is_nowhere_in_a_situation(grant: Grant) -> None:
    """The phone's time of issue, which the server wrote, does not decide anything either."""
    fields = set(Situation.__dataclass_fields__)
    assert fields == {"clock", "bulletin", "stay", "strength", "threshold"}
    for issued in (65_536, NOON - DAY, NOON + DAY, 2**32 - 1):
        assert decide(replace(grant, issued=issued), Command.UNLOCK, NOW) is Reason.GRANTED


# Less never gives more.

THUMB = identifier("one"), identifier("two")
grants_ = st.builds(
    Grant,
    subject=st.just(bytes(8)),
    installation=st.just(bytes(8)),
    not_before=st.integers(NOON - 20 * HOUR, NOON + 40 * HOUR),
    not_after=st.integers(NOON - 20 * HOUR, NOON + 40 * HOUR),
    issued=st.just(NOON),
    serial=st.sampled_from(THUMB),
    phone=st.sampled_from([bytes(32), b"\x01" * 32]),
    scope=st.integers(1, 7).map(Scope),
)
situations = st.builds(
    Situation,
    clock=st.builds(
        Reading, st.integers(NOON - 20 * HOUR, NOON + 40 * HOUR), st.sampled_from(list(Mark))
    ),
    bulletin=st.none()
    | st.builds(
        lambda phones, serials: revoking(phones=phones, serials=serials),
        st.frozensets(st.binary(min_size=8, max_size=8), max_size=2),
        st.frozensets(st.sampled_from(THUMB), max_size=1),
    ),
    stay=st.none() | st.builds(Stay, st.sampled_from(THUMB), st.integers(NOON - DAY, NOON + DAY)),
    strength=st.none() | st.integers(-100, -30),
    threshold=st.integers(-90, -40),
)
commands = st.sampled_from(list(Command))


@st.composite
def lessened(draw: st.DrawFn) -> tuple[Grant, Grant, Situation, Situation, Command]:
    """A grant and a situation, and both with something taken away."""
    grant, now, command = draw(grants_), draw(situations), draw(commands)
    less, worse = grant, now
    if draw(st.booleans()):
        shrink = st.integers(0, 20 * HOUR)
        legal = 0 < grant.not_after - grant.not_before <= MAX_WINDOW
        if legal:  # a window of forbidden length that is cut down to a legal one may well open
            less = replace(
                less,
                not_before=grant.not_before + draw(shrink),
                not_after=grant.not_after - draw(shrink),
            )
    if draw(st.booleans()):
        less = replace(less, scope=Scope(grant.scope & draw(st.integers(0, 7))))
    held = now.bulletin or revoking()
    if draw(st.booleans()):
        worse = replace(
            worse,
            bulletin=replace(
                held,
                phones=held.phones | draw(st.frozensets(st.just(grant.phone_thumbprint))),
                serials=held.serials | draw(st.frozensets(st.sampled_from(THUMB))),
            ),
        )
    if draw(st.booleans()):
        weaker = None if now.strength is None else now.strength - draw(st.integers(0, 60))
        worse = replace(worse, strength=draw(st.sampled_from([weaker, None])))
    if draw(st.booleans()):
        worse = replace(worse, threshold=now.threshold + draw(st.integers(0, 60)))
    if draw(st.booleans()):
        worse = replace(worse, stay=None)
    if draw(st.booleans()) and now.clock.mark is not Mark.LOST:
        worse = replace(worse, clock=replace(now.clock, mark=Mark.LOST))
    return grant, less, now, worse, command


@pytest.mark.sentence(12)
@given(case=lessened())
def test_a_revocation_a_smaller_window_or_a_weaker_signal_never_grants(
    case: tuple[Grant, Grant, Situation, Situation, Command],
) -> None:
    grant, less, now, worse, command = case
    if decide(grant, command, now) is not Reason.GRANTED:
        assert decide(less, command, worse) is not Reason.GRANTED


@given(grant=grants_, now=situations, command=commands)
def test_what_is_granted_satisfies_every_rule_by_itself(
    grant: Grant, now: Situation, command: Command
) -> None:
    if decide(grant, command, now) is not Reason.GRANTED:
        return
    assert command.scope in grant.scope
    assert grant.not_after - grant.not_before <= 16 * HOUR
    revoked = now.bulletin or revoking()
    assert grant.serial not in revoked.serials
    assert grant.phone_thumbprint not in revoked.phones
    assert command is Command.SERVICE or (now.strength or -999) >= now.threshold
    stay = now.stay
    opened = stay is not None and stay == Stay.of(grant.serial, stay.opened)
    locks_behind = command is Command.LOCK and opened
    assert locks_behind or now.clock.time < grant.not_after
    assert locks_behind or now.clock.mark is not Mark.LOST


@given(grant=grants_, now=situations, command=commands)
def test_every_answer_is_one_that_the_table_has(
    grant: Grant, now: Situation, command: Command
) -> None:
    never = {Reason.NOT_ACCEPTED, Reason.LOCK_FAULT, Reason.UNKNOWN}
    assert decide(grant, command, now) not in never


def test_a_stay_lasts_four_hours() -> None:
    assert policy.STAY == 4 * HOUR
