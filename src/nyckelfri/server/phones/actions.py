"""A service phone's life: registered, invited, enrolled, handed over, blocked, retired.

House rules: check → change → audit row, in one transaction. Whatever ends a phone's use
reaches the bulletin in the same transaction, and the phone's old token stays, to tell it
to empty itself. To lift a block is a decision of its own. A phone that changes hands or
comes back is enrolled anew with a new key, whatever became of the old one.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from nyckelfri.door import grants, signed
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import actions_revoke
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones import codes, tasks, tries
from nyckelfri.server.phones.errors import (
    CodeRefusedError,
    PhoneStateError,
    TooManyTriesError,
)
from nyckelfri.server.phones.hook import Event
from nyckelfri.server.phones.models import FailedTry, PersonalSession
from nyckelfri.server.phones.queries import is_employed, token_hash

TOKEN_BYTES = 32
SYNC_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone that has just been enrolled, and its device token, which is never shown again."""

    phone: Phone
    token: bytes = field(repr=False)


def register(*, label: str, holder: Employee, actor: str, now: datetime) -> Phone:
    """Make a phone known that `holder` answers for; it can do nothing yet."""
    with transaction.atomic():
        phone = Phone.objects.create(
            identifier=secrets.token_bytes(8), label=label, holder=holder, registered_at=now
        )
        _record(Verb.PHONE_REGISTER, phone, actor, now)
    return phone


def invite(phone: Phone, *, actor: str, now: datetime) -> str:
    """Give a one-time enrolment code, valid for 15 minutes; an earlier one is void."""
    with transaction.atomic():
        phone = _locked(phone)
        if phone.state != PhoneState.REGISTERED:
            raise PhoneStateError(
                f"The phone is {phone.get_state_display()}: only a registered phone can be enrolled"
            )
        if phone.holder_id is None:
            raise PhoneStateError("Nobody answers for the phone: say first who will carry it")
        code = codes.make(phone.identifier, secrets.choice)
        phone.enrolment_code_hash = tries.keyed("code", code)
        phone.enrolment_code_expires = now + codes.LIFETIME
        phone.save(update_fields=["enrolment_code_hash", "enrolment_code_expires"])
        key = tries.keyed("try.code", codes.selector_of(code))
        FailedTry.objects.filter(kind=FailedTry.Kind.CODE, key=key).delete()
        _record(Verb.PHONE_INVITE, phone, actor, now)
    return code


def enrol(code: str, *, public_key: bytes, model: str, now: datetime) -> Enrolled:
    """Bind a phone's key (x-coordinate, 32 bytes) to it, by its one-time code.

    Raises CodeRefusedError, TooManyTriesError, PhoneStateError (the key is used elsewhere)
    or SignatureError (it is no key).
    """
    signed.signing_key(b"\x02" + public_key)
    typed = codes.normalise(code)
    counted = _count_code(typed, now)
    with transaction.atomic():
        phone = _invited(typed, now)
        if Phone.objects.filter(public_key_x=public_key).exists():
            raise PhoneStateError("This key belongs to another phone: make a new one")
        token = secrets.token_bytes(TOKEN_BYTES)
        phone.state = PhoneState.ENROLLED
        phone.public_key_x = public_key
        phone.thumbprint = grants.thumbprint(public_key)
        phone.device_token_hash = token_hash(token)
        phone.enrolment_code_hash = phone.enrolment_code_expires = None
        phone.enrolled_at = now
        phone.save()
        counted.forgive()
        actor = f"phone:{phone.identifier.hex()}"
        _record(Verb.PHONE_ENROL, phone, actor, now, details={"model": model})
    return Enrolled(phone, token)


def block(phone: Phone, *, reason: str, actor: str, now: datetime) -> Phone:
    """Block a lost phone: from now on it gets nothing, and the bulletin names its key."""
    with transaction.atomic():
        phone = _locked(phone)
        if phone.state == PhoneState.RETIRED:
            raise PhoneStateError("The phone is retired already: it holds no keys")
        if phone.state == PhoneState.BLOCKED:
            return phone
        phone.state = PhoneState.BLOCKED
        phone.blocked_at = now
        _end(phone, reason=reason, now=now)
        _record(Verb.PHONE_BLOCK, phone, actor, now, reason=reason)
        tasks.tell_after_commit(Event.BLOCKED, phone, now)
    return phone


def unblock(phone: Phone, *, reason: str, actor: str, now: datetime) -> Phone:
    """Let a blocked phone be enrolled again; its old key stays revoked and is forgotten."""
    with transaction.atomic():
        phone = _locked(phone)
        if phone.state != PhoneState.BLOCKED:
            raise PhoneStateError("Only a blocked phone can be unblocked")
        phone.blocked_at = None
        _forget_key(phone)
        _record(Verb.PHONE_UNBLOCK, phone, actor, now, reason=reason)
        tasks.tell_after_commit(Event.UNBLOCKED, phone, now)
    return phone


