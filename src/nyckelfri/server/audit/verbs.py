"""The closed list of what can stand in the audit log, each `subject:object:verb`.

House rules: a new deed gets a new member here; a member is never renamed or
removed, since rows that carry it stay for years.
"""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What was done: who does such things, to what, and the deed."""

    IMPORT_RUN = "importer:files:run"
    IMPORT_CHANGE = "importer:row:change"
    IMPORT_WITHDRAW = "importer:row:withdraw"
    PHONE_REGISTER = "staff:phone:register"
    PHONE_INVITE = "staff:phone:invite"
    PHONE_ENROL = "phone:phone:enrol"
    PHONE_BLOCK = "staff:phone:block"
    PHONE_UNBLOCK = "staff:phone:unblock"
    PHONE_RETIRE = "staff:phone:retire"
    PHONE_HAND_OVER = "staff:phone:hand-over"
    PASSWORD_SET = "staff:password:set"  # noqa: S105 - a verb
    SIGN_IN_REFUSE = "phone:session:refuse"
    SESSION_OPEN = "employee:session:open"
    SESSION_CLOSE = "employee:session:close"
    LOCK_COMMISSION = "installer:lock:commission"
    LOCK_RELEASE = "staff:lock:release"
    LOCK_RETIRE = "staff:lock:retire"
    RELEASE_REQUEST = "staff:release:request"
    RELEASE_ORDER = "staff:release:order"
    LABEL_SHOW = "staff:label:show"
    GRANT_ISSUE = "server:grant:issue"
    GRANT_REVOKE = "server:grant:revoke"
    BULLETIN_ISSUE = "server:bulletin:issue"
    KEY_CREATE = "server:key:create"
    KEY_ROTATE = "staff:key:rotate"
    ROOT_PIN = "staff:root:pin"
    KEY_SET_REQUEST = "staff:key-set:request"
    KEY_SET_INSTALL = "staff:key-set:install"
    JOURNAL_REJECT = "server:journal:reject"
    CLIENT_LOOK = "staff:client:look"
    EMPLOYEE_LOOK = "staff:employee:look"
    PHONE_LOOK = "staff:phone:look"
    IDENTITY_LOOK = "staff:protected-identity:look"
    LIST_LOOK = "staff:list:look"
    LIST_EXPORT = "staff:list:export"
    AUDIT_PURGE = "staff:audit:purge"
    AUDIT_ACCEPT = "staff:audit:accept"
    REVIEW_DRAW = "staff:review:draw"
    REVIEW_CLOSE = "staff:review:close"
    SHIFT_ADD = "staff:shift:add"
    SHIFT_CANCEL = "staff:shift:cancel"
    VISIT_ADD = "staff:visit:add"
    VISIT_CANCEL = "staff:visit:cancel"
    ABSENCE_REPORT = "staff:absence:report"
    ABSENCE_END = "staff:absence:end"
    TAKEOVER_BEGIN = "staff:takeover:begin"
    TAKEOVER_END = "staff:takeover:end"
    IDENTIFICATION_RECORD = "staff:identification:record"
    OWN_CLIENTS_SET = "staff:own-clients:set"
    PHONE_RETURN = "staff:phone:return"
    PHONE_TELL = "server:phone:tell"
