"""The fuzzing that is short enough for every day: known inputs again, and some random ones.

None of this needs atheris. What was ever found lies in fuzz/regressions/ and is replayed here.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import commissioning, journal, keyset, policy
from nyckelfri.door.clock import Clock
from nyckelfri.door.commissioning import Printed
from nyckelfri.door.ownership import Release
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.installing import Installing
from nyckelfri.lock.memory import Memory
from nyckelfri.lock.store import Store

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.name for path in (ROOT / "fuzz/corpus").iterdir())


def module(name: str) -> Any:
    """A module of the fuzzing, which no room may import."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(f"fuzz.{name}")


@pytest.fixture(scope="session")
def targets() -> dict[str, Any]:
    return {name: target for name, (_, target) in module("registry").everything().items()}


def test_every_target_has_its_seeds_and_every_seed_its_target(targets: dict[str, Any]) -> None:
    assert sorted(targets) == NAMES
    corpus = module("corpus")
    for name, target in targets.items():
        held = {
            path.name: path.read_bytes()
            for path in (ROOT / "fuzz/corpus" / name).iterdir()
            if not path.name.startswith("found-")
        }
        assert held == corpus.seeds(target), f"{name}: run `python -m fuzz --seeds`"


def test_the_corpus_stays_small() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "fuzz/corpus").rglob("*") if path.is_file()]
    assert sum(sizes) < 1_000_000
    assert len(sizes) < 2_000


@pytest.mark.threat(13)
@pytest.mark.threat(14)
@pytest.mark.threat(18)
@pytest.mark.parametrize("name", NAMES)
def test_no_known_or_random_input_breaks_a_target(name: str, targets: dict[str, Any]) -> None:
    target = targets[name]
    known = [data for _, data in module("corpus").inputs(target)]
    random = module("mutate").inputs(known, count=target.tries, longest=target.longest, seed=1)
    for data in (*known, *random):
        try:
            target.run(data)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is shown with its input
            pytest.fail(f"{name} breaks on {data.hex()}: {type(error).__name__}: {error}")


# A net that catches nothing looks like a sea without fish: plant some, and see them caught.


def caught(target: Any) -> str:
    """What the target's own seeds bring to light; fails if that is nothing."""
    for _, data in target.seeds():
        try:
            target.run(data)
        except module("target").InvariantError as error:
            return str(error)
    pytest.fail("nothing was caught")


def test_a_lock_that_ignores_its_bulletin_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(*arguments: Any) -> Reason:
        found = decide(*arguments)
        blocked = {Reason.PHONE_BLOCKED, Reason.GRANT_REVOKED}
        return Reason.GRANTED if found in blocked else found

    decide = policy.decide
    monkeypatch.setattr(policy, "decide", careless)
    assert caught(targets["session"]) == "the grant is not revoked"


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        (Reason.EXPIRED, "the clock allows the movement"),
        (Reason.NOT_YET_VALID, "the clock allows the movement"),
        (Reason.TOO_FAR, "the phone is near"),
    ],
)
def test_a_lock_that_forgets_one_rule_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch, reason: Reason, complaint: str
) -> None:
    def careless(*arguments: Any) -> Reason:
        found = decide(*arguments)
        return Reason.GRANTED if found is reason else found

    decide = policy.decide
    monkeypatch.setattr(policy, "decide", careless)
    assert caught(targets["session"]) == complaint


def test_a_lock_whose_floor_falls_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def falling(self: Clock, time: int, ticks: int) -> Clock:
        return Clock(floor=time - 86_400, base=time, base_ticks=ticks, mark=self.mark)

    monkeypatch.setattr(Clock, "with_signed_time", falling)
    assert caught(targets["session"]) == "the floor never falls in an epoch"


def test_a_lock_that_writes_no_intent_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(self: Memory, *details: journal.Detail, **more: Any) -> Any:
        fault = journal.Fault(journal.FaultCode.MOTOR)
        kept = [fault if isinstance(item, journal.Intent) else item for item in details]
        return write(self, *kept, **more)

    write = Memory.write
    monkeypatch.setattr(Memory, "write", forgetful)
    assert caught(targets["session"]) == "the intent is committed first"


