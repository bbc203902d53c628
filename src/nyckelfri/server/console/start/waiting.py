"""What waits for somebody: kinds of things, each with its rows and the page that lists them.

House rules: reads only, and all counts in one query. A kind is for those who can do
something about it, of the rows that are theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery

from nyckelfri.care.times import ZONE
from nyckelfri.door.clock import Mark
from nyckelfri.server.access.permissions import OF_ROLE, Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.entries import rows as entries
from nyckelfri.server.console.links import href
from nyckelfri.server.console.staff import rows as staff
from nyckelfri.server.console.start.lists import LISTS
from nyckelfri.server.homes.models import CareDecision, Client, PlannedVisit, ProviderChoice, Shift
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.money import queries_invoices
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.visits import (
    actions_review,
    queries,
    queries_review,
    queries_reviews,
    queries_upkeep,
)
from nyckelfri.server.visits.models import DoorEvent, PhoneEntry

ENDING: Final = timedelta(days=14)
COMING: Final = timedelta(days=60)
SILENT: Final = timedelta(days=3)
"""A phone that has not been heard of for so long lies in a drawer, or is lost."""
A_DAY: Final = timedelta(days=1)
Rows = Callable[[Viewer, datetime], QuerySet[Any]]
_P = Permission


def deliveries(_who: Viewer, _now: datetime) -> QuerySet[Any]:
    """What locks delivered and could not be accepted."""
    return queries.unresolved()


def exposed(who: Viewer, now: datetime) -> QuerySet[Phone]:
    """Blocked phones that an offline lock may still open for."""
    open_still = Issued.objects.filter(phone=OuterRef("pk"), not_after__gt=now)
    return who.phones().filter(Exists(open_still), state=PhoneState.BLOCKED)


def silent(who: Viewer, now: datetime) -> QuerySet[Phone]:
    """Phones in use that have not been heard of for days."""
    since = now - SILENT
    heard = Q(synced_at__lt=since) | Q(synced_at=None, enrolled_at__lt=since)
    return who.phones().filter(heard, state=PhoneState.ENROLLED)


def without_time(_who: Viewer, now: datetime) -> QuerySet[Any]:
    """What locks told in the last day of openings whose time they did not know."""
    rows = DoorEvent.objects.filter(mark=Mark.LOST, received_at__gt=now - A_DAY)
    return rows.order_by("-received_at", "-pk")


def lock_faults(who: Viewer, now: datetime) -> QuerySet[Any]:
    """Locks that staff have reported."""
    return entries.waiting(who, now).filter(kind=PhoneEntry.Kind.LOCK_FAULT)


def flawed(who: Viewer, now: datetime) -> QuerySet[Any]:
    """What else phones brought that somebody must look into."""
    return entries.waiting(who, now).exclude(kind=PhoneEntry.Kind.LOCK_FAULT)


def batteries(who: Viewer, now: datetime) -> QuerySet[Any]:
    """Locks whose batteries are running out."""
    rows = queries_upkeep.low_batteries()
    if who.provider is not None or who.only is not None:
        rows = rows.filter(door__in=who.clients(now).values("front_door"))
    home = Client.objects.filter(front_door=OuterRef("door")).order_by("external_id")
    found: QuerySet[Any] = rows.annotate(home=Subquery(home.values("external_id")[:1])).order_by(
        "pk"
    )
    return found


def cards(state: str) -> Rows:
    """Staff whose service identification is in this state."""

    def of(who: Viewer, now: datetime) -> QuerySet[Employee]:
        asked = {"grupp": "", "roll": "", "leg": state, "alla": ""}
        return staff.found(who, asked, "", now.astimezone(ZONE).date())

    return of


def accounts(who: Viewer, now: datetime) -> QuerySet[Employee]:
    """Employees with an account for these pages and no second step."""
    today = now.astimezone(ZONE).date()
    return who.staff().filter(
        Q(employed_till=None) | Q(employed_till__gte=today),
        ~Exists(Authenticator.objects.filter(user=OuterRef("user"))),
        role__in=OF_ROLE,
        user__is_active=True,
    )


def decisions(who: Viewer, now: datetime) -> QuerySet[CareDecision]:
    """Decisions that end soon, with none that takes over."""
    today = now.astimezone(ZONE).date()
    next_one = CareDecision.objects.filter(
        Q(valid_till=None) | Q(valid_till__gt=OuterRef("valid_till")),
        client=OuterRef("client"),
        service=OuterRef("service"),
        withdrawn_at=None,
    )
    return CareDecision.objects.filter(
        ~Exists(next_one),
        client__in=who.clients(now),
        withdrawn_at=None,
        valid_till__gte=today,
        valid_till__lte=today + ENDING,
    ).order_by("valid_till", "pk")


def changes(who: Viewer, now: datetime) -> QuerySet[ProviderChoice]:
    """Choices of a provider that have not begun."""
    today = now.astimezone(ZONE).date()
    return ProviderChoice.objects.filter(
        client__in=who.clients(now),
        withdrawn_at=None,
        valid_from__gt=today,
        valid_from__lte=today + COMING,
    ).order_by("valid_from", "pk")


def visits_by_hand(who: Viewer, now: datetime) -> QuerySet[PlannedVisit]:
    """Visits of the last day, and of what is to come, that a rota did not have."""
    return PlannedVisit.objects.filter(
        ad_hoc=True, withdrawn_at=None, end__gt=now - A_DAY, employee__in=who.staff()
    ).order_by("start", "pk")


def shifts_by_hand(who: Viewer, now: datetime) -> QuerySet[Shift]:
    """The same of shifts."""
    return Shift.objects.filter(
        ad_hoc=True, withdrawn_at=None, end__gt=now - A_DAY, employee__in=who.staff()
    ).order_by("start", "pk")


def reviews(_who: Viewer, _now: datetime) -> QuerySet[Any]:
    """Openings and looks that were drawn for review."""
    return queries_reviews.open_reviews()


def disputes(who: Viewer, _now: datetime) -> QuerySet[Any]:
    """What clients question on invoices, and nobody has settled."""
    return queries_invoices.disputes(who).filter(settled_at=None)


def visits_to_look_at(who: Viewer, now: datetime) -> QuerySet[Any]:
    """Visits of yesterday and before that stand out, or of which new evidence has come."""
    return queries_review.to_look_at(actions_review.mine(who), now.astimezone(ZONE).date())


def rounds(_who: Viewer, _now: datetime) -> QuerySet[Beat]:
    """What the server does by itself and did not manage the last time."""
    return Beat.objects.exclude(trouble="")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing; `page` names the page that lists it (empty: one of our own)."""

    name: str
    asked: frozenset[Permission]
    rows: Rows
    page: str = ""
    query: str = ""

    def is_for(self, who: Viewer) -> bool:
        """Whether this viewer can do something about it."""
        return bool(self.asked & who.may_do)

    def href(self) -> str:
        """Where they are listed."""
        if not self.page:
            return href("waiting", LISTS[self.name].slug)
        return f"{href(self.page)}{self.query}"


