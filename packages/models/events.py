"""Events: what happened to a package that is worth telling, once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from packages.models.downloads import Package
from packages.names import ALL_PACKAGES


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, normalized: str) -> EventQuerySet:
        """Events of the package of that normalized name, or of all packages."""
        if normalized == ALL_PACKAGES:
            return self.filter(package=None)
        return self.filter(package__normalized_name=normalized)

    def standing(self) -> EventQuerySet:
        """Events that no later count has made false."""
        return self.filter(withdrawn_at=None)


class Event(models.Model):
    """One thing that happened to a package, or, without one, to all of PyPI.

    ``packages.events`` alone writes the rows. They are permanent: a day that is counted
    again corrects or withdraws its events, and announces none of them a second time.
    """

    class Kind(models.TextChoices):
        MILESTONE = "milestone", "a week's downloads pass a round number"
        TOTAL = "total", "all downloads ever pass a round number"
        RECORD = "record", "more downloads than ever before"
        UNUSUAL = "unusual", "a day unlike the same weekdays before it"
        PYTHON_SHARE = "python-share", "a Python passes or falls below a share"
        FIRST = "first", "the first download"
        SILENT = "silent", "no downloads any more"
        RETURN = "return", "downloads again"
        REVISION = "revision", "a past day was counted anew"

    package = models.ForeignKey(
        Package,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
        help_text="Empty: all of PyPI.",
    )
    kind = models.CharField(max_length=16, choices=Kind)
    day = models.DateField(
        db_index=True, help_text="The data day that it belongs to, a week's last one."
    )
    key = models.CharField(
        max_length=80, help_text="What makes it the same event at every count."
    )
    facts = models.JSONField(help_text="The numbers that its texts are made of.")
    published_at = models.DateTimeField(help_text="When it was first told.")
    updated_at = models.DateTimeField(help_text="When its facts were last corrected.")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="When a later count made it false."
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-day", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "key"], name="event_is_unique"),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(package=None),
                name="event_of_all_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.key}"

    @property
    def name(self) -> str:
        """The package's normalized name, or the one that stands for all packages."""
        return self.package.normalized_name if self.package else ALL_PACKAGES
