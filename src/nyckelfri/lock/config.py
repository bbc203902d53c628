"""`lock.toml`: where the store is, which radio, which hardware.

House rule: a key that is not known is an error that names the known ones; paths are relative
to the file they stand in.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 65_536


class ConfigError(ValueError):
    """The file cannot be used; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """`[simulated]`: hardware in software, for trying out and for tests.

    Seconds a bolt travels, seconds a strike is released, percent of battery, a file that keeps
    the bolt's position, and seconds by which the hardware clock is wrong (absent: it has lost
    its power).
    """

    travel: float = 0.3
    pulse: float = 3.0
    battery: int = 100
    bolt: str = ""
    hardware_clock: bool = True
    hardware_clock_offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpio:
    """`[gpio]`: line numbers of one chip; a thumb-turn has two motor lines, an entrance a relay."""

    chip: str
    motor_unlock: int | None = None
    motor_lock: int | None = None
    at_unlocked: int | None = None
    at_locked: int | None = None
    stall: int | None = None
    relay: int | None = None
    pulse: float = 5.0
    door: int | None = None
    button: int | None = None
    active_low: tuple[int, ...] = ()
    battery_file: str = ""

    @property
    def outputs(self) -> list[int]:
        """Lines that are driven."""
        return [n for n in (self.motor_unlock, self.motor_lock, self.relay) if n is not None]

    @property
    def inputs(self) -> list[int]:
        """Lines that are read."""
        named = (self.at_unlocked, self.at_locked, self.stall, self.door, self.button)
        return [n for n in named if n is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file; exactly one of `simulated` and `gpio`."""

    store: str
    transport: str
    advertising_interval: int = 250
    simulated: Simulated | None = None
    gpio: Gpio | None = None
    folder: Path = field(default=Path())

    def path(self, name: str) -> Path:
        """A path of the file, relative to the file's own folder."""
        return self.folder / name


def read(path: Path) -> Config:
    """The configuration in a TOML file; ConfigError."""
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"{path}: over {MAX_BYTES} bytes")
        document = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML ({error})") from None
    hardware = {"simulated": Simulated, "gpio": Gpio}
    chosen = [name for name in hardware if name in document]
    if len(chosen) != 1:
        raise ConfigError(f"{path}: needs one section, [simulated] or [gpio]")
    name = chosen[0]
    document[name] = _section(hardware[name], document[name], f"{path}: [{name}]")
    document["folder"] = path.parent
    config: Config = _section(Config, document, str(path))
    return config


def _section(kind: Any, values: object, where: str) -> Any:
    """`kind` from a TOML table, every key known and of the right type."""
    if not isinstance(values, dict):
        raise ConfigError(f"{where} must be a table")
    known = {item.name: str(item.type) for item in fields(kind)}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(f"{where}: {name!r} is unknown; known are {', '.join(known)}")
        if not _fits(value, known[name]):
            raise ConfigError(f"{where}: {name!r} must be of type {known[name]}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    try:
        return kind(**values)
    except TypeError:
        required = [f.name for f in fields(kind) if f.default is f.default_factory]
        missing = [name for name in required if name not in values]
        raise ConfigError(f"{where}: {', '.join(missing)} must be given") from None


def _fits(value: object, declared: str) -> bool:
    match declared.removesuffix(" | None"):
        case "str":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "tuple[int, ...]":
            return isinstance(value, list) and all(isinstance(item, int) for item in value)
    return True
