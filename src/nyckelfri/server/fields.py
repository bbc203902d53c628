"""Model fields that this server needs and Django lacks.

House rules: a field refuses a wrong value when it is written, not when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    # Generic for the type checker only: Django's fields cannot be subscripted at run time.
    _Bytes = models.BinaryField[bytes, bytes]
    _OptionalBytes = models.BinaryField[bytes | None, bytes | None]
    _Field = models.BinaryField[Any, Any]
    _Number = models.PositiveBigIntegerField[int, int]
else:
    _Bytes = _OptionalBytes = models.BinaryField
    _Field = object
    _Number = models.PositiveBigIntegerField


class _FixedLength(_Field):
    """Keep a binary column to one length, and hand out `bytes` on every database."""

    length: int

    def deconstruct(self) -> Any:
        """Tell a migration how to make this field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        return name, path, args, {**kwargs, "length": self.length}

    def get_prep_value(self, value: Any) -> Any:
        """Give `value` to the database; ValueError (field, never value) at a wrong length."""
        if value is None:
            return None
        if not isinstance(value, bytes | bytearray | memoryview) or len(value) != self.length:
            raise ValueError(f"{self.model.__name__}.{self.name} must be {self.length} bytes")
        return super().get_prep_value(bytes(value))

    def from_db_value(self, value: Any, *_: object) -> bytes | None:
        """Give bytes, also where a driver hands out a memoryview."""
        return None if value is None else bytes(value)


class FixedBytesField(_FixedLength, _Bytes):
    """Exactly `length` bytes."""

    def __init__(self, *args: Any, length: int, **kwargs: Any) -> None:
        self.length = length
        super().__init__(*args, **{**kwargs, "max_length": length})


class OptionalBytesField(_FixedLength, _OptionalBytes):
    """Exactly `length` bytes, or None."""

    def __init__(self, *args: Any, length: int, **kwargs: Any) -> None:
        self.length = length
        super().__init__(*args, **{**kwargs, "max_length": length, "null": True, "blank": True})


class PlaceField(_Number):
    """A primary key that counts rows as they are added, and is given to them.

    SQLite calls it `integer` and so keeps the rows themselves in its order, without an index.
    """

    def db_type(self, connection: Any) -> str | None:
        """Name the type of the column."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
