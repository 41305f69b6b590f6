from django.db import migrations

TABLE = """
CREATE UNLOGGED TABLE packages_counter (
    key varchar(250) PRIMARY KEY,
    count bigint NOT NULL,
    expires bigint NOT NULL
) WITH (fillfactor = 50)
"""


def create(apps, schema_editor):
    """Make the table that packages.counters counts in; SQLite has a file for that.

    Its rows are updated all the time and in place, so pages keep room. It is no model:
    nothing reads it through the ORM, and a crash of the server may empty it.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TABLE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TABLE packages_counter")


class Migration(migrations.Migration):
    dependencies = [("packages", "0007_record_settled")]

    operations = [migrations.RunPython(create, drop)]
