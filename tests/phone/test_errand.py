"""The courier at the phone's end against a lock that does not keep to the rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from doorworld import NOON, Door, Municipality
from hypothesis import given, settings
from hypothesis import strategies as st
from lockworld import PipeEnd, pipe

from nyckelfri.door import courier as records
from nyckelfri.door import delivery, journal
from nyckelfri.door.clock import Mark
from nyckelfri.door.courier import Courier, Side
from nyckelfri.door.delivery import Record
from nyckelfri.door.journal import Battery, Commissioned, Entry
from nyckelfri.phone import errand as errands
from nyckelfri.phone.errand import Errand, Load, Result
from nyckelfri.phone.steps import MeteredLink, Progress
from nyckelfri.phone.values import Trusted
from nyckelfri.radio.link import LinkError
from sealworld import sealed

STATUS = records.Status(0, NOON, 1, 1, NOON, 10, 0, 80, bytes(16))


def exporter(label: int, _context: bytes, length: int) -> bytes:
    return bytes([label & 0xFF]) * length


def batch(door: Door, first: int, last: int) -> bytes:
    bodies = [
        Record(
            bytes(16),
            journal.encode_entry(
                Entry(n, NOON, Mark.SET, Commissioned(1) if n == 1 else Battery(50))
            ),
        )
        for n in range(first, last + 1)
    ]
    previous = journal.genesis(door.installation) if first == 1 else bytes(32)
    return delivery.sign_batch(
        [sealed(bodies, installation=door.installation, first=first)],
        installation=door.installation,
        first=first,
        previous=previous,
        key=door.signing_key,
    )


@dataclass
class Rogue:
    """A lock's end that does as the test says."""

    link: PipeEnd
    courier: Courier
    heard: list[records.Record] = field(default_factory=list)

    async def say(self, record: records.FromLock) -> None:
        await self.link.send(self.courier.seal(record))

    async def hear(self) -> records.Record:
        record = self.courier.open(await self.link.receive(5, 65_535))
        self.heard.append(record)
        return record


@dataclass
class Run:
    rogue: Rogue
    result: Result = field(default_factory=Result)
    kept: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def against(
    script: Callable[[Rogue], Awaitable[None]], load: Load, **how: bool
) -> AsyncIterator[Run]:
    lock_end, phone_end = pipe()
    run = Run(Rogue(lock_end, Courier(Side.LOCK, exporter)))

    async def play() -> None:
        try:
            await script(run.rogue)
        except LinkError:
            return
        await lock_end.close()

    async def no_time(_: bytes) -> bytes | None:
        return None

    playing = asyncio.ensure_future(play())
    errand = Errand(
        MeteredLink(phone_end),
        Courier(Side.PHONE, exporter),
        Progress(lambda _: None, time.monotonic),
        ask_time=no_time,
        keep=run.kept.append,
    )
    run.result = await errand.run(load, moves=how.get("moves", False), fetches=True)
    await phone_end.close()
    await playing
    yield run


@pytest.fixture
def load(municipality: Municipality) -> Load:
    return Load(Trusted(municipality.root), None, 0, None, NOON)


async def test_a_lock_that_never_ends_its_journal_is_left_after_a_bounded_number_of_batches(
    load: Load, door: Door
) -> None:
    async def script(rogue: Rogue) -> None:
        await rogue.say(STATUS)
        number = 1
        while isinstance(await rogue.hear(), records.Fetch):
            await rogue.say(records.BatchRecord(batch(door, number, number)))
            number += 1

    async with against(script, load) as run:
        assert run.result.batches == len(run.kept) == errands.MAX_BATCHES
        assert run.rogue.heard[-1] == records.End()


@pytest.mark.parametrize("again", [1, 2])
async def test_a_lock_that_sends_the_same_entries_for_ever_is_left(
    load: Load, door: Door, again: int
) -> None:
    async def script(rogue: Rogue) -> None:
        await rogue.say(STATUS)
        while isinstance(await rogue.hear(), records.Fetch):
            await rogue.say(records.BatchRecord(batch(door, 1, again)))

    async with against(script, load) as run:
        assert run.result.batches == 2
        assert "does not go on" in run.result.stopped
        assert run.result.carried == again


