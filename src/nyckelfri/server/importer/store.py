"""Checked rows into tables: create, change what differs, leave the rest alone.

House rules: runs inside the caller's transaction, writes in bulk, and says what it
did; `actions` decides whether that is kept and writes the audit rows. Changes come
before new rows, so that a new row may take a value that an old one gave up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

    from nyckelfri.server.importer.rows import Row, Rows
    from nyckelfri.server.importer.targets import Target

Key = tuple[Any, ...]
BATCH = 500


@dataclass(slots=True)
class Outcome:
    """What one file did: keys created, and for keys changed or withdrawn which attributes.

    `gone` are registered rows that it leaves out, `otherwise` rows of which something else was
    decided here.
    """

    total: int = 0
    created: set[Key] = field(default_factory=set)
    changed: dict[Key, list[str]] = field(default_factory=dict)
    withdrawn: list[Key] = field(default_factory=list)
    gone: int = 0
    otherwise: int = 0

    def counts(self) -> dict[str, int]:
        """Give the numbers a report shows."""
        return {
            "created": len(self.created),
            "changed": len(self.changed),
            "unchanged": self.total - len(self.created) - len(self.changed),
            "withdrawn": len(self.withdrawn),
        }


def batches(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut `keys` into lists that any database takes in one question."""
    found = sorted(set(keys))
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def attributes_of(row: Row, rows: Rows, target: Target, ids: dict[str, dict[str, int]]) -> Any:
    """Give what `row` says as attributes of the target's model; `ids` resolves references."""
    found: dict[str, Any] = {}
    for column, attribute in target.attributes.items():
        value = row.values[column]
        if value is not None and attribute.endswith("_id") and attribute != "external_id":
            value = ids[rows.table.by_name[column].refers_to][value]
        elif value is None and target.is_text(attribute):
            value = ""
        found[attribute] = value
    return found


def upsert(target: Target, wanted: list[dict[str, Any]]) -> Outcome:
    """Make the stored rows be as `wanted` says."""
    by_key = {tuple(each[name] for name in target.key): each for each in wanted}
    outcome = Outcome(total=len(by_key))
    stored = dict(_stored(target, (each[target.lookup] for each in wanted)))
    changed = []
    row: Any
    for key, row in stored.items():
        if key not in by_key:
            continue
        new = dict(by_key[key])
        if _contradicts_what_was_recorded(row, new):
            outcome.otherwise += 1
            continue
        if hasattr(row, "withdrawn_at") and not getattr(row, "recorded_here", False):
            # It is back in the file, so it holds again.
            new["withdrawn_at"] = None
        if getattr(row, "ended_here", False):
            new.update(_ended_here(row.valid_till, new["valid_till"]))
            outcome.otherwise += new["valid_till"] != new["former_till"]
        names = [name for name, value in new.items() if getattr(row, name) != value]
        if names:
            outcome.changed[key] = names
            changed.append((row, {name: new[name] for name in names}))
    _write_changes(target, changed)
    fresh = [target.model(**each) for key, each in by_key.items() if key not in stored]
    target.stored.bulk_create(fresh, batch_size=BATCH)
    outcome.created = by_key.keys() - stored.keys()
    return outcome


def _contradicts_what_was_recorded(row: Any, new: dict[str, Any]) -> bool:
    """Whether a file knows nothing of what was recorded here of this very row, but for its end."""
    return getattr(row, "recorded_here", False) and (
        row.withdrawn_at is not None
        or any(getattr(row, name) != value for name, value in new.items() if name != "valid_till")
    )


def _ended_here(ends: date, in_file: date | None) -> dict[str, date | None]:
    """Let what was ended here end no later, whatever a file says that does not know of it."""
    till = ends if in_file is None else min(ends, in_file)
    return {"valid_till": till, "former_till": in_file}


def _stored(target: Target, lookups: Iterable[Any]) -> Iterator[tuple[Key, Model]]:
    for batch in batches(lookups):
        for row in target.stored.filter(**{f"{target.lookup}__in": batch}):
            yield tuple(getattr(row, name) for name in target.key), row


def _write_changes(target: Target, changed: list[tuple[Model, dict[str, Any]]]) -> None:
    for name, parked in target.parking.items():
        moving = [row for row, new in changed if name in new]
        for row in moving:
            setattr(row, name, parked(row.pk))
        if moving:
            target.stored.bulk_update(moving, [name], batch_size=BATCH)
    names = {name for _, new in changed for name in new}
    for row, new in changed:
        for name, value in new.items():
            setattr(row, name, value)
    if names:
        target.stored.bulk_update([row for row, _ in changed], sorted(names), batch_size=BATCH)
