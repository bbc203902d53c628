"""The chain costs less: each change and each look adds a row to it.

Both: no foreign key from a link to its row, which the trigger has at hand. SQLite: links lie in
the order of their numbers. PostgreSQL: places in `audit_turn` are cleared away by the thousand
instead of one by one, and need no index.

On SQLite the table of links is made anew, so the triggers are taken down and put up again.
"""

import importlib

import django.db.models.deletion
from django.db import migrations, models

import nyckelfri.server.fields

guards = importlib.import_module('nyckelfri.server.audit.migrations.0004_guards')

POSTGRESQL = [
    'ALTER TABLE audit_turn DROP CONSTRAINT audit_turn_pkey',
    """
    CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last_number bigint;
        last_head bytea;
    BEGIN
        PERFORM pg_advisory_xact_lock(7817, 1);
        SELECT number, head INTO last_number, last_head
            FROM audit_auditlink ORDER BY number DESC LIMIT 1;
        IF NOT FOUND THEN
            last_number := 0;
            last_head := sha256('nyckelfri audit 1'::bytea);
        END IF;
        INSERT INTO audit_auditlink (number, event_id, head)
            VALUES (last_number + 1, NEW.event_id, sha256(last_head || NEW.leaf));
        -- Whoever has committed is chained; of ours, those before this one.
        IF last_number % 1000 = 0 THEN
            DELETE FROM audit_turn WHERE event_id < NEW.event_id;
        END IF;
        RETURN NULL;
    END $$
    """,
]
POSTGRESQL_BACK = [
    'DELETE FROM audit_turn',
    'ALTER TABLE audit_turn ADD PRIMARY KEY (event_id)',
    next(each for each in guards.POSTGRESQL if 'FUNCTION audit_chain()' in each).replace(
        'CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'
    ),
]


def before(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        guards.take_down(apps, schema_editor)


def after(apps, schema_editor):
    guards._run(schema_editor, {'postgresql': POSTGRESQL, 'sqlite': guards.SQLITE})


def before_back(apps, schema_editor):
    guards._run(schema_editor, {'postgresql': POSTGRESQL_BACK, 'sqlite': guards.SQLITE_BACK})


def after_back(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        guards.put_up(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_proofs'),
    ]

    operations = [
        migrations.RunPython(before, after_back),
        migrations.AlterField(
            model_name='auditlink',
            name='number',
            field=nyckelfri.server.fields.PlaceField(primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='auditlink',
            name='event',
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='link',
                to='audit.auditevent',
            ),
        ),
        migrations.RunPython(after, before_back),
    ]
