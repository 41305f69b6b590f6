"""Where downloads are counted: one module per kind of source.

The modules are imported when they are used: web processes have no need of DuckDB or of
Google's library.
"""

from typing import TYPE_CHECKING

from django.conf import settings

from ingest.exceptions import SourceError

if TYPE_CHECKING:
    from ingest.sources.base import DownloadSource

NAMES = ("sample", "files", "access_log", "bigquery", "clickhouse")
HOLDING_YEARS = ("bigquery", "clickhouse")
"""Sources whose days have to be named: reading all is neither wanted nor free."""
LOG_FORMATS = ("combined", "nginx", "apache", "json")
"""The first three are one: servers differ in how they escape, and both are read."""


def make_source(
    name: str, path: str = "", log_format: str = "combined"
) -> "DownloadSource":
    """Return the source called ``name``; raise ``SourceError`` for one unknown."""
    match name:
        case "files":
            from ingest.sources.files import FilesSource

            return FilesSource(path)
        case "access_log":
            from ingest.sources.access_log import AccessLogSource

            return AccessLogSource(path, log_format)
        case "bigquery":
            from ingest.sources.bigquery.source import BigQuerySource

            return BigQuerySource()
        case "clickhouse":
            from ingest.sources.clickhouse import ClickHouseSource

            return ClickHouseSource(
                settings.CLICKHOUSE_URL,
                settings.CLICKHOUSE_USER,
                settings.CLICKHOUSE_PASSWORD,
                settings.CLICKHOUSE_TABLE,
            )
        case "sample":
            from ingest.sources.sample import SampleSource

            return SampleSource()
    message = f"There is no source {name!r}; there are: {', '.join(NAMES)}."
    raise SourceError(message)


def configured_source() -> "DownloadSource":
    """Return the source that the settings name."""
    return make_source(
        settings.INGEST_SOURCE, settings.INGEST_PATH, settings.INGEST_LOG_FORMAT
    )
