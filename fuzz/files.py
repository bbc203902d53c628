"""Targets: the server's answer as a phone reads it, the root's files, a lock's saved state."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from typing import Any, Final

from doorworld import NOON, identifier

from fuzz.objects import HERE, seeds
from fuzz.target import Seeds, Target, hold
from fuzz.town import DOOR, Town, phone_x
from nyckelfri import cbor
from nyckelfri.door import fields, journal
from nyckelfri.door.clock import Mark
from nyckelfri.door.policy import Stay
from nyckelfri.lock import store_state
from nyckelfri.lock.store_state import Factory, Identity, LockState, Running, SavedClock, Tip
from nyckelfri.phone import client, wire
from nyckelfri.phone.values import Trusted
from nyckelfri.root import parts, requests
from nyckelfri.root.errors import RootError

# The server's answers


@cache
def _words() -> dict[str, str]:
    """What stands for signed bytes in an answer, since no fuzzer could sign them."""
    town = Town(lambda: NOON)
    grant = town.paper()
    return {
        "@KEYSET": wire.encode(HERE.signed_key_set),
        "@BULLETIN": wire.encode(town.bulletin()),
        "@GRANT": wire.encode(grant.data),
        "@RECEIPT": wire.encode(town.receipt(3, bytes(32))),
        "@TOKEN": wire.encode(town.time_token(bytes(16))),
    }


def server_answer(data: bytes) -> None:
    """A sync's answer at the phone: a ServerError, or things that hold."""
    for word, value in _words().items():
        data = data.replace(word.encode(), value.encode())
    try:
        answer = client.judge(200, data)
        found = wire.read_sync(answer, Trusted(HERE.root), phone_x(0))
    except client.ServerError:
        return
    hold(all(grant.installation == DOOR.installation for grant in found.grants), "grants hold")
    hold(all(len(door.record.installation) == 8 for door in found.doors), "doors have ids")
    if found.trusted.bulletin is not None:
        hold(found.trusted.key_set is not None, "a bulletin needs a key set")
    wire.sync_request([], [])


def _answers() -> Seeds:
    door = {
        "installation": DOOR.installation.hex(),
        "lock_key": wire.encode(DOOR.record.lock_key),
        "radio_key": wire.encode(DOOR.record.radio_key),
        "kind": "thumb-turn",
        "label": "Storgatan 1",
        "address": "Storgatan 1",
        "protocol": 1,
    }
    whole: dict[str, Any] = {
        "server_time": NOON,
        "key_set": "@KEYSET",
        "bulletin": "@BULLETIN",
        "doors": [door],
        "grants": [
            {
                "grant": "@GRANT",
                "installation": DOOR.installation.hex(),
                "not_before": 1,
                "not_after": 2,
            }
        ],
        "receipts": ["@RECEIPT"],
        "results": {"batches": [{"status": "new", "number": 3}], "openings": [{"id": "1"}]},
        "wanted": [{"installation": DOOR.installation.hex(), "first": 4}],
    }
    yield "whole", json.dumps(whole).encode()
    empty: dict[str, list[Any]] = {"doors": [], "grants": [], "receipts": [], "wanted": []}
    yield "nothing-new", json.dumps({**whole, **empty, "key_set": None, "bulletin": None}).encode()
    yield "wrong-key-set", json.dumps({**whole, "key_set": "@GRANT"}).encode()
    yield "no-object", b"[]"
    yield "deep", b"[" * 2000


# The root's files


def root_file(data: bytes) -> None:
    """What the holders of the root are handed: RootError, or a request that is what it says."""
    with suppress(RootError):
        parts.read_public(data, "part.pub")
    try:
        found = requests.read_any(data)
    except RootError:
        return
    request = found if isinstance(found, requests.Request) else found.request
    hold(request.content.payload == request.payload, "what is shown is what is signed")
    try:
        request.check(HERE.root)
        if isinstance(found, requests.Signed):
            found.verify(HERE.root)
    except RootError:
        return
    hold(request.municipality == HERE.root.municipality, "it is for this municipality")


def _root_files() -> Seeds:
    # As they are in the vectors, since a signature made here would be another each time.
    yield from (item for item in seeds("key set")() if item[0].startswith(("two", "payload-two")))
    release: dict[int, cbor.Encodable] = {
        1: HERE.root.municipality,
        2: DOOR.installation,
        3: bytes(16),
    }
    update: dict[int, cbor.Encodable] = {
        1: HERE.root.municipality,
        2: "turn-1",
        3: 2,
        4: 1000,
        5: bytes(32),
    }
    for name, payload in {"release": cbor.encode(release), "update": cbor.encode(update)}.items():
        yield name, payload
        part: list[cbor.Encodable] = [cbor.encode({1: -7, 4: b"\x00"}), {}, bytes(64)]
        header = cbor.encode({16: f"nyckelfri/{name}"})
        yield f"signed-{name}", cbor.encode([header, {}, payload, [part]])
    point = cbor.encode({1: HERE.root.keys[0]})
    header = cbor.encode({1: -7, 16: parts.TYP})
    yield "public-part", cbor.encode([header, {}, point, bytes(64)])


# A lock's saved state

_STATE: Final = LockState(
    Factory(1, bytes(31) + b"\x01", None),
    Identity(
        root=HERE.root.encoded,
        installation=DOOR.installation,
        dh_key=bytes(31) + b"\x02",
        signing_key=bytes(31) + b"\x03",
        radio_key=bytes(16),
        release_nonce=bytes(16),
        threshold=-70,
    ),
    HERE.key_set.payload,
    b"bulletin",
    Running(
        clock=SavedClock(NOON, NOON, Mark.SET),
        stay=Stay.of(identifier("serial 1"), NOON),
        battery=80,
        tip=Tip(9, bytes(journal.HEAD_BYTES), 4),
        pending=(8,),
        holes=((2, 3),),
    ),
)


def saved_state(data: bytes) -> None:
    """What a lock finds on its disk: ObjectError, or a state that is saved as the same bytes."""
    try:
        items = tuple(cbor.split_sequence(data))
    except cbor.CborError:
        return
    try:
        state = store_state.decode(items)
    except fields.ObjectError as error:
        hold("scalar" not in str(error), "an error shows no key")
        return
    again = tuple(store_state.encode(part) for part in store_state.parts(state))
    hold(again == items, "a state has one form")
    hold("dh_key" not in repr(state) and "secret" not in repr(state), "no key is shown")


def _states() -> Seeds:
    for name, state in {
        "lock": _STATE,
        "factory": LockState(Factory(2, bytes(32), bytes(16))),
    }.items():
        yield name, b"".join(store_state.encode(part) for part in store_state.parts(state))


TARGETS = (
    Target("server_answer", server_answer, _answers, longest=4096, tries=150),
    Target("root_file", root_file, _root_files, longest=1500, tries=150),
    Target("saved_state", saved_state, _states, longest=1024),
)
