"""A municipality's rules, dated: how a value of the rules is kept as a row, and read again.

House rules: a row holds only what differs from the defaults, so that a default means the same
for every municipality; what cannot be read is an error and never a guess. Rules are frozen
dataclasses with `valid_from`, and a default for every other field.
"""

from __future__ import annotations

import enum
from dataclasses import MISSING, fields
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar, get_args, get_type_hints


class Dated(Protocol):
    """Rules from a date on, as a frozen dataclass."""

    def __init__(self, *, valid_from: date, **settings: Any) -> None: ...


Rules = TypeVar("Rules", bound=Dated)


def stored(rules: Any) -> dict[str, Any]:
    """What a row keeps of these rules: the settings that differ from the defaults."""
    defaults = _defaults(type(rules))
    return {
        name: _data(getattr(rules, name))
        for name, default in defaults.items()
        if getattr(rules, name) != default
    }


def read(kind: type[Rules], valid_from: date, settings: dict[str, Any]) -> Rules:
    """The rules of a row; ValueError if a setting is unknown or of another kind."""
    return kind(valid_from=valid_from, **values(kind, settings))


def values(kind: type[Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a row as the rules hold them; ValueError as for `read`."""
    defaults = _defaults(kind)
    strange = set(settings) - set(defaults)
    if strange:
        raise ValueError(f"settings that this version does not know: {sorted(strange)}")
    return {
        name: _value(_with_example(kind, name, defaults[name]), said)
        for name, said in settings.items()
    }


def _defaults(kind: type[Any]) -> dict[str, Any]:
    found = {}
    for each in fields(kind):
        if each.name == "valid_from":
            continue
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        if default is MISSING:
            raise ValueError(f"the setting {each.name} has no default")
        found[each.name] = default
    return found


def _with_example(kind: type[Any], name: str, default: Any) -> Any:
    """The default; one that is an empty set or row, with an example of what it may hold."""
    if not isinstance(default, frozenset | tuple) or default:
        return default
    (held, *_) = get_args(get_type_hints(kind)[name])
    example = next(iter(held)) if issubclass(held, enum.Enum) else held()
    return type(default)((example,))


def _data(value: Any) -> Any:
    """Seconds for a duration, HH:MM for a time of day, text for a decimal, an enum's value."""
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(_data(each) for each in value)
    if isinstance(value, tuple):
        return [_data(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _data(each) for name, each in value.items()}
    return value.value if isinstance(value, enum.Enum) else value


def _value(default: Any, said: Any) -> Any:
    """What `_data` was made of, told by the default of the same setting."""
    if isinstance(default, timedelta):
        return timedelta(seconds=int(said))
    if isinstance(default, time):
        return time.fromisoformat(said)
    if isinstance(default, Decimal):
        return Decimal(said)
    if isinstance(default, enum.Enum):
        return type(default)(said)
    if isinstance(default, frozenset | tuple):
        model = next(iter(default))
        return type(default)(_value(model, each) for each in said)
    if type(said) is not type(default):
        raise ValueError("a setting has a value of another kind")
    return said
