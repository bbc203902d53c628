"""The client and relatives: no phone, no account, nothing to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import models

from nyckelfri.server.homes.models import Client
from nyckelfri.server.people.models import Phone


@pytest.mark.django_db
@pytest.mark.sentence(15)
def test_a_whole_municipality_of_clients_is_served_without_one_account_or_phone_of_theirs(
    bjorkvik: Any,
) -> None:
    assert Client.objects.count() == 120
    assert get_user_model().objects.count() == 0
    assert Phone.objects.count() == 0
    related = {
        field.related_model
        for field in Client._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.OneToOneField)
    }
    assert not related & {get_user_model(), Phone}
