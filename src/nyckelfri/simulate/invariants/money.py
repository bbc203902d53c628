"""From visits to money: no line without its evidence, nothing twice, and sums that add up.

House rules: the months that a week lies in are billed and paid once, by the real actions, as they
stand; then what was issued is held against the visits, decisions and totals behind it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

from nyckelfri.simulate.invariants.visits import AfterTheWeek
from nyckelfri.simulate.town import local_day

if TYPE_CHECKING:
    from nyckelfri.simulate.month import Issued, Seen

_ORE: Final = Decimal("0.01")
_LOOKED_AT: Final = 10
"""Of so many clients everything that stands out is looked at, or of half; the others wait."""


class AfterTheMonth(AfterTheWeek):
    """What is looked at in every month of the week once it has been billed."""

    def look(self, month: Any) -> None:
        """Bill what is not billed yet, and look at it."""
        days = (local_day(self.world.week.begins), local_day(self.world.week.ends - 1))
        homes = self.world.founded.town.homes
        chance = self.world.week.chance("clients looked at")
        some = chance.sample([home.client for home in homes], min(_LOOKED_AT, len(homes) // 2))
        for first in sorted({day.replace(day=1) for day in days}):
            if not month.is_closed(first):
                month.reckon(first, some)
            self.of_month(month, first)

    def of_month(self, month: Any, first: date) -> None:
        """Look at what was issued of the month that begins on this day."""


class NoLineWithoutItsEvidence(AfterTheMonth):
    """Whatever a client pays for can be followed back to a visit, a delivery or a decision."""

    name = "no_invoice_line_without_its_evidence"
    text = "Every line rests on approved visits of that client, deliveries or decisions that exist"

    def of_month(self, month: Any, first: date) -> None:
        """Follow each line."""
        seen: dict[int, Seen] = {visit.pk: visit for visit in month.visits()}
        for invoice in month.invoices(first):
            charged: Counter[int] = Counter()
            decided = month.decided(invoice.client)
            for line in invoice.content.lines:
                self.checked += 1
                for rest in line.rests_on:
                    if rest.basis.value == "visit":
                        charged[int(rest.ref)] += rest.seconds
                        self._follow(invoice, seen.get(int(rest.ref)), first)
                    elif rest.basis.value != "decision" or rest.ref not in decided:
                        raise self.broken(f"a line of {invoice.client} rests on {rest.basis.value}")
            if charged.keys() != invoice.visits:
                raise self.broken(f"the invoice of {invoice.client} names other visits than it has")
            for pk, seconds in charged.items():
                if seconds > seen[pk].seconds:
                    raise self.broken(
                        f"{invoice.client} pays {seconds} s of a visit of {seen[pk].seconds:.0f} s"
                    )

    def _follow(self, invoice: Issued, visit: Seen | None, first: date) -> None:
        if visit is None:
            raise self.broken(f"a line of {invoice.client} rests on a visit that is not there")
        if visit.client != invoice.client or visit.day.replace(day=1) != first:
            raise self.broken(f"{invoice.client} pays for a visit to {visit.client} {visit.day}")
        if not visit.approved or visit.outcome != "performed" or not visit.refs:
            raise self.broken(f"{invoice.client} pays for a visit that nothing approved shows")


class NothingIsBilledTwice(AfterTheMonth):
    """A visit costs once, and who has not been reviewed pays nothing yet."""

    name = "no_visit_is_billed_twice"
    text = "A visit stands on one invoice, two to one visit cost once, the unreviewed waits"

    def of_month(self, month: Any, first: date) -> None:
        """Count visits, plans and clients."""
        visits = [visit for visit in month.visits() if visit.day.replace(day=1) == first]
        seen: dict[int, Seen] = {visit.pk: visit for visit in visits}
        invoices: list[Issued] = month.invoices(first)
        waiting = {visit.client for visit in visits if not visit.approved}
        times = Counter(pk for invoice in invoices for pk in invoice.visits)
        plans = Counter(seen[pk].planned for pk in times if pk in seen)
        plans[None] = 0
        bills = Counter(invoice.client for invoice in invoices)
        left, _ = month.left_out(first)
        for what, counted in (("visit", times), ("plan", plans), ("client", bills)):
            self.checked += len(counted)
            if counted and max(counted.values()) > 1:
                raise self.broken(f"one {what} of {first} is billed twice")
        for client in sorted(waiting):
            self.checked += 1
            if client in bills or left.get(client) != "not_reviewed":
                raise self.broken(f"{client} has visits that wait for review, and does not wait")


class TotalsAddUp(AfterTheMonth):
    """An amount is its quantity by its price, a total its lines, and no number is left out."""

    name = "invoices_add_up"
    text = "Lines are quantity by price to whole öre, totals their sum less what the law lets off"

    def of_month(self, month: Any, first: date) -> None:
        """Reckon each invoice again."""
        invoices: list[Issued] = month.invoices(first)
        for invoice in invoices:
            self.checked += 1
            fee, lines = invoice.content.fee, invoice.content.lines
            for line in lines:
                of = 60 if line.unit.value == "hour" else line.of
                amount = (line.price * line.quantity / of).quantize(_ORE, ROUND_DOWN)
                if line.amount != amount:
                    raise self.broken(
                        f"a line of {invoice.client} says {line.amount}, not {amount}"
                    )
            capped = sum(line.amount for line in lines if line.capped)
            free = sum(line.amount for line in lines if not line.capped)
            most = min(capped, fee.cap, capped if fee.headroom is None else fee.headroom)
            if invoice.total != most + free - fee.rounding or invoice.total != fee.total:
                raise self.broken(f"{invoice.client} pays {invoice.total}, not {most + free}")
        numbers = [invoice.number for invoice in invoices]
        if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise self.broken(f"the numbers of the invoices of {first} have a gap")


class PayFollowsFromVisits(AfterTheMonth):
    """Providers are paid for approved visits of their own staff, each once."""

    name = "pay_rests_on_visits"
    text = "Each approved visit of a provider is paid or said to be unpaid, once, and sums add up"

    def of_month(self, month: Any, first: date) -> None:
        """Hold each statement against the visits."""
        visits = [visit for visit in month.visits() if visit.day.replace(day=1) == first]
        of_provider: defaultdict[int | None, dict[str, Seen]] = defaultdict(dict)
        for visit in visits:
            of_provider[visit.provider][str(visit.pk)] = visit
        _, left = month.left_out(first)
        told = set(left)
        for provider, total, statement in month.statements(first):
            told.add(provider)
            self.checked += 1
            theirs = of_provider[provider]
            if not all(visit.approved for visit in theirs.values()):
                raise self.broken("a provider is paid before its visits have been reviewed")
            paid = Counter(
                (trace.ref, line.service)
                for line in statement.lines
                for trace in line.traces
                if not trace.ref.startswith("choice:")
            )
            refs = {ref for ref, _ in paid}
            unpaid = [each.ref for each in statement.unpaid]
            if max(paid.values(), default=0) > 1 or refs | set(unpaid) != set(theirs):
                raise self.broken("a statement does not hold each visit of its provider once")
            for ref in sorted(refs):
                self._made(theirs[ref])
            if total != statement.total or total != sum(line.amount for line in statement.lines):
                raise self.broken("the total of a statement is not the sum of its lines")
        if None in of_provider:
            del of_provider[None]
        if set(of_provider) - told:
            raise self.broken(f"a provider with visits in {first} has no statement")

    def _made(self, visit: Seen) -> None:
        """Of a client who is away a share is paid, and there is no sign; else there must be one."""
        if visit.outcome != _AWAY and (visit.outcome not in _PAID or not visit.refs):
            raise self.broken(
                f"a provider is paid for a visit on {visit.day} that is {visit.outcome},"
                f" with {len(visit.refs)} signs"
            )


_AWAY: Final = "away"
_PAID: Final = frozenset({"performed", "declined", "missed"})

ALL: Final = (NoLineWithoutItsEvidence, NothingIsBilledTwice, TotalsAddUp, PayFollowsFromVisits)
