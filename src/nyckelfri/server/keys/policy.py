"""The municipality's access policy that is in force.

House rules: one place to ask; a stored, dated policy takes its place here later.
"""

from __future__ import annotations

from nyckelfri.care.policy import Policy

POLICY = Policy()
