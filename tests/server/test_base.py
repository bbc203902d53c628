"""The server's base: settings, secrets, headers, fields and the audit log."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command
from django.db import transaction
from django.test import Client as Browser
from django.utils.module_loading import import_string

from nyckelfri.server import data_directory
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit import queries
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Phone

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    first = data_directory.secret_key(directory)
    assert first == data_directory.secret_key(directory)
    assert len(first) == 64
    (file,) = directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_damaged_secret_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short-and-secret")
    with pytest.raises(ValueError, match="damaged") as caught:
        data_directory.secret_key(tmp_path)
    assert "short-and-secret" not in str(caught.value)


def test_debug_is_off_and_cookies_stay_on_https() -> None:
    assert not settings.DEBUG
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    (hasher,) = settings.PASSWORD_HASHERS
    assert issubclass(import_string(hasher), Argon2PasswordHasher)


def test_every_answer_carries_the_content_security_policy() -> None:
    answer = Browser().get("/there-is-nothing-here")
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_migrations_hold_every_model_as_it_is() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0, stdout=StringIO())


@pytest.mark.django_db
def test_bytes_of_the_wrong_length_are_refused_before_they_are_stored() -> None:
    phone = Phone.objects.create(identifier=b"8 bytes!", label="1", registered_at=NOW)
    phone.refresh_from_db()
    assert phone.identifier == b"8 bytes!"
    assert phone.public_key_x is None
    with pytest.raises(ValueError, match=r"Phone\.identifier must be 8 bytes"):
        Phone.objects.create(identifier=b"secret!", label="1", registered_at=NOW)


@pytest.mark.django_db
def test_audit_rows_can_be_added_but_neither_changed_nor_removed() -> None:
    with transaction.atomic():
        audit.record([audit.Deed(Verb.PHONE_BLOCK, "phone:1")], actor="employee:1", now=NOW)
    (event,) = queries.about("phone:1")
    event.actor = "employee:2"
    with pytest.raises(TypeError, match="append-only"):
        event.save()
    with pytest.raises(TypeError, match="append-only"):
        event.delete()
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.all().delete()
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.update(actor="x")
    assert [e.actor for e in queries.of_kind(Verb.PHONE_BLOCK)] == ["employee:1"]


@pytest.mark.django_db(transaction=True)
def test_audit_row_outside_the_transaction_of_its_deed_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        audit.record([audit.Deed(Verb.PHONE_BLOCK, "phone:1")], actor="x", now=NOW)
