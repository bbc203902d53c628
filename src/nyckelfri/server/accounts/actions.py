"""Every change of an account: invite, activate, change the password, begin anew, end sessions.

House rules: who may is the face's to know (`access.permissions`), but for one thing: nobody
gives a code to themselves, or a session left open would be enough to take an account over.
A code is shown once and stored as a keyed hash; a password is never in a record.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from nyckelfri.server.accounts.errors import AccountError, CodeError, WeakPasswordError
from nyckelfri.server.accounts.models import Activation
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.actions_signin import MAX_PASSWORD
from nyckelfri.server.phones.codes import ALPHABET
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.phones.queries import is_employed
from nyckelfri.server.turns import Turn, alone

LIFETIME: Final = timedelta(hours=24)
_LENGTH: Final = 16  # 80 bits


def invite(employee: Employee, *, username: str = "", actor: str, now: datetime) -> str:
    """Give somebody a code to make their account their own with; earlier codes are void.

    Their password and second steps stay until the code is used. The user name is the
    employee's number unless they have another. AccountError says why not.
    """
    _somebody_else(employee, actor)
    with transaction.atomic():
        alone(Turn.NAMES)
        employee = _locked(employee)
        _give_login(employee, username, now)
        code = _new_code(employee, now)
        _record(Verb.ACCOUNT_INVITE, employee, actor, now)
    return code


def begin_anew(employee: Employee, *, reason: str, actor: str, now: datetime) -> str:
    """Void password, second steps and sessions of somebody, and give a new activation code.

    For a lost second step, or when somebody else may know the password. The phone is not
    blocked by this, but whoever is signed in on it is signed out.
    """
    if not reason.strip():
        raise AccountError("Say why: it stands in the audit log")
    _somebody_else(employee, actor)
    with transaction.atomic():
        alone(Turn.NAMES)
        employee = _locked(employee)
        user = _give_login(employee, "", now)
        user.set_unusable_password()
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        _end_sessions(employee, now)
        code = _new_code(employee, now)
        _record(Verb.ACCOUNT_RESET, employee, actor, now, reason=reason)
    return code


def activate(username: str, code: str, password: str, *, now: datetime) -> tuple[User, Activation]:
    """Give an account the password that its owner has chosen, by the code.

    The code stays good until a second step is set up, or till it is too old. Unknown names,
    wrong and old codes are one CodeError; WeakPasswordError leaves everything as it was.
    """
    given = _hash(_normalised(code))
    found = (
        Activation.objects.select_related("employee__user")
        .filter(employee__user__username=username.strip(), closed_at=None)
        .first()
    )
    right = hmac.compare_digest(bytes(found.code_hash) if found else bytes(32), given)
    if found is None or not right or now >= found.until or not is_employed(found.employee, now):
        raise CodeError("User name and code do not belong together, or the code is too old")
    with transaction.atomic():
        employee = _locked(found.employee)
        if not Activation.objects.filter(pk=found.pk, closed_at=None).exists():
            raise CodeError("The code has been used")
        user = employee.user
        if user is None or not user.is_active:
            raise CodeError("The account is closed: turn to your manager")
        _set(user, password)
        Authenticator.objects.filter(user=user).delete()
        _end_sessions(employee, now)
        _record(Verb.ACCOUNT_ACTIVATE, employee, f"employee:{employee.number}", now)
    return user, found


def change_password(employee: Employee, password: str, *, now: datetime) -> User:
    """Give somebody the new password that they chose; every session of theirs ends.

    The caller has checked the old one. WeakPasswordError.
    """
    with transaction.atomic():
        employee = _locked(employee)
        if employee.user is None:
            raise AccountError("There is no account: ask your manager for a code")
        _set(employee.user, password)
        _end_sessions(employee, now)
        _record(Verb.PASSWORD_SET, employee, f"employee:{employee.number}", now)
    return employee.user


def end_sessions(employee: Employee, *, but: str = "", actor: str, now: datetime) -> int:
    """End somebody's sessions in the console, but for the one with the key `but`."""
    with transaction.atomic():
        ended = _end_console(employee, but)
        _record(Verb.CONSOLE_END, employee, actor, now, count=ended)
    return ended


def end_session(employee: Employee, number: int, *, actor: str, now: datetime) -> bool:
    """End one session of somebody, by its number; False if they have no such session."""
    with transaction.atomic():
        found = UserSession.objects.filter(user__employee=employee, pk=number).first()
        if found is None:
            return False
        found.end()
        _record(Verb.CONSOLE_END, employee, actor, now, count=1)
    return True


def problems_of(password: str, user: User) -> list[str]:
    """Name what is wrong with a new password: `too_long`, or Django's name of the rule."""
    if len(password) > MAX_PASSWORD:
        return ["too_long"]
    try:
        password_validation.validate_password(password, user)
    except ValidationError as weak:
        return [error.code or "weak" for error in weak.error_list]
    return []


def show(code: str) -> str:
    """The code as people read it aloud: `ABCD-EFGH-JKLM-NPQR`."""
    return "-".join(code[start : start + 4] for start in range(0, _LENGTH, 4))


def _somebody_else(employee: Employee, actor: str) -> None:
    if actor == f"employee:{employee.number}":
        raise AccountError("Nobody gives themselves a code: ask another manager")


def _set(user: User, password: str) -> None:
    if problems := problems_of(password, user):
        raise WeakPasswordError(problems)
    user.set_password(password)
    user.save(update_fields=["password"])


def _locked(employee: Employee) -> Employee:
    rows = Employee.objects.select_related("user").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=employee.pk)


def _give_login(employee: Employee, username: str, now: datetime) -> User:
    if not is_employed(employee, now):
        raise AccountError("The employment has ended or has not begun: nothing to sign in for")
    if employee.user is not None:
        return employee.user
    name = username.strip() or employee.number
    if User.objects.filter(username__iexact=name).exists():
        raise AccountError("Somebody else has that user name: choose another")
    user = User(username=name)
    user.set_unusable_password()
    user.save()
    employee.user = user
    employee.save(update_fields=["user"])
    return user


def _new_code(employee: Employee, now: datetime) -> str:
    Activation.objects.filter(employee=employee, closed_at=None).update(closed_at=now)
    code = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    Activation.objects.create(
        employee=employee, code_hash=_hash(code), made_at=now, until=now + LIFETIME
    )
    return code


def _end_sessions(employee: Employee, now: datetime) -> None:
    """Phones and browsers."""
    PersonalSession.objects.filter(employee=employee, closed_at=None).update(closed_at=now)
    _end_console(employee, "")


def _end_console(employee: Employee, but: str) -> int:
    rows = list(UserSession.objects.filter(user__employee=employee).exclude(session_key=but))
    for row in rows:
        row.end()
    return len(rows)


def _normalised(typed: str) -> str:
    return "".join(typed.split()).replace("-", "").upper()[: _LENGTH + 1]


def _hash(code: str) -> bytes:
    return tries.keyed("activation", code)


def _record(
    verb: Verb, employee: Employee, actor: str, now: datetime, *, reason: str = "", **details: int
) -> None:
    deed = audit.Deed(verb, f"employee:{employee.number}", reason=reason, details=dict(details))
    audit.record([deed], actor=actor, now=now)
