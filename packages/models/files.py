"""The files that downloads were of, where they are told apart."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from packages.models.downloads import Package

MAX_FILENAME, MAX_VERSION = 255, 64


class File(models.Model):
    """A distribution file of a package, or a release whose files are not told apart.

    ``""`` as the file name or the version is one that is not known. Rows are made by
    ``packages.details`` alone, and bounded for each package.
    """

    id = models.AutoField(primary_key=True)
    package = models.ForeignKey(
        Package, on_delete=models.CASCADE, related_name="files", db_index=False
    )
    filename = models.CharField(max_length=MAX_FILENAME, blank=True)
    version = models.CharField(max_length=MAX_VERSION, blank=True)

    class Meta:
        ordering: ClassVar = ["package", "filename", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["package", "filename", "version"], name="file_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.filename or f"{self.package} {self.version or 'of no version'}"
