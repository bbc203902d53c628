"""`nyckelfri audit` (also `nyckelfri server audit`): prove, read and review the audit log.

House rules: a face: it asks the time once, reads, and calls actions. Results on standard
output, everything else on standard error.
Exit status: 0 whole or done, 1 broken or not done, 2 the call is wrong.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from nyckelfri import clock
from nyckelfri.care.times import ZONE
from nyckelfri.server import cli_copies, start
from nyckelfri.server.cli_words import Failed, read, say, tell

if TYPE_CHECKING:
    from nyckelfri.server.audit.models import AuditEvent
    from nyckelfri.server.audit.verify import Proof
    from nyckelfri.server.audit.witness import Note
    from nyckelfri.server.visits.models import Review

ACTOR = "system:command-line"
WHOLE, BROKEN, WRONG_CALL = 0, 1, 2
_KINDS = ("openings", "outside", "looks")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare every deed."""
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)

    def deed(name: str, text: str) -> argparse.ArgumentParser:
        made = deeds.add_parser(name, help=text, description=text)
        made.set_defaults(audit=name)
        return made

    verify = deed("verify", "prove that the log is the one that was written")
    verify.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="FILE|HEX",
        help="a head noted before (or a file of them) must still be in the chain",
    )
    verify.add_argument("--json", action="store_true")
    deed("head", "print the newest head, to be noted elsewhere")
    cli_copies.add_arguments(deed)
    rows = deed("list", "print rows, newest first")
    rows.add_argument("--about", metavar="ID", help="only of this object, such as client:B0001")
    rows.add_argument("--by", metavar="ACTOR", help="only by this actor, such as employee:10001")
    rows.add_argument("--most", type=int, default=50, help="rows (50)")
    rows.add_argument("--json", action="store_true")
    draw = deed("draw", "draw a sample to be reviewed")
    draw.add_argument("kind", choices=_KINDS)
    draw.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
    draw.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DAY")
    draw.add_argument("--share", type=_percent, default=Fraction(1, 100), help="percent (1)")
    reviews = deed("reviews", "print what waits to be reviewed")
    reviews.add_argument("--closed", action="store_true", help="what has been reviewed instead")
    reviews.add_argument("--most", type=int, default=50, help="rows (50)")
    reviews.add_argument("--json", action="store_true")
    accept = deed("accept", "go on after a restored backup, without the head noted last")
    accept.add_argument("--why", required=True, help="stands in the audit log")
    purge = deed("purge", "delete the oldest rows (retention)")
    purge.add_argument("--before", type=date.fromisoformat, required=True, metavar="DAY")
    purge.add_argument("--why", required=True, help="stands in the audit log")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    start.set_up()
    args.now = clock.now()
    try:
        start.bring_tables_up_to_date()
        return perform(args)
    except Failed as failed:
        tell(f"nyckelfri audit {args.audit}: {failed}")
        return BROKEN


def perform(args: argparse.Namespace) -> int:
    """Do it in a server process whose tables are up to date; Failed says what to do."""
    from nyckelfri.server.audit import origins  # noqa: PLC0415 -- needs Django

    with origins.coming_from(origins.terminal()):
        return DEEDS[args.audit](args)


def _verify(args: argparse.Namespace) -> int:
    from nyckelfri.server.audit import proofs, verify, witness  # noqa: PLC0415 -- needs Django

    try:
        notes = [note for text in args.head for note in _notes(text)]
    except (witness.WitnessError, Failed) as error:
        tell(f"nyckelfri audit verify: {error}")
        return WRONG_CALL
    try:
        held = witness.read()
    except witness.WitnessError as error:
        raise Failed(str(error)) from None
    all_notes = notes if held is None else [*notes, held]
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=args.json
    ) as bar:
        task = bar.add_task("rows", total=verify.expected_rows())

        def on_row(done: int) -> None:
            if done % 1000 == 0:
                bar.update(task, completed=done)

        proof = verify.prove(all_notes, on_row=on_row)
    proofs.note(proof, actor=ACTOR, now=args.now)
    _tell_proof(proof, len(all_notes), as_json=args.json)
    return WHOLE if proof.fault is None else BROKEN


def _tell_proof(proof: Proof, notes: int, *, as_json: bool) -> None:
    rows = max(0, proof.last - proof.first + 1)
    if as_json:
        fault = proof.fault
        found = {
            "whole": fault is None,
            "rows": rows,
            "first": proof.first,
            "last": proof.last,
            "head": proof.head.hex(),
            "notes_held": len(proof.held),
            "notes_before_retention": len(proof.gone),
            "fault": fault
            and {"number": fault.number, "wrong": fault.wrong.value, "text": fault.text},
        }
        say(json.dumps(found))
        return
    for note in proof.gone:
        tell(f"Retention has taken away what this note could be held against: {note.line}")
    if proof.fault is None:
        say(f"The audit log is whole: {rows} rows, {len(proof.held)} of {notes} noted heads in it")
        if not notes:
            tell("No head was noted before: note one elsewhere with `nyckelfri audit head`")
    else:
        say(f"The audit log is broken at row {proof.fault.number}: {proof.fault.text}")
        tell(f"Rows {proof.first} to {proof.last} are proven; compare the rest with a backup")


