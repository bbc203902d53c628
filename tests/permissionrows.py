"""Who may open which page of the console, in which way: the table that tests compare with.

House rules: written by hand from what the municipality wants, never computed from the
program's own table of permissions. A new address gets a row here, or the test fails.

A row: the name of the address; whom it lets in; the methods that it answers (GET brings
HEAD); and for each part of the address what to put there (`permissionworld.World`). `None`
for that part means something that is nobody's own: everybody gets 404.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nyckelfri.server.people.models import Role

PLANNER, MANAGER, ASSESSOR, SERVICE, ACCOUNTANT, SYSTEM, AUDITOR = (
    Role.PLANNER.value,
    Role.PROVIDER_MANAGER.value,
    Role.CARE_ASSESSOR.value,
    Role.SERVICE_CENTRE.value,
    Role.ACCOUNTANT.value,
    Role.SYSTEM_MANAGER.value,
    Role.AUDITOR.value,
)
COMPANY_PLANNER = "planner of a company"
COMPANY_MANAGER = "manager of a company"
TEAM_PLANNER = "planner of a municipal team"
NOBODY = "nobody"
FORMER = "former planner"
NEW = "planner without a second step"

HOMELESS = MANAGER
"""A provider manager without a team belongs to no provider, and sees nothing."""
ELSEWHERE: Final = frozenset(role.value for role in Role) - {
    PLANNER, ASSESSOR, SERVICE, ACCOUNTANT, SYSTEM, AUDITOR,
}  # fmt: skip
"""Roles with no business in the console: they have only their own account there."""
BOUND: Final = frozenset({COMPANY_PLANNER, COMPANY_MANAGER, TEAM_PLANNER})
"""People who see one provider's own."""
PERSONAS: Final = frozenset({*(role.value for role in Role), *BOUND, NOBODY, FORMER, NEW})

EVERYBODY: Final = PERSONAS
LOGGED_IN: Final = PERSONAS - {NOBODY, FORMER, NEW}
STAFF: Final = frozenset({PLANNER, ASSESSOR, SERVICE, ACCOUNTANT, SYSTEM, AUDITOR, *BOUND})
"""Whoever has business in the console."""
DOORS: Final = STAFF - {ACCOUNTANT}
"""Whoever may see who can open whose door."""
FIGURES: Final = frozenset({PLANNER, ACCOUNTANT, SYSTEM, AUDITOR, *BOUND})
"""Whoever may see statistics."""
INVOICES: Final = frozenset({ASSESSOR, SERVICE, ACCOUNTANT, AUDITOR})
"""Whoever may see what a client pays, and what it rests on."""
PAY: Final = frozenset({COMPANY_MANAGER, ACCOUNTANT, AUDITOR})
"""Whoever may see what a provider is paid; a company's manager their own only."""
PLANNERS: Final = frozenset({PLANNER, *BOUND})
NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Row:
    """Who is let in, how, and what stands in the address."""

    who: frozenset[str]
    methods: str = "GET"
    of: dict[str, str | None] = field(default_factory=dict)


