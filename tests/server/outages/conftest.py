"""A server whose commits are real, with keys, the cast's locks and phones."""

from serverfixtures import (
    alices_phone,
    api,
    bobs_phone,
    committed_db,
    keys,
    locks,
    password_hash,
    passwords,
    set_clock,
)

__all__ = [
    "alices_phone",
    "api",
    "bobs_phone",
    "committed_db",
    "keys",
    "locks",
    "password_hash",
    "passwords",
    "set_clock",
]
