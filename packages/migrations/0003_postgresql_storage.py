from django.db import DatabaseError, migrations, transaction


def tune(apps, schema_editor):
    """Tell PostgreSQL how the large tables are used; other databases need nothing.

    A packed month is read and written back each day: lz4 does that several times
    faster than pglz, but not every server is built with it. Standings are all updated
    each day, without a change of their key: with half a page free, in place. A record
    of the open month grows each day; four of five find room on their page.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("ALTER TABLE packages_standing SET (fillfactor = 50)")
    schema_editor.execute("ALTER TABLE packages_downloadrecord SET (fillfactor = 60)")
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute(
                "ALTER TABLE packages_downloadrecord"
                " ALTER COLUMN days SET COMPRESSION lz4"
            )
    except DatabaseError:
        pass


class Migration(migrations.Migration):
    dependencies = [("packages", "0002_standings")]

    operations = [migrations.RunPython(tune, migrations.RunPython.noop)]
