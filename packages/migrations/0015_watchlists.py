import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import packages.models.watchlists


class Migration(migrations.Migration):
    dependencies = [
        ("packages", "0014_incident_changed_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Watchlist",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default=packages.models.watchlists.new_key,
                        editable=False,
                        max_length=32,
                        unique=True,
                    ),
                ),
                (
                    "packages",
                    models.ManyToManyField(
                        related_name="watchlists", to="packages.package"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watchlist",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "list of followed packages",
                "verbose_name_plural": "packages I follow",
                "default_permissions": (),
            },
        ),
    ]
