"""Telling device management of a phone: after the commit, outside the request, until it worked.

House rules: a queued task holds the phone's id and the event, nothing of a person. Each
try stands in the audit log; the last one that fails is for people to see there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from nyckelfri import clock
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Phone
from nyckelfri.server.phones import hook
from nyckelfri.server.phones.hook import Event

AGAIN_AFTER: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""How long after each try that failed the next one is made; then no more."""


def tell_after_commit(event: Event, phone: Phone, now: datetime) -> None:
    """Queue the word of this event, if the municipality has a program that wants to hear it.

    In the transaction of the event itself: nobody is killed between the two.
    """
    if settings.PHONE_HOOK:
        tell.enqueue(event.value, phone.identifier.hex(), now.isoformat(), 0)


@task()
def tell(event: str, phone: str, when: str, tries: int) -> None:
    """Tell the program once; a failure queues the next try."""
    row = Phone.objects.get(identifier=bytes.fromhex(phone))
    said = {"event": event, "phone": phone, "label": row.label, "when": when}
    outcome = hook.run(settings.PHONE_HOOK, said)
    again = not outcome.done and tries < len(AGAIN_AFTER)
    with transaction.atomic():
        details = {"event": event, "done": outcome.done, "try": tries + 1, "again": again}
        deed = audit.Deed(Verb.PHONE_TELL, f"phone:{phone}", outcome.why, details)
        audit.record([deed], actor="system:phone-hook", now=clock.now())
        if again:
            # The queue's own clock is Django's, whatever time it is declared to be here.
            due = timezone.now() + AGAIN_AFTER[tries]
            tell.using(run_after=due).enqueue(event, phone, when, tries + 1)
