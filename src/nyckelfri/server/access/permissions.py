"""What each role may see and do in the console: one table.

House rules: what is not in the table is not allowed. No permission opens a door or
gives anybody a key: access follows from plans. Whoever works for a provider has their
permissions for that provider's clients and staff only (`viewers`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from nyckelfri.server.people.models import Role


class Permission(StrEnum):
    """One kind of thing that somebody may see or do."""

    SEE_CLIENTS = "see clients"
    SEE_ACCESS = "see who can open and why"
    SEE_OPENINGS = "see openings"
    EXPORT = "export openings"
    SEE_STAFF = "see staff, teams and shifts"
    SEE_PHONES = "see phones"
    BLOCK_PHONE = "block a phone"
    MANAGE_PHONES = "register, invite, hand over, unblock and retire phones"
    MANAGE_STAFF = "record service identification and own clients, give passwords"
    PLAN = "add visits and shifts, report absence, let a substitute take over"
    CHANGE_PROVIDER = "record a client's choice of provider"
    DECIDE = "record and end care decisions"
    ASSIGN_HEALTH = "assign clients to licensed health staff"
    NAME_STAFF = "name who may see a client with protected identity"
    WITHDRAW = "withdraw somebody's access"
    SET_POLICY = "set the rules for access"
    IMPORT = "import files"
    REVIEW_DELIVERIES = "deal with what locks delivered and could not be accepted"
    SETTLE_ENTRIES = "deal with what staff entered and reported on phones"
    SEE_AUDIT = "read the audit log"
    REVIEW_LOG = "review drawn openings"
    PRINT_LETTER = "print the letter to a client"
    SEE_VISITS = "see visits as performed"
    REVIEW_VISITS = "approve and correct visits, enter visits afterwards"
    CLOSE_MONTH = "close a month, and open it again before it is invoiced"
    SEE_STATISTICS = "see statistics"
    SEE_INVOICES = "see invoices and what they rest on"
    ISSUE_INVOICES = "make a month's invoices, credit one, export them"
    DISPUTE = "write down what a client questions, and answer"
    SET_MONEY_RULES = "set the rules for fees and pay, and the law's amounts"
    SEE_PAY = "see what providers are paid and why"
    PAY_PROVIDERS = "make statements, and check providers' invoices"


_P = Permission
_PLANNER: Final = frozenset(
    {
        _P.SEE_CLIENTS, _P.SEE_ACCESS, _P.SEE_OPENINGS, _P.EXPORT, _P.SEE_STAFF, _P.SEE_PHONES,
        _P.BLOCK_PHONE, _P.PLAN, _P.PRINT_LETTER, _P.REVIEW_DELIVERIES,
        _P.SETTLE_ENTRIES, _P.SEE_VISITS, _P.REVIEW_VISITS, _P.SEE_STATISTICS,
    }
)  # fmt: skip
OF_ROLE: Final[dict[Role, frozenset[Permission]]] = {
    Role.PLANNER: _PLANNER,
    Role.PROVIDER_MANAGER: _PLANNER | {_P.WITHDRAW, _P.MANAGE_STAFF, _P.SEE_PAY},
    Role.CARE_ASSESSOR: frozenset(
        {
            _P.SEE_CLIENTS, _P.SEE_ACCESS, _P.DECIDE, _P.CHANGE_PROVIDER, _P.ASSIGN_HEALTH,
            _P.NAME_STAFF, _P.PRINT_LETTER, _P.SEE_VISITS, _P.SEE_INVOICES,
        }
    ),
    Role.SERVICE_CENTRE: frozenset(
        {
            _P.SEE_CLIENTS, _P.SEE_ACCESS, _P.SEE_OPENINGS, _P.SEE_STAFF, _P.SEE_PHONES,
            _P.BLOCK_PHONE, _P.PRINT_LETTER, _P.SEE_VISITS, _P.SEE_INVOICES, _P.DISPUTE,
        }
    ),
    Role.ACCOUNTANT: frozenset(
        {
            _P.SEE_CLIENTS, _P.SEE_VISITS, _P.CLOSE_MONTH, _P.SEE_STATISTICS, _P.SEE_INVOICES,
            _P.ISSUE_INVOICES, _P.DISPUTE, _P.SET_MONEY_RULES, _P.SEE_PAY, _P.PAY_PROVIDERS,
        }
    ),
    Role.SYSTEM_MANAGER: frozenset(
        {
            _P.SEE_CLIENTS, _P.SEE_ACCESS, _P.SEE_OPENINGS, _P.EXPORT, _P.SEE_STAFF,
            _P.SEE_PHONES, _P.BLOCK_PHONE, _P.MANAGE_PHONES, _P.MANAGE_STAFF, _P.WITHDRAW,
            _P.SET_POLICY, _P.IMPORT, _P.REVIEW_DELIVERIES, _P.SETTLE_ENTRIES, _P.SEE_AUDIT,
            _P.SEE_VISITS, _P.SEE_STATISTICS, _P.SET_MONEY_RULES,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            _P.SEE_CLIENTS, _P.SEE_ACCESS, _P.SEE_OPENINGS, _P.EXPORT, _P.SEE_STAFF,
            _P.SEE_AUDIT, _P.REVIEW_LOG, _P.SEE_VISITS, _P.SEE_STATISTICS, _P.SEE_INVOICES,
            _P.SEE_PAY,
        }
    ),
}  # fmt: skip
"""Roles that are not here have no business in the console."""

MUNICIPALITY_ONLY: Final = frozenset(
    {
        _P.MANAGE_PHONES, _P.CHANGE_PROVIDER, _P.DECIDE, _P.NAME_STAFF, _P.SET_POLICY, _P.IMPORT,
        _P.REVIEW_DELIVERIES, _P.SEE_AUDIT, _P.REVIEW_LOG, _P.CLOSE_MONTH, _P.SEE_INVOICES,
        _P.ISSUE_INVOICES, _P.DISPUTE, _P.SET_MONEY_RULES, _P.PAY_PROVIDERS,
    }
)  # fmt: skip
"""What nobody may who sees one provider only."""


def of(role: str, *, whole_municipality: bool) -> frozenset[Permission]:
    """What an employee of this role may."""
    found = OF_ROLE.get(Role(role), frozenset())
    return found if whole_municipality else found - MUNICIPALITY_ONLY
