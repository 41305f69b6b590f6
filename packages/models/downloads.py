"""Packages, the clients that downloaded them, and how often they did."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.urls import reverse
from django.utils import timezone

from packages.names import MAX_NAME_LENGTH, normalize_package


class PackageQuerySet(models.QuerySet["Package"]):
    def tracked(self) -> PackageQuerySet:
        return self.filter(tracked=True)

    def named_like(self, prefix: str) -> PackageQuerySet:
        """Packages whose normalized name starts with ``prefix``, shortest first."""
        return self.filter(normalized_name__startswith=prefix).order_by(
            Length("normalized_name"), "normalized_name"
        )


class Package(models.Model):
    """What PyPI calls a project, known by its normalized name (PEP 503)."""

    normalized_name = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    tracked = models.BooleanField(
        default=False,
        help_text="Counted when INGEST_PACKAGES is 'tracked'.",
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PackageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["normalized_name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(normalized_name=""), name="package_is_named"
            ),
        ]

    def __str__(self) -> str:
        return self.normalized_name

    def get_absolute_url(self) -> str:
        return reverse("packages:detail", args=[self.normalized_name])

    def clean(self) -> None:
        normalized = normalize_package(self.normalized_name)
        if normalized is None:
            raise ValidationError({"normalized_name": "No package can have this name."})
        self.normalized_name = normalized


class Client(models.Model):
    """A combination of installer, Python, system and CI that downloaded something.

    Values are bounded by ``packages.clients``. ``""`` as the installer is a download
    whose user agent named none; ``""`` as Python or system is one that was not sent.
    """

    id = models.AutoField(primary_key=True)
    installer = models.CharField(max_length=64, blank=True)
    python = models.CharField(max_length=16, blank=True, verbose_name="Python")
    system = models.CharField(max_length=32, blank=True)
    ci = models.BooleanField(default=False, verbose_name="CI")

    class Meta:
        ordering: ClassVar = ["installer", "python", "system", "ci"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["installer", "python", "system", "ci"], name="client_is_unique"
            ),
        ]

    def __str__(self) -> str:
        parts = [self.installer or "unnamed", self.python, self.system]
        return " / ".join(part for part in parts if part) + (" / CI" if self.ci else "")


class DownloadRecord(models.Model):
    """One package's calendar month: its total, and its days packed by client.

    ``days`` and ``trimmed`` are written and read by ``packages.cells`` alone;
    ``details`` is empty where files are not told apart.
    """

    package = models.ForeignKey(
        Package, on_delete=models.CASCADE, related_name="records", db_index=False
    )
    month = models.DateField(help_text="The month's first day.")
    downloads = models.BigIntegerField(
        default=0, help_text="All downloads of the month, trimmed days included."
    )
    days = models.TextField(
        blank=True, default="", help_text="The kept days, packed by client."
    )
    trimmed = models.TextField(
        blank=True, default="", help_text="The sum of the trimmed days, by client."
    )
    details = models.TextField(
        blank=True, db_default="", help_text="The kept days, packed by file and client."
    )
    settled = models.BooleanField(
        db_default=False, help_text="Packed by client: no day can be added as it is."
    )

    class Meta:
        ordering: ClassVar = ["package", "-month"]
        indexes: ClassVar = [
            models.Index("month", condition=Q(settled=True), name="record_settled"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["package", "month"], name="record_package_month"
            ),
            models.CheckConstraint(
                condition=Q(downloads__gte=0), name="record_downloads_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="record_month_is_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.month:%Y-%m}"


def month_of(day: date) -> date:
    return day.replace(day=1)
