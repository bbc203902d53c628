"""Several questions asked as one give what each alone would have given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.test.utils import CaptureQueriesContext

from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.homes.models import CareDecision, Client, PlannedVisit, ProviderChoice, Shift
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.questions import Among, Blank, Question, Values, ask

ODD = "å\"\\' %s {}\n☃"


def alone(question: QuerySet[Any, Any]) -> list[Any]:
    return sorted(question, key=repr)


def together(*questions: Question | Values, **blanks: Any) -> list[list[Any]]:
    with CaptureQueriesContext(connection) as asked:
        found = ask(*questions, **blanks)
    assert len(asked) <= 1, "one query for all"
    return [sorted(rows, key=repr) for rows in found]


@pytest.fixture
def odd(cast: Any, moment: datetime) -> None:
    """Values of every kind that could be read otherwise than they were written."""
    Client.objects.filter(pk=cast.client.pk).update(name=ODD, telephone="", has_alarm=True)
    CareDecision.objects.update(amount="1.50", timing=ODD, valid_till=date(2026, 12, 24))
    late = datetime(2026, 10, 25, 0, 59, 59, 999_999, tzinfo=UTC)
    Shift.objects.filter(employee=cast.bob).update(start=late, end=late + timedelta(hours=8))
    AccessPolicy.objects.create(
        valid_from="2026-11-01", settings={ODD: [1, None, "2", {}]}, reason="x", recorded_at=moment
    )
    PlannedVisit.objects.update(services=["care", ODD])
    for identifier, key in ((b"\x00'\"\\{}\n\xff", b"\x00" * 32), (b"01234567", None)):
        Phone.objects.create(identifier=identifier, public_key_x=key, registered_at=moment)


@pytest.mark.usefixtures("odd")
def test_every_value_is_what_the_queryset_alone_gives() -> None:
    work = Shift.objects.filter(employee=OuterRef("pk"))
    asked: list[QuerySet[Any, Any]] = [
        Client.objects.values_list("pk", "name", "telephone", "has_alarm", "entrance_id"),
        CareDecision.objects.values_list("amount", "valid_from", "valid_till", "timing"),
        Shift.objects.values_list("start", "end", "ad_hoc", "employee__number", "withdrawn_at"),
        AccessPolicy.objects.values_list("valid_from", "settings", "cancelled_at"),
        PlannedVisit.objects.values_list("services", "second_employee__number", "start"),
        Employee.objects.annotate(works=Exists(work)).values_list("number", "works"),
        Client.objects.order_by("-external_id").values_list("external_id")[:1],
        Phone.objects.values_list("identifier", "public_key_x"),
    ]
    found, expected = together(*asked), [alone(each) for each in asked]
    assert found == expected
    assert [[type(value) for value in row] for rows in found for row in rows] == [
        [type(value) for value in row] for rows in expected for row in rows
    ]


def test_what_can_find_nothing_is_not_asked(cast: Any) -> None:
    nobody = Client.objects.filter(pk__in=[]).values_list("pk")
    assert together(nobody, Client.objects.none().values_list("pk")) == [[], []]
    assert together(nobody, Employee.objects.values_list("number"))[0] == []


def test_what_json_would_not_give_back_is_refused(cast: Any) -> None:
    with pytest.raises(TypeError, match="ask for it alone"):
        ask(Employee.objects.annotate(odd=Value(0.1)).values_list("odd"))


def test_words_of_any_kind_are_found_among_others(cast: Any) -> None:
    odd = ["", ODD, 'a"b\\c', "{x,y}", "NULL", "'", "%s"]
    for at, word in enumerate(odd):
        Client.objects.create(
            external_id=f"W{at}", personal_number=f"W{at}", area=word, civil_status="single"
        )
    asked = Client.objects.filter(Among("area", "areas")).values_list("external_id")
    for at, word in enumerate(odd):
        assert together(asked, areas=[word, "elsewhere"]) == [[(f"W{at}",)]]
    assert together(asked, areas=[]) == [[]]


@Question
def chosen() -> Values:
    current = Q(valid_till=None) | Q(valid_till__gt=Blank("day"))
    rows = ProviderChoice.objects.filter(Among("client_id", "clients"), current)
    return rows.values_list("client__external_id", "service")


@Question
def shifts() -> Values:
    """A blank within a question within the question, and one twice."""
    named = Employee.objects.filter(Among("number", "numbers"), employed_from__lte=Blank("day"))
    rows = Shift.objects.filter(employee__in=named, end__gt=Blank("now"))
    return rows.values_list("external_id", "start")


def test_blanks_are_filled_in_anew_each_time(cast: Any, moment: datetime) -> None:
    numbers = {row.number: row for row in (cast.alice, cast.bob)}
    starts = dict(Shift.objects.values_list("external_id", "start"))
    for day, now in (("2026-11-23", moment), ("2023-01-01", moment)):
        said = {"day": date.fromisoformat(day), "now": now, "numbers": set(numbers)}
        theirs, work = together(chosen, shifts, clients=[cast.client.pk], **said)
        assert theirs == [("B0001", "care")]
        begun = day > "2024-01-01"
        assert dict(work) == {f"P{number}": starts[f"P{number}"] for number in numbers if begun}


@pytest.mark.parametrize("clients", [[], (), set(), range(0)])
def test_none_of_nothing_is_found(cast: Any, moment: datetime, clients: Any) -> None:
    said = {"day": moment.date(), "now": moment, "numbers": []}
    assert together(chosen, shifts, clients=clients, **said) == [[], []]


def test_nothing_is_before_or_after_none(cast: Any, moment: datetime) -> None:
    said = {"day": None, "now": None, "numbers": ["10001"]}
    theirs, work = together(chosen, shifts, clients=[cast.client.pk], **said)
    assert (theirs, work) == ([("B0001", "care")], [])


def test_a_blank_that_nobody_fills_in_is_an_error(cast: Any) -> None:
    with pytest.raises(KeyError, match="clients"):
        ask(chosen, day=date(2026, 11, 23))


def test_thousands_of_values_are_few_for_a_blank(cast: Any, moment: datetime) -> None:
    said = {"day": moment.date(), "now": moment, "numbers": [str(n) for n in range(40_000)]}
    theirs, work = together(chosen, shifts, clients=range(40_000), **said)
    assert len(theirs) == 2
    assert len(work) == 3
