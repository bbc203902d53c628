"""Forms about one client.

House rules: a form reads what was typed and nothing else; whether it may be done is the
action's to say, and what it refuses stands beside the field that it is about.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from nyckelfri.server.access.actions_decisions import LONGEST_TIMING, Decided
from nyckelfri.server.access.errors import MAX_REASON, AccessError, Refusal
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.homes.models import CareDecision, CareTeam, Provider, Service
from nyckelfri.server.people.models import Employee

_FIELDS: Final = {
    Refusal.NO_REASON: "reason",
    Refusal.LONG_REASON: "reason",
    Refusal.PAST_DAY: "first_day",
    Refusal.FAR_DAY: "first_day",
    Refusal.TAKEN_DAY: "first_day",
    Refusal.NOT_OFFERED: "provider",
    Refusal.SAME_CHOICE: "provider",
    Refusal.TEAM_OF_OTHER: "team",
    Refusal.NO_TEAM_THERE: "team",
    Refusal.BAD_AMOUNT: "amount",
    Refusal.LONG_TIMING: "timing",
    Refusal.WRONG_ORDER: "last_day",
    Refusal.NOT_LICENSED: "employee",
    Refusal.NOT_EMPLOYED: "employee",
    Refusal.ALREADY_GIVEN: "employee",
}
"""Which field a refusal stands beside, where the form has it."""


class Reasoned(forms.Form):
    """A step with a reason."""

    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if not field.widget.is_hidden:
                field.label = text(f"field_{name}")
                field.help_text = text(f"hint_{name}") if name in _HINTS else ""
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def refuse(self, error: AccessError) -> None:
        """Say beside its field why the action did nothing."""
        field = _FIELDS.get(error.refusal)
        beside = field if field in self.fields else None
        self.add_error(beside, text(f"refused_{error.refusal.value}"))


_HINTS: Final = frozenset({"reason", "team", "timing", "last_day", "end"})
"""Fields with a hint."""


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


class ByName(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Rows to choose from, each by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """Give the row's name."""
        return str(obj.name)


def choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    """Give a field what there is to choose, in the language of the request."""
    if not isinstance(field, forms.ChoiceField):
        raise TypeError("there is nothing to choose in this field")
    field.choices = choices


def _services() -> list[tuple[str, str]]:
    return [(value, text(f"service_{value}")) for value in Service.values]


class ChangeForm(Reasoned):
    """Another provider of a service from a day on; `seen` is the version that was shown."""

    service = forms.ChoiceField()
    provider = ByName(Provider.objects.order_by("name"), to_field_name="org_number")
    team = ByName(
        CareTeam.objects.filter(kind=CareTeam.Kind.HOME_CARE).order_by("name"),
        to_field_name="external_id",
        required=False,
    )
    first_day = _day()
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self.fields["service"], _services())
        team = self.fields["team"]
        if isinstance(team, ByName):
            team.empty_label = text("team_of_area")


class DecisionForm(Reasoned):
    """A new care decision."""

    service = forms.ChoiceField()
    amount = forms.DecimalField(max_digits=8, decimal_places=2, localize=True)
    unit = forms.ChoiceField()
    timing = forms.CharField(max_length=LONGEST_TIMING, required=False, widget=forms.Textarea)
    ground = forms.ChoiceField(widget=forms.RadioSelect, initial=CareDecision.Ground.DECISION)
    first_day = _day()
    last_day = _day(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self.fields["service"], _services())
        choose(
            self.fields["unit"],
            [(value, text(f"count_{value}")) for value in CareDecision.Unit.values],
        )
        choose(
            self.fields["ground"],
            [(value, text(f"ground_{value}")) for value in CareDecision.Ground.values],
        )

    def decided(self) -> Decided:
        """What was typed, once it is valid."""
        said = self.cleaned_data
        names = ("service", "amount", "unit", "ground", "first_day", "last_day", "timing")
        return Decided(**{name: said[name] for name in names})


class EndForm(Reasoned):
    """The last day of a decision."""

    last_day = _day()
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = ""

    def refuse(self, error: AccessError) -> None:
        """Say what is wrong with the day beside it."""
        if error.refusal in {Refusal.PAST_DAY, Refusal.FAR_DAY, Refusal.ALREADY_ENDED}:
            self.add_error("last_day", text(f"refused_{error.refusal.value}"))
        else:
            super().refuse(error)


class StaffForm(Reasoned):
    """Somebody of the staff, by number, among those whom the viewer may see."""

    employee = forms.CharField(
        max_length=32, widget=forms.TextInput({"list": "staff", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._viewer = viewer

    def clean_employee(self) -> Employee:
        """The employee with that number."""
        number = str(self.cleaned_data["employee"]).strip()
        found = self._viewer.staff().filter(number=number).first()
        if found is None:
            raise ValidationError(text("no_such_employee"))
        return found


class AssignForm(StaffForm):
    """Licensed staff, and the days."""

    first_day = _day()
    last_day = _day(required=False)


class WithdrawForm(StaffForm):
    """Whose access to what is withdrawn until when."""

    wide = forms.ChoiceField(widget=forms.RadioSelect, initial="client")
    end = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(
            self.fields["wide"],
            [
                ("client", text("from_this_client")),
                ("all", text("from_all")),
            ],
        )

    def refuse(self, error: AccessError) -> None:
        """Say what is wrong with the end beside it."""
        if error.refusal is Refusal.WRONG_ORDER:
            self.add_error("end", text("refused_wrong_order"))
        else:
            super().refuse(error)
