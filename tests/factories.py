"""Counted days for tests, stored through the real store."""

import csv
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from packages import clients, recents, store
from packages.cells import pack_day
from packages.clients import ClientKey
from packages.details import judged
from packages.models import CountedDay
from packages.packed_day import Found, PackedDay, definition_on

PIP_311 = ClientKey("pip", "3.11", "Linux", ci=False)
PIP_39 = ClientKey("pip", "3.9", "Darwin", ci=False)
UV_CI = ClientKey("uv", "3.12", "Linux", ci=True)
POETRY = ClientKey("poetry", None, "Windows", ci=False)
MIRROR = ClientKey("bandersnatch", None, None, ci=False)
UNNAMED = ClientKey(None, None, None, ci=False)
MALFORMED = ClientKey("pip", "three", "Linux", ci=False)

Downloads = Mapping[str, Mapping[ClientKey, int]]


def count_day(
    day: date,
    downloads: Downloads,
    source: str = "files",
    *,
    packages: Collection[str] | None = None,
) -> CountedDay:
    """Make ``downloads`` (package -> client -> number) the truth about ``day``.

    It is counted for ``packages`` alone, or for all of them.
    """
    found = Found(definition_on(day), packages=packages)
    with tempfile.TemporaryDirectory() as folder:
        packed = pack(day, downloads, Path(folder) / "day.csv")
        return store.replace_day(packed, source, found)


def pack(day: date, downloads: Downloads, path: Path) -> PackedDay:
    """Pack ``downloads`` as a spool would."""
    keys = [key for cells in downloads.values() for key in cells]
    ids = clients.register(dict.fromkeys(keys))
    rule, people = recents.people_on(day)
    totals = Counter[int]()
    sums: dict[str, int] = {}
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        for package, by_key in sorted(downloads.items()):
            cells = Counter[int]()
            for key, number in by_key.items():
                cells[ids[key]] += number
            totals += cells
            sums[package] = cells.total()
            by_people = sum(n for client, n in cells.items() if client in people)
            packed = pack_day(day.day, cells)
            writer.writerow([package, cells.total(), by_people, packed])
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return PackedDay(day, path, totals.total(), len(sums), totals, ranked[:100], rule)


Files = Mapping[str, Mapping[tuple[str, str], Mapping[ClientKey, int]]]
"""Package -> (file name, version) -> client -> downloads."""


def count_files(day: date, downloads: Files, source: str = "files") -> CountedDay:
    """Make ``downloads`` the truth about ``day``, and tell files apart."""
    cells = {
        package: sum(
            (Counter(by_key) for by_key in files.values()), Counter[ClientKey]()
        )
        for package, files in downloads.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        packed = pack(day, cells, Path(folder) / "day.csv")
        path = pack_files(downloads, Path(folder) / "files.csv")
        return store.replace_day(replace(packed, files=path), source)


def pack_files(downloads: Files, path: Path) -> Path:
    rows = Counter[tuple[str, str, str, int]]()
    for package, files in downloads.items():
        for (filename, version), by_key in files.items():
            ids = clients.register([judged(key) for key in by_key])
            for key, number in by_key.items():
                rows[package, filename, version, ids[judged(key)]] += number
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            (*row, number) for row, number in sorted(rows.items())
        )
    return path
