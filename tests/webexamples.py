"""Numbers that stand in addresses of pages: for each name in the URL map, some that there are.

House rules: one line a name; what a line looks for is made in `webtown`. Django is set up
when `examples` is called.
"""

from __future__ import annotations

from typing import Any

import webreviewed

CLIENTS = [["B0001"], ["B0002"]]
"""One with protected identity, and one without."""


_OF_OTHERS = frozenset({"accounts", "rounds"})
"""Lists that are not for whoever looks at the pages in these tests."""
OF_CLIENT = (
    "client", "client_when", "client_why_not", "client_change", "client_decide", "client_name",
    "client_assign", "client_withdraw",
)  # fmt: skip
OF_EMPLOYEE = (
    "employee", "identification", "own_clients", "add_shift", "add_visit", "report_absence",
    "account_code", "employee_withdraw",
)  # fmt: skip


def examples() -> dict[str, list[list[Any]]]:
    """The arguments of `reverse`, by name."""
    from nyckelfri.server.access.models import (
        Absence,
        AccessPolicy,
        HealthAssignment,
        NamedStaff,
        PolicyDraft,
        Takeover,
        Withdrawal,
    )
    from nyckelfri.server.console.start.lists import LISTS
    from nyckelfri.server.homes.models import CareDecision, PlannedVisit, ProviderChoice, Shift
    from nyckelfri.server.importer.models import ImportJob
    from nyckelfri.server.money.models import (
        Dispute,
        Invoice,
        ReceivedInvoice,
        Statement,
    )
    from nyckelfri.server.people.models import Phone
    from nyckelfri.server.visits.models import (
        Kept,
        LooseSign,
        OfficeEntry,
        PhoneEntry,
        Review,
        Visit,
    )

    in_use, blocked, registered = (
        [Phone.objects.filter(state=state).order_by("pk")[0].identifier.hex()]
        for state in ("enrolled", "blocked", "registered")
    )
    absence, takeover = Absence.objects.order_by("pk")[0], Takeover.objects.order_by("pk")[0]
    named, assigned = (
        NamedStaff.objects.order_by("pk")[0],
        HealthAssignment.objects.order_by("pk")[0],
    )
    withdrawn = Withdrawal.objects.exclude(client=None).order_by("pk")[0]
    everywhere = Withdrawal.objects.filter(client=None).order_by("pk")[0]
    choice = ProviderChoice.objects.filter(recorded_here=True).order_by("-valid_from")[0]
    decision = CareDecision.objects.filter(client__external_id="B0002").order_by("pk")[0]
    shift, visit = (model.objects.filter(ad_hoc=True)[0] for model in (Shift, PlannedVisit))
    invoices = Invoice.objects.order_by("number")
    credited, standing = (
        invoices.exclude(credited_by=None)[0],
        invoices.get(client__external_id="B0002"),
    )
    october = [[f"{standing.month.first:%Y-%m}"]]
    disputes = Dispute.objects.order_by("pk")
    of_day = Visit.objects.filter(day=webreviewed.DAY).order_by("pk")
    corrected, contested, flagged = (
        [rows[0].pk]
        for rows in (
            of_day.filter(correction__isnull=False),
            of_day.filter(newer__isnull=False),
            of_day.exclude(flags=[]),
        )
    )
    statements = Statement.objects.filter(month__first__month=9).order_by("number")
    paid, second = statements[0], statements.get(version=2)
    return {
        "invoice_month": [*october, ["2026-11"]],
        "invoice_run_begin": october,
        "invoice_run": [[invoices[0].run_id]],
        "invoice": [
            [row.number] for row in (invoices[0], standing, credited, credited.credited_by)
        ],
        "invoice_credit": [[standing.number]],
        "invoice_anew": [[credited.number]],
        "client_fee": CLIENTS,
        "dispute": [[row.pk] for row in disputes],
        "dispute_open": [[standing.number, 0], [standing.number, 1]],
        "dispute_answer": [[disputes[0].pk]],
        "dispute_settle": [[disputes[0].pk]],
        "visit": [corrected, contested, flagged],
        "visit_correct": [corrected, flagged],
        "visit_act": [[*contested, "ta-nyare"]],
        "loose_sign": [[LooseSign.objects.get(key="loose").pk]],
        "office_entry": [[OfficeEntry.objects.order_by("pk")[0].pk]],
        "client_visits": CLIENTS,
        "month_close": [["2026-10"]],
        "month_reopen": [["2026-10"]],
        "pay_month": [["2026-09"]],
        "pay_make": [["2026-09"]],
        "statement": [[paid.number], [second.number]],
        "statement_line": [[paid.number, 1]],
        "statement_unpaid": [[paid.number]],
        "statement_changes": [[second.number]],
        "received_invoice": [[row.pk] for row in ReceivedInvoice.objects.order_by("pk")],
        "phone_entry": [[row.pk] for row in PhoneEntry.objects.exclude(flaw="")[:2]],
        "delivery": [[Kept.objects.order_by("pk")[0].pk]],
        "import_job": [[ImportJob.objects.order_by("pk")[0].pk]],
        "phone": [in_use, blocked, registered],
        "phone_history": [in_use],
        "block_phone": [in_use],
        "unblock_phone": [blocked],
        "invite_phone": [registered],
        "hand_over_phone": [in_use],
        "take_back_phone": [in_use],
        "retire_phone": [in_use],
        **{name: [["10001"]] for name in OF_EMPLOYEE},
        "waiting": [[own.slug] for name, own in LISTS.items() if name not in _OF_OTHERS],
        "looks_at": [["client", "B0002"], ["employee", "10001"]],
        "log_review": [[Review.objects.order_by("pk")[0].pk]],
        **{name: [[PolicyDraft.objects.get().pk]] for name in ("rules_draft", "rules_edit")},
        "rules_cancel": [[AccessPolicy.objects.order_by("-valid_from")[0].pk]],
        "end_absence": [[absence.employee.number, absence.pk]],
        "cover": [[absence.employee.number]],
        "end_takeover": [[takeover.pk]],
        "cancel_shift": [[shift.external_id]],
        "cancel_visit": [[visit.external_id]],
        "team": [["G1"]],
        "statistics_measure": [
            ["kontinuitet"],
            ["utfort"],
            ["punktlighet"],
            ["bevis"],
            ["nyckelresor"],
            ["larm"],
        ],
        "client_change_undo": [[choice.client.external_id, choice.pk]],
        "client_decision_end": [["B0002", decision.external_id]],
        "client_unname": [[named.client.external_id, named.pk]],
        "client_unassign": [[assigned.client.external_id, assigned.pk]],
        "employee_give_back": [[everywhere.employee.number, everywhere.pk]],
        "client_give_back": [["B0002", withdrawn.pk]],
        **dict.fromkeys(OF_CLIENT, CLIENTS),
    }