KINDS: Final = (
    Kind("exposed", frozenset({_P.BLOCK_PHONE}), exposed, "phones", "?lage=blocked"),
    Kind("lock_faults", frozenset({_P.SETTLE_ENTRIES}), lock_faults, "phone_entries"),
    Kind("batteries", frozenset({_P.SETTLE_ENTRIES}), batteries),
    Kind("flawed", frozenset({_P.SETTLE_ENTRIES}), flawed, "phone_entries"),
    Kind("deliveries", frozenset({_P.REVIEW_DELIVERIES}), deliveries, "review"),
    Kind("rounds", frozenset({_P.SEE_AUDIT}), rounds),
    Kind("reviews", frozenset({_P.REVIEW_LOG}), reviews, "log_reviews"),
    Kind("look_at", frozenset({_P.REVIEW_VISITS}), visits_to_look_at, "visit_days"),
    Kind("cards_over", frozenset({_P.MANAGE_STAFF}), cards("over"), "staff", "?leg=over"),
    Kind("without_time", frozenset({_P.REVIEW_DELIVERIES}), without_time),
    Kind("silent", frozenset({_P.MANAGE_PHONES, _P.MANAGE_STAFF, _P.PLAN}), silent),
    Kind("cards_soon", frozenset({_P.MANAGE_STAFF}), cards("soon"), "staff", "?leg=soon"),
    Kind("accounts", frozenset({_P.MANAGE_STAFF}), accounts),
    Kind("decisions", frozenset({_P.DECIDE, _P.PLAN}), decisions),
    Kind("changes", frozenset({_P.CHANGE_PROVIDER, _P.PLAN}), changes),
    Kind("questions", frozenset({_P.DISPUTE}), disputes, "disputes"),
    Kind("visits_by_hand", frozenset({_P.PLAN, _P.WITHDRAW}), visits_by_hand),
    Kind("shifts_by_hand", frozenset({_P.PLAN, _P.WITHDRAW}), shifts_by_hand),
)  # fmt: skip
"""In the order of the page: what may cost somebody their safety comes first."""


class _Count(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def counted(who: Viewer, now: datetime) -> Iterator[tuple[Kind, int]]:
    """How many of each kind wait for this viewer, where any do."""
    kinds = [kind for kind in KINDS if kind.is_for(who)]
    if not kinds:
        return
    counts = {
        f"n_{kind.name}": _Count(kind.rows(who, now).order_by().values("pk")) for kind in kinds
    }
    found = Employee.objects.filter(pk=who.employee.pk).annotate(**counts).values(*counts).get()
    for kind in kinds:
        if count := found[f"n_{kind.name}"]:
            yield kind, count
