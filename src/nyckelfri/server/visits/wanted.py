"""From which entry on a phone shall fetch a lock's journal.

House rules: reads only, of all locks at once. A lock is asked for what is missing; when it has
twice begun behind that, it has nothing there, and is asked for what comes next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q

from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.questions import Among, Question, Values, ask
from nyckelfri.server.visits import journals
from nyckelfri.server.visits.journals import Journal
from nyckelfri.server.visits.models import Kept, StoredEntry


def wanted(
    installations: Iterable[Installation], known: Mapping[int, Journal] = MappingProxyType({})
) -> list[tuple[Installation, int]]:
    """List the locks that entries are missing from, each with the first one to fetch.

    Journals that are `known` are not read again.
    """
    found = journals.of(installations, known)
    if not found:
        return []
    expected = _expected(found) | _forgot(found)
    asked = ((each, _first(each, expected)) for _, each in sorted(found.items()))
    return [(each.installation, first) for each, first in asked if first is not None]


def _first(journal: Journal, expected: set[int]) -> int | None:
    behind = journal.behind
    if behind is not None:
        return _end(journal) if journal.came_twice(behind) else journal.number + 1
    return journal.number + 1 if journal.installation.pk in expected else None


def _end(journal: Journal) -> int:
    """The first entry that is not among what was brought from behind the gap, without a break."""
    end = 0
    for first, last in journal.ahead:
        if end and first > end:
            break
        end = max(end, last + 1)
    return end


def _expected(found: dict[int, Journal]) -> set[int]:
    """Locks of which more must exist: a phone saw it, or it came and did not open."""
    (unopened,) = ask(_unopened, locks=sorted(found))
    return {pk for pk, journal in found.items() if journal.is_awaited} | {
        pk for pk, last in unopened if last is not None and last > found[pk].number
    }


@Question
def _unopened() -> Values:
    """Ask for the last entries of what came from `locks` and did not open."""
    rows = Kept.objects.filter(
        Among("installation", "locks"), reason=Kept.Reason.UNOPENED, resolved_at=None
    )
    return rows.order_by().values_list("installation", "last")


def _forgot(found: Iterable[int]) -> set[int]:
    """Locks whose receipts may be newer than this database: nothing has come since its epoch."""
    began = keys.epoch_began()
    if began is None:
        return set()
    since = {"installation": OuterRef("pk"), "received_at__gte": began}
    told = (Q(Exists(each.objects.filter(**since))) for each in (StoredEntry, Kept))
    return _among(found, *(~each for each in told))


def _among(found: Iterable[int], *conditions: Q) -> set[int]:
    rows = Installation.objects.filter(*conditions, pk__in=set(found))
    return set(rows.order_by().values_list("pk", flat=True))
