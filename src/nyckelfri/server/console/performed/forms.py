"""Forms of the review of visits.

House rules: values in, values out; words follow the language of the request.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms

from nyckelfri.care.performed import Outcome
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.worded import Worded, moment
from nyckelfri.server.homes.models import Service
from nyckelfri.server.stale import StaleError
from nyckelfri.server.visits.actions_review import Corrected
from nyckelfri.server.visits.errors import Obstacle, VisitError
from nyckelfri.server.visits.models import OfficeEntry, Visit

PERFORMED_BY_HAND = (Service.CARE, Service.HOUSEHOLD, Service.ALARM, Service.MEALS)
"""Services that a visit may have; others are no visits."""
SAID = (
    Outcome.PERFORMED, Outcome.DECLINED, Outcome.MISSED, Outcome.AWAY, Outcome.NOT_MADE,
)  # fmt: skip
"""What somebody may say that became of a visit."""

_FIELD_OF: Final = {
    Obstacle.NO_REASON: "reason",
    Obstacle.LONG_REASON: "reason",
    Obstacle.WRONG_TIMES: "exit",
    Obstacle.FUTURE: "exit",
    Obstacle.NO_SERVICE: "services",
}


class _Worded(Worded):
    """A form with the words of this area."""

    words = text


class ReasonForm(_Worded):
    """Why; `hint` is the key of what to write, and without `needed` it may be left out."""

    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *given: Any, hint: str, needed: bool = True, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["reason"].help_text = text(hint)
        self.fields["reason"].required = needed


class SeenForm(ReasonForm):
    """Why, of what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


class CorrectForm(_Worded):
    """What a visit was, whatever the evidence says."""

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    entry = moment(required=False)
    exit = moment(required=False)
    services = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    reason = forms.CharField(max_length=MAX_REASON)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)
    hints = ("entry", "reason")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        choices: Any = self.fields["outcome"]
        choices.choices = [(each.value, text(f"outcome_{each.value}")) for each in SAID]
        choices = self.fields["services"]
        choices.choices = offered()

    @classmethod
    def of(cls, visit: Visit, seen: str) -> CorrectForm:
        """The form with what counts now, and the planned times where nothing does."""
        counted, plan = visit.counted, visit.planned
        known = {each.value for each in SAID}
        begins, ends = counted.entry, counted.exit
        if plan is not None and begins is None:
            begins, ends = plan.start, plan.end
        return cls(
            initial={
                "outcome": counted.outcome if counted.outcome in known else "",
                "entry": begins.astimezone(ZONE) if begins else None,
                "exit": ends.astimezone(ZONE) if ends else None,
                "services": counted.services or (plan.services if plan else []),
                "seen": seen,
            }
        )

    def corrected(self) -> Corrected:
        """What was said; only a performed visit has times and services."""
        said = self.cleaned_data
        outcome = Outcome(said["outcome"])
        if outcome is not Outcome.PERFORMED:
            return Corrected(outcome, None, None, ())
        return Corrected(outcome, said["entry"], said["exit"], tuple(said["services"]))


def complain(form: forms.Form, error: VisitError | StaleError) -> None:
    """Say in the form what stands in the way, beside the field that it is about."""
    if isinstance(error, StaleError):
        form.add_error(None, text("stale"))
        return
    name = _FIELD_OF.get(error.obstacle, "")
    form.add_error(name if name in form.fields else None, text(f"obstacle_{error.obstacle}"))


def offered() -> list[tuple[str, str]]:
    """Services to choose among."""
    return [(each.value, text(f"service_{each.value}")) for each in PERFORMED_BY_HAND]


class EnterForm(_Worded):
    """A visit that the office enters; `plans` are planned visits to choose among."""

    planned = forms.ChoiceField(widget=forms.RadioSelect, required=False)
    employee = forms.CharField(max_length=64)
    kind = forms.ChoiceField(widget=forms.RadioSelect)
    entry = moment()
    exit = moment()
    services = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    reason = forms.CharField(max_length=MAX_REASON)
    hints = ("employee", "reason")

    def __init__(self, *given: Any, plans: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        choices: Any = self.fields["planned"]
        choices.choices = [*plans, ("", text("none_of_them"))]
        choices = self.fields["kind"]
        choices.choices = [(each, text(f"kind_{each}")) for each in OfficeEntry.Kind.values]
        choices = self.fields["services"]
        choices.choices = offered()
