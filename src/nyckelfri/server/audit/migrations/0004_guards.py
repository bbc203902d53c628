"""The database chains what is added, and refuses every other change.

PostgreSQL: rows are chained at commit, one transaction after the other under one advisory
lock. That lock must be the last one that a transaction waits for, or two transactions could
wait for each other; foreign keys are checked at commit too. So the first deferred trigger only
takes a place in `audit_turn`, and a second one, which fires when everything else that was
deferred is done, takes the lock and chains. `audit_turn` is empty outside of a commit.

SQLite: one writer at a time, so a row is chained as it is added.

A later migration that alters these tables on SQLite makes them anew, without triggers: it has
to make the triggers again (`test_every_guard_is_in_place_after_all_migrations`).
"""

from django.db import migrations

REFUSAL = 'The audit log is append-only: write a new row that corrects the old one'
TABLES = ('audit_auditevent', 'audit_auditlink', 'audit_auditcut')

POSTGRESQL = [
    'CREATE UNLOGGED TABLE audit_turn (event_id bigint PRIMARY KEY, leaf bytea NOT NULL)',
    """
    CREATE FUNCTION audit_take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO audit_turn (event_id, leaf) VALUES (NEW.id, NEW.leaf);
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last_number bigint;
        last_head bytea;
    BEGIN
        DELETE FROM audit_turn WHERE event_id = NEW.event_id;
        PERFORM pg_advisory_xact_lock(7817, 1);
        SELECT number, head INTO last_number, last_head
            FROM audit_auditlink ORDER BY number DESC LIMIT 1;
        IF NOT FOUND THEN
            last_number := 0;
            last_head := sha256('nyckelfri audit 1'::bytea);
        END IF;
        INSERT INTO audit_auditlink (number, event_id, head)
            VALUES (last_number + 1, NEW.event_id, sha256(last_head || NEW.leaf));
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER audit_take_turn AFTER INSERT ON audit_auditevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_take_turn()
    """,
    """
    CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_turn
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_chain()
    """,
    f"""
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING MESSAGE = '{REFUSAL}', ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION audit_refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM audit_auditlink l, audit_auditcut c
                   WHERE l.event_id = OLD.id AND l.number <= c.number) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION USING MESSAGE = '{REFUSAL}', ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION audit_refuse_link() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM audit_auditcut c WHERE OLD.number <= c.number) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION USING MESSAGE = '{REFUSAL}', ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_stays BEFORE UPDATE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
        """
        for table in TABLES
    ),
    """
    CREATE TRIGGER audit_auditevent_kept BEFORE DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_event()
    """,
    """
    CREATE TRIGGER audit_auditlink_kept BEFORE DELETE ON audit_auditlink
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_link()
    """,
    """
    CREATE TRIGGER audit_auditcut_kept BEFORE DELETE ON audit_auditcut
    FOR EACH ROW EXECUTE FUNCTION audit_refuse()
    """,
]
POSTGRESQL_BACK = [
    'DROP TABLE audit_turn',
    'DROP FUNCTION audit_take_turn, audit_chain, audit_refuse, audit_refuse_event, audit_refuse_link CASCADE',
]

_RAISE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
SQLITE = [
    """
    CREATE TRIGGER audit_chain AFTER INSERT ON audit_auditevent
    BEGIN
        INSERT INTO audit_auditlink (number, event_id, head) VALUES (
            coalesce((SELECT max(number) FROM audit_auditlink), 0) + 1,
            NEW.id,
            nyckelfri_audit_head(
                (SELECT head FROM audit_auditlink ORDER BY number DESC LIMIT 1), NEW.leaf
            )
        );
    END
    """,
    # INSERT OR REPLACE deletes what is in its way without a word to the triggers of deletion.
    f"""
    CREATE TRIGGER audit_auditevent_added BEFORE INSERT ON audit_auditevent
    WHEN EXISTS (SELECT 1 FROM audit_auditevent WHERE id = NEW.id) {_RAISE}
    """,
    f"""
    CREATE TRIGGER audit_auditlink_added BEFORE INSERT ON audit_auditlink
    WHEN NEW.number <> coalesce((SELECT max(number) FROM audit_auditlink), 0) + 1 {_RAISE}
    """,
    *(f'CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {_RAISE}' for table in TABLES),
    f"""
    CREATE TRIGGER audit_auditevent_kept BEFORE DELETE ON audit_auditevent
    WHEN NOT EXISTS (SELECT 1 FROM audit_auditlink l, audit_auditcut c
                     WHERE l.event_id = OLD.id AND l.number <= c.number) {_RAISE}
    """,
    f"""
    CREATE TRIGGER audit_auditlink_kept BEFORE DELETE ON audit_auditlink
    WHEN NOT EXISTS (SELECT 1 FROM audit_auditcut c WHERE OLD.number <= c.number) {_RAISE}
    """,
    f'CREATE TRIGGER audit_auditcut_kept BEFORE DELETE ON audit_auditcut {_RAISE}',
]
SQLITE_BACK = [
    'DROP TRIGGER audit_chain',
    'DROP TRIGGER audit_auditevent_added',
    'DROP TRIGGER audit_auditlink_added',
    *(f'DROP TRIGGER {table}_{what}' for table in TABLES for what in ('stays', 'kept')),
]


def _run(schema_editor, statements):
    vendor = schema_editor.connection.vendor
    if vendor not in statements:
        raise NotImplementedError(f'The audit log has no guards for {vendor}')
    for statement in statements[vendor]:
        schema_editor.execute(statement, params=None)


def put_up(apps, schema_editor):
    _run(schema_editor, {'postgresql': POSTGRESQL, 'sqlite': SQLITE})


def take_down(apps, schema_editor):
    _run(schema_editor, {'postgresql': POSTGRESQL_BACK, 'sqlite': SQLITE_BACK})


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_chain_what_is_there'),
    ]

    operations = [
        migrations.RunPython(put_up, take_down),
    ]