def _notes(text: str) -> list[Note]:
    """Read one note, or a file with a note on each line; Failed if there is none in it."""
    from nyckelfri.server.audit.witness import Note, WitnessError  # noqa: PLC0415 -- needs Django

    try:
        return [Note.parse(text)]
    except WitnessError:
        if not Path(text).exists():
            raise
    lines = read(Path(text)).decode("ascii", "replace").splitlines()
    found = [Note.parse(line) for line in lines if line.strip()]
    if not found:
        raise Failed(f"{text} holds no noted head")
    return found


def _head(args: argparse.Namespace) -> int:
    from nyckelfri.server.audit import witness  # noqa: PLC0415 -- needs Django

    newest = witness.head(args.now)
    if newest is None:
        raise Failed("The audit log is empty: there is nothing to note yet")
    say(newest.line)
    return WHOLE


def _list(args: argparse.Namespace) -> int:
    from nyckelfri.server.audit import queries  # noqa: PLC0415 -- needs Django

    found = queries.rows()
    if args.about:
        found = found.filter(object_id=args.about)
    if args.by:
        found = found.filter(actor=args.by)
    rows = [_row(event) for event in found[: args.most]]
    if args.json:
        say(json.dumps(rows, ensure_ascii=False))
        return WHOLE
    _table(rows, ("number", "time", "actor", "from", "verb", "object", "reason"))
    return WHOLE


def _row(event: AuditEvent) -> dict[str, Any]:
    return {
        "number": event.link.number if hasattr(event, "link") else None,
        "time": event.at.astimezone(ZONE).isoformat(timespec="seconds"),
        "actor": event.actor,
        "from": event.origin,
        "verb": event.verb,
        "object": event.object_id,
        "reason": event.reason,
        "details": event.details,
    }


def _draw(args: argparse.Namespace) -> int:
    from nyckelfri.server.visits import actions_reviews  # noqa: PLC0415 -- needs Django
    from nyckelfri.server.visits.models import Draw  # noqa: PLC0415 -- the same

    try:
        made = actions_reviews.draw(
            Draw.Kind(args.kind),
            _midnight(args.first),
            min(_midnight(args.last + timedelta(days=1)), args.now),
            share=args.share,
            by=None,
            now=args.now,
        )
    except actions_reviews.ReviewError as error:
        raise Failed(str(error)) from None
    drawn = made.reviews.count()
    say(f"Draw {made.pk}: {drawn} of {made.population} to review, seed {bytes(made.seed).hex()}")
    return WHOLE


def _reviews(args: argparse.Namespace) -> int:
    from nyckelfri.server.visits import queries_reviews  # noqa: PLC0415 -- needs Django

    chosen = queries_reviews.closed_reviews if args.closed else queries_reviews.open_reviews
    shown = chosen().select_related("draw", "door_event")
    rows = [_review(review) for review in shown[: args.most]]
    if args.json:
        say(json.dumps(rows, ensure_ascii=False))
        return WHOLE
    _table(rows, ("review", "drawn", "what", "why", "verdict", "by", "note"))
    return WHOLE


def _review(review: Review) -> dict[str, Any]:
    event = review.door_event
    opening = "" if event is None else f"opening {event.installation_id}/{event.number}"
    return {
        "review": review.pk,
        "drawn": review.draw.drawn_at.astimezone(ZONE).isoformat(timespec="seconds"),
        "what": opening or f"audit row {review.look}",
        "why": review.why,
        "verdict": review.verdict,
        "by": review.reviewed_by.number if review.reviewed_by else "",
        "note": review.note,
    }


def _accept(args: argparse.Namespace) -> int:
    from nyckelfri.server.audit import actions_keep, witness  # noqa: PLC0415 -- needs Django

    try:
        held = actions_keep.accept(reason=args.why, actor=ACTOR, now=args.now)
    except (witness.WitnessError, ValueError) as error:
        raise Failed(str(error)) from None
    say("Nothing was noted here" if held is None else f"Given up: {held.line}")
    return WHOLE


def _purge(args: argparse.Namespace) -> int:
    from nyckelfri.server.audit import actions_keep  # noqa: PLC0415 -- needs Django

    before = _midnight(args.before)
    try:
        count = actions_keep.purge(before, reason=args.why, actor=ACTOR, now=args.now)
    except (actions_keep.RetentionError, ValueError) as error:
        raise Failed(str(error)) from None
    say(f"Rows deleted: {count}")
    return WHOLE


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if not rows:
        tell("There is nothing to show")
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console(highlight=False, markup=False, emoji=False).print(table)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE)


def _percent(text: str) -> Fraction:
    try:
        share = Fraction(text) / 100
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError("give percent, such as 1 or 0.5") from None
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("give more than 0 and at most 100 percent")
    return share


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "verify": _verify,
    "head": _head,
    "copy": cli_copies.copy,
    "compare": cli_copies.compare,
    "list": _list,
    "draw": _draw,
    "reviews": _reviews,
    "accept": _accept,
    "purge": _purge,
}
