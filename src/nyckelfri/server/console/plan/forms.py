"""Forms that put a plan right.

House rules: values in, values out; words follow the language of the request.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.console.plan.texts import text
from nyckelfri.server.console.worded import Worded, moment
from nyckelfri.server.homes.models import Service


class _Worded(Worded):
    """A form with the words of this area."""

    words = text


class SpanForm(_Worded):
    """From when till when, and why."""

    start = moment()
    end = moment()
    reason = forms.CharField(max_length=MAX_REASON)
    hints: tuple[str, ...] = ("reason",)

    @classmethod
    def starting(cls, start: datetime, end: datetime) -> Any:
        """An empty form with these times in it."""
        times = {"start": start.astimezone(ZONE), "end": end.astimezone(ZONE)}
        return cls(initial=times)


class ShiftForm(SpanForm):
    """A shift by hand; `busy_too` is asked for only where it is needed."""

    busy_too = forms.BooleanField(required=False)


class AbsenceForm(SpanForm):
    """Somebody is away; the reason is not of what."""

    hints: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = text("hint_absence_reason")


class VisitForm(ShiftForm):
    """A visit by hand: to whom, for what, and who comes along."""

    client = forms.CharField(max_length=32)
    services = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    second = forms.CharField(max_length=32, required=False)
    field_order = ("client", "services", "start", "end", "second", "reason", "busy_too")
    hints: tuple[str, ...] = ("client", "second", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services: Any = self.fields["services"]
        services.choices = [(each, text(f"service_{each}")) for each in OFFERED]


OFFERED = (Service.CARE.value, Service.HOUSEHOLD.value, Service.ALARM.value, Service.MEALS.value)


class ReasonForm(_Worded):
    """Why."""

    reason = forms.CharField(max_length=MAX_REASON)
    hints = ("reason",)


class CoverForm(_Worded):
    """Which visits, and who makes them now."""

    visits = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    substitute = forms.ChoiceField()
    with_shifts = forms.BooleanField(required=False, initial=True)
    busy_too = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=MAX_REASON)
    hints = ("reason", "with_shifts")

    def __init__(
        self,
        *args: Any,
        visits: Iterable[tuple[str, str]],
        substitutes: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choose: Any = self.fields["visits"]
        choose.choices = list(visits)
        choose.initial = [key for key, _ in choose.choices]
        choose = self.fields["substitute"]
        choose.choices = [("", text("choose")), *substitutes]
