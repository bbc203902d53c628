"""Who a session is of."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from nyckelfri.server.people.models import User


class Backend(ModelBackend):
    """Django's own, but that the employee is read with the user: every page asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session, if they may be logged in."""
        user = User.objects.select_related("employee__care_team").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
