"""Days of packages that were counted again with other numbers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from packages.models.downloads import Package


class RecountedPackage(models.Model):
    """A kept day of a package whose numbers a later count moved, and when it did.

    ``packages.recounts`` alone writes the rows. The ledger has the revisions of all
    packages together, which say nothing of one.
    """

    name: str
    """The package's normalized name, where a query asks for it."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, db_index=False)
    day = models.DateField(db_index=True)
    recounted_at = models.DateTimeField()
    downloads_before = models.BigIntegerField(
        help_text="All downloads of the day, as they were told before."
    )
    downloads_after = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["day"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["package", "day"], name="recount_of_a_day_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package}: {self.day}"
