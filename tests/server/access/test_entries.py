"""What staff entered on phones comes home: once, whole, and with its flaws shown."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.server.access.models import OwnClient
from nyckelfri.server.homes.models import PlannedVisit, ProviderChoice
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits.models import PhoneEntry
from serverworld import PASSWORD, Api, Handset

HOUR = timedelta(hours=1)
Flaw = PhoneEntry.Flaw


def entry(moment: datetime, number: int = 1, **changes: Any) -> dict[str, Any]:
    """Alice begins her visit, an hour into her shift."""
    return {
        "id": str(UUID(int=number)),
        "kind": "visit_start",
        "at": int((moment + HOUR).timestamp()),
        "employee": "10001",
        "client": "B0001",
        "visit": "V000001",
        "detail": {"how": "door"},
        **changes,
    }


def bring(api: Api, *entries: Any) -> list[tuple[str | None, str]]:
    answer = api.post("sync", {"entries": list(entries)})
    assert answer.status == 200, answer.body
    return [(row["id"], row["status"]) for row in answer.body["results"]["entries"]]


def statuses(api: Api, *entries: Any) -> list[str]:
    return [status for _, status in bring(api, *entries)]


@pytest.fixture
def alice(api: Api, set_clock: Any, moment: datetime) -> Api:
    """Alice signed in at seven; now it is two hours later."""
    assert api.sign_in("10001").status == 200
    set_clock(moment + 2 * HOUR)
    return api


DETAILS: list[tuple[str, dict[str, Any]]] = [
    ("visit_start", {"how": "label"}),
    ("visit_start", {"how": "manual", "reason": "phone_was_off", "text": "Laddaren glömdes"}),
    ("visit_end", {"how": "door", "services": ["care", "household"]}),
    ("missed", {"reason": "no_answer"}),
    ("declined", {}),
    ("note", {"text": "Åt en god frukost"}),
    ("deviation", {"what": "fall", "text": "Halkade i hallen, inget ont"}),
    ("unplanned", {"reason": "alarm"}),
]


@pytest.mark.sentence(66)
@pytest.mark.sentence(67)
@pytest.mark.sentence(68)
def test_every_kind_is_stored_as_it_was_entered(
    alice: Api, cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    sent = [
        entry(moment, number, kind=kind, detail=detail)
        for number, (kind, detail) in enumerate(DETAILS, 1)
    ]
    assert bring(alice, *sent) == [(row["id"], "stored") for row in sent]
    rows = PhoneEntry.objects.order_by("pk")
    assert [(row.kind, row.detail) for row in rows] == DETAILS
    for row in rows:
        assert (row.employee, row.client, row.visit) == (cast.alice, cast.client, cast.visit)
        assert (row.at, row.received_at) == (moment + HOUR, moment + 2 * HOUR)
        assert (row.phone_id, row.flaw, row.raw) == (alices_phone.row.pk, "", None)


@pytest.mark.threat(54)
@pytest.mark.threat(55)
def test_same_entries_again_in_any_order_are_known_and_stored_once(
    alice: Api, moment: datetime
) -> None:
    sent = [entry(moment, number) for number in range(1, 6)]
    assert statuses(alice, *sent[:3]) == ["stored"] * 3
    assert statuses(alice, *reversed(sent)) == ["stored", "stored", "known", "known", "known"]
    assert statuses(alice, sent[0], sent[0]) == ["known", "known"]
    shuffled = dict(reversed(sent[0].items()))
    assert statuses(alice, shuffled) == ["known"]
    assert PhoneEntry.objects.count() == 5


def test_other_content_under_the_same_number_is_kept_beside_the_first(
    alice: Api, moment: datetime
) -> None:
    first, second = entry(moment), entry(moment, detail={"how": "label"})
    assert statuses(alice, first, second, second) == ["stored", "kept", "known"]
    rows = PhoneEntry.objects.order_by("pk")
    assert [(row.detail["how"], row.flaw) for row in rows] == [("door", ""), ("label", "changed")]


def test_two_phones_may_use_the_same_number(
    alice: Api, bobs_phone: Handset, moment: datetime
) -> None:
    bob = Api(bobs_phone.token)
    bob.sign_in("10002")
    theirs = entry(moment + HOUR, employee="10002")
    assert statuses(alice, entry(moment)) == ["stored"]
    assert statuses(bob, theirs) == ["stored"]


UNREADABLE: list[Any] = [
    None,
    7,
    "text",
    [],
    {},
    {"id": "not a number"},
    {"id": {"a": 1}},
    {"kind": "teleport"},
    {"kind": "", "detail": {}},
    {"at": "noon"},
    {"at": -1},
    {"at": 2**33},
    {"at": True},
    {"employee": "x" * 33},
    {"client": "B\x000001"},
    {"client": 1},
    {"extra": 1},
    {"detail": []},
    {"detail": {"how": "magic"}},
    {"detail": {"how": "manual"}},
    {"detail": {"how": "door", "text": "x" * 301}},
    {"detail": {"how": "door", "extra": 1}},
    {"kind": "visit_end", "detail": {"how": "door"}},
    {"kind": "visit_end", "detail": {"how": "door", "services": ["sauna"]}},
    {"kind": "visit_end", "detail": {"how": "door", "services": ["care"] * 11}},
    {"kind": "note", "detail": {"text": ""}},
    {"kind": "note", "detail": {"text": "x" * 1001}},
    {"kind": "note", "detail": {"text": "\x00"}},
    {"kind": "note", "detail": {"text": "\ud800"}},
    {"kind": "note", "detail": {"text": "a", "more": "\ud800"}},
    {"kind": "batteries", "detail": {"installation": "xyz"}},
]


@pytest.mark.parametrize("wrong", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_is_kept_and_hinders_neither_the_others_nor_the_keys(
    alice: Api, locks: Any, moment: datetime, wrong: Any
) -> None:
    broken = {**entry(moment, 2), **wrong} if isinstance(wrong, dict) and wrong else wrong
    body = {"entries": [entry(moment, 1), broken, entry(moment, 3)]}
    answer = alice.post("sync", body)
    assert answer.status == 200
    found = [row["status"] for row in answer.body["results"]["entries"]]
    assert found == ["stored", "kept", "stored"]
    assert answer.body["grants"]
    row = PhoneEntry.objects.get(flaw=Flaw.UNREADABLE)
    assert row.raw is not None
    assert json.loads(bytes(row.raw)) == broken
    assert statuses(alice, broken) == ["known"]


def test_a_very_long_entry_is_cut_and_one_too_many_is_the_whole_request_s_fault(
    alice: Api, moment: datetime
) -> None:
    assert statuses(alice, entry(moment, detail={"how": "x" * 100_000})) == ["kept"]
    row = PhoneEntry.objects.get()
    assert row.raw is not None
    assert len(row.raw) == 16 * 1024
    answer = alice.post("sync", {"entries": [entry(moment, n) for n in range(501)]})
    assert (answer.status, answer.code) == (422, "invalid")
    assert PhoneEntry.objects.count() == 1


def test_deepest_json_that_the_server_takes_is_kept(alice: Api, moment: datetime) -> None:
    for depth in (100, 400, 900):
        raw = b'{"entries": [' + b"[" * depth + b"]" * depth + b"]}"
        assert alice.post("sync", raw=raw).status in {200, 400}


def flaw_of(api: Api, sent: dict[str, Any]) -> str:
    (status,) = statuses(api, sent)
    row = PhoneEntry.objects.latest("pk")
    assert (status == "kept") == bool(row.flaw)
    assert bool(row.flaw) == (row.raw is not None)
    return str(row.flaw)


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"client": "B9999", "visit": None}, Flaw.UNKNOWN_CLIENT),
        ({"visit": "V999999"}, Flaw.UNKNOWN_VISIT),
        ({"client": "B0002"}, Flaw.OTHER_VISIT),
        ({"client": "B0002", "visit": None}, Flaw.OTHERS_CLIENT),
        ({"employee": "99999"}, Flaw.UNKNOWN_AUTHOR),
        ({"employee": "10002"}, Flaw.UNPROVEN_AUTHOR),
        ({"kind": "batteries", "detail": {"installation": "00" * 8}}, Flaw.UNKNOWN_LOCK),
        ({"kind": "tap", "detail": {"label": "E9999", "use": "start"}}, Flaw.UNKNOWN_LABEL),
    ],
)
@pytest.mark.threat(57)
def test_what_cannot_be_true_is_kept_with_the_reason(
    alice: Api, moment: datetime, changes: dict[str, Any], flaw: Flaw
) -> None:
    assert flaw_of(alice, entry(moment, **changes)) == flaw


@pytest.mark.threat(34)
def test_phones_time_is_its_claim_and_what_has_not_been_is_flagged(
    alice: Api, moment: datetime
) -> None:
    now = moment + 2 * HOUR
    for number, (later, flaw) in enumerate(
        [(timedelta(minutes=9), ""), (timedelta(minutes=11), "future"), (HOUR * 8766, "")]
    ):
        at = now - later if later > HOUR else now + later
        sent = entry(moment, number, at=int(at.timestamp()), employee=None)
        found = flaw_of(alice, sent)
        assert found == (flaw or ("unknown_author" if later > HOUR else ""))
        assert PhoneEntry.objects.latest("pk").received_at == now


# Who entered it.


@pytest.mark.threat(41)
def test_next_person_s_sync_carries_home_what_the_one_before_entered(
    alice: Api, cast: Any, set_clock: Any, moment: datetime
) -> None:
    set_clock(moment + 3 * HOUR)
    alice.sign_in("10002")
    hers = entry(moment, 1)
    his = entry(moment, 2, employee="10002", at=int((moment + 3 * HOUR).timestamp()))
    hers_too_late = entry(moment, 3, at=int((moment + 3.5 * HOUR).timestamp()))
    set_clock(moment + 4 * HOUR)
    assert statuses(alice, hers, his, hers_too_late) == ["stored", "stored", "kept"]
    authors = PhoneEntry.objects.order_by("pk").values_list("employee__number", "flaw")
    assert list(authors) == [("10001", ""), ("10002", ""), ("10001", "unproven_author")]


def test_author_is_found_by_who_was_signed_in_where_the_entry_names_nobody(
    alice: Api, cast: Any, set_clock: Any, moment: datetime
) -> None:
    set_clock(moment + 3 * HOUR)
    alice.sign_in("10002")
    set_clock(moment + 4 * HOUR)
    sent = [
        entry(moment, number, employee=None, at=int((moment + hours * HOUR).timestamp()))
        for number, hours in enumerate((1, 3.5, -1))
    ]
    assert statuses(alice, *sent) == ["stored", "stored", "kept"]
    rows = PhoneEntry.objects.order_by("pk")
    assert [row.employee for row in rows] == [cast.alice, cast.bob, None]


@pytest.mark.threat(39)
def test_entries_come_home_without_a_session(alice: Api, cast: Any, moment: datetime) -> None:
    alice.post("sign-out")
    alice.session = None
    assert statuses(alice, entry(moment)) == ["stored"]
    assert PhoneEntry.objects.get().employee == cast.alice


def test_shift_that_began_without_a_server_is_the_last_person_s_for_sixteen_hours(
    alice: Api, cast: Any, set_clock: Any, moment: datetime
) -> None:
    """Decision 10: whoever was signed in last may go on while the server is away."""
    until = moment + timedelta(hours=8.5)
    set_clock(until + 30 * HOUR)
    sent = [
        entry(moment, number, visit=None, at=int((until + hours * HOUR).timestamp()))
        for number, hours in enumerate((1, 15, 17))
    ]
    assert statuses(Api(alice.token), *sent) == ["stored", "stored", "kept"]


def test_blocked_phone_brings_nothing(alice: Api, alices_phone: Handset, moment: datetime) -> None:
    phones.block(alices_phone.row, reason="lost", actor="test", now=moment)
    answer = alice.post("sync", {"entries": [entry(moment)]})
    assert (answer.status, answer.code) == (403, "phone_blocked")
    assert not PhoneEntry.objects.exists()


# Whose client it is.


def test_colleagues_visit_or_a_key_makes_it_ones_own_client(
    alice: Api, cast: Any, moment: datetime
) -> None:
    sent = entry(moment, client="B0002", visit=None)
    PlannedVisit.objects.create(
        external_id="V2", client=cast.other_client, employee=cast.charlie,
        second_employee=cast.alice, start=moment, end=moment + HOUR, services=["care"],
    )  # fmt: skip
    assert flaw_of(alice, sent) == ""


def test_client_who_has_left_the_provider_is_somebody_elses(
    alice: Api, cast: Any, moment: datetime
) -> None:
    PlannedVisit.objects.all().delete()
    ProviderChoice.objects.filter(client=cast.client).update(valid_till="2026-11-22")
    assert flaw_of(alice, entry(moment, visit=None)) == Flaw.OTHERS_CLIENT


def test_who_is_employed_for_one_client_has_no_other(
    alice: Api, cast: Any, moment: datetime
) -> None:
    OwnClient.objects.create(
        employee=cast.alice, client=cast.other_client, reason="dotter", recorded_at=moment
    )
    assert flaw_of(alice, entry(moment)) == Flaw.OTHERS_CLIENT


# How much, and anything else.


def test_hundred_entries_cost_few_questions(alice: Api, moment: datetime) -> None:
    def cost(*entries: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert set(statuses(alice, *entries)) == {"stored"}
        return len(found)

    one = cost(entry(moment, 1))
    hundred = cost(*(entry(moment, number) for number in range(2, 102)))
    assert hundred <= one + 2


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text("aÅ0\x00 ", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner),
    max_leaves=6,
)


@settings(
    deadline=None,  # each one is a sync
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.dictionaries(
        st.sampled_from(["id", "kind", "at", "employee", "client", "visit", "detail", "more"]),
        JSON,
        max_size=4,
    )
)
def test_any_entry_is_answered_for_and_nothing_is_lost(
    alice: Api, moment: datetime, changes: dict[str, Any]
) -> None:
    before = PhoneEntry.objects.count()
    (status,) = statuses(alice, {**copy.deepcopy(entry(moment, 77)), **changes})
    assert PhoneEntry.objects.count() == before + (status != "known")


def test_no_password_or_text_shows_in_names_of_rows(alice: Api, moment: datetime) -> None:
    statuses(alice, entry(moment, kind="note", detail={"text": PASSWORD}))
    assert PASSWORD not in repr(PhoneEntry.objects.get())
