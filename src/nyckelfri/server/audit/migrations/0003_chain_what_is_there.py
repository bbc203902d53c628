"""Chains the rows from before the chain, in the order in which they were added."""

from django.db import migrations

from nyckelfri.server.audit import chain

BATCH = 1000


def chain_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    events = apps.get_model('audit', 'AuditEvent').objects.using(alias)
    links = apps.get_model('audit', 'AuditLink')
    head, number, after = None, 0, 0
    while rows := list(events.filter(pk__gt=after).order_by('pk')[:BATCH]):
        made = []
        for row in rows:
            row.leaf = chain.leaf(
                chain.Content(
                    row.at, row.actor, row.origin, row.verb, row.object_id, row.reason, row.details
                )
            )
            head, number = chain.next_head(head, row.leaf), number + 1
            made.append(links(number=number, event_id=row.pk, head=head))
        events.bulk_update(rows, ['leaf'])
        links.objects.using(alias).bulk_create(made)
        after = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_chain'),
    ]

    operations = [
        migrations.RunPython(chain_rows, migrations.RunPython.noop),
    ]
