"""Where each package stands: its recent downloads under the default mirror list."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from packages.models.downloads import Package

WINDOW = 30
"""Days behind ``last_month``, each with a column of its own."""


class Standing(models.Model):
    """One package's downloads without mirrors, kept where SQL can move its windows.

    A day's downloads stand in the column ``slot(day)`` until the day that is ``WINDOW``
    days later takes it over. ``packages.recents`` alone writes the rows; a package that
    only mirrors ever downloaded has none.
    """

    package = models.OneToOneField(
        Package, on_delete=models.CASCADE, primary_key=True, related_name="standing"
    )
    last_day = models.BigIntegerField(db_default=0)
    last_week = models.BigIntegerField(db_default=0)
    last_month = models.BigIntegerField(db_default=0)
    total = models.BigIntegerField(db_default=0, help_text="Ever, trimmed days too.")

    class Meta:
        ordering: ClassVar = ["-last_month", "package"]

    def __str__(self) -> str:
        return f"{self.package_id}: {self.last_month}"


SLOTS = [f"slot_{number}" for number in range(WINDOW)]
for _slot in SLOTS:
    Standing.add_to_class(_slot, models.BigIntegerField(db_default=0))


class StandingsState(models.Model):
    """Under which rule, and up to which day, the standings hold: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    rule = models.CharField(
        max_length=64, blank=True, help_text="Key of the rule; empty: out of date."
    )
    through = models.DateField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="Packages recomputed.")
    of = models.PositiveIntegerField(default=0, help_text="Packages to recompute.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(id=1), name="standings_are_of_one_state"
            ),
        ]

    def __str__(self) -> str:
        return f"through {self.through}, {self.done} of {self.of}"

    @classmethod
    def current(cls) -> StandingsState:
        return cls.objects.get_or_create(id=1)[0]