def test_a_lock_that_takes_any_receipt_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(self: Store, number: int, head: bytes) -> Any:
        return acknowledge(self, number, self._head_at(number) or head)

    acknowledge = Store.acknowledge
    monkeypatch.setattr(Store, "acknowledge", careless)
    assert caught(targets["session"]) == "only a true head is acknowledged"


def test_a_lock_that_will_not_serve_again_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "decide", lambda *_: Reason.BULLETIN_NEEDED)
    assert caught(targets["session"]) == "an honest phone is served"


def test_a_unit_that_asks_for_no_secret_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def trusting(offer: Any, **_secrets: Any) -> Any:
        root = keyset.Root.read(offer.root)
        key_set = keyset.read(offer.key_set, root)
        return root, key_set, bulletins.read(offer.bulletin, key_set)

    monkeypatch.setattr(commissioning, "check", trusting)
    assert caught(targets["unit"]) == "only the secret and the root make a lock"


def test_a_unit_that_does_not_wait_for_the_phone_to_store_its_record_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hasty(*_: object) -> None:
        pass

    monkeypatch.setattr(Installing, "_confirmed", hasty)
    assert caught(targets["unit"]) == "only what the phone has stored becomes a lock"


def test_a_lock_that_anybody_can_release_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Release, "frees", lambda *_args, **_kwargs: True)
    assert caught(targets["unit"]) == "only the root lets a lock go"


def test_a_second_form_of_a_label_is_caught(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Printed, "text", lambda _self: "NYCKELFRI:1:")
    monkeypatch.setattr(Printed, "read", classmethod(lambda cls, _text: cls(1, b"", b"secret")))
    assert caught(targets["label"]) == "a code has one form"


# What a campaign says.

LOG = b"""INFO: seed corpus: files: 7
#8\tINITED cov: 57 ft: 61 corp: 5/120b exec/s: 0 rss: 41Mb
#1024\tNEW    cov: 92 ft: 150 corp: 30/1k lim: 30 exec/s: 512 rss: 42Mb L: 9/12 MS: 1 EraseBytes-
#130290\tDONE   cov: 92 ft: 197 corp: 44/2k lim: 200 exec/s: 18612 rss: 50Mb
"""
CRASH = LOG + b"Test unit written to fuzz/regressions/cbor/crash-0123\n"


def test_a_log_gives_executions_coverage_and_the_inputs_that_broke_something() -> None:
    campaign = module("campaign")
    held = campaign.read_log(LOG, "cbor", seconds=7.0, fresh=3, note="")
    assert (held.executions, held.coverage, held.features) == (130_290, 92, 197)
    assert not held.broken
    broken = campaign.read_log(CRASH, "cbor", seconds=7.0, fresh=3, note="")
    assert broken.crashes == ("fuzz/regressions/cbor/crash-0123",)
    assert broken.broken


@pytest.mark.parametrize("log", [b"", b"ModuleNotFoundError: No module named 'atheris'\n"])
def test_a_target_that_never_ran_is_not_taken_for_one_that_held(log: bytes) -> None:
    assert module("campaign").read_log(log, "cbor", seconds=1.0, fresh=0, note="").broken


def test_all_time_is_shared_out_and_each_target_gets_some(targets: dict[str, Any]) -> None:
    pairs = {name: ("", target) for name, target in targets.items()}
    shares = module("campaign").shares(pairs, minutes=60, jobs=2)
    assert 0.97 * 7200 <= sum(shares.values()) <= 7200
    short = module("campaign").shares(pairs, minutes=0.1, jobs=2)
    assert min(short.values()) >= 5


def test_the_page_shows_the_last_report_and_it_is_whole(targets: dict[str, Any]) -> None:
    report = module("report")
    last = json.loads((ROOT / "fuzz/report.json").read_text("utf-8"))
    assert [row["name"] for row in last["targets"]] == list(targets)
    text = report.PAGE.read_text("utf-8")
    assert report.fill(text, last) == text, "run `python -m fuzz --docs`"
