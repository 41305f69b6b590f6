"""What downloads are told apart by, besides package and client."""

from enum import StrEnum

from django.conf import settings

from packages.models.ledger import SAMPLE_SOURCE


class Detail(StrEnum):
    """Each tells more apart than the one before."""

    CLIENT = "client"
    RELEASE = "release"
    FILE = "file"


def wanted_detail(source: str) -> Detail:
    """Return what INGEST_COUNT_BY says, or what costs little for that source.

    BigQuery bills file names over the whole day, whatever packages are tracked.
    """
    if settings.INGEST_COUNT_BY:
        return Detail(settings.INGEST_COUNT_BY)
    if source in {"access_log", SAMPLE_SOURCE}:
        return Detail.FILE
    if settings.INGEST_PACKAGES == "all":
        return Detail.CLIENT
    return Detail.RELEASE if source == "bigquery" else Detail.FILE
