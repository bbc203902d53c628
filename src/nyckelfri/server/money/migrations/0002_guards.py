"""The database refuses every change to what has been issued (threat 61).

An invoice, which visits stand on it, and a statement are added and never changed or removed:
what was wrong is credited, and made anew under a number of its own.
"""

from django.db import migrations

REFUSAL = 'What is issued never changes: credit it, and make a new one'
TABLES = ('money_invoice', 'money_invoicedvisit', 'money_statement')

POSTGRESQL = [
    f"""
    CREATE FUNCTION money_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING MESSAGE = '{REFUSAL}', ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION money_refuse()
        """
        for table in TABLES
    ),
]
POSTGRESQL_BACK = ['DROP FUNCTION money_refuse CASCADE']

_RAISE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
SQLITE = [
    statement
    for table in TABLES
    for statement in (
        f'CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {_RAISE}',
        f'CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {_RAISE}',
        # INSERT OR REPLACE deletes what is in its way without a word to the triggers of deletion.
        f"""
        CREATE TRIGGER {table}_added BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {_RAISE}
        """,
    )
]
SQLITE_BACK = [
    f'DROP TRIGGER {table}_{what}' for table in TABLES for what in ('stays', 'kept', 'added')
]


def _run(schema_editor, statements):
    vendor = schema_editor.connection.vendor
    if vendor not in statements:
        raise NotImplementedError(f'Issued papers have no guards for {vendor}')
    for statement in statements[vendor]:
        schema_editor.execute(statement, params=None)


def put_up(apps, schema_editor):
    _run(schema_editor, {'postgresql': POSTGRESQL, 'sqlite': SQLITE})


def take_down(apps, schema_editor):
    _run(schema_editor, {'postgresql': POSTGRESQL_BACK, 'sqlite': SQLITE_BACK})


class Migration(migrations.Migration):

    dependencies = [
        ('money', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(put_up, take_down),
    ]
