from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("packages", "0005_day_checks")]

    operations = [
        migrations.CreateModel(
            name="Incident",
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
                ("title", models.CharField(max_length=200)),
                (
                    "first_day",
                    models.DateField(
                        help_text="The first UTC day whose numbers it hit."
                    ),
                ),
                (
                    "last_day",
                    models.DateField(
                        blank=True,
                        help_text="The last such day; empty while it goes on.",
                        null=True,
                    ),
                ),
                (
                    "effect",
                    models.TextField(
                        blank=True,
                        help_text="What it did to the numbers, in a sentence.",
                    ),
                ),
                ("evidence", models.URLField(blank=True)),
                (
                    "whose",
                    models.CharField(
                        choices=[
                            ("public-data", "PyPI's public download data"),
                            ("this-service", "this service's own source"),
                            ("other-site", "another site's numbers, not ours"),
                        ],
                        default="public-data",
                        help_text=(
                            "Days counted from BigQuery, ClickHouse or event files are"
                            " marked for PyPI's public data; days of any source but"
                            " the sample for this service's own; none for another"
                            " site's."
                        ),
                        max_length=16,
                    ),
                ),
            ],
            options={
                "ordering": ["-first_day", "title"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(last_day=None) | Q(last_day__gte=F("first_day")),
                        name="incident_days_in_order",
                        violation_error_message="The last day is before the first.",
                    ),
                ],
            },
        ),
    ]
