"""When each kind of work beside the pages was last done.

House rules: `__str__` shows names of work, which are our own words.
"""

from __future__ import annotations

from django.db import models


class Beat(models.Model):
    """A round of work: when it last began and ended well; `trouble` when it last did not."""

    name = models.CharField(max_length=32, unique=True)
    began_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"beat {self.name}"
