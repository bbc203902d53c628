"""Which phone, and whose session, a token stands for.

House rules: reads only; a token is looked up by its hash, so that nothing about
it can be learnt from how long the answer takes.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from nyckelfri.care.times import ZONE
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession


def token_hash(token: bytes) -> bytes:
    """What is stored of a token: it is random, so one hash is enough."""
    return hashlib.sha256(token).digest()


def phone_of(token: bytes) -> Phone | None:
    """Find the phone with this device token, in whatever state it is."""
    return Phone.objects.filter(device_token_hash=token_hash(token)).first()


def session_of(token: bytes, phone: Phone, now: datetime) -> PersonalSession | None:
    """Find the session of this token, if it is open on this very phone and its owner works here."""
    session = (
        PersonalSession.objects.select_related("employee__user", "employee__care_team", "phone")
        .filter(token_hash=token_hash(token), phone=phone, closed_at=None, until__gt=now)
        .first()
    )
    if session is None or phone.state != PhoneState.ENROLLED:
        return None
    user = session.employee.user
    if user is None or not user.is_active or not is_employed(session.employee, now):
        return None
    return session


def is_employed(employee: Employee, now: datetime) -> bool:
    """Tell whether this local day lies within the employment."""
    today = now.astimezone(ZONE).date()
    till = employee.employed_till
    return employee.employed_from <= today and (till is None or today <= till)