def hand_over(phone: Phone, holder: Employee, *, reason: str, actor: str, now: datetime) -> Phone:
    """Give a phone to another employee: what it held is revoked, and it is enrolled anew."""
    with transaction.atomic():
        phone = _movable(phone)
        if phone.holder_id == holder.pk:
            raise PhoneStateError("They have this phone already")
        if not is_employed(holder, now):
            raise PhoneStateError("They are not employed now: choose somebody else")
        former = phone.holder
        phone.holder = holder
        _end(phone, reason=reason, now=now)
        _forget_key(phone)
        details = {"from": former.number if former else "", "to": holder.number}
        _record(Verb.PHONE_HAND_OVER, phone, actor, now, reason=reason, details=details)
    return phone


def take_back(phone: Phone, *, reason: str, actor: str, now: datetime) -> Phone:
    """Note that a phone lies in the cupboard: nobody answers for it, and it opens nothing."""
    with transaction.atomic():
        phone = _movable(phone)
        if phone.holder is None:
            raise PhoneStateError("The phone has come back already")
        details = {"from": phone.holder.number}
        phone.holder = None
        phone.state = PhoneState.REGISTERED
        _end(phone, reason=reason, now=now)
        _forget_key(phone)
        _record(Verb.PHONE_RETURN, phone, actor, now, reason=reason, details=details)
    return phone


def retire(phone: Phone, *, reason: str, actor: str, now: datetime) -> Phone:
    """Take a phone out of use for good."""
    with transaction.atomic():
        phone = _locked(phone)
        if phone.state == PhoneState.RETIRED:
            return phone
        phone.state = PhoneState.RETIRED
        phone.retired_at = now
        _end(phone, reason=reason, now=now)
        _record(Verb.PHONE_RETIRE, phone, actor, now, reason=reason)
        tasks.tell_after_commit(Event.RETIRED, phone, now)
    return phone


def note_sync(phone: Phone, *, now: datetime) -> None:
    """Keep when a phone was last heard of, to the minute: a sync is not held up by it."""
    heard = phone.synced_at
    if heard is None or not now - SYNC_NOTED_EVERY < heard <= now:
        Phone.objects.filter(pk=phone.pk).update(synced_at=now)


def _count_code(typed: str | None, now: datetime) -> tries.Tries:
    every = [(FailedTry.Kind.ANY_CODE, "")]
    if typed is None:
        tries.count(every, now=now)
        raise CodeRefusedError(_REFUSED)
    which = codes.selector_of(typed)
    if tries.used_up(FailedTry.Kind.CODE, which, now=now):
        tries.count(every, now=now)
        raise CodeRefusedError(_REFUSED)
    try:
        return tries.count([*every, (FailedTry.Kind.CODE, which)], now=now)
    except TooManyTriesError:
        if tries.used_up(FailedTry.Kind.ANY_CODE, "", now=now):
            raise
        raise CodeRefusedError(_REFUSED) from None


def _invited(typed: str | None, now: datetime) -> Phone:
    """Find the phone this code is for; every candidate is compared, in constant time each."""
    given = tries.keyed("code", typed or "")
    found: Phone | None = None
    invited = Phone.objects.select_for_update(no_key=True).filter(
        state=PhoneState.REGISTERED, enrolment_code_expires__gt=now
    )
    for phone in invited:
        if hmac.compare_digest(phone.enrolment_code_hash or b"", given):
            found = phone
    if found is None:
        raise CodeRefusedError(_REFUSED)
    return found


_REFUSED = "The code is wrong or too old: ask for a new one, and type it within 15 minutes"


def _end(phone: Phone, *, reason: str, now: datetime) -> None:
    """Take everything from a phone that it could still use; its token stays, to tell it so."""
    phone.enrolment_code_hash = phone.enrolment_code_expires = None
    phone.save()
    PersonalSession.objects.filter(phone=phone, closed_at=None).update(closed_at=now)
    if phone.thumbprint is not None:
        actions_revoke.revoke_key(phone.thumbprint, reason=reason, now=now)


def _forget_key(phone: Phone) -> None:
    """Make it a phone that waits for a code; its token stays, to tell it to empty itself."""
    phone.state = PhoneState.REGISTERED
    phone.public_key_x = phone.thumbprint = None
    phone.save()


def _movable(phone: Phone) -> Phone:
    """Lock a phone that may change hands; a blocked one is unblocked first."""
    phone = _locked(phone)
    if phone.state not in {PhoneState.REGISTERED, PhoneState.ENROLLED}:
        raise PhoneStateError(
            f"The phone is {phone.get_state_display()}: it cannot change hands as it is"
        )
    return phone


def _locked(phone: Phone) -> Phone:
    """Read the phone afresh, so that nobody else changes it until we are done."""
    return Phone.objects.select_for_update(no_key=True).get(pk=phone.pk)


def _record(
    verb: Verb,
    phone: Phone,
    actor: str,
    now: datetime,
    *,
    reason: str = "",
    details: dict[str, str] | None = None,
) -> None:
    deed = audit.Deed(verb, f"phone:{phone.identifier.hex()}", reason, details or {})
    audit.record([deed], actor=actor, now=now)
