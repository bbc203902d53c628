"""Rows of files whose own room is not built yet, validated and kept.

House rules: `data` holds what the file said after validation: text as text, dates
and UTC moments in ISO 8601, decimals as text, references as external ids.
"""

from __future__ import annotations

from django.db import models


class ImportedRow(models.Model):
    """One validated row of `file`; `key` joins its key columns with `|`."""

    file = models.CharField(max_length=32)
    key = models.CharField(max_length=128)
    data = models.JSONField()

    class Meta:
        ordering = ["file", "key"]
        constraints = [models.UniqueConstraint(fields=["file", "key"], name="one_row_a_key")]

    def __str__(self) -> str:
        return f"{self.file} {self.key}"
