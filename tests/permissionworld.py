"""People of every role with a browser each, and something to look at for each of them.

House rules: sessions are begun here and nowhere else than in the pages themselves; what
somebody looks at is their own provider's, so that 404 means that it is not let in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client as Browser
from django.urls import URLPattern, get_resolver

import moneyworld
import paidworld
import performedworld
import permissionrows as table
import statisticsworld
from nyckelfri.server.access.models import PolicyDraft
from nyckelfri.server.accounts import sessions
from nyckelfri.server.accounts.models import Activation
from nyckelfri.server.accounts.sessions import Worth
from nyckelfri.server.homes.models import Client
from nyckelfri.server.importer.models import ImportJob
from nyckelfri.server.money.models import Dispute, Invoice, Statement
from nyckelfri.server.people.models import Employee, Role, User
from nyckelfri.server.phoneapp import files as app_files
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.models import Kept, MeasuredMonth, PhoneEntry

NOT_MINE: Final = 999_999


def flawed_entry(author: Employee, now: datetime) -> PhoneEntry:
    """Something that `author` entered, and that somebody must look into."""
    entry, _ = PhoneEntry.objects.get_or_create(
        phone=author.phones.get(), uuid=UUID(int=author.pk), digest=bytes(16),
        defaults={
            "kind": PhoneEntry.Kind.NOTE, "at": now, "employee": author, "received_at": now,
            "flaw": PhoneEntry.Flaw.UNKNOWN_CLIENT, "raw": b"{}",
        },
    )  # fmt: skip
    return entry


@dataclass(frozen=True)
class World:
    """What stands in addresses: the municipality's, and the company's."""

    cast: Any
    moment: datetime

    def value(self, what: str | None, persona: str) -> Any:
        """What to put into the address for this persona."""
        if what is None:
            return NOT_MINE
        company = persona in {table.COMPANY_PLANNER, table.COMPANY_MANAGER}
        return getattr(self, f"_{what}")(company)

    def _client(self, company: bool) -> str:
        return str((self.cast.other_client if company else self.cast.client).external_id)

    def _decision(self, company: bool) -> str:
        return f"D{self._client(company)}"

    def _employee(self, company: bool) -> str:
        return str((self.cast.charlie if company else self.cast.alice).number)

    def _team(self, company: bool) -> str:
        return str((self.cast.other_team if company else self.cast.team).external_id)

    def _phone(self, company: bool) -> str:
        holder = self.cast.charlie if company else self.cast.alice
        return bytes(holder.phones.get().identifier).hex()

    def _policy_draft(self, company: bool) -> int:
        draft, _ = PolicyDraft.objects.get_or_create(
            state=PolicyDraft.State.FAILED,
            defaults={
                "valid_from": self.moment.date(),
                "proposed_by": self.cast.bob,
                "proposed_at": self.moment,
                "changed_at": self.moment,
            },
        )
        return int(draft.pk)

    def _october(self) -> Invoice:
        """An invoice of the municipality's client, made once; it stands."""
        found = Invoice.objects.first()
        if found is None:
            money = moneyworld.set_up(self.cast.alice)
            money.visit(self.cast.client)
            money.run()
            found = Invoice.objects.get()
        return found

    def _invoiced_month(self, company: bool) -> str:
        return f"{self._october().month.first:%Y-%m}"

    def _run(self, company: bool) -> int:
        return int(self._october().run_id or 0)

    def _invoice(self, company: bool) -> int:
        return int(self._october().number)

    def _line(self, company: bool) -> int:
        return 1

    def _language(self, company: bool) -> str:
        return "sv"

    def _dispute(self, company: bool) -> int:
        dispute, _ = Dispute.objects.get_or_create(
            invoice=self._october(), line=1,
            defaults={"opened_at": self.moment, "opened_by": self.cast.bob},
        )  # fmt: skip
        return int(dispute.pk)

    def _paid(self, company: bool) -> Statement:
        """The second version of a statement: September's of the company, else August's."""
        who, client = (
            (self.cast.charlie, self.cast.other_client)
            if company
            else (self.cast.alice, self.cast.client)
        )
        return paidworld.paid(who, client, paidworld.SEPTEMBER if company else paidworld.AUGUST)

    def _paid_month(self, company: bool) -> str:
        return f"{self._paid(company).month.first:%Y-%m}"

    def _pay_run(self, company: bool) -> int:
        return int(self._paid(company).run_id or 0)

    def _statement(self, company: bool) -> int:
        return int(self._paid(company).number)

    def _statement_line(self, company: bool) -> int:
        return 1

    def _pdf_language(self, company: bool) -> str:
        return "sv"

    def _received(self, company: bool) -> int:
        return int(paidworld.received(self._paid(company)).pk)

    def _measure(self, company: bool) -> str:
        return "larm"

    def _figure(self, company: bool) -> str:
        """A figure of a month that has been measured, for whoever asks."""
        if not MeasuredMonth.objects.exists():
            statisticsworld.measured_for_all(self.moment)
        return "alarms"

    def _kind(self, company: bool) -> str:
        return "client"

    def _silent_phones(self, company: bool) -> str:
        return "tysta-telefoner"

    def _delivery(self, company: bool) -> int:
        if not Kept.objects.exists():
            ingest(b"rubbish", phone=self.cast.alice.phones.get(), now=self.moment)
        return int(Kept.objects.earliest("pk").pk)

    def _entry(self, company: bool) -> int:
        author = self.cast.charlie if company else self.cast.alice
        return int(flawed_entry(author, self.moment).pk)

    def _visit(self, company: bool) -> int:
        return int(performedworld.visit_of(self._author(company), self._seen(company)).pk)

    def _loose_sign(self, company: bool) -> int:
        return int(performedworld.loose_sign_of(self._author(company), self.moment).pk)

    def _office_entry(self, company: bool) -> int:
        author, client = self._author(company), self._seen(company)
        return int(performedworld.office_entry_of(author, client, self.moment).pk)

    def _author(self, company: bool) -> Employee:
        author: Employee = self.cast.charlie if company else self.cast.alice
        return author

    def _seen(self, company: bool) -> Client:
        client: Client = self.cast.other_client if company else self.cast.client
        return client

    def _act(self, company: bool) -> str:
        return "godkann"

    def _month(self, company: bool) -> str:
        return "2026-11"

    def _csv(self, company: bool) -> str:
        return "csv"

    def _label(self, company: bool) -> str:
        return str(self.cast.label.external_id)

    def _version(self, company: bool) -> str:
        return app_files.app().version

    def _app_path(self, company: bool) -> str:
        return app_files.SCRIPT

    def _import_job(self, company: bool) -> int:
        job, _ = ImportJob.objects.get_or_create(
            token="table",
            defaults={
                "state": ImportJob.State.FAULTY,
                "uploaded_by": self.cast.bob,
                "uploaded_at": self.moment,
                "changed_at": self.moment,
            },
        )
        return int(job.pk)


