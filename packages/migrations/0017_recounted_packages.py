import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packages", "0016_no_counters")]

    operations = [
        migrations.CreateModel(
            name="RecountedPackage",
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
                ("day", models.DateField(db_index=True)),
                ("recounted_at", models.DateTimeField()),
                (
                    "downloads_before",
                    models.BigIntegerField(
                        help_text=(
                            "All downloads of the day, as they were told before."
                        )
                    ),
                ),
                ("downloads_after", models.BigIntegerField()),
                (
                    "package",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="packages.package",
                    ),
                ),
            ],
            options={
                "ordering": ["day"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("package", "day"), name="recount_of_a_day_is_one"
                    )
                ],
            },
        ),
    ]
