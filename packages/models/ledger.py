"""The days that were counted, and the generation of the data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

HALF = 32
"""So many letters of a day's fingerprint tell its numbers, whatever its files are."""

SAMPLE_SOURCE = "sample"
"""The source of made-up numbers; they never stand beside real ones."""


class CountedDayQuerySet(models.QuerySet["CountedDay"]):
    def counted(self) -> CountedDayQuerySet:
        """Days that have numbers, complete or not."""
        return self.exclude(status=CountedDay.Status.MISSING)

    def partial(self) -> CountedDayQuerySet:
        """Days that were not over when they were counted."""
        return self.filter(status=CountedDay.Status.PARTIAL)

    def complete(self) -> CountedDayQuerySet:
        """Days that are over and counted, within an incident or not."""
        return self.filter(status__in=CountedDay.OVER)

    def missing(self) -> CountedDayQuerySet:
        return self.filter(status=CountedDay.Status.MISSING)

    def usual(self) -> CountedDayQuerySet:
        """Days that others may be measured by: no incident has touched them."""
        return self.filter(status=CountedDay.Status.COMPLETE)

    def for_some(self) -> CountedDayQuerySet:
        """Days that were not counted for all packages."""
        return self.exclude(counted_for="")

    def counting(self, package: str) -> CountedDayQuerySet:
        """Those of ``for_some`` on which that package was among the counted ones."""
        return self.filter(counted_for__contains=f",{package},")

    def last_shown(self) -> CountedDay | None:
        """The day that windows end with: the last complete one.

        While no day is complete, the last partial one.
        """
        counted = self.counted().order_by("-day")
        return counted.complete().first() or counted.first()

    def comparable_with(self, source: str) -> CountedDayQuerySet:
        """Made-up days if ``source`` makes its days up, else the real ones."""
        return self.made_up() if source == SAMPLE_SOURCE else self.real()

    def made_up(self) -> CountedDayQuerySet:
        return self.filter(source=SAMPLE_SOURCE)

    def real(self) -> CountedDayQuerySet:
        return self.exclude(source=SAMPLE_SOURCE)


class CountedDay(models.Model):
    """The public ledger: what is known of one UTC day."""

    class Status(models.TextChoices):
        COMPLETE = "complete"
        PARTIAL = "partial"
        MISSING = "missing"
        INCIDENT = "incident", "upstream incident"

    class Definition(models.TextChoices):
        """What counted as a download upstream (PyPI's change of 2026-08-24)."""

        ALL_FILES = "all-files", "every file, sidecars included"
        ARTIFACTS = "artifacts", "wheels and sdists only"

    class Check(models.TextChoices):
        """What was found when the day was last counted."""

        KEPT = "not-less-than-before", "at least half of what was counted before"
        SHRUNK = "less-than-before", "less than half of before: somebody asked for it"
        NOT_SMALL = "not-small", "at least a tenth of the weekday's median"
        NOT_LARGE = "not-large", "less than 1.7 times the weekday's median"
        LARGE = "large", "far above the weekday's median: rows may be doubled upstream"
        NOTHING_USUAL = "nothing-usual", "no usual number to compare with yet"
        FORCED = "forced", "counted unchecked, because an operator said so"

    LARGE_FIELDS = ("cells", "largest", "counted_for")
    """What those who read many days leave in the database."""
    OVER = (Status.COMPLETE, Status.INCIDENT)
    VOUCHED = frozenset({Check.SHRUNK, Check.FORCED})
    """Somebody said that the day is so: what was counted before is no measure."""

    day = models.DateField(unique=True)
    status = models.CharField(max_length=16, choices=Status)
    source = models.CharField(max_length=32, blank=True)
    definition = models.CharField(max_length=16, choices=Definition)
    downloads = models.BigIntegerField(default=0)
    packages = models.PositiveIntegerField(default=0)
    cells = models.TextField(
        blank=True, default="", help_text="Downloads of all packages, by client."
    )
    largest = models.JSONField(
        default=list, blank=True, help_text="The day's largest packages, by downloads."
    )
    first_counted_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Tells the day's numbers from any others."
    )
    counted_for = models.TextField(
        blank=True,
        default="",
        help_text="The packages it was counted for, as ',a,b,'; empty: all of them.",
    )
    trimmed_at = models.DateTimeField(null=True, blank=True)
    events_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the numbers that its events were found in had been counted.",
    )
    revisions = models.JSONField(
        default=list, blank=True, help_text="Totals before and after each re-count."
    )
    checks = models.JSONField(
        default=list, blank=True, help_text="What the last count was checked for."
    )

    objects = CountedDayQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(downloads__gte=0), name="day_downloads_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["complete", "partial", "missing", "incident"]),
                name="day_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} ({self.status})"

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def packages_counted(self) -> frozenset[str] | None:
        """Names of the packages that the day was counted for; None: all of them."""
        names = self.counted_for.strip(",")
        return frozenset(names.split(",")) if names else None

    def findings(self) -> list[str]:
        """The checks as people read them."""
        return [self.Check(check).label for check in self.checks]

    def revised(
        self,
        downloads: int,
        packages: int,
        source: str,
        checks: list[str],
        fingerprint: str,
        counted_for: str,
    ) -> list[dict[str, object]]:
        """Return the revisions once the day holds other numbers, with these totals.

        A day that was not over only grew, which corrects nothing; nor does one that is
        found to hold the same for more packages. ``for_others`` says that the day was
        counted for other packages than before, so that its totals are not comparable.
        """
        if not self.is_over or self.fingerprint[:HALF] == fingerprint[:HALF]:
            return list(self.revisions)
        revision: dict[str, object] = {
            "at": timezone.now().isoformat(timespec="seconds"),
            "source": source,
            "downloads": [self.downloads, downloads],
            "packages": [self.packages, packages],
            "checks": [self.checks, checks],
        }
        if self.counted_for != counted_for:
            revision["for_others"] = True
        return [*self.revisions, revision]

    def most_counted(self) -> int:
        """The most downloads counted of the day since somebody vouched for a number."""
        most, checks = self.downloads, self.checks
        for revision in reversed(self.revisions):
            if not self.VOUCHED.isdisjoint(checks):
                break
            most = max(most, revision["downloads"][0])
            checks = revision["checks"][0]
        return int(most)

    def holds(self, fingerprint: str, counted_for: str) -> bool:
        """Say whether the day is over and holds these very numbers already."""
        numbers = (self.fingerprint, self.counted_for)
        return self.is_over and numbers == (fingerprint, counted_for)


class Generation(models.Model):
    """The number of the data's present state; it rises with every change of a figure.

    One row. Its lock makes the writers of figures take turns, and its number is part of
    every cache key and validator.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="generation_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> Generation:
        return cls.objects.get_or_create(id=1)[0]

    @classmethod
    def rise(cls) -> None:
        """Start a new generation; inside a transaction, wait for other writers."""
        if not cls.objects.filter(id=1).update(
            number=F("number") + 1, changed_at=timezone.now()
        ):
            cls.objects.create(id=1, number=1)