ROWS: Final[dict[str, Row]] = {
    # signing in: open to everybody; what only leads to the log-in page lets nobody in
    "account_login": Row(EVERYBODY - {NEW}, "GET POST"),
    "account_activate": Row(EVERYBODY - {NEW}, "GET POST"),
    "mfa_authenticate": Row(LOGGED_IN, "GET POST"),
    "account_begin_again": Row(NONE, "POST"),
    "mfa_login_webauthn": Row(LOGGED_IN, "GET POST"),
    "openid_connect_login": Row(NONE),  # not chosen: 404
    "openid_connect_callback": Row(NONE),
    "account_refused": Row(NONE),  # a page that says no: 403
    "account_not_ready": Row(NONE),
    "set_language": Row(EVERYBODY, "POST"),
    "logout": Row(NONE, "POST"),
    # one's own account
    "account": Row(LOGGED_IN),
    "account_set_up": Row(LOGGED_IN | {NEW}),
    "account_change_password": Row(LOGGED_IN, "GET POST"),
    "account_reauthenticate": Row(LOGGED_IN | {NEW}, "GET POST"),
    "mfa_reauthenticate": Row(LOGGED_IN, "GET POST"),
    "mfa_reauthenticate_webauthn": Row(LOGGED_IN, "GET POST"),
    "mfa_activate_totp": Row(LOGGED_IN | {NEW}, "GET POST"),
    "mfa_deactivate_totp": Row(LOGGED_IN, "GET POST"),
    "mfa_add_webauthn": Row(LOGGED_IN | {NEW}, "GET POST"),
    "mfa_remove_webauthn": Row(NONE, "GET POST", {"pk": None}),
    "mfa_view_recovery_codes": Row(LOGGED_IN),
    "mfa_generate_recovery_codes": Row(LOGGED_IN, "GET POST"),
    "account_end_sessions": Row(LOGGED_IN, "POST"),
    "account_end_session": Row(NONE, "POST", {"number": None}),
    # codes for others
    "account_code": Row(frozenset({SYSTEM, COMPANY_MANAGER}), "GET POST", {"number": "employee"}),
    # the staff phone app: files that hold nothing of anybody
    "app": Row(EVERYBODY),
    "app_label": Row(EVERYBODY, "GET", {"label": "label"}),
    "app_worker": Row(EVERYBODY),
    "app_manifest": Row(EVERYBODY),
    "app_file": Row(EVERYBODY, "GET", {"version": "version", "path": "app_path"}),
    # areas
    "start": Row(STAFF),
    "openings": Row(PLANNERS | {SERVICE, SYSTEM, AUDITOR}, "GET POST"),
    "openings_export": Row(PLANNERS | {SYSTEM, AUDITOR}, "GET", {"form": "csv"}),
    "visits": Row(STAFF),
    "visits_approve": Row(PLANNERS, "GET POST"),
    "loose_sign": Row(PLANNERS, "GET POST", {"number": "loose_sign"}),
    "visit": Row(STAFF, "GET", {"number": "visit"}),
    "visit_correct": Row(PLANNERS, "GET POST", {"number": "visit"}),
    "visit_act": Row(PLANNERS, "GET POST", {"number": "visit", "act": "act"}),
    "visit_enter": Row(PLANNERS, "GET POST"),
    "office_entry": Row(PLANNERS, "GET POST", {"number": "office_entry"}),
    "client_visits": Row(STAFF, "GET", {"number": "client"}),
    "visit_days": Row(STAFF),
    "visit_months": Row(STAFF),
    "month_close": Row(frozenset({ACCOUNTANT}), "GET POST", {"month": "month"}),
    "month_reopen": Row(frozenset({ACCOUNTANT}), "GET POST", {"month": "month"}),
    "clients": Row(STAFF, "GET POST"),
    "client": Row(STAFF, "GET", {"number": "client"}),
    "client_when": Row(DOORS, "GET", {"number": "client"}),
    "client_why_not": Row(DOORS, "GET", {"number": "client"}),
    "client_change": Row(frozenset({ASSESSOR}), "GET POST", {"number": "client"}),
    "client_change_undo": Row(NONE, "GET POST", {"number": "client", "pk": None}),
    "client_decide": Row(frozenset({ASSESSOR}), "GET POST", {"number": "client"}),
    "client_decision_end": Row(
        frozenset({ASSESSOR}), "GET POST", {"number": "client", "decision": "decision"}
    ),
    "client_name": Row(frozenset({ASSESSOR}), "GET POST", {"number": "client"}),
    "client_unname": Row(NONE, "GET POST", {"number": "client", "pk": None}),
    "client_assign": Row(frozenset({ASSESSOR}), "GET POST", {"number": "client"}),
    "client_unassign": Row(NONE, "GET POST", {"number": "client", "pk": None}),
    "client_withdraw": Row(frozenset({SYSTEM, COMPANY_MANAGER}), "GET POST", {"number": "client"}),
    "client_give_back": Row(NONE, "GET POST", {"number": "client", "pk": None}),
    "rules": Row(frozenset({SYSTEM})),
    "rules_change": Row(frozenset({SYSTEM}), "GET POST"),
    "rules_draft": Row(frozenset({SYSTEM}), "GET POST", {"pk": "policy_draft"}),
    "rules_edit": Row(frozenset({SYSTEM}), "GET POST", {"pk": "policy_draft"}),
    "rules_cancel": Row(NONE, "GET POST", {"pk": None}),
    "waiting": Row(PLANNERS | {SYSTEM}, "GET", {"what": "silent_phones"}),
    "review_settled": Row(frozenset({PLANNER, SYSTEM})),
    "phone_entries": Row(PLANNERS | {SYSTEM}),
    "phone_entries_settled": Row(PLANNERS | {SYSTEM}),
    "phone_entry": Row(PLANNERS | {SYSTEM}, "GET POST", {"number": "entry"}),
    "label_readings": Row(PLANNERS | {SERVICE, SYSTEM, AUDITOR}),
    "fallback": Row(frozenset({SYSTEM}), "GET POST"),
    "delivery": Row(frozenset({PLANNER, SYSTEM}), "GET POST", {"number": "delivery"}),
    "review": Row(frozenset({PLANNER, SYSTEM})),
    "log_reviews": Row(frozenset({AUDITOR})),
    "log_reviews_closed": Row(frozenset({AUDITOR})),
    "log_draws": Row(frozenset({AUDITOR})),
    "new_log_draw": Row(frozenset({AUDITOR}), "GET POST"),
    "log_review": Row(NONE, "GET POST", {"number": None}),
    "audit": Row(frozenset({SYSTEM, AUDITOR}), "GET POST"),
    "audit_export": Row(frozenset({SYSTEM, AUDITOR}), "GET", {"form": "csv"}),
    "audit_proofs": Row(frozenset({SYSTEM, AUDITOR}), "GET POST"),
    "looks_at": Row(frozenset({SYSTEM, AUDITOR}), "GET", {"kind": "kind", "number": "client"}),
    "import": Row(frozenset({SYSTEM}), "GET POST"),
    "import_job": Row(frozenset({SYSTEM}), "GET POST", {"number": "import_job"}),
    "invoices": Row(INVOICES),
    "invoice_month": Row(INVOICES, "GET", {"month": "invoiced_month"}),
    "invoice_run_begin": Row(frozenset({ACCOUNTANT}), "GET POST", {"month": "invoiced_month"}),
    "invoices_sie": Row(frozenset({ACCOUNTANT}), "GET", {"month": "invoiced_month"}),
    "invoices_peppol": Row(frozenset({ACCOUNTANT}), "GET", {"month": "invoiced_month"}),
    "invoices_table": Row(
        frozenset({ACCOUNTANT}), "GET", {"month": "invoiced_month", "form": "csv"}
    ),
    "invoice_run": Row(INVOICES, "GET", {"pk": "run"}),
    "invoice_run_go_on": Row(frozenset({ACCOUNTANT}), "POST", {"pk": "run"}),
    "invoice_list": Row(INVOICES, "GET POST"),
    "invoice": Row(INVOICES, "GET", {"number": "invoice"}),
    "invoice_pdf": Row(INVOICES, "GET", {"number": "invoice", "language": "language"}),
    "invoice_credit": Row(frozenset({ACCOUNTANT}), "GET POST", {"number": "invoice"}),
    "invoice_anew": Row(frozenset({ACCOUNTANT}), "GET POST", {"number": "invoice"}),
    "client_fee": Row(INVOICES, "GET", {"number": "client"}),
    "pay": Row(PAY),
    "pay_month": Row(PAY, "GET", {"month": "paid_month"}),
    "pay_make": Row(frozenset({ACCOUNTANT}), "GET POST", {"month": "paid_month"}),
    "pay_go_on": Row(frozenset({ACCOUNTANT}), "POST", {"pk": "pay_run"}),
    "statement": Row(PAY, "GET", {"number": "statement"}),
    "statement_line": Row(PAY, "GET", {"number": "statement", "line": "statement_line"}),
    "statement_unpaid": Row(PAY, "GET", {"number": "statement"}),
    "statement_changes": Row(PAY, "GET", {"number": "statement"}),
    "statement_pdf": Row(PAY, "GET", {"number": "statement", "language": "pdf_language"}),
    "statement_table": Row(PAY, "GET", {"number": "statement", "form": "csv"}),
    "receive_invoice": Row(frozenset({ACCOUNTANT}), "GET POST"),
    "received_invoice": Row(PAY, "GET", {"pk": "received"}),
    "received_file": Row(PAY, "GET", {"pk": "received"}),
    "pay_rules": Row(frozenset({ACCOUNTANT, SYSTEM})),
    "pay_rules_change": Row(frozenset({ACCOUNTANT, SYSTEM}), "GET POST"),
    "disputes": Row(INVOICES),
    "dispute": Row(INVOICES, "GET", {"pk": "dispute"}),
    "dispute_open": Row(
        frozenset({SERVICE, ACCOUNTANT}), "GET POST", {"number": "invoice", "line": "line"}
    ),
    "dispute_answer": Row(frozenset({SERVICE, ACCOUNTANT}), "GET POST", {"pk": "dispute"}),
    "dispute_settle": Row(frozenset({SERVICE, ACCOUNTANT}), "GET POST", {"pk": "dispute"}),
    "fee_rules": Row(frozenset({ACCOUNTANT, SYSTEM})),
    "fee_sender": Row(frozenset({ACCOUNTANT, SYSTEM}), "GET POST"),
    "fee_accounts": Row(frozenset({ACCOUNTANT, SYSTEM}), "GET POST"),
    "fee_policy": Row(frozenset({ACCOUNTANT, SYSTEM}), "GET POST"),
    "fee_amounts": Row(frozenset({ACCOUNTANT, SYSTEM}), "GET POST"),
    "fee_tariff": Row(frozenset({ACCOUNTANT, SYSTEM})),
    "statistics": Row(FIGURES),
    "statistics_measure": Row(FIGURES, "GET", {"measure": "measure"}),
    "statistics_table": Row(
        FIGURES, "GET", {"measure": "measure", "figure": "figure", "form": "csv"}
    ),
    "phones": Row(PLANNERS | {SERVICE, SYSTEM}, "GET POST"),
    "phone": Row(PLANNERS | {SERVICE, SYSTEM}, "GET", {"phone": "phone"}),
    "phone_history": Row(PLANNERS | {SERVICE, SYSTEM}, "GET", {"phone": "phone"}),
    "block_phone": Row(PLANNERS | {SERVICE, SYSTEM}, "GET POST", {"phone": "phone"}),
    "new_phone": Row(frozenset({SYSTEM}), "GET POST"),
    "invite_phone": Row(frozenset({SYSTEM}), "GET POST", {"phone": "phone"}),
    "unblock_phone": Row(frozenset({SYSTEM}), "GET POST", {"phone": "phone"}),
    "hand_over_phone": Row(frozenset({SYSTEM}), "GET POST", {"phone": "phone"}),
    "take_back_phone": Row(frozenset({SYSTEM}), "GET POST", {"phone": "phone"}),
    "retire_phone": Row(frozenset({SYSTEM}), "GET POST", {"phone": "phone"}),
    "staff": Row(PLANNERS | {SERVICE, SYSTEM, AUDITOR}, "GET POST"),
    "employee": Row(PLANNERS | {SERVICE, SYSTEM, AUDITOR}, "GET", {"number": "employee"}),
    "identification": Row(frozenset({SYSTEM, COMPANY_MANAGER}), "GET POST", {"number": "employee"}),
    "employee_withdraw": Row(
        frozenset({SYSTEM, COMPANY_MANAGER}), "GET POST", {"number": "employee"}
    ),
    "employee_give_back": Row(NONE, "GET POST", {"number": "employee", "pk": None}),
    "own_clients": Row(frozenset({SYSTEM, COMPANY_MANAGER}), "GET POST", {"number": "employee"}),
    "teams": Row(PLANNERS | {SERVICE, SYSTEM, AUDITOR}),
    "team": Row(PLANNERS | {SERVICE, SYSTEM, AUDITOR}, "GET", {"key": "team"}),
    "add_shift": Row(PLANNERS, "GET POST", {"number": "employee"}),
    "add_visit": Row(PLANNERS, "GET POST", {"number": "employee"}),
    "cancel_shift": Row(NONE, "GET POST", {"key": None}),
    "cancel_visit": Row(NONE, "GET POST", {"key": None}),
    "report_absence": Row(PLANNERS, "GET POST", {"number": "employee"}),
    "end_absence": Row(NONE, "GET POST", {"number": "employee", "row": None}),
    "cover": Row(PLANNERS, "GET POST", {"number": "employee"}),
    "end_takeover": Row(NONE, "GET POST", {"row": None}),
    "letter": Row(PLANNERS | {ASSESSOR, SERVICE}, "GET", {"number": "client"}),
}


@dataclass(frozen=True)
class Call:
    """Who may make a call of the phone API; all are POST."""

    who: frozenset[str]


STRANGER = "no device token"
PHONE = "a phone in use, nobody signed in"
CARER = "a carer signed in"
BLOCKED = "a blocked phone"
CALLERS: Final = frozenset({STRANGER, PHONE, CARER, BLOCKED})
KNOWN: Final = frozenset({PHONE, CARER})

CALLS: Final[dict[str, Call]] = {
    "phone:api-root": Call(NONE),  # ninja's own: answers nobody
    "phone:enrol": Call(CALLERS),
    "phone:sign_in": Call(KNOWN),
    "phone:sign_out": Call(frozenset({CARER})),
    "phone:synchronise": Call(KNOWN),
    "phone:time": Call(KNOWN),
    "phone:installations": Call(frozenset({CARER})),
    "phone:label": Call(frozenset({CARER})),
}
"""Whether who is signed in is an installer, the action asks afterwards: `test_phoneapi.py`."""
