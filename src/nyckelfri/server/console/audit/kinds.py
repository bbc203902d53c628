"""Kinds of deeds, as people ask for them.

House rules: every verb is of exactly one kind; who adds a verb adds it here, and its words
in `texts_deeds`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from nyckelfri.server.audit.verbs import Verb

_V = Verb


class Kind(StrEnum):
    """A kind of deed."""

    ACCESS = "access"
    PHONES = "phones"
    PLANS = "plans"
    VISITS = "visits"
    DECISIONS = "decisions"
    IMPORT = "import"
    LOOKS = "looks"
    KEYS = "keys"
    LOCKS = "locks"
    SIGN_IN = "sign_in"
    MONEY = "money"
    LOG = "log"


OF_KIND: Final[dict[Kind, frozenset[Verb]]] = {
    Kind.ACCESS: frozenset(
        {
            _V.ACCESS_WITHDRAW, _V.ACCESS_GIVE_BACK, _V.STAFF_NAME, _V.STAFF_UNNAME,
            _V.HEALTH_ASSIGN, _V.HEALTH_UNASSIGN, _V.OWN_CLIENTS_SET, _V.IDENTIFICATION_RECORD,
            _V.POLICY_PROPOSE, _V.POLICY_RECORD, _V.POLICY_CANCEL,
        }
    ),
    Kind.PHONES: frozenset(
        {
            _V.PHONE_REGISTER, _V.PHONE_INVITE, _V.PHONE_ENROL, _V.PHONE_BLOCK, _V.PHONE_UNBLOCK,
            _V.PHONE_RETIRE, _V.PHONE_HAND_OVER, _V.PHONE_RETURN, _V.PHONE_TELL,
        }
    ),
    Kind.PLANS: frozenset(
        {
            _V.SHIFT_ADD, _V.SHIFT_CANCEL, _V.VISIT_ADD, _V.VISIT_CANCEL, _V.ABSENCE_REPORT,
            _V.ABSENCE_END, _V.TAKEOVER_BEGIN, _V.TAKEOVER_END,
        }
    ),
    Kind.VISITS: frozenset(
        {
            _V.VISITS_APPROVE, _V.VISIT_APPROVE, _V.VISIT_REOPEN, _V.VISIT_CORRECT, _V.VISIT_UNDO,
            _V.VISIT_RENEW, _V.VISIT_KEEP, _V.VISIT_ENTER, _V.VISIT_TAKE_BACK, _V.SIGN_SETTLE,
            _V.MONTH_CLOSE, _V.MONTH_REOPEN, _V.VISIT_RULES,
        }
    ),
    Kind.DECISIONS: frozenset(
        {_V.DECISION_RECORD, _V.DECISION_END, _V.CHOICE_CHANGE, _V.CHOICE_CANCEL}
    ),
    Kind.IMPORT: frozenset(
        {
            _V.IMPORT_UPLOAD, _V.IMPORT_CONFIRM, _V.IMPORT_CANCEL, _V.IMPORT_RUN,
            _V.IMPORT_CHANGE, _V.IMPORT_WITHDRAW,
        }
    ),
    Kind.LOOKS: frozenset(
        {
            _V.CLIENT_LOOK, _V.EMPLOYEE_LOOK, _V.PHONE_LOOK, _V.IDENTITY_LOOK, _V.LIST_LOOK,
            _V.LIST_EXPORT, _V.AUDIT_LOOK,
        }
    ),
    Kind.KEYS: frozenset(
        {
            _V.GRANT_ISSUE, _V.GRANT_REVOKE, _V.BULLETIN_ISSUE, _V.KEY_CREATE, _V.KEY_ROTATE,
            _V.ROOT_PIN, _V.KEY_SET_REQUEST, _V.KEY_SET_INSTALL,
        }
    ),
    Kind.LOCKS: frozenset(
        {
            _V.LOCK_COMMISSION, _V.LOCK_RELEASE, _V.LOCK_RETIRE, _V.RELEASE_REQUEST,
            _V.RELEASE_ORDER, _V.LABEL_SHOW, _V.LABEL_WRITE, _V.JOURNAL_REJECT,
            _V.DELIVERY_SETTLE, _V.DELIVERY_REOPEN, _V.ENTRY_SETTLE, _V.ENTRY_REOPEN,
            _V.FALLBACK_RECORD,
        }
    ),
    Kind.SIGN_IN: frozenset(
        {
            _V.SIGN_IN_REFUSE, _V.SESSION_OPEN, _V.SESSION_CLOSE, _V.PASSWORD_SET,
            _V.CONSOLE_REFUSE, _V.CONSOLE_SIGN_IN, _V.CONSOLE_SIGN_OUT, _V.CONSOLE_END,
            _V.ACCOUNT_INVITE, _V.ACCOUNT_ACTIVATE, _V.ACCOUNT_RESET, _V.ACCOUNT_LINK,
            _V.STEP_ADD, _V.STEP_REMOVE, _V.CODES_MAKE,
        }
    ),
    Kind.MONEY: frozenset(
        {
            _V.MONEY_RULES, _V.LEGAL_AMOUNTS, _V.RUN_BEGIN, _V.RUN_GO_ON, _V.RUN_END,
            _V.INVOICE_ISSUE, _V.INVOICE_CREDIT, _V.STATEMENT_ISSUE, _V.DISPUTE_OPEN,
            _V.DISPUTE_ANSWER, _V.DISPUTE_SETTLE, _V.RECEIVED_CHECK, _V.MONEY_EXPORT,
        }
    ),
    Kind.LOG: frozenset(
        {
            _V.AUDIT_PURGE, _V.AUDIT_ACCEPT, _V.AUDIT_VERIFY, _V.REVIEW_DRAW, _V.REVIEW_CLOSE,
            _V.BACKUP_MAKE, _V.BACKUP_RESTORE,
        }
    ),
}  # fmt: skip
"""Which deeds are of a kind."""
