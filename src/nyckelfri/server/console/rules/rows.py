"""Rules in words, and the form for new ones.

House rules: every setting of `care.policy.Policy` is here once, by its own name, with how it
is said and typed; a setting that is missing is an error when the module is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.urls import reverse

from nyckelfri.care.policy import Policy, Scope
from nyckelfri.server.access.errors import MAX_REASON, AccessError, Refusal
from nyckelfri.server.access.models import PolicyDraft
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import work as works
from nyckelfri.server.console.rules.texts import text
from nyckelfri.server.console.work import Work

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_MINUTES: Final = frozenset(
    {
        "before_shift",
        "after_shift",
        "before_visit",
        "after_visit",
        "before_health_visit",
        "after_health_visit",
        "alarm_access",
        "after_alarm",
    }
)
_HOURS: Final = frozenset({"horizon", "longest_grant"})
_TIMES: Final = frozenset({"night_starts", "night_ends"})
_HINTS: Final = frozenset({"scope", "alarm_group_standing", "horizon", "reason"})
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "day": ("scope", "before_shift", "after_shift"),
    "night": ("night_starts", "night_ends"),
    "visits": ("before_visit", "after_visit"),
    "health": ("before_health_visit", "after_health_visit"),
    "alarm": ("alarm_group_standing", "alarm_access", "after_alarm"),
    "keys": ("horizon", "longest_grant"),
}
"""Settings that belong together, in the order of the page."""
SETTINGS: Final = tuple(name for names in GROUPS.values() for name in names)
if unsaid := {each.name for each in fields(Policy)} - {"valid_from", *SETTINGS}:
    raise TypeError(f"the page of rules cannot say these settings: {sorted(unsaid)}")


TONES: Final = {
    PolicyDraft.State.READY: "warn",
    PolicyDraft.State.STALE: "warn",
    PolicyDraft.State.FAILED: "bad",
    PolicyDraft.State.RECORDED: "good",
}


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody, and what they lose and gain."""

    name: str
    number: str
    loses: str
    gains: str


def people(draft: PolicyDraft, viewer: Viewer, most: int) -> list[Affected]:
    """Those whom a draft makes the greatest difference to."""
    found: list[Any] = draft.result.get("people", [])[:most]
    numbers = [number for number, *_ in found]
    names = dict(viewer.staff().filter(number__in=numbers).values_list("number", "name"))
    return [
        Affected(names.get(number, ""), number, _doors(lost, less), _doors(gained, more))
        for number, lost, less, gained, more in found
    ]


def _doors(count: int, hours: int) -> str:
    return text("doors_and_time", doors=count, hours=hours) if count else ""


def work(draft: PolicyDraft, now: datetime) -> Work:
    """What is being done with a draft now."""
    path = reverse("rules_draft", args=[draft.pk])
    return works.work(
        draft, path, lambda told: text(f"step_{told.at}"), since=draft.changed_at, now=now
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in words."""

    name: str
    value: str


def settings(policy: Policy) -> list[tuple[str, list[Setting]]]:
    """Every setting of a policy, group by group."""
    return [
        (
            text(f"group_{group}"),
            [Setting(text(f"field_{name}"), _said(getattr(policy, name), name)) for name in names],
        )
        for group, names in GROUPS.items()
    ]


def differences(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    """The settings that differ: which, before and after."""
    return [
        (text(f"field_{name}"), _said(getattr(before, name), name), _said(new, name))
        for name in SETTINGS
        if (new := getattr(after, name)) != getattr(before, name)
    ]


def _said(value: Any, name: str) -> str:
    if isinstance(value, Scope):
        return text(f"scope_{value.value}")
    if isinstance(value, timedelta):
        if name in _HOURS:
            return text("hours", count=f"{value / _HOUR:g}")
        return text("minutes", count=f"{value / _MINUTE:g}")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return text("yes") if value else text("no")


class RulesForm(forms.Form):
    """New rules from a day on."""

    valid_from = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    scope = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scope"]
        if isinstance(scopes, forms.ChoiceField):
            scopes.choices = [(each.value, text(f"scope_{each.value}")) for each in Scope]
        for name in SETTINGS:
            if name != "scope":
                self.fields[name] = _field(name)
        self.fields["reason"] = forms.CharField(max_length=MAX_REASON)
        for name, field in self.fields.items():
            field.label = text(f"field_{name}")
            field.help_text = _hint(name)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields, group by group."""
        return [
            (text(f"group_{group}"), [self[name] for name in names])
            for group, names in GROUPS.items()
        ]

    def policy(self) -> Policy:
        """What was typed as a policy; ValueError if it cannot be one."""
        said = self.cleaned_data
        values = {name: _typed(said[name], name) for name in SETTINGS}
        return Policy(valid_from=said["valid_from"], **values)

    def refuse(self, error: AccessError) -> None:
        """Say beside its field why the action did nothing."""
        about_day = error.refusal in {Refusal.PAST_DAY, Refusal.FAR_DAY, Refusal.TAKEN_DAY}
        about_reason = error.refusal in {Refusal.NO_REASON, Refusal.LONG_REASON}
        field = "valid_from" if about_day else "reason" if about_reason else None
        self.add_error(field, text(f"refused_{error.refusal.value}"))


def _hint(name: str) -> str:
    if name in _HINTS:
        return text(f"hint_{name}")
    if name in _MINUTES:
        return text("hint_minutes")
    return text("hint_hours") if name in _HOURS else ""


def initial(policy: Policy) -> dict[str, Any]:
    """What the form begins with: the rules as they are."""
    return {name: _shown(getattr(policy, name), name) for name in SETTINGS}


def _field(name: str) -> forms.Field:
    if name in _TIMES:
        return forms.TimeField(widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    if name == "alarm_group_standing":
        return forms.BooleanField(required=False)
    most = 24 * 60 if name in _MINUTES else 7 * 24
    return forms.IntegerField(min_value=0, max_value=most)


def _shown(value: Any, name: str) -> Any:
    if isinstance(value, Scope):
        return value.value
    if isinstance(value, timedelta):
        return round(value / (_HOUR if name in _HOURS else _MINUTE))
    return value


def _typed(value: Any, name: str) -> Any:
    if name == "scope":
        return Scope(value)
    if name in _HOURS:
        return int(value) * _HOUR
    return int(value) * _MINUTE if name in _MINUTES else value
