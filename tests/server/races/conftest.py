"""A database of the test's own, with real commits, for threads that meet in it."""

from serverfixtures import (
    alices_phone,
    bobs_phone,
    charlies_phone,
    committed_db,
    keys,
    locks,
    password_hash,
    passwords,
)

__all__ = [
    "alices_phone",
    "bobs_phone",
    "charlies_phone",
    "committed_db",
    "keys",
    "locks",
    "password_hash",
    "passwords",
]
