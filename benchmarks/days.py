"""Full-size days of our own making, packed as the spool packs them.

Sizes follow PyPI's skew: two power laws fitted to published monthly totals (rank 1 to
about 10,000, and the steeper fall beyond), with a floor of a few downloads a day that
mirrors make. Every draw is a hash, so a day is the same wherever it is made.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import duckdb

from packages import clients, recents
from packages.cells import SQL_PACK_DAY
from packages.clients import ClientKey
from packages.packed_day import PackedDay

CLIENTS = 1400
HEAD, MIDDLE = 15_000, 100_000

_CELLS = f"""
WITH sizes AS (
    SELECT rank, name,
        CASE WHEN rank <= 10000 THEN 6e7 / (rank + 5) ** 1.02
            ELSE 5e3 * (10000 / rank) ** 2.2 + 4 END
        * (0.8 + 0.4 * (hash(rank, $day) % 1000) / 1000.0) AS expected
    FROM packages
), spread AS (  -- every client's share of a large package
    SELECT rank, name, number, expected * share
        * exp(2.0 * ((hash(rank, number) % 1000) / 1000.0 - 0.5)) AS mean
    FROM sizes JOIN clients ON number <= CASE WHEN rank <= {HEAD} THEN 240
        ELSE 50 END
    WHERE rank <= {MIDDLE}
), drawn AS (  -- a small package's downloads, one by one
    SELECT rank, name, expected,
        unnest(range((floor(expected * 1.1) + hash($day, rank, 1) % 3)::BIGINT)) AS nth
    FROM sizes WHERE rank > {MIDDLE}
)
SELECT name, number, floor(mean + (hash(rank, number, $day) % 100000) / 1e5)::BIGINT
    AS downloads FROM spread
WHERE mean + (hash(rank, number, $day) % 100000) / 1e5 >= 1
UNION ALL
SELECT name, 1 + floor(60 * ((hash(rank, nth, $day) % 10000) / 1e4) ** 2
    + (hash(rank) % 7) * 40)::INTEGER, count(*) FROM drawn GROUP BY ALL
"""


@dataclass(frozen=True)
class MadeDay:
    """A packed day, and its cells in a Parquet file for the reference layout."""

    packed: PackedDay
    cells: Path
    number_of_cells: int


class Maker:
    """Makes days of so many packages, with the clients registered in the database.

    They are the largest ones, or with a ``step`` every so many ranks one.
    """

    def __init__(self, packages: int, folder: Path, step: int = 1) -> None:
        self._folder = folder
        self._keys = _client_keys()
        ids = clients.register(self._keys)
        self._ids = [ids[key] for key in self._keys]
        self._db = duckdb.connect()
        self._db.execute(
            "SET threads = 2; SET memory_limit = '2GB'; SET enable_progress_bar = false"
        )
        self._db.execute(
            "CREATE TABLE packages AS SELECT range AS rank,"
            " 'p-' || lower(to_base((hash(range) % 60466176)::BIGINT, 36))"
            " || '-' || range AS name FROM range(1, ? + 1, ?)",
            [packages * step, step],
        )

    def make(self, day: date) -> MadeDay:
        rule, people = recents.people_on(day)
        self._number_clients(people)
        cells = self._folder / f"{day}.parquet"
        self._db.execute(
            "CREATE OR REPLACE TABLE cells AS SELECT name, client, is_person,"
            " installer, python, system, downloads FROM"
            f" ({_CELLS}) JOIN clients USING (number)",
            {"day": str(day)},
        )
        self._db.execute(f"COPY cells TO '{cells}' (FORMAT parquet)")
        path = self._folder / f"{day}.csv"
        self._db.execute(
            "COPY (SELECT name, sum(downloads)::BIGINT, coalesce(sum(downloads)"
            " FILTER (is_person), 0)::BIGINT,"
            f" {SQL_PACK_DAY.format(day=day.day)} FROM cells GROUP BY name"
            f" ORDER BY name) TO '{path}' (FORMAT csv, HEADER false)"
        )
        return MadeDay(self._packed(day, path, rule), cells, self._count("*"))

    def _packed(self, day: date, path: Path, rule: str) -> PackedDay:
        sums = self._db.execute(
            "SELECT client, sum(downloads)::BIGINT FROM cells GROUP BY ALL"
        ).fetchall()
        largest = self._db.execute(
            "SELECT name, sum(downloads)::BIGINT AS n FROM cells GROUP BY name"
            " ORDER BY n DESC, name LIMIT 100"
        ).fetchall()
        total = sum(downloads for _, downloads in sums)
        packages = self._count("DISTINCT name")
        return PackedDay(day, path, total, packages, dict(sums), largest, rule)

    def _count(self, what: str) -> int:
        row = self._db.execute(f"SELECT count({what}) FROM cells").fetchone()
        return int(row[0]) if row else 0

    def _number_clients(self, people: Set[int]) -> None:
        self._db.execute(
            "CREATE OR REPLACE TABLE clients AS SELECT number, client, is_person,"
            " installer, python, system, share / sum(share) OVER () AS share FROM ("
            "SELECT unnest(range(1, ? + 1)) AS number, unnest(?::INT[]) AS client,"
            " unnest(?::BOOLEAN[]) AS is_person, unnest(?::VARCHAR[]) AS installer,"
            " unnest(?::VARCHAR[]) AS python, unnest(?::VARCHAR[]) AS system,"
            " unnest([1.0 / (n + 3) ** 1.9 FOR n IN range(1, ? + 1)]) AS share)",
            [
                len(self._ids),
                self._ids,
                [client in people for client in self._ids],
                *([key[part] for key in self._keys] for part in range(3)),
                len(self._ids),
            ],
        )


def _client_keys() -> list[ClientKey]:
    """Combinations, the commonest first, mirrors and unnamed ones among them."""
    pythons = [
        *(f"3.{minor}" for minor in (12, 11, 10, 13, 9, 8, 14, 7, 6)),
        "2.7",
        None,
    ]
    systems = ["Linux", "Windows", "Darwin", "FreeBSD", "iOS", "AIX", "SunOS", None]
    people = [
        "pip",
        "uv",
        "poetry",
        "requests",
        "pdm",
        "Browser",
        "setuptools",
        "conda",
    ]
    others = ["bandersnatch", None, "Nexus", "Artifactory", "devpi", "z3c.pypimirror"]
    ranked = sorted(
        product(enumerate(people), enumerate(pythons), enumerate(systems), (0, 1)),
        key=lambda parts: sum(place[0] for place in parts[:3]) + parts[3],
    )
    keys = [
        ClientKey(installer, python, system, ci=bool(ci))
        for (_, installer), (_, python), (_, system), ci in ranked
    ][: CLIENTS - len(others)]
    for place, name in enumerate(others):
        keys.insert(3 + 11 * place, ClientKey(name, None, None, ci=False))
    return keys
