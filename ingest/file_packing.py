"""The files of a day's downloads, from the spool to what ``packages.details`` takes."""

from datetime import date
from pathlib import Path

from ingest import interrupts
from ingest.detail import Detail
from ingest.engine import quoted
from ingest.exceptions import SourceError
from ingest.file_versions import bounded
from ingest.spool import Spool
from packages import clients
from packages.clients import ClientKey
from packages.details import judged

BATCH = 20_000

_OF_PACKAGES = """
CREATE OR REPLACE TEMP TABLE detailed AS
SELECT number, installer, python, filename, version, sum(downloads)::BIGINT AS downloads
FROM files
JOIN (SELECT package, number FROM names JOIN packages USING (normalized)) AS spelled
    ON spelled.package = files.package
WHERE day = ? GROUP BY ALL
"""
_UNTRUE = """
SELECT normalized FROM packages JOIN packed USING (number)
LEFT JOIN (SELECT number, sum(downloads) AS of_files FROM detailed GROUP BY number)
    USING (number)
WHERE of_files IS DISTINCT FROM packed.downloads LIMIT 1
"""
_JUDGES = """
CREATE OR REPLACE TEMP TABLE judges AS
SELECT unnest(?::VARCHAR[]) AS installer, unnest(?::VARCHAR[]) AS python,
    unnest(?::INTEGER[]) AS client
"""
_SENT = """
CREATE OR REPLACE TEMP TABLE sent_files AS
SELECT row_number() OVER ()::INTEGER AS place, * FROM (
    SELECT DISTINCT filename, version FROM detailed)
"""
_KEPT = """
CREATE OR REPLACE TEMP TABLE kept_files
    (place INTEGER, filename VARCHAR, version VARCHAR)
"""
_COPY = """
COPY (
    SELECT normalized, kept_files.filename, kept_files.version, client,
        sum(downloads)::BIGINT AS downloads
    FROM detailed JOIN packages USING (number)
    JOIN judges ON detailed.installer IS NOT DISTINCT FROM judges.installer
        AND detailed.python IS NOT DISTINCT FROM judges.python
    JOIN sent_files ON detailed.filename IS NOT DISTINCT FROM sent_files.filename
        AND detailed.version IS NOT DISTINCT FROM sent_files.version
    JOIN kept_files USING (place)
    GROUP BY ALL ORDER BY ALL)
TO '{path}' (FORMAT csv, HEADER false)
"""


def pack_files(spool: Spool, day: date) -> Path | None:
    """Write the detail of a day whose cells are packed; None: the source had none.

    Raise ``SourceError`` if it is not the detail of these very downloads.
    """
    if spool.detail is Detail.CLIENT:
        return None
    spool.db.execute(_OF_PACKAGES, [day])
    if not spool.value("SELECT count(*) FROM detailed"):
        return None
    untrue = spool.value(_UNTRUE)
    if untrue:
        message = (
            f"The files of {untrue} that were downloaded on {day} do not add up to its"
            " downloads: the source changed while it was read."
        )
        raise SourceError(message)
    _number_judged(spool)
    _name_files(spool)
    path: Path = spool.folder / f"{day}.files.csv"
    spool.db.execute(_COPY.format(path=quoted(path)))
    return path


def _number_judged(spool: Spool) -> None:
    """Give what mirror lists judge by the ids of clients."""
    rows = spool.db.execute(
        "SELECT installer, python FROM detailed GROUP BY ALL"
        " ORDER BY sum(downloads) DESC, installer, python"
    ).fetchall()
    keys = [
        judged(ClientKey(installer, python, None, ci=False))
        for installer, python in rows
    ]
    with interrupts.shielded():
        ids = clients.register(dict.fromkeys(keys))
    installers, pythons = [row[0] for row in rows], [row[1] for row in rows]
    spool.db.execute(_JUDGES, [installers, pythons, [ids[key] for key in keys]])


def _name_files(spool: Spool) -> None:
    """Make ``kept_files``: the name and version of each file as they are kept."""
    spool.db.execute(_SENT)
    spool.db.execute(_KEPT)
    for start in range(0, int(spool.value("SELECT count(*) FROM sent_files")), BATCH):
        rows = spool.db.execute(
            "SELECT place, filename, version FROM sent_files"
            " WHERE place > ? AND place <= ?",
            [start, start + BATCH],
        ).fetchall()
        kept = [bounded(filename, version) for _, filename, version in rows]
        by_file = spool.detail is Detail.FILE
        spool.db.execute(
            "INSERT INTO kept_files"
            " SELECT unnest(?::INTEGER[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [
                [place for place, *_ in rows],
                [file.filename if by_file else "" for file in kept],
                [file.version for file in kept],
            ],
        )
