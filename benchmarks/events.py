"""A day of download events in Parquet and NDJSON, with PyPI's skew and its oddities.

Every draw is a hash of the event's number, so a day is the same wherever it is made.
"""

from datetime import date
from pathlib import Path

import duckdb

PACKAGES = 600_000
CLIENTS = 1_400
FILES = 10
"""Files that a day is split into, as exports are."""

_DRAWS = """
SELECT n, rank, number, (hash(n, 5) >> 1)::BIGINT AS h
FROM (SELECT range AS n,
    {rank} AS rank, {number} AS number
    FROM range({first}, {last}))
"""

# A power law's inverse, for the s-th power and so many ranks.
_RANK = (
    "least({most}, floor(((({most}::DOUBLE) ** (1 - {s}) - 1)"
    " * ((hash(range, {salt}) % 1000000007) / 1000000007.0) + 1)"
    " ** (1 / (1 - {s}))))::INTEGER"
)

_EVENTS = """
SELECT
    CASE WHEN h % 100003 = 0 THEN NULL
        ELSE TIMESTAMPTZ '{day} 00:00:00+00' + to_seconds(h % 86400)
            + CASE WHEN h % 10007 = 1 THEN INTERVAL 1 DAY ELSE INTERVAL 0 DAY END
        END AS timestamp,
    ['US', 'DE', 'CN', 'IN', 'FR', 'GB', 'JP', 'BR'][1 + h % 8] AS country_code,
    '/packages/' || to_base(h % 4294967296, 16) || '/' || name AS url,
    CASE WHEN h % 50021 = 2 THEN 'no/such ' || (h % 997) ELSE name END AS project,
    {{
        'filename': name || '-' || (1 + h % 3) || '.' || (rank % 40) || CASE
            WHEN h % 20 = 3 THEN '-py3-none-any.whl.metadata'
            WHEN h % 5 = 0 THEN '.tar.gz' ELSE '-py3-none-any.whl' END,
        'project': name,
        'version': (1 + h % 3) || '.' || (rank % 40),
        'type': CASE WHEN h % 5 = 0 THEN 'sdist' ELSE 'bdist_wheel' END
    }} AS file,
    CASE WHEN installer IS NOT NULL THEN {{
        'installer': {{
            'name': CASE WHEN h % 5003 = 4 THEN repeat('x', h % 90)
                || (h % 30011) ELSE installer END,
            'version': (h % 26) || '.0'
        }},
        'python': CASE WHEN h % 5009 = 5 THEN 'odd' || (h % 4999)
            ELSE python || '.' || (h % 14) END,
        'implementation': {{'name': 'CPython', 'version': python}},
        'distro': {{'name': 'Ubuntu', 'version': '24.04'}},
        'system': {{
            'name': CASE WHEN h % 5021 = 6 THEN 'odd' || (h % 1009) ELSE system END,
            'release': '6.' || (h % 17)
        }},
        'cpu': 'x86_64',
        'ci': ci
    }} END AS details
FROM ({draws}) JOIN packages USING (rank) JOIN clients USING (number)
"""

_TABLES = f"""
CREATE TABLE packages AS SELECT range::INTEGER AS rank,
    CASE WHEN range % 9 = 0 THEN 'My_' ELSE '' END
    || 'p-' || lower(to_base((hash(range) % 60466176)::BIGINT, 36)) || '-' || range
    AS name FROM range(1, {PACKAGES} + 1);
CREATE TABLE clients AS SELECT range::INTEGER AS number,
    CASE WHEN range % 29 = 7 THEN NULL WHEN range % 31 = 5 THEN 'bandersnatch'
        ELSE ['pip', 'uv', 'requests', 'poetry', 'Nexus', 'pdm', 'Browser'][
            1 + (hash(range, 1) % 7)::BIGINT] END AS installer,
    ['3.12', '3.11', '3.10', '3.13', '3.9', '3.8', '3.14', '3.7', '2.7', NULL][
        1 + (hash(range, 2) % 10)::BIGINT] AS python,
    ['Linux', 'Windows', 'Darwin', 'FreeBSD', NULL][
        1 + (hash(range, 3) % 5)::BIGINT] AS system,
    [true, NULL, NULL][1 + (hash(range, 4) % 3)::BIGINT] AS ci
FROM range(1, {CLIENTS} + 1);
"""


def make_parquet(folder: Path, day: date, events: int) -> list[Path]:
    """Write ``events`` events of ``day`` into ``FILES`` files."""
    return _make(folder, day, events, "parquet")


def make_ndjson(folder: Path, day: date, events: int) -> list[Path]:
    return _make(folder, day, events, "json", ending="ndjson")


def _make(
    folder: Path, day: date, events: int, kind: str, ending: str = "parquet"
) -> list[Path]:
    made = []
    with duckdb.connect() as db:
        for setting in ("TimeZone='UTC'", "preserve_insertion_order=false"):
            db.execute(f"SET {setting}")
        db.execute("SET enable_progress_bar_print=false")
        db.execute(_TABLES)
        for number in range(FILES):
            path = folder / f"events-{number}.{ending}"
            first, last = (events * n // FILES for n in (number, number + 1))
            sql = _EVENTS.format(day=day, draws=_draws(first, last))
            db.execute(f"COPY ({sql}) TO '{path}' (FORMAT {kind})")
            made.append(path)
    return made


def _draws(first: int, last: int) -> str:
    rank = _RANK.format(most=PACKAGES, s=1.05, salt=1)
    number = _RANK.format(most=CLIENTS, s=1.2, salt=2)
    return _DRAWS.format(rank=rank, number=number, first=first, last=last)
