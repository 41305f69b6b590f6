import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packages", "0012_file_details")]

    operations = [
        migrations.CreateModel(
            name="RemovedPackage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "normalized_name",
                    models.CharField(max_length=255, unique=True),
                ),
                (
                    "removed_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
            ],
            options={"ordering": ["-removed_at", "normalized_name"]},
        ),
    ]
