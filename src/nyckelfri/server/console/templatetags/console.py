"""Pieces of pages: words with values, form fields, moments, pages of a long list.

House rules: a piece has one look, here and in `console.css`; it reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from html import escape
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from nyckelfri.server.console.keyset import Part

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Context, key: str, **values: object) -> str:
    """`{% say "key" count=3 %}`: words with values."""
    words: str = context["words"](key, **values)
    return words


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str) -> str:
    """`{% options teams asked.team %}`: choices of a select, value and word; one is chosen."""
    # There may be hundreds, and `format_html_join` takes thirty times as long.
    said = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(word)}'
        "</option>"
        for value, word in choices
    )
    return SafeString("".join(said))


@register.inclusion_tag("console/parts/field.html")
def field(bound: BoundField, *, first: bool = False) -> dict[str, Any]:
    """`{% field form.name %}`: label, hint, errors and widget; `first` takes the focus."""
    wrong = bool(bound.errors)
    focused = first or (wrong and _first_wrong(bound) == bound.name)
    attrs: dict[str, str | bool] = {"autofocus": True} if focused else {}
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs=attrs),
        "hint_id": f"{bound.auto_id}_helptext",
        "error_id": f"{bound.auto_id}_error",
        "wrong": wrong,
        "tick": isinstance(bound.field.widget, CheckboxInput),
        "group": bound.use_fieldset,
    }


def _first_wrong(bound: BoundField) -> str:
    return next((each.name for each in bound.form if each.errors), "")


@register.inclusion_tag("console/parts/problems.html")
def problems(form: Any) -> dict[str, Any]:
    """`{% problems form %}`: what is wrong with the form as a whole."""
    return {"errors": form.non_field_errors()}


@register.simple_tag
def person(who: Any) -> str:
    """`{% person row.who %}`: `name` and `number`, with a link where there is an `href`."""
    name = escape(who.name)
    if who.href:
        name = f'<a href="{escape(who.href)}">{name}</a>'
    return SafeString(f'{name} <small class="number">{escape(who.number)}</small>')


@register.simple_tag
def moment(value: datetime | None, *, seconds: bool = False) -> str:
    """`{% moment row.at %}`: a local date and time, the time the heavier."""
    if value is None:
        return ""
    said = localtime(value).isoformat(timespec="seconds")
    of_day = said[11:19] if seconds else said[11:16]
    return SafeString(f'<time datetime="{said}">{said[:10]} <b>{of_day}</b></time>')


@register.simple_tag
def clock(value: datetime) -> str:
    """`{% clock row.at %}`: a local time of day, where the day stands elsewhere."""
    said = localtime(value).isoformat(timespec="seconds")
    return SafeString(f'<time datetime="{said}">{said[11:16]}<small>{said[16:19]}</small></time>')


@register.simple_tag
def day(value: date | None) -> str:
    """`{% day row.valid_from %}`: a date."""
    if not value:
        return ""
    said = value.isoformat()
    return SafeString(f'<time datetime="{said}">{said}</time>')


@register.inclusion_tag("console/parts/pager.html", takes_context=True)
def pager(context: Context, part: Part[Any]) -> dict[str, Any]:
    """`{% pager part %}`: the way on in a long list."""
    return {"words": context["words"], "request": context["request"], "part": part}
