"""Who uses a phone now: personal sign-in with user name and password.

House rules: a session belongs to one phone and one employee, and ends with the
shift. Wrong name, wrong password and somebody who has left look alike.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from nyckelfri.server import turns
from nyckelfri.server.access import policy
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.people.models import Employee, Phone, PhoneState, User
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.errors import PhoneError, PhoneStateError, WrongCredentialsError
from nyckelfri.server.phones.models import FailedTry, PersonalSession
from nyckelfri.server.phones.queries import is_employed, token_hash
from nyckelfri.server.turns import Turn

LONGEST = timedelta(hours=16)
WITHOUT_SHIFT = timedelta(hours=8)
"""How long an installer or a nurse, who has no shift, stays signed in."""
MAX_NAME = 150
MAX_PASSWORD = 256
_WRONG = "User name or password is wrong: try again, or ask your planner for a new password"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, and its token, which is never shown again."""

    session: PersonalSession
    token: bytes = field(repr=False)


def sign_in(phone: Phone, *, username: str, password: str, now: datetime) -> SignedIn:
    """Open a session on `phone` until the shift ends; other sessions of phone or person close.

    Raises WrongCredentialsError, TooManyTriesError or PhoneStateError.
    """
    counted = tries.count(
        [
            (FailedTry.Kind.NAME, username.strip().casefold()),
            (FailedTry.Kind.PHONE, phone.identifier.hex()),
        ],
        now=now,
    )
    # Outside the transaction: a slow hash must not hold up every other writer.
    found = authenticate(username=username.strip(), password=password)
    user = found if isinstance(found, User) else None
    employee = Employee.objects.filter(user=user).first() if user else None
    if employee is None or not is_employed(employee, now):
        with transaction.atomic():
            _record(Verb.SIGN_IN_REFUSE, phone, f"phone:{phone.identifier.hex()}", now)
        raise WrongCredentialsError(_WRONG)
    with transaction.atomic():
        phone = Phone.objects.select_for_update(no_key=True).get(pk=phone.pk)
        if phone.state != PhoneState.ENROLLED:
            raise PhoneStateError("The phone is not in use: enrol it first")
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if not _still_theirs(user, employee, now):
            raise WrongCredentialsError(_WRONG)
        _close(Q(phone=phone) | Q(employee=employee), now)
        token = secrets.token_bytes(32)
        session = PersonalSession.objects.create(
            token_hash=token_hash(token),
            phone=phone,
            employee=employee,
            opened_at=now,
            until=_until(employee, now),
        )
        counted.forgive()
        _record(Verb.SESSION_OPEN, phone, f"employee:{employee.number}", now)
    return SignedIn(session, token)


def sign_out(session: PersonalSession, *, now: datetime) -> None:
    """Close a session."""
    with transaction.atomic():
        open_ones = PersonalSession.objects.filter(pk=session.pk, closed_at=None)
        if open_ones.update(closed_at=now):
            actor = f"employee:{session.employee.number}"
            _record(Verb.SESSION_CLOSE, session.phone, actor, now)


def set_password(
    employee: Employee, password: str, *, username: str = "", actor: str, now: datetime
) -> User:
    """Give an employee a login, or the login a new password; PhoneError says what is wrong.

    The user name is the employee's number unless another is given. Open sessions close.
    """
    name = (username or (employee.user.username if employee.user else employee.number)).strip()
    if len(password) > MAX_PASSWORD:
        raise PhoneError(f"The password is too long: use at most {MAX_PASSWORD} characters")
    try:
        password_validation.validate_password(password, User(username=name))
    except ValidationError as weak:
        raise PhoneError(" ".join(weak.messages)) from None
    with transaction.atomic():
        turns.alone(Turn.NAMES)
        employee = Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        user = employee.user or User(username=name)
        if User.objects.filter(username__iexact=name).exclude(pk=user.pk).exists():
            raise PhoneError("Somebody else has that user name: choose another")
        user.username = name
        user.set_password(password)
        user.save()
        employee.user = user
        employee.save(update_fields=["user"])
        _close(Q(employee=employee), now)
        deed = audit.Deed(Verb.PASSWORD_SET, f"employee:{employee.number}")
        audit.record([deed], actor=actor, now=now)
    return user


def _still_theirs(user: User | None, employee: Employee, now: datetime) -> bool:
    """Whether what was just typed is still right, now that nobody can change it."""
    if user is None or employee.user_id != user.pk or not is_employed(employee, now):
        return False
    return User.objects.filter(pk=user.pk, password=user.password, is_active=True).exists()


def _close(whose: Q, now: datetime) -> None:
    """Close these sessions, each locked in turn by number: two people may be swapping phones."""
    rows = PersonalSession.objects.filter(whose, closed_at=None).order_by("pk")
    keys = [row.pk for row in rows.select_for_update(no_key=True)]
    PersonalSession.objects.filter(pk__in=keys, closed_at=None).update(closed_at=now)


def _until(employee: Employee, now: datetime) -> datetime:
    shift = (
        Shift.objects.filter(
            employee=employee, withdrawn_at=None, end__gt=now, start__lt=now + LONGEST
        )
        .order_by("start")
        .first()
    )
    if shift is None:
        return now + WITHOUT_SHIFT
    return min(shift.end + policy.in_force(now).after_shift, now + LONGEST)


def _record(verb: Verb, phone: Phone, actor: str, now: datetime) -> None:
    deed = audit.Deed(verb, f"phone:{phone.identifier.hex()}")
    audit.record([deed], actor=actor, now=now)
