"""When a phone was last heard of."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_identification")]

    operations = [
        migrations.AddField(
            model_name="phone",
            name="synced_at",
            field=models.DateTimeField(blank=True, null=True),
        )
    ]
