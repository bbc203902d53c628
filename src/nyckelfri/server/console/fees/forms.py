"""Forms for dated rules of money, and each setting in words.

House rules: a form has the settings of its rules by their own names, so that what is typed and
what is stored cannot come apart; one that a form lacks is an error when the module is loaded.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Collection
from dataclasses import fields
from datetime import date
from typing import Any, ClassVar, Final

from django import forms

from nyckelfri.care.billing import Article
from nyckelfri.care.feepolicy import IN_VAIN, Charged, Doubled, FeePolicy, Monthly, Split
from nyckelfri.care.performed import Outcome
from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.console.fees.texts import text
from nyckelfri.server.console.invoices.common import read_month
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.sender import Sender

_ACCOUNT_LINE: Final = re.compile(r"([0-9]{3,8})[ \t]+(.+)")


def _day() -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class DatedForm(forms.Form):
    """Rules from a day on, and why."""

    kind: ClassVar[type[Any]]
    settings: ClassVar[tuple[str, ...]]

    valid_from: forms.Field = _day()
    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["valid_from", *self.settings, "reason"])
        for name, field in self.fields.items():
            field.label = text(f"field_{name}")
            if f"hint_{name}" in text.spoken():
                field.help_text = text(f"hint_{name}")

    @classmethod
    def of(cls, rules: Any, valid_from: date) -> DatedForm:
        """A form that begins with the rules as they are."""
        return cls(initial={**cls.typed(rules), "valid_from": valid_from})

    @classmethod
    def typed(cls, rules: Any) -> dict[str, Any]:
        """The settings as they are typed."""
        return {name: getattr(rules, name) for name in cls.settings}

    def values(self) -> dict[str, Any]:
        """The settings as the rules hold them."""
        return {name: self.cleaned_data[name] for name in self.settings}

    def rules(self) -> Any:
        """What was typed as rules; ValueError if they cannot be so."""
        return self.kind(valid_from=self.cleaned_data["valid_from"], **self.values())


class SenderForm(DatedForm):
    """Who sends invoices."""

    kind = Sender
    settings = (
        "name", "address", "postcode", "town", "org_number", "vat_number", "bankgiro",
        "telephone", "email", "f_skatt", "days_to_pay",
    )  # fmt: skip

    name = forms.CharField(max_length=120)
    address = forms.CharField(max_length=120, required=False)
    postcode = forms.CharField(max_length=10, required=False)
    town = forms.CharField(max_length=60, required=False)
    org_number = forms.CharField(max_length=11)
    vat_number = forms.CharField(max_length=20, required=False)
    bankgiro = forms.CharField(max_length=9)
    telephone = forms.CharField(max_length=80)
    email = forms.EmailField(required=False)
    f_skatt = forms.BooleanField(required=False)
    days_to_pay = forms.IntegerField(min_value=1, max_value=90)

    def clean_org_number(self) -> str:
        """Ten digits with a check digit."""
        return self._checked("org_number", checkdigits.organisation)

    def clean_bankgiro(self) -> str:
        """Seven or eight digits with a check digit."""
        return self._checked("bankgiro", checkdigits.bankgiro)

    def clean_vat_number(self) -> str:
        """What the organisation number makes it."""
        said = str(self.cleaned_data["vat_number"]).replace(" ", "").replace("-", "").upper()
        own = str(self.cleaned_data.get("org_number", "")).replace("-", "")
        if said and said != f"SE{own}01":
            raise forms.ValidationError(text["wrong_vat_number"])
        return said

    def _checked(self, name: str, check: Callable[[str], str]) -> str:
        said = str(self.cleaned_data[name]).replace(" ", "")
        try:
            check(said)
        except ValueError:
            raise forms.ValidationError(text[f"wrong_{name}"]) from None
        return said


def _account(*, required: bool = True) -> forms.RegexField:
    return forms.RegexField(r"^[0-9]{3,8}$", required=required)


class AccountsForm(DatedForm):
    """Accounts by what they are for; an article without one goes where the others go."""

    kind = Accounts
    articles = tuple(f"income_{article.value}" for article in Article)
    settings = (
        "receivable", *articles, "other_income", "reduction", "rounding", "payable",
        "other_purchase", "cost_centre", "names",
    )  # fmt: skip

    receivable = _account()
    other_income = _account()
    reduction = _account()
    rounding = _account()
    payable = _account()
    other_purchase = _account()
    cost_centre = forms.RegexField(r"^[0-9A-Za-z-]{0,16}$", required=False)
    names = forms.CharField(widget=forms.Textarea, max_length=4000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purchase: dict[str, str] = {}

    @classmethod
    def typed(cls, rules: Any) -> dict[str, Any]:
        """Accounts of articles each in a field of its own, names a line each."""
        own = {name: rules.income.get(name.removeprefix("income_"), "") for name in cls.articles}
        plain = set(cls.settings) - set(cls.articles) - {"names"}
        names = "\n".join(f"{account} {name}" for account, name in sorted(rules.names.items()))
        return {**own, **{name: getattr(rules, name) for name in plain}, "names": names}

    def clean_names(self) -> dict[str, str]:
        """Names by account."""
        found = {}
        for line in str(self.cleaned_data["names"]).splitlines():
            if not line.strip():
                continue
            said = _ACCOUNT_LINE.fullmatch(line.strip())
            if said is None:
                raise forms.ValidationError(text("wrong_names", line=line.strip()[:40]))
            found[said[1]] = said[2].strip()
        return found

    def values(self) -> dict[str, Any]:
        """Articles with an account of their own as one setting; purchases stay as they are."""
        said = super().values()
        own = {name.removeprefix("income_"): said.pop(name) for name in self.articles}
        income = {article: account for article, account in own.items() if account}
        return {**said, "income": income, "purchase": self.purchase}


for _name in AccountsForm.articles:
    AccountsForm.base_fields[_name] = _account(required=False)


def _choice(kind: type[enum.Enum], word: Callable[[Any], str]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        widget=forms.RadioSelect,
        choices=lambda: [(each.value, word(each.value)) for each in kind],
        coerce=_maker(kind),
    )


def _choices(
    kind: type[enum.Enum], among: Collection[enum.Enum], word: Callable[[Any], str]
) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(each.value, word(each.value)) for each in among],
        coerce=_maker(kind),
        required=False,
    )


def _maker(kind: type[enum.Enum]) -> Callable[[Any], Any]:
    return kind


_VAIN: Final = [each for each in Outcome if each in IN_VAIN]


class PolicyForm(DatedForm):
    """Rules for fees, from a month on."""

    kind = FeePolicy
    settings = (
        "charged", "doubled", "split", "in_vain", "alarm_visits", "monthly", "away_is_free",
        "outside_cap", "whole_kronor",
    )  # fmt: skip

    valid_from = forms.CharField(widget=forms.TextInput({"type": "month"}), max_length=7)
    charged = _choice(Charged, lambda value: text(f"charged_{value}"))
    doubled = _choice(Doubled, lambda value: text(f"doubled_{value}"))
    split = _choice(Split, lambda value: text(f"split_{value}"))
    in_vain = _choices(Outcome, _VAIN, lambda value: text(f"outcome_{value}"))
    alarm_visits = forms.BooleanField(required=False)
    monthly = _choice(Monthly, lambda value: text(f"monthly_{value}"))
    away_is_free = forms.BooleanField(required=False)
    outside_cap = _choices(Article, [*Article], lambda value: text(f"article_{value}").capitalize())
    whole_kronor = forms.BooleanField(required=False)

    @classmethod
    def of(cls, rules: Any, valid_from: date) -> DatedForm:
        """A form that begins with the rules as they are."""
        return cls(initial={**cls.typed(rules), "valid_from": f"{valid_from:%Y-%m}"})

    @classmethod
    def typed(cls, rules: Any) -> dict[str, Any]:
        """Choices by their values."""
        said = super().typed(rules)
        several = {name: [each.value for each in said[name]] for name in ("in_vain", "outside_cap")}
        one = {name: said[name].value for name in ("charged", "doubled", "split", "monthly")}
        return {**said, **several, **one}

    def clean_valid_from(self) -> date:
        """The first day of the month."""
        try:
            return read_month(str(self.cleaned_data["valid_from"]))
        except ValueError:
            raise forms.ValidationError(text["wrong_month"]) from None

    def values(self) -> dict[str, Any]:
        """What is chosen among several, as sets."""
        said = super().values()
        sets = {name: frozenset(said[name]) for name in ("in_vain", "outside_cap")}
        return {**said, **sets}


_STANDING_IN: Final = {"income", "purchase", "valid_from"}
for _form in (SenderForm, AccountsForm, PolicyForm):
    if _unsaid := {each.name for each in fields(_form.kind)} - {*_form.settings, *_STANDING_IN}:
        raise TypeError(f"{_form.__name__} cannot say these settings: {sorted(_unsaid)}")


def said(form: type[DatedForm], rules: Any) -> list[tuple[str, str]]:
    """Every setting in words: what it is, and its value."""
    words = form()
    typed = form.typed(rules)
    return [
        (str(words.fields[name].label), _said(words.fields[name], typed[name]))
        for name in form.settings
    ]


def differences(form: type[DatedForm], before: Any, after: Any) -> list[tuple[str, str, str]]:
    """The settings that differ: which, before and after."""
    pairs = zip(said(form, before), said(form, after), strict=True)
    return [(name, old, new) for (name, old), (_, new) in pairs if old != new]


def _said(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return text["yes"] if value else text["no"]
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        words = {str(key): str(word) for key, word in choices}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(words[each] for each in sorted(chosen)) or text["nothing"]
    return str(value) or "–"
