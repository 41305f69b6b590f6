import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("packages", "0009_api_token")]

    operations = [
        migrations.AddField(
            model_name="countedday",
            name="events_at",
            field=models.DateTimeField(
                blank=True,
                help_text=(
                    "When the numbers that its events were found in had been counted."
                ),
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="Event",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("milestone", "a week's downloads pass a round number"),
                            ("total", "all downloads ever pass a round number"),
                            ("record", "more downloads than ever before"),
                            ("unusual", "a day unlike the same weekdays before it"),
                            ("python-share", "a Python passes or falls below a share"),
                            ("first", "the first download"),
                            ("silent", "no downloads any more"),
                            ("return", "downloads again"),
                            ("revision", "a past day was counted anew"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        db_index=True,
                        help_text="The data day that it belongs to, a week's last one.",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What makes it the same event at every count.",
                        max_length=80,
                    ),
                ),
                (
                    "facts",
                    models.JSONField(
                        help_text="The numbers that its texts are made of."
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(help_text="When it was first told."),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        help_text="When its facts were last corrected."
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When a later count made it false.",
                        null=True,
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty: all of PyPI.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="packages.package",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["package", "key"], name="event_is_unique"
                    ),
                    models.UniqueConstraint(
                        condition=Q(package=None),
                        fields=["key"],
                        name="event_of_all_is_unique",
                    ),
                ],
            },
        ),
    ]
