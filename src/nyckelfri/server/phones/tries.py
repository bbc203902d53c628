"""Counting what fails, so that nobody can guess for long.

House rules: a try is counted before it is judged and forgotten when it succeeds,
so that a hundred at once are a hundred; unknown names count like known ones. Phones and
browsers count here and nowhere else, in the database, so that every process knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from nyckelfri.server.phones.errors import TooManyTriesError
from nyckelfri.server.phones.models import FailedTry
from nyckelfri.server.turns import Turn, alone

WINDOW = timedelta(minutes=15)
DAY = timedelta(days=1)
_LIMITS = {
    FailedTry.Kind.CODE: (5, WINDOW),
    FailedTry.Kind.ANY_CODE: (100, WINDOW),
    FailedTry.Kind.NAME: (10, WINDOW),
    FailedTry.Kind.PHONE: (5, WINDOW),
    FailedTry.Kind.WEB_NAME: (10, WINDOW),
    FailedTry.Kind.ADDRESS: (50, WINDOW),
    # Six digits, three of them right at a time: 20 a day find one in some 45 years.
    FailedTry.Kind.STEP: (5, WINDOW),
    FailedTry.Kind.STEP_DAY: (20, DAY),
    FailedTry.Kind.ACTIVATION: (5, WINDOW),
}
"""How many may fail under one key, and in how long."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Tries that stand as failed until somebody forgives them."""

    rows: tuple[int, ...]

    def forgive(self) -> None:
        """Take them back: this time it was right."""
        FailedTry.objects.filter(pk__in=self.rows).delete()


def keyed(what: str, value: str) -> bytes:
    """Give 32 bytes that stand for `value` and do not show it."""
    return salted_hmac(f"nyckelfri.{what}", value, algorithm="sha256").digest()


def count(keys: Iterable[tuple[FailedTry.Kind, str]], *, now: datetime) -> Tries:
    """Count one try under every key, or none at all: TooManyTriesError if one is used up."""
    hashed = [(kind, keyed(f"try.{kind.value}", value)) for kind, value in keys]
    with transaction.atomic():
        alone(Turn.TRIES)
        for window in (WINDOW, DAY):
            kinds = [kind for kind, (_, its) in _LIMITS.items() if its == window]
            FailedTry.objects.filter(kind__in=kinds, at__lte=now - window).delete()
        for kind, key in hashed:
            most, window = _LIMITS[kind]
            # A row from a clock that has been set back since must not count for ever.
            times = list(
                FailedTry.objects.filter(kind=kind, key=key, at__lte=now + window)
                .order_by("at")
                .values_list("at", flat=True)
            )
            if len(times) >= most:
                free = times[len(times) - most] + window - now
                raise TooManyTriesError(max(1, math.ceil(free.total_seconds())))
        rows = [FailedTry.objects.create(kind=kind, key=key, at=now).pk for kind, key in hashed]
    return Tries(tuple(rows))


def used_up(kind: FailedTry.Kind, value: str, *, now: datetime) -> bool:
    """Tell whether no more tries are left under this key."""
    most, window = _LIMITS[kind]
    key = keyed(f"try.{kind.value}", value)
    return FailedTry.objects.filter(kind=kind, key=key, at__gt=now - window).count() >= most