@pytest.mark.parametrize("size", [0, delivery.MAX_BATCH + 1])
async def test_a_batch_that_no_server_takes_is_not_kept(load: Load, size: int) -> None:
    async def script(rogue: Rogue) -> None:
        await rogue.say(STATUS)
        await rogue.hear()
        await rogue.say(records.BatchRecord(bytes(size)))
        await rogue.hear()

    async with against(script, load) as run:
        assert run.kept == []
        assert "size" in run.result.stopped


async def test_a_batch_that_does_not_read_is_kept_for_the_server_to_judge(load: Load) -> None:
    async def script(rogue: Rogue) -> None:
        await rogue.say(STATUS)
        await rogue.hear()
        await rogue.say(records.BatchRecord(b"\x80"))
        await rogue.hear()

    async with against(script, load) as run:
        assert run.kept == [b"\x80"]
        assert run.result.carried == 0


async def test_outcomes_without_end_do_not_hold_the_phone(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "WHOLE", 0.3)

    async def script(rogue: Rogue) -> None:
        await rogue.say(STATUS)
        while True:
            await rogue.say(records.OutcomeRecord(1, 1, 2, bytes(8)))
            await asyncio.sleep(0.001)

    begin = time.monotonic()
    async with against(script, load) as run:
        assert "took over" in run.result.stopped
        assert run.result.outcome is not None
    assert time.monotonic() - begin < 2


async def test_a_lock_that_says_nothing_is_left_in_time(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands.Errand._receive, "__defaults__", (0.1,))

    async def script(rogue: Rogue) -> None:
        await rogue.hear()

    async with against(script, load) as run:
        assert run.result.status is None
        assert not run.result.complete


async def test_a_motor_that_never_ends_does_not_keep_the_journal_from_going_home(
    load: Load, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "OUTCOME_WITHIN", 0.1)

    async def script(rogue: Rogue) -> None:
        await rogue.say(STATUS)
        await rogue.hear()
        await rogue.say(records.BatchRecord(batch(door, 1, 9)))
        await rogue.hear()
        await rogue.say(records.NoMore())
        await rogue.hear()

    async with against(script, load, moves=True) as run:
        assert run.result.complete
        assert run.result.outcome is None
        assert run.result.carried == 9


SMALL = st.integers(0, 300)
ANY_RECORD = st.one_of(
    st.builds(
        records.Status,
        SMALL, SMALL, SMALL, SMALL, SMALL, SMALL, SMALL, st.none() | SMALL,
        st.binary(max_size=20),
    ),
    st.builds(records.OutcomeRecord, SMALL, SMALL, SMALL, st.binary(max_size=10)),
    st.builds(records.Applied, SMALL, SMALL),
    st.builds(records.BatchRecord, st.binary(max_size=60)),
    st.just(records.NoMore()),
    st.builds(records.Commissioned, st.binary(max_size=30)),
)  # fmt: skip


@pytest.mark.threat(18)
@settings(max_examples=150, deadline=None)
@given(said=st.lists(ANY_RECORD, max_size=6), junk=st.binary(min_size=1, max_size=40))
def test_nothing_that_a_lock_says_raises_anything(
    municipality: Municipality, said: list[records.FromLock], junk: bytes
) -> None:
    load = Load(
        Trusted(municipality.root, municipality.key_set, municipality.signed_key_set),
        (5, b"receipt"),
        0,
        None,
        NOON,
    )

    async def script(rogue: Rogue) -> None:
        for record in said:
            await rogue.say(record)
        await rogue.link.send(junk)

    async def whole() -> None:
        async with against(script, load, moves=True) as run:
            assert run.result.stopped or run.result.complete

    asyncio.run(whole())
