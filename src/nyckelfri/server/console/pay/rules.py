"""Rules for pay in words, the form for new ones, and the prices as they are.

House rules: every setting of `care.pay.PayPolicy` is here once, by its own name; a setting that
is missing is an error when the module is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from django import forms

from nyckelfri.care.pay import Ground, Kind, PaidTime, PayPolicy, Per
from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.console.pay import common
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.homes.models import Service
from nyckelfri.server.money.models import PayPrice
from nyckelfri.server.money.papers import paywords
from nyckelfri.server.money.papers import statement as papers

SETTINGS: Final = (
    "time", "kinds", "missed_as", "pay_both", "pay_flagged", "new_client_minutes",
)  # fmt: skip
"""In the order of the page."""
if unsaid := {each.name for each in fields(PayPolicy)} - {"valid_from", *SETTINGS}:
    raise TypeError(f"the page of rules cannot say these settings: {sorted(unsaid)}")
_NOTHING: Final = "nothing"
_MISSED: Final = (Ground.DECLINED.value, Ground.MISSED.value, _NOTHING)
_ALWAYS: Final = (Service.CARE.value, Service.HOUSEHOLD.value)
_FIXED: Final = "fixed_"
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in words."""

    name: str
    value: str


def settings(policy: PayPolicy) -> list[Setting]:
    """Every setting."""
    return [Setting(text(f"field_{name}"), _said(policy, name)) for name in SETTINGS]


def differences(before: PayPolicy, after: PayPolicy) -> list[tuple[str, str, str]]:
    """The settings that differ: which, before and after."""
    return [
        (text(f"field_{name}"), _said(before, name), _said(after, name))
        for name in SETTINGS
        if getattr(before, name) != getattr(after, name)
    ]


def _said(policy: PayPolicy, name: str) -> str:
    value = getattr(policy, name)
    if name == "time":
        return text(f"time_{value.value}")
    if name == "missed_as":
        return text(f"missed_{_NOTHING if value is None else value.value}")
    if name == "new_client_minutes":
        return text("count_minutes", count=value) if value else text["nothing_extra"]
    if name == "kinds":
        fixed = [
            text("kind_minutes", service=_service(kind.name), count=kind.minutes)
            for kind in value
            if kind.minutes is not None
        ]
        return ", ".join(fixed) or text["no_fixed"]
    return text["yes" if value else "no"]


def _service(name: str) -> str:
    return papers.service_word(name, common.paper_language())


class RulesForm(forms.Form):
    """New rules from a day on, beside those of that day."""

    valid_from = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    time = forms.ChoiceField(widget=forms.RadioSelect)
    missed_as = forms.ChoiceField(widget=forms.RadioSelect)
    pay_both = forms.BooleanField(required=False)
    pay_flagged = forms.BooleanField(required=False)
    new_client_minutes = forms.IntegerField(min_value=0, max_value=_DAY)

    def __init__(self, data: Any, before: PayPolicy, first: date) -> None:
        super().__init__(data, initial=_initial(before, first))
        self._kinds = {kind.name: kind for kind in before.kinds}
        for name in dict.fromkeys((*_ALWAYS, *self._kinds)):
            field = forms.IntegerField(min_value=0, max_value=_DAY, required=False)
            field.label = text("fixed_for", service=_service(name))
            self.fields[f"{_FIXED}{name}"] = field
        self.fields["reason"] = forms.CharField(max_length=MAX_REASON)
        for name, said in (
            ("time", [(each.value, text(f"time_{each.value}")) for each in PaidTime]),
            ("missed_as", [(each, text(f"missed_{each}")) for each in _MISSED]),
        ):
            choice = self.fields[name]
            if isinstance(choice, forms.ChoiceField):
                choice.choices = said
        for name, each in self.fields.items():
            if not name.startswith(_FIXED):
                each.label = text(f"field_{name}")
                each.help_text = text(f"hint_{name}") if name != "missed_as" else ""

    def fixed(self) -> list[forms.BoundField]:
        """The fields of fixed minutes."""
        return [self[name] for name in self.fields if name.startswith(_FIXED)]

    def policy(self) -> PayPolicy:
        """What was typed as rules; ValueError if they cannot be."""
        said = self.cleaned_data
        return PayPolicy(
            valid_from=said["valid_from"],
            time=PaidTime(said["time"]),
            kinds=tuple(self._typed_kinds()),
            pay_both=said["pay_both"],
            pay_flagged=said["pay_flagged"],
            missed_as=None if said["missed_as"] == _NOTHING else Ground(said["missed_as"]),
            new_client_minutes=said["new_client_minutes"],
        )

    def _typed_kinds(self) -> list[Kind]:
        """Kinds with fixed minutes, and those that are priced as something else."""
        found = []
        for field in self.fields:
            if field.startswith(_FIXED):
                name, minutes = field.removeprefix(_FIXED), self.cleaned_data[field]
                service = self._kinds[name].service if name in self._kinds else name
                if minutes is not None or service != name:
                    found.append(Kind(name, service, minutes))
        return found


def _initial(policy: PayPolicy, first: date) -> dict[str, Any]:
    """What the form begins with: the rules as they are."""
    return {
        "valid_from": first,
        "time": policy.time.value,
        "missed_as": _NOTHING if policy.missed_as is None else policy.missed_as.value,
        "pay_both": policy.pay_both,
        "pay_flagged": policy.pay_flagged,
        "new_client_minutes": policy.new_client_minutes,
        **{f"{_FIXED}{kind.name}": kind.minutes for kind in policy.kinds},
    }


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price in words."""

    service: str
    area: str
    ground: str
    price: str
    first: date
    last: date | None


def price_line(row: PayPrice) -> PriceLine:
    """One price, as a file brought it."""
    language = common.paper_language()
    unit = Per(row.unit)
    kronor = common.kronor(row.price)
    percent = common.figure(row.price.normalize())
    return PriceLine(
        service=_service(row.service),
        area=row.area or text["whole_municipality"],
        ground=paywords.OF[language].grounds[Ground(row.ground)],
        price=text("percent_of_made", percent=percent)
        if unit is Per.PERCENT
        else paywords.OF[language].per[unit].format(price=kronor),
        first=row.valid_from,
        last=row.valid_till,
    )
