"""The contract with phones, call by call, and what happens to whoever breaks it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from doorworld import identifier, private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import clock, keyset
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import Command
from nyckelfri.door.keyset import Root
from nyckelfri.door.opening import (
    DoorRecord,
    LockOpening,
    NotAcceptedError,
    PhoneOpening,
    Presented,
)
from nyckelfri.server.homes.models import Entrance
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.phoneapi.api import api as phone_api
from nyckelfri.server.phoneapi.errors import STATUS, Code
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits.models import Kept
from serverworld import PASSWORD, Api, Handset, Lock, b64, unb64

CALLS = {
    "enrol": "nobody",
    "sign-in": "phone",
    "sign-out": "session",
    "sync": "phone",
    "time": "phone",
    "installations": "installer",
    "installations/label": "installer",
}


def test_no_call_exists_that_is_not_in_the_list() -> None:
    found = {
        path.strip("/"): operation.auth_callbacks
        for _, router in phone_api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
    }
    assert set(found) == set(CALLS)
    assert [path for path, auth in found.items() if not auth] == ["enrol"]


def test_every_error_code_has_its_status() -> None:
    assert set(STATUS) == set(Code)


@pytest.mark.parametrize("call", [call for call, who in CALLS.items() if who != "nobody"])
@pytest.mark.parametrize("token", [None, b"", b"\x00" * 32, b"\xff" * 31])
def test_unknown_phone_gets_no_answer_but_401(api: Api, call: str, token: bytes | None) -> None:
    api.token = token
    answer = api.post(call)
    assert (answer.status, answer.code) == (401, "unknown_phone")


@pytest.mark.sentence(12)
@pytest.mark.sentence(95)
@pytest.mark.threat(35)
@pytest.mark.parametrize("call", [call for call, who in CALLS.items() if who != "nobody"])
def test_blocked_phone_hears_that_it_is_blocked_on_every_call(
    api: Api, alices_phone: Handset, moment: datetime, call: str
) -> None:
    """Whatever it sends: it is to destroy its keys before anything else."""
    api.sign_in("10001")
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    for body in (None, {"nonsense": 1}):
        answer = api.post(call, body)
        assert (answer.status, answer.code) == (403, "phone_blocked")


def test_enrolment_gives_token_root_and_time(
    api: Api, keys: Any, cast: Any, moment: datetime
) -> None:
    row = phones.register(label="Ny", holder=cast.bob, actor="test", now=moment)
    code = phones.invite(row, actor="test", now=moment)
    api.token = None
    body = {"code": code, "public_key": b64(bytes(31) + b"\x05"), "model": "Test"}
    answer = api.post("enrol", body)
    assert answer.status == 200
    assert answer.body["phone"] == row.identifier.hex()
    assert Root.read(unb64(answer.body["root"])) == keys.holders.root
    assert answer.body["server_time"] == int(moment.timestamp())
    api.token = unb64(answer.body["token"])
    assert api.post("sync").status == 200
    again = api.post("enrol", body)
    assert (again.status, again.code) == (401, "code_refused")


def test_sign_in_and_out(api: Api, moment: datetime) -> None:
    wrong = api.sign_in("10001", "wrong password")
    assert (wrong.status, wrong.code) == (401, "wrong_credentials")
    right = api.sign_in("10001")
    assert right.body["employee"] == {"number": "10001", "name": "Alice"}
    assert right.body["until"] == int((moment + timedelta(hours=8.5)).timestamp())
    assert api.post("sign-out").body == {}
    answer = api.post("sync")
    assert (answer.status, answer.code) == (401, "unknown_session")


def test_too_many_tries_say_when_to_come_back(api: Api) -> None:
    for _ in range(5):
        api.sign_in("10001", "wrong password")
    answer = api.sign_in("10001")
    assert (answer.status, answer.code) == (429, "too_often")
    assert answer.headers["Retry-After"] == "900"


@pytest.mark.sentence(13)
def test_password_without_the_enrolled_phone_gives_nothing(api: Api, locks: Any) -> None:
    api.token = b"\x01" * 32
    assert api.sign_in("10001").status == 401


@pytest.mark.sentence(13)
def test_phone_without_a_person_gets_no_door_and_no_grant(api: Api, keys: Any, locks: Any) -> None:
    body = api.post("sync").body
    assert (body["doors"], body["grants"]) == ([], [])
    assert keyset.read(unb64(body["key_set"]), keys.holders.root) == keys.key_set
    assert bulletins.read(unb64(body["bulletin"]), keys.key_set)


def test_sync_gives_doors_and_grants_of_whoever_is_signed_in(
    api: Api, keys: Any, locks: Any, moment: datetime
) -> None:
    api.sign_in("10001")
    body = api.post("sync").body
    assert body["server_time"] == int(moment.timestamp())
    assert [(door["label"], door["kind"]) for door in body["doors"]] == [
        ("Kyrkogatan 1 1101", "thumb_turn"),
        ("Port Kyrkogatan 1", "entrance_unit"),
    ]
    assert {door["protocol"] for door in body["doors"]} == {1}
    doors = {door["installation"] for door in body["doors"]}
    assert {grant["installation"] for grant in body["grants"]} == doors
    assert api.post("sync").body["grants"] == body["grants"]


def _front_door(body: Any) -> tuple[DoorRecord, bytes]:
    """What a sync says of the first door, and the grant for it."""
    door = body["doors"][0]
    grant = next(
        unb64(grant["grant"])
        for grant in body["grants"]
        if grant["installation"] == door["installation"]
    )
    record = DoorRecord(
        bytes.fromhex(door["installation"]), unb64(door["lock_key"]), unb64(door["radio_key"])
    )
    return record, grant


def _present(opening: PhoneOpening, lock: Lock, keys: Any) -> Presented:
    """Messages 1 to 3 at a lock; NotAcceptedError."""
    message_1, waiting = opening.message_1()
    message_2, awaiting = LockOpening(lock.installation, lock.key).message_1(message_1)
    message_3, _ = waiting.message_2(message_2).message_3(Command.UNLOCK)
    return awaiting.message_3(message_3).prove(keys.key_set)


@pytest.mark.threat(9)
@pytest.mark.threat(37)
def test_copied_token_session_and_grants_open_nothing_without_the_phone_s_key(
    api: Api, keys: Any, locks: Any, alices_phone: Handset
) -> None:
    api.sign_in("10001")
    copy = Api(api.token, api.session)
    record, grant = _front_door(copy.post("sync").body)
    assert _present(PhoneOpening(record, alices_phone.key, grant), locks.home, keys)
    with pytest.raises(NotAcceptedError):
        _present(PhoneOpening(record, private_key(999), grant), locks.home, keys)


@pytest.mark.sentence(1)
@pytest.mark.sentence(3)
def test_what_sync_gives_opens_the_door(
    api: Api, keys: Any, locks: Any, alices_phone: Handset
) -> None:
    api.sign_in("10001")
    body = api.post("sync").body
    record, grant = _front_door(body)
    assert record.radio_key == locks.home.record.radio_key
    shown = _present(PhoneOpening(record, alices_phone.key, grant), locks.home, keys)
    assert shown.command is Command.UNLOCK
    now = body["server_time"]
    reading = clock.Clock(floor=0, base=now, base_ticks=0, mark=Mark.SET).read(0)
    assert not reading.is_early(shown.grant.not_before)
    assert not reading.is_late(shown.grant.not_after)


@pytest.mark.threat(41)
def test_charlie_sees_nothing_of_alice_s_on_the_same_phone(api: Api, locks: Any) -> None:
    api.sign_in("10003")
    body = api.post("sync").body
    assert [door["label"] for door in body["doors"]] == ["Storgatan 2 1101"]
    assert "Kyrkogatan" not in json.dumps(body)


def test_time_is_signed_for_a_lock_in_service_only(
    api: Api, keys: Any, locks: Any, moment: datetime
) -> None:
    nonce = bytes(range(16))
    lock = locks.home.installation
    answer = api.post("time", {"installation": lock.hex(), "nonce": b64(nonce)})
    token = unb64(answer.body["token"])
    time = bulletins.read_time(token, keys.key_set, installation=lock, nonce=nonce)
    assert time == int(moment.timestamp())
    unknown = {"installation": identifier("nowhere").hex(), "nonce": b64(nonce)}
    assert api.post("time", unknown).status == 404


# Installations.


@pytest.fixture
def installer(api: Api, cast: Any, keys: Any) -> Api:
    Employee.objects.filter(pk=cast.alice.pk).update(role=Role.DOOR_INSTALLER)
    api.sign_in("10001")
    return api


def new_lock(keys: Any, moment: datetime, kind: Kind = Kind.THUMB_TURN) -> Lock:
    return Lock.make(f"new {kind}", keys.holders.root, int(moment.timestamp()), kind)


def bring(api: Api, lock: Lock, where: str = "LB0001") -> Any:
    return api.post("installations", {"lock": where, "record": b64(lock.signed_record)})


def test_installer_takes_a_unit_into_service_and_may_say_so_twice(
    installer: Api, keys: Any, moment: datetime
) -> None:
    lock = new_lock(keys, moment)
    for _ in range(2):
        answer = bring(installer, lock)
        assert answer.body == {"installation": lock.installation.hex()}
    assert Installation.objects.count() == 1


def test_only_the_right_installer_may(api: Api, cast: Any, keys: Any, moment: datetime) -> None:
    api.sign_in("10002")
    assert bring(api, new_lock(keys, moment)).code == "not_permitted"
    Employee.objects.filter(pk=cast.bob.pk).update(role=Role.ENTRANCE_INSTALLER)
    assert bring(api, new_lock(keys, moment)).code == "not_permitted"
    entrance = new_lock(keys, moment, Kind.ENTRANCE_UNIT)
    assert bring(api, entrance, "L0001").status == 200


@pytest.mark.sentence(51)
def test_entrance_unit_without_the_owner_s_consent_is_refused(
    api: Api, cast: Any, keys: Any, moment: datetime
) -> None:
    Employee.objects.filter(pk=cast.bob.pk).update(role=Role.ENTRANCE_INSTALLER)
    Entrance.objects.update(consent=Entrance.Consent.ASKED)
    api.sign_in("10002")
    answer = bring(api, new_lock(keys, moment, Kind.ENTRANCE_UNIT), "L0001")
    assert (answer.status, answer.code) == (409, "conflict")
    assert not Installation.objects.exists()


def test_conflicting_foreign_and_forged_records_are_refused(
    installer: Api, keys: Any, cast: Any, moment: datetime
) -> None:
    lock = new_lock(keys, moment)
    assert bring(installer, lock, "nowhere").status == 409
    assert bring(installer, new_lock(keys, moment, Kind.ENTRANCE_UNIT)).status == 409
    forged = bytearray(lock.signed_record)
    forged[-1] ^= 1
    body = {"lock": "LB0001", "record": b64(bytes(forged))}
    assert installer.post("installations", body).status == 422
    stranger = Lock.make("stranger", Root(1, keys.holders.root.keys), 0)
    assert bring(installer, stranger).status == 422
    assert bring(installer, lock).status == 200
    assert bring(installer, lock, "LB0002").status == 409
    other = Lock.make("second", keys.holders.root, 0)
    assert bring(installer, other).status == 409


@pytest.mark.parametrize("call", ["installations", "sign-out"])
def test_calls_of_a_person_need_one(api: Api, keys: Any, moment: datetime, call: str) -> None:
    body = {"lock": "LB0001", "record": b64(b"x")} if call == "installations" else None
    answer = api.post(call, body)
    assert (answer.status, answer.code) == (401, "unknown_session")


# Size and form.


def test_request_over_its_limit_is_refused_before_it_is_read(api: Api) -> None:
    small = api.post("sign-in", raw=b"x" * (16 * 1024 + 1))
    assert (small.status, small.code) == (413, "too_large")
    large = api.post("sync", raw=b"x" * (3 * 1024 * 1024 + 1))
    assert (large.status, large.code) == (413, "too_large")
    assert api.post("sync", raw=b" " * (3 * 1024 * 1024 - 2) + b"{}").status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"batches": [], "batches": []}',
        b'{"batches": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 10_000,
    ],
)
def test_what_is_not_one_json_object_is_malformed_or_invalid(api: Api, raw: bytes) -> None:
    answer = api.post("sync", raw=raw)
    assert answer.status in {400, 422}
    assert answer.code in {"malformed", "invalid"}


@pytest.mark.parametrize(
    "body",
    [
        {"batches": [b64(b"x")] * 65},
        {"openings": [{}] * 1_501},
        {"batches": ["AA=="]},
        {"batches": ["AB"]},
        {"batches": ["A"]},
        {"batches": [""]},
        {"batches": [1]},
        {"batches": [b64(bytes(16_385))]},
        {"unknown": 1},
    ],
)
def test_sync_outside_its_limits_is_invalid(api: Api, body: Any) -> None:
    answer = api.post("sync", body)
    assert (answer.status, answer.code) == (422, "invalid")
    assert not Kept.objects.exists()


def test_error_texts_do_not_repeat_what_was_sent(api: Api) -> None:
    for body in (
        {"username": "10001", "password": PASSWORD, "more": "tail"},
        {"username": ["10001"], "password": {"x": PASSWORD}},
        {"username": "10001", "password": PASSWORD * 20},
    ):
        answer = api.post("sign-in", body)
        assert answer.status == 422
        assert PASSWORD not in json.dumps(answer.body)


def test_server_that_may_not_sign_says_so_and_gives_nothing(api: Api, keys: Any) -> None:
    api.sign_in("10001")
    for path in keys.directory.glob("bulletin-*.pem"):
        path.unlink()
    from nyckelfri.server.keys import signer

    signer.of.cache_clear()
    answer = api.post("sync")
    assert (answer.status, answer.code) == (503, "not_ready")
    assert "grants" not in answer.body


def test_answers_of_the_api_are_not_stored_by_anybody_on_the_way(api: Api) -> None:
    answer = api.post("sync")
    assert answer.headers["Cache-Control"] == "no-store"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["batches", "openings", "id", "installation", "serial", "head", "number", "code"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(sorted(CALLS)), body=JSON)
def test_any_json_is_answered_with_a_code_and_never_a_traceback(
    api: Api, call: str, body: Any
) -> None:
    answer = api.post(call, raw=json.dumps(body).encode())
    assert answer.status in {200, 400, 401, 404, 409, 422, 429}
    if answer.status != 200:
        assert re.fullmatch(r"[a-z_]+", answer.code)
        assert answer.body["message"]
