"""How passwords are hashed: Argon2id (RFC 9106), about 50 ms and 46 MiB a check.

House rules: the first of the settings that OWASP's password storage sheet lists. One lane,
since many people sign in at once and the cores are shared; a worker's thread holds the
memory while it checks, so processes times threads times 46 MiB must fit.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class OneLane(Argon2PasswordHasher):
    """Argon2id on one core: 46 MiB, one pass."""

    memory_cost = 47_104  # KiB
    time_cost = 1
    parallelism = 1
