from django.db import migrations


def drop(apps, schema_editor):
    """Drop the table that rate limits were counted in: a file has them now."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TABLE IF EXISTS packages_counter")


class Migration(migrations.Migration):
    dependencies = [("packages", "0015_watchlists")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
