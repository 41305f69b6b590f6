"""Incidents: days whose numbers are known to be wrong, and why."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from packages.models.ledger import SAMPLE_SOURCE
from packages.xml_text import fits_xml

PUBLIC_SOURCES = frozenset({"bigquery", "clickhouse", "files"})
"""Sources that read PyPI's public download data, or an export of it."""


class IncidentQuerySet(models.QuerySet["Incident"]):
    def on(self, day: date) -> IncidentQuerySet:
        return self.between(day, day)

    def between(self, first: date, last: date) -> IncidentQuerySet:
        """Incidents that touch a day from ``first`` to ``last``, both included."""
        ongoing = Q(last_day=None) | Q(last_day__gte=first)
        return self.filter(ongoing, first_day__lte=last)

    def concerning(self, source: str) -> IncidentQuerySet:
        """Incidents that make numbers from ``source`` wrong."""
        whose = Incident.whose_numbers(source)
        return self.filter(whose__in=whose)


class Incident(models.Model):
    """A time in which downloads were lost, doubled or late: when, and whose."""

    class Whose(models.TextChoices):
        PUBLIC_DATA = "public-data", "PyPI's public download data"
        THIS_SERVICE = "this-service", "this service's own source"
        OTHER_SITE = "other-site", "another site's numbers, not ours"

    TEXTS = ("title", "effect", "evidence")

    title = models.CharField(max_length=200)
    first_day = models.DateField(help_text="The first UTC day whose numbers it hit.")
    last_day = models.DateField(
        null=True, blank=True, help_text="The last such day; empty while it goes on."
    )
    effect = models.TextField(
        blank=True, help_text="What it did to the numbers, in a sentence."
    )
    evidence = models.URLField(blank=True)
    whose = models.CharField(
        max_length=16,
        choices=Whose,
        default=Whose.PUBLIC_DATA,
        help_text=(
            "Days counted from BigQuery, ClickHouse or event files are marked for"
            " PyPI's public data; days of any source but the sample for this service's"
            " own; none for another site's."
        ),
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-first_day", "title"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")),
                name="incident_days_in_order",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def clean(self) -> None:
        """Refuse what a feed could not tell: it is mostly pasted by mistake."""
        for name in self.TEXTS:
            if not fits_xml(getattr(self, name)):
                raise ValidationError({name: "It has a control character: remove it."})

    @classmethod
    def whose_numbers(cls, source: str) -> list[str]:
        """Name the kinds of incident that make numbers from ``source`` wrong."""
        if source == SAMPLE_SOURCE:
            return []
        public = [cls.Whose.PUBLIC_DATA] if source in PUBLIC_SOURCES else []
        return [*public, cls.Whose.THIS_SERVICE]
