"""Which database the server uses: SQLite in the data directory, or PostgreSQL by DATABASE_URL.

House rules: libpq reads the address, so it means here what it means to `psql`
(postgresql.org/docs, 34.1.1.2). No error shows any part of an address, since a password
with an odd character may stand in any part of it. What is safe is the default: to
another machine only over TLS with a certificate that is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "DATABASE_URL"
_FORM = "postgresql://USER:PASSWORD@HOST:PORT/NAME"
_SCHEMES = ("postgresql://", "postgres://")
_LONGEST = 2048
_OURS = frozenset({"options", "client_encoding"})
"""Options of libpq that this module sets and an address may not."""
_SESSION = {
    # As long as SQLite waits; a sync that waits longer has been given up by the phone.
    "lock_timeout": "20s",
    # A request is over after 60 s; nothing may hold its rows longer.
    "idle_in_transaction_session_timeout": "60s",
    # What was answered stays, also where the database or the role would have it otherwise.
    "synchronous_commit": "on",
}
_LINE = {
    "connect_timeout": "10",
    # A machine whose power is gone says nothing: without these a request waits for hours.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}


def from_url(url: str, data: Path) -> dict[str, Any]:
    """Give Django's settings of the database at `url`; with an empty one, SQLite in `data`.

    Raises ImproperlyConfigured, which says what to do.
    """
    return _postgresql(url) if url else _sqlite(data)


def _sqlite(data: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data / "nyckelfri.sqlite3",
        "OPTIONS": {
            # IMMEDIATE: two writers queue at BEGIN instead of failing at the first write.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            ),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    said = _read(url)
    name = said.pop("dbname", "")
    if not name:
        raise ImproperlyConfigured(f"{VARIABLE} names no database: write {_FORM}")
    host, port = said.pop("host", ""), said.pop("port", "")
    user, password = said.pop("user", ""), said.pop("password", "")
    if not all(each.isascii() and each.isdigit() for each in port.split(",") if each):
        raise ImproperlyConfigured(f"The port in {VARIABLE} must be a number: write {_FORM}")
    if taken := _OURS & said.keys():
        raise ImproperlyConfigured(
            f"{VARIABLE} may not set {', '.join(sorted(taken))}: the server sets that itself"
        )
    if not _is_here(host) and "sslmode" not in said:
        said["sslmode"] = "verify-full"
        said.setdefault("sslrootcert", "system")
    if "," in host:
        # Of several, the one that takes writes; a standby would answer too.
        said.setdefault("target_session_attrs", "read-write")
    return {
        "ENGINE": "nyckelfri.server.postgres",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        # A thread keeps its connection; one that died meanwhile is made anew.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_LINE,
            "application_name": "nyckelfri",
            **said,
            "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items()),
        },
    }


def _read(url: str) -> dict[str, str]:
    if not url.startswith(_SCHEMES):
        raise ImproperlyConfigured(f"{VARIABLE} must be {_FORM}, or unset for SQLite")
    if len(url) > _LONGEST:
        raise ImproperlyConfigured(f"{VARIABLE} is over {_LONGEST} characters: write {_FORM}")
    place, _, path = url.partition("://")[2].partition("/")
    if place.count("@") > 1 or "@" in path.partition("?")[0]:
        # libpq would take the end of the password for a host, and show it in an error.
        raise ImproperlyConfigured(
            f"Write @ as %40 and / as %2F in the user and password of {VARIABLE}"
        )
    # Not for SQLite: it makes every command slower to begin.
    from psycopg import ProgrammingError  # noqa: PLC0415 -- as said
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 -- as said

    try:
        return {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        # Without the cause: libpq quotes what it could not read, which may be the password.
        unknown = str(error).startswith("invalid URI query parameter")
    raise ImproperlyConfigured(
        f"{VARIABLE} has an option that PostgreSQL does not know: see its connection parameters"
        if unknown
        else f"{VARIABLE} cannot be read: write {_FORM}, other characters than letters and "
        "digits of the password as %XX"
    )


def _is_here(host: str) -> bool:
    """Whether every host is this machine: a directory of sockets, or the loopback."""
    return all(
        each.startswith(("/", "@")) or each in {"", "localhost", "127.0.0.1", "::1"}
        for each in host.split(",")
    )
