"""Commands of the phone that need no radio."""

from __future__ import annotations

from nyckelfri.phone import account
from nyckelfri.phone.account import Account
from nyckelfri.phone.client import BlockedError, ServerError
from nyckelfri.phone.context import PASSWORD_VARIABLE, PIN_VARIABLE, Context, UsageError
from nyckelfri.phone.outbox import Outbox
from nyckelfri.phone.sync import Report, Sync
from nyckelfri.phone.vault import Secrets, check_pin


def enrol(context: Context) -> int:
    """Make a key, and this phone one of the municipality's."""
    args, screen = context.args, context.screen
    pin = context.secret(args.pin_file, PIN_VARIABLE, "new_pin")
    try:
        check_pin(pin)
        if pin != context.secret(args.pin_file, PIN_VARIABLE, "pin_again"):
            raise UsageError("the two PINs differ")
        phone = account.enrol(context.store, args.server, args.code, pin, clock=context.clock)
    except ValueError as error:
        raise UsageError(str(error)) from None
    screen.say("enrolled")
    screen.result(ok=True, phone=phone)
    return 0


def sign_in(context: Context) -> int:
    """Sign a person in, and sync."""
    args, screen = context.args, context.screen
    secrets = context.unlock()
    password = context.secret(args.password_file, PASSWORD_VARIABLE, "password")
    person = Account(context.store, secrets, clock=context.clock)
    session, by_server = person.sign_in(args.username, password)
    screen.say("signed_in" if by_server else "signed_in_offline", name=session.name)
    synced = False
    if by_server:
        try:
            _show(context, _sync(context, secrets))
            synced = True
        except BlockedError:
            raise
        except ServerError as error:
            screen.say("not_synced", why=error)
    screen.result(ok=True, number=session.number, until=session.until, synced=synced)
    return 0


def sign_out(context: Context) -> int:
    """Deliver what waits if possible, and forget the person."""
    secrets = context.unlock()
    try:
        _sync(context, secrets)
    except BlockedError:
        raise
    except ServerError as error:
        context.screen.say("not_synced", why=error)
    Account(context.store, secrets, clock=context.clock).sign_out()
    context.screen.say("signed_out")
    context.screen.result(ok=True)
    return 0


def sync(context: Context) -> int:
    """Deliver and fetch."""
    report = _sync(context, context.unlock())
    _show(context, report)
    context.screen.result(
        ok=True,
        doors=report.doors,
        grants=report.grants,
        receipts=report.receipts,
        sent_batches=report.sent_batches,
        sent_openings=report.sent_openings,
        sent_installations=report.sent_installations,
        kept=report.kept,
        refused=report.refused,
        offset=report.offset,
        signed_in=report.signed_in,
        later=report.later,
        unsure=report.unsure,
        notes=report.notes,
    )
    return 0


def doors(context: Context) -> int:
    """The doors the signed-in person may open, now or next."""
    book = context.book(context.unlock())
    found, grants, now = book.doors(), book.grants(), context.now
    context.screen.doors(found, grants, now)
    context.screen.result(
        ok=True,
        now=now,
        doors=[
            {
                "installation": door.installation.hex(),
                "kind": door.kind,
                "label": door.label,
                "address": door.address,
                "windows": [
                    [grant.not_before, grant.not_after]
                    for grant in grants
                    if grant.installation == door.installation
                ],
            }
            for door in found
        ],
    )
    return 0


def status(context: Context) -> int:
    """How this phone is; needs no PIN and names nobody."""
    store = context.store
    facts: dict[str, object] = {"enrolled": store.enrolled}
    if store.enrolled:
        trusted = store.trusted()
        facts |= {
            "phone": store.text("phone"),
            "server": store.text("server"),
            "synced": store.get("synced"),
            "clock_offset": store.offset,
            "key_set": trusted.key_set.number if trusted.key_set else None,
            "bulletin": trusted.bulletin.issued if trusted.bulletin else None,
            "grants": store.rows("SELECT count(*) FROM grants")[0][0],
            "wrong_pins": store.tries,
        }
    waiting = Outbox(store).waiting()
    facts |= {
        "waiting_batches": waiting.batches,
        "waiting_openings": waiting.openings,
        "waiting_installations": waiting.installations,
        "unsure_installations": waiting.unsure,
    }
    for name, value in facts.items():
        context.screen.note(f"{name}: {value}")
    context.screen.result(ok=True, **facts)
    return 0


def wipe(context: Context) -> int:
    """Destroy everything on this phone."""
    screen = context.screen
    if not context.args.yes:
        screen.say("wipe_sure", waiting=account.waiting_note(context.store))
        screen.result(ok=False, message="repeat with --yes")
        return 1
    context.store.destroy(outbox=True)
    screen.say("wiped")
    screen.result(ok=True)
    return 0


def _sync(context: Context, secrets: Secrets) -> Report:
    return Sync(context.store, secrets, context.client(secrets), clock=context.clock).run()


def _show(context: Context, report: Report) -> None:
    screen = context.screen
    sent = report.sent_batches + report.sent_openings + report.sent_installations
    screen.say("synced", doors=report.doors, grants=report.grants, sent=sent)
    if not report.signed_in:
        screen.say("not_signed_in")
    if report.later:
        screen.say("server_busy", later=report.later)
    for lock in report.unsure:
        screen.say("record_unsure", lock=lock)
    for note in report.notes:
        screen.note(note)
