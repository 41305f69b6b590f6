from datetime import UTC, datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packages", "0013_removed_packages")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="changed_at",
            # Long ago, so that an upgrade announces none of those that are known.
            field=models.DateTimeField(
                auto_now=True, default=datetime(2026, 1, 1, tzinfo=UTC)
            ),
            preserve_default=False,
        ),
    ]
