"""One day as it is handed to the store: packed on disk, and what is known of it."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packages.models import CountedDay
from packages.models.ledger import HALF

DEFINITION_CHANGED = date(2026, 8, 24)
"""PyPI's first day on which only wheels and sdists counted as downloads."""


@dataclass(frozen=True, slots=True)
class PackedDay:
    """One UTC day, packed and on disk, so that storing it needs no one else.

    ``path`` is a CSV file without a header: normalized name, downloads, those of people
    under the default mirror list, packed day; one row for each package, sorted by name.
    """

    day: date
    path: Path
    downloads: int
    packages: int
    cells: Mapping[int, int]
    largest: list[tuple[str, int]]
    people_rule: str
    """Key of the default list's rule that ``people`` was counted by."""
    files: Path | None = None
    """The detail of ``packages.details``, sorted; None: files are not told apart."""

    def fingerprint(self) -> str:
        """Tell these numbers from any others of the day, whoever counts as people.

        With files, half of it tells the numbers and half the files.
        """
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            for line in file:
                name, downloads, _, packed = line.split(b",", 3)
                digest.update(b",".join((name, downloads, packed)))
        if self.files is None:
            return digest.hexdigest()
        with self.files.open("rb") as file:
            of_files = hashlib.file_digest(file, "sha256")
        return digest.hexdigest()[:HALF] + of_files.hexdigest()[:HALF]


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a day besides its numbers."""

    definition: CountedDay.Definition
    checks: Sequence[str] = ()
    packages: Collection[str] | None = None
    """The only packages that were looked for; None: all."""
    read_on: date | None = None
    """The UTC day on which reading began; None: today."""

    @property
    def counted_for(self) -> str:
        """``packages`` as the ledger holds them."""
        return "" if self.packages is None else f",{','.join(sorted(self.packages))},"


def definition_on(day: date) -> CountedDay.Definition:
    """Name what counted as a download on PyPI on ``day``."""
    definitions = CountedDay.Definition
    return definitions.ARTIFACTS if day >= DEFINITION_CHANGED else definitions.ALL_FILES
