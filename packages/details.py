"""The detail of a day, for packages whose files are told apart: written beside cells.

``DownloadRecord.details`` has the form of ``days`` (``packages.cells``), with *keys* in
place of client ids: a file and a client in one number. The client keeps nothing but
what mirror lists judge by, its installer and whether its Python is malformed, so a
month of details stays small and every list holds for it.
"""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from packages.cells import day_mark
from packages.clients import INVALID, ClientKey, bounded
from packages.models import File
from packages.models.downloads import month_of

CLIENTS = 2**24
"""More than there are ids of clients; a key is ``file id * CLIENTS + client id``."""

MAX_FILES = 20_000
"""Beyond so many of one package, the downloads of new files are of no known file."""


def key_of(file: int, client: int) -> int:
    return file * CLIENTS + client


def file_and_client(key: int) -> tuple[int, int]:
    return divmod(key, CLIENTS)


def judged(client: ClientKey) -> ClientKey:
    """Return the client that details count ``client`` as."""
    python = INVALID if bounded(client).python == INVALID else None
    return ClientKey(client.installer, python, None, ci=False)


def write_day(day: date, files: Path | None, *, counted_before: bool) -> None:
    """Make ``files`` all that the records know of the files of ``day``; None: nothing.

    ``files`` is a CSV file without a header: normalized name, file name, version,
    client id, downloads. To be called in the transaction that writes the day's records.
    """
    month, mark = month_of(day), day_mark(day.day)
    with connection.cursor() as cursor:
        if counted_before and File.objects.exists():
            find = "strpos" if connection.vendor == "postgresql" else "instr"
            values: dict[str, str | int | date] = {
                "mark": mark,
                "length": len(mark),
                "month": month,
            }
            cursor.execute(_REMOVE.format(find=find), values)
        if files is not None:
            concat = (
                "string_agg" if connection.vendor == "postgresql" else "group_concat"
            )
            _load(cursor, files)
            cursor.execute(_NEW_FILES, [MAX_FILES])
            cursor.execute(_NO_FILES)
            cursor.execute(_ADD.format(concat=concat), [mark, CLIENTS, month])
            cursor.execute("DROP TABLE detailed")


# The old day goes as it does from ``days``: see packages.store.
_REMOVE = """
UPDATE packages_downloadrecord AS record SET
    details = head || substr(tail, {find}(tail, '],') + 2)
FROM (
    SELECT id, substr(details, 1, start - 1) AS head,
        substr(details, start + %(length)s) AS tail
    FROM (
        SELECT id, details, {find}(details, %(mark)s) AS start
        FROM packages_downloadrecord WHERE month = %(month)s AND details <> ''
    ) AS found WHERE start > 0
) AS old WHERE record.id = old.id
"""

_INCOMING = """
CREATE TEMPORARY TABLE incoming (name varchar(255), filename varchar(255),
    version varchar(64), client bigint, downloads bigint)
"""

_DETAILED = """
CREATE TEMPORARY TABLE detailed AS
SELECT package.id AS package_id, filename, version, client, downloads
FROM incoming JOIN packages_package AS package ON package.normalized_name = name
"""

# Where a package has too many files, those most downloaded on the day are kept.
_NEW_FILES = """
INSERT INTO packages_file (package_id, filename, version)
SELECT package_id, filename, version FROM (
    SELECT new.package_id, new.filename, new.version, row_number() OVER (
            PARTITION BY new.package_id
            ORDER BY sum(new.downloads) DESC, new.filename, new.version
        ) + (
            SELECT count(*) FROM packages_file AS held
            WHERE held.package_id = new.package_id
        ) AS place
    FROM detailed AS new
    LEFT JOIN packages_file AS known ON known.package_id = new.package_id
        AND known.filename = new.filename AND known.version = new.version
    WHERE known.id IS NULL
    GROUP BY new.package_id, new.filename, new.version
) AS ranked WHERE place <= %s
ORDER BY package_id, filename, version
ON CONFLICT DO NOTHING
"""

_NO_FILES = """
INSERT INTO packages_file (package_id, filename, version)
SELECT DISTINCT new.package_id, '', ''
FROM detailed AS new
LEFT JOIN packages_file AS known ON known.package_id = new.package_id
    AND known.filename = new.filename AND known.version = new.version
WHERE known.id IS NULL
ON CONFLICT DO NOTHING
"""

_ADD = """
UPDATE packages_downloadrecord AS record SET details = record.details || packed
FROM (
    SELECT package_id, %s || sum(downloads) || ','
        || {concat}(file_key || ',' || downloads, ',') || '],' AS packed
    FROM (
        SELECT new.package_id, coalesce(known.id, other.id) * CAST(%s AS bigint)
            + client AS file_key, CAST(sum(downloads) AS bigint) AS downloads
        FROM detailed AS new
        LEFT JOIN packages_file AS known ON known.package_id = new.package_id
            AND known.filename = new.filename AND known.version = new.version
        LEFT JOIN packages_file AS other ON other.package_id = new.package_id
            AND other.filename = '' AND other.version = ''
        GROUP BY 1, 2 ORDER BY 1, 2
    ) AS keyed GROUP BY package_id
) AS day
WHERE record.package_id = day.package_id AND record.month = %s
"""


def _load(cursor: Any, path: Path) -> None:
    cursor.execute("DROP TABLE IF EXISTS incoming")
    cursor.execute("DROP TABLE IF EXISTS detailed")
    cursor.execute(_INCOMING)
    if connection.vendor == "postgresql":
        copy = (
            "COPY incoming FROM STDIN (FORMAT csv, FORCE_NOT_NULL (filename, version))"
        )
        with path.open(encoding="utf-8") as file, connection.wrap_database_errors:
            cursor.copy_expert(copy, file)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            cursor.executemany(
                "INSERT INTO incoming VALUES (%s, %s, %s, %s, %s)", csv.reader(file)
            )
    cursor.execute(_DETAILED)
    cursor.execute("DROP TABLE incoming")
    if connection.vendor == "postgresql":
        cursor.execute("ANALYZE detailed")
