"""Defects that are planted between what doors and people tell and what is billed (`weekworld`).

House rules: each is a bug that somebody could have written into the product, in force while it is
held; its name says what it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Any
from unittest.mock import patch

# Defects between the evidence and the visits.


@contextmanager
def a_reading_is_lost() -> Iterator[None]:
    """One label reading in two is not read."""
    from nyckelfri.server.visits import queries_signs

    taps = queries_signs._taps
    with patch.object(queries_signs, "_taps", lambda *told: list(taps(*told))[::2]):
        yield


@contextmanager
def an_entry_is_gone() -> Iterator[None]:
    """An entry is not there any more, that a phone was answered for."""
    from nyckelfri.server.visits.models import PhoneEntry

    PhoneEntry.objects.filter(kind="visit_end")[0].delete()
    yield


@contextmanager
def a_sign_is_told_twice() -> Iterator[None]:
    """Every visit holds the first sign of the one before it, too."""
    with _concluded(lambda visits: [
        replace(visit, refs=(*visit.refs, *before.refs[:1]))
        for before, visit in zip([visits[0], *visits], visits, strict=False)
    ]):  # fmt: skip
        yield


@contextmanager
def what_was_planned_counts_as_made() -> Iterator[None]:
    """A planned visit that nothing tells of is performed."""
    from nyckelfri.care.performed import Outcome

    def made(visit: Any) -> Any:
        if visit.outcome is not Outcome.NOT_MADE:
            return visit
        return replace(visit, outcome=Outcome.PERFORMED, flags=())

    with _each(made):
        yield


@contextmanager
def somebody_else_was_there() -> Iterator[None]:
    """Every visit is said to be made by whoever made the one before it."""
    with _concluded(lambda visits: [
        replace(visit, employee_id=before.employee_id)
        for before, visit in zip([visits[-1], *visits], visits, strict=False)
    ]):  # fmt: skip
        yield


@contextmanager
def visits_are_too_long() -> Iterator[None]:
    """Every visit ends five minutes after it did."""
    with _each(lambda visit: _moved(visit, later=timedelta(minutes=5))):
        yield


@contextmanager
def visits_begin_early() -> Iterator[None]:
    """Every visit begins three hours before it did, and nobody is asked."""
    with _each(lambda visit: replace(_moved(visit, earlier=timedelta(hours=3)), flags=())):
        yield


@contextmanager
def nobody_is_asked() -> Iterator[None]:
    """No visit has a flag."""
    with _each(lambda visit: replace(visit, flags=())):
        yield


@contextmanager
def nothing_is_waited_out() -> Iterator[None]:
    """What waits for a journal is never looked at again."""
    from nyckelfri.server.visits import actions_derive

    with patch.object(actions_derive, "_WAITS", -9):
        yield


@contextmanager
def a_copy_counts() -> Iterator[None]:
    """Every reading that was refused counts as signed, under a number of its own."""
    from nyckelfri.server.visits.models import PhoneEntry

    refused = PhoneEntry.objects.filter(verdict="replayed")
    for number, row in enumerate(refused, 1_000_000):
        PhoneEntry.objects.filter(pk=row.pk).update(verdict="signed", counter=number)
    yield


# Defects between the visits and the money.


@contextmanager
def review_is_not_waited_for() -> Iterator[None]:
    """Clients are billed for what has been approved so far."""
    from nyckelfri.server.money import making

    make = making.make

    def at_once(facts: Any, *more: Any) -> Any:
        facts.unreviewed = 0
        return make(facts, *more)

    with patch.object(making, "make", at_once):
        yield


@contextmanager
def the_wrong_client_pays() -> Iterator[None]:
    """The next client pays for everybody's visits."""
    from nyckelfri.server.money import queries_month

    facts = queries_month.facts
    everybody: dict[str, Any] = {}

    class Signs(dict[str, Any]):
        def __missing__(self, ref: str) -> Any:
            return everybody[ref]

    def shared(*told: Any) -> Any:
        found = facts(*told)
        visits = [one.month.visits for one in found]
        for one in found:
            everybody.update(one.signs)
        for one, other in zip(found, visits[-1:] + visits[:-1], strict=True):
            one.month, one.signs = replace(one.month, visits=other), Signs()
        return found

    with patch.object(queries_month, "facts", shared):
        yield


@contextmanager
def ten_minutes_are_added() -> Iterator[None]:
    """Every visit is charged for ten minutes more than it was."""
    from nyckelfri.care.charges import VisitRow
    from nyckelfri.server.money import queries_month

    def longer(**told: Any) -> Any:
        end = told["end"]
        return VisitRow(**{**told, "end": end and end + timedelta(minutes=10)})

    with patch.object(queries_month, "VisitRow", longer):
        yield


@contextmanager
def both_of_two_are_charged() -> Iterator[None]:
    """A visit by two is charged twice."""
    from nyckelfri.care import charges

    with patch.object(charges, "_counted", lambda visits, _policy: list(visits)):
        yield


@contextmanager
def amounts_are_rounded_up() -> Iterator[None]:
    """A line is rounded up to the next whole krona."""
    from nyckelfri.care import charges

    with patch.object(
        charges,
        "kronor",
        lambda amount: amount.quantize(Decimal(1), ROUND_UP).quantize(Decimal("0.01")),
    ):
        yield


@contextmanager
def a_number_is_passed_over() -> Iterator[None]:
    """Every other number of an invoice is given to nobody."""
    from nyckelfri.server.money import numbers

    take = numbers.take
    with patch.object(numbers, "take", lambda name, count: take(name, 2 * count)[::2]):
        yield


@contextmanager
def a_visit_is_not_paid() -> Iterator[None]:
    """A provider's statement forgets a visit."""
    from nyckelfri.server.money import pay

    visits = pay.visits
    with patch.object(pay, "visits", lambda *told: list(visits(*told))[1:]):
        yield


def _moved(
    visit: Any, *, earlier: timedelta = timedelta(0), later: timedelta = timedelta(0)
) -> Any:
    if visit.entry is None or visit.exit is None:
        return visit
    return replace(visit, entry=visit.entry - earlier, exit=visit.exit + later)


def _each(change: Any) -> Any:
    return _concluded(lambda visits: list(map(change, visits)))


@contextmanager
def _concluded(change: Any) -> Iterator[None]:
    """Change what is concluded of the visits."""
    from nyckelfri.care import derive

    concluded = derive.derive

    def changed(*told: Any) -> Any:
        found = concluded(*told)
        return replace(found, visits=tuple(change(found.visits)) if found.visits else ())

    with patch.object(derive, "derive", changed):
        yield
