"""A server with keys in force, the cast's locks in service, and phones of the cast."""

from serverfixtures import (
    alices_phone,
    api,
    bobs_phone,
    charlies_phone,
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
    "charlies_phone",
    "keys",
    "locks",
    "password_hash",
    "passwords",
    "set_clock",
]
