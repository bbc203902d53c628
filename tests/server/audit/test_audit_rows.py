"""What a row of the audit log says, and what it must not."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from auditworld import settle
from nyckelfri.cbor import CborError
from nyckelfri.server.audit import actions, chain, looks, origins, queries, verify
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from serverworld import Api, Handset

NOW = datetime(2026, 11, 23, 6, 0, 0, 123_456, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def content(**other: object) -> chain.Content:
    said = chain.Content(
        at=NOW,
        actor="employee:1",
        origin="",
        verb="staff:phone:block",
        object_id="phone:1",
        reason="",
        details={},
    )
    return said._replace(**other)  # type: ignore[arg-type]


def request(number: str = "10001", team: str | None = "G1") -> looks.Seen:
    care_team = None if team is None else SimpleNamespace(external_id=team)
    viewer = SimpleNamespace(
        actor=f"employee:{number}", employee=SimpleNamespace(care_team=care_team)
    )
    return SimpleNamespace(viewer=viewer, now=NOW)


def test_two_fields_do_not_flow_into_each_other() -> None:
    parts = [content(actor="a", origin="bc"), content(actor="ab", origin="c")]
    assert len({chain.leaf(part) for part in parts}) == 2


def test_order_of_keys_does_not_matter_and_order_of_a_list_does() -> None:
    one = content(details={"a": 1, "b": [1, 2]})
    assert chain.leaf(one) == chain.leaf(content(details={"b": [1, 2], "a": 1}))
    assert chain.leaf(one) != chain.leaf(content(details={"a": 1, "b": [2, 1]}))
    assert chain.leaf(content(details={"a": True})) != chain.leaf(content(details={"a": 1}))


@pytest.mark.parametrize("details", [{"a": 1.5}, {1: "a"}, {"a": [{2: "b"}]}, {"a": 2**70}])
def test_details_that_json_gives_back_otherwise_are_refused(
    details: dict[str, object],
) -> None:
    with pytest.raises((ValueError, CborError)):
        chain.leaf(content(details=details))


def test_what_a_database_gives_back_has_the_digest_of_what_went_in() -> None:
    details = {"å": ["ö", None, True, -1, 2**63, {"": "\U0001f511"}], "a" * 40: {}}
    with transaction.atomic():
        deed = actions.Deed(Verb.PHONE_BLOCK, "phone:1", "  Förlorad på bussen\n", details)
        actions.record([deed], actor="employee:1", now=NOW, origin="terminal a@b")
    settle()
    assert verify.prove().fault is None
    (event,) = queries.about("phone:1")
    assert (event.at, event.details, event.origin) == (NOW, details, "terminal a@b")


@pytest.mark.threat(61)
def test_many_deeds_of_one_transaction_are_chained_in_their_order() -> None:
    deeds = [actions.Deed(Verb.GRANT_REVOKE, f"grant:{number}") for number in range(2_100)]
    with transaction.atomic():
        actions.record(deeds, actor="employee:1", now=NOW)
    settle()
    said = AuditEvent.objects.order_by("link__number").values_list("object_id", flat=True)
    assert list(said) == [deed.object_id for deed in deeds]
    assert (verify.prove().last, verify.prove().fault) == (2_100, None)


def test_reason_that_is_too_long_is_refused_with_its_limit() -> None:
    deed = actions.Deed(Verb.PHONE_BLOCK, "phone:1", "x" * 501)
    with pytest.raises(ValueError, match="500 characters"), transaction.atomic():
        actions.record([deed], actor="x", now=NOW)


def test_every_row_says_from_where_without_the_action_knowing() -> None:
    with origins.coming_from("phone:0102 192.0.2.1"), transaction.atomic():
        actions.record([actions.Deed(Verb.PHONE_BLOCK, "phone:1")], actor="x", now=NOW)
    with transaction.atomic():
        actions.record([actions.Deed(Verb.PHONE_BLOCK, "phone:2")], actor="x", now=NOW)
    assert [row.origin for row in AuditEvent.objects.all()] == ["phone:0102 192.0.2.1", ""]


def test_origin_of_a_request_tells_sessions_apart_and_gives_none_away() -> None:
    key = "s" * 32
    asked = HttpRequest()
    asked.META["REMOTE_ADDR"] = "2001:db8::1"
    asked.session = SimpleNamespace(session_key=key)  # type: ignore[assignment]
    seen = []

    def answer(_: HttpRequest) -> HttpResponse:
        seen.append(origins.current())
        return HttpResponse()

    origins.OriginMiddleware(answer)(asked)
    (origin,) = seen
    assert origin.startswith("web 2001:db8::1 session ")
    assert key[:8] not in origin
    assert len(origin) <= origins.MAX
    assert origins.current() == ""


def test_phone_is_named_once_it_is_known_and_forgotten_after_the_request() -> None:
    asked = HttpRequest()
    asked.META["REMOTE_ADDR"] = "192.0.2.1"
    origins.narrow("phone:0102", asked)
    assert origins.current() == ""
    with origins.coming_from(origins.web(asked)):
        origins.narrow("phone:0102", asked)
        assert origins.current() == "phone:0102 192.0.2.1"
    assert origins.current() == ""


def test_what_is_done_through_a_phone_says_which(api: Api, alices_phone: Handset) -> None:
    assert api.sign_in("10001").status == 200
    (row,) = queries.of_kind(Verb.SESSION_OPEN)
    assert row.actor == "employee:10001"
    assert row.origin == f"phone:{alices_phone.row.identifier.hex()} 127.0.0.1"
    assert origins.current() == ""


def test_terminal_says_account_and_machine() -> None:
    assert origins.terminal().startswith("terminal ")
    assert "@" in origins.terminal()


@pytest.mark.threat(65)
def test_each_look_at_a_person_is_a_row_with_who_what_unit_when_and_whom() -> None:
    looks.at(request(), "client:B0001", why="complaint")
    looks.at(request(), "client:B0001")
    looks.at(request("10002", None), "employee:10001")
    settle()
    rows = list(queries.looks_at("client:B0001"))
    assert [(row.actor, row.at, row.reason) for row in rows] == [
        ("employee:10001", NOW, ""),
        ("employee:10001", NOW, "complaint"),
    ]
    assert rows[0].details == {"unit": "team:G1"}
    (staff,) = queries.looks_at("employee:10001")
    assert (staff.verb, staff.actor) == (Verb.EMPLOYEE_LOOK, "employee:10002")
    assert staff.details == {"unit": "municipality"}
    assert [row.link.number for row in queries.rows()] == [3, 2, 1]
    assert list(queries.by_actor("employee:10002")) == [staff]


@pytest.mark.threat(65)
def test_list_is_one_row_with_the_kind_of_search_and_never_its_words() -> None:
    looks.at_list(request(), "clients", 25, search="name")
    looks.exported(request(), "openings", 1000)
    looks.revealed(request(), "client:B0007", why="fire")
    listed, exported, revealed = AuditEvent.objects.all()
    assert (listed.verb, listed.object_id) == (Verb.LIST_LOOK, "list:clients")
    assert listed.details == {"unit": "team:G1", "count": 25, "search": "name"}
    assert exported.details == {"unit": "team:G1", "count": 1000}
    assert (revealed.verb, revealed.reason) == (Verb.IDENTITY_LOOK, "fire")
