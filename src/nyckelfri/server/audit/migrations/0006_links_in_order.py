"""On SQLite links lie in the order of their numbers, without an index beside them.

SQLite makes the table anew, so the triggers are taken down and put up again; PostgreSQL has
nothing to change.
"""

import importlib

from django.db import migrations

import nyckelfri.server.fields

guards = importlib.import_module('nyckelfri.server.audit.migrations.0004_guards')


def take_down(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        guards.take_down(apps, schema_editor)


def put_up(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        guards.put_up(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_proofs'),
    ]

    operations = [
        migrations.RunPython(take_down, put_up),
        migrations.AlterField(
            model_name='auditlink',
            name='number',
            field=nyckelfri.server.fields.PlaceField(primary_key=True, serialize=False),
        ),
        migrations.RunPython(put_up, take_down),
    ]
