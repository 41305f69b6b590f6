"""What BigQuery bills: bytes in words, and the limit that is not exceeded."""

from datetime import date

from django.conf import settings

from ingest.exceptions import SourceError

TIB = 2**40
GB = 10**9


def in_words(size: int) -> str:
    """Return bytes as operators compare them, e.g. ``234.0 GB ($1.33)``."""
    dollars = size / TIB * settings.BIGQUERY_PRICE_PER_TIB
    return f"{size / GB:,.1f} GB (${dollars:,.2f})"


def check_budget(day: date, estimated: int) -> None:
    """Raise ``SourceError`` for a day that reads more than the settings allow."""
    most = settings.BIGQUERY_MAX_BYTES
    if estimated > most:
        message = (
            f"Counting {day} would read {in_words(estimated)}, and BIGQUERY_MAX_BYTES"
            f" allows {in_words(most)}: nothing was spent. Set BIGQUERY_MAX_BYTES to"
            f" {estimated} or more, or fewer columns (INGEST_DETAIL, INGEST_COUNT_BY)."
        )
        raise SourceError(message)
