"""Packages that were removed here, so that whoever follows them is told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from packages.names import MAX_NAME_LENGTH


class RemovedPackage(models.Model):
    """The name of a package that was removed: its feeds are gone, not unknown.

    ``packages.removal`` alone writes the rows. The name of a package that is counted
    again stays here, and means nothing for as long as the package is known.
    """

    normalized_name = models.CharField(max_length=MAX_NAME_LENGTH, unique=True)
    removed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-removed_at", "normalized_name"]

    def __str__(self) -> str:
        return self.normalized_name