def browser_of(persona: str, world: World) -> Browser:
    """A browser with the session of somebody; nobody's is empty."""
    browser = Browser(headers={"accept-language": "sv"})
    if persona == table.NOBODY:
        return browser
    employee, user = _hired(persona, world)
    worth, code = Worth.FULL, 0
    if persona == table.NEW:
        worth = Worth.SETTING_UP
        code = Activation.objects.create(
            employee=employee, code_hash=bytes(32), made_at=world.moment,
            until=world.moment.replace(year=world.moment.year + 1),
        ).pk  # fmt: skip
    else:
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(user)
    browser.force_login(user)
    session = browser.session
    sessions.begin(session, worth, time.time(), activation=code)
    session.save()
    return browser


def _hired(persona: str, world: World) -> tuple[Employee, User]:
    role, team = {
        table.COMPANY_PLANNER: (Role.PLANNER, world.cast.other_team),
        table.COMPANY_MANAGER: (Role.PROVIDER_MANAGER, world.cast.other_team),
        table.TEAM_PLANNER: (Role.PLANNER, world.cast.team),
        table.FORMER: (Role.PLANNER, None),
        table.NEW: (Role.PLANNER, None),
    }.get(persona, (persona, None))
    number = f"3{Employee.objects.count():04}"
    user = User.objects.create(username=number)
    employee = Employee.objects.create(
        number=number, name="Persona", role=role, care_team=team, user=user,
        employed_from="2024-01-01",
        employed_till="2025-12-31" if persona == table.FORMER else None,
    )  # fmt: skip
    return employee, user


def addresses() -> Iterator[tuple[str, str]]:
    """Every address that the server answers: its name and its pattern."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: Any, names: str, before: str) -> Iterator[tuple[str, str]]:
    for one in patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield names + str(one.name), pattern
        else:
            space = f"{one.namespace}:" if one.namespace else ""
            yield from _walk(one.url_patterns, names + space, pattern)
