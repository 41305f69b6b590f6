"""System checks of the settings: each has an id and says what to do."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from ingest.detail import Detail
from ingest.sources import LOG_FORMATS, NAMES
from ingest.sources.bigquery.query import DETAILS, TABLE

RANGES = {
    # last_month needs 30 days.
    "RETENTION_DAYS": (30, 36_500, "ingest.E005"),
    "INGEST_TRAILING_DAYS": (0, 365, "ingest.E008"),
    "INGEST_HOLES_PER_RUN": (0, 365, "ingest.E040"),
    "INGEST_MEMORY_MB": (100, 1_000_000, "ingest.E009"),
    "GENERATION_CHECK_SECONDS": (0, 60, "ingest.E045"),
    "ANSWER_CACHE_MB": (0, 100_000, "ingest.E046"),
    # BigQuery bills no query below 10 MiB, so less than that allows none.
    "BIGQUERY_MAX_BYTES": (10 * 2**20, 10**15, "ingest.E022"),
    "BIGQUERY_PRICE_PER_TIB": (0, 1000, "ingest.E023"),
}
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@register()
def check_settings(
    app_configs: Sequence[Any] | None, **kwargs: object
) -> list[CheckMessage]:
    return [*_ingest_messages(), *_bigquery_messages(), *_web_messages()]


def _ingest_messages() -> list[CheckMessage]:
    messages = [
        *_choice_messages("INGEST_SOURCE", NAMES, "ingest.E001"),
        *_choice_messages("INGEST_PACKAGES", ("all", "tracked"), "ingest.E002"),
        *_choice_messages("INGEST_LOG_FORMAT", LOG_FORMATS, "ingest.E004"),
        *_count_by_messages(),
    ]
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", settings.INGEST_TIME_UTC):
        messages.append(
            Error(
                f"INGEST_TIME_UTC is {settings.INGEST_TIME_UTC!r}.",
                hint="Set it to a time of day such as 03:30.",
                id="ingest.E003",
            )
        )
    for name, (least, most, check_id) in RANGES.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            hint = f"Set it to a number from {least} to {most}."
            messages.append(Error(f"{name} is {value}.", hint=hint, id=check_id))
    if settings.INGEST_SOURCE in {"files", "access_log"} and not settings.INGEST_PATH:
        messages.append(
            checks.Warning(
                f"INGEST_SOURCE is {settings.INGEST_SOURCE} and INGEST_PATH is empty.",
                hint="Name the files, e.g. INGEST_PATH=/var/log/nginx/index.log*.",
                id="ingest.W001",
            )
        )
    return messages


def _count_by_messages() -> list[CheckMessage]:
    if not settings.INGEST_COUNT_BY:
        return []
    return _choice_messages("INGEST_COUNT_BY", list(Detail), "ingest.E041")


def _bigquery_messages() -> list[CheckMessage]:
    messages = [
        message
        for detail in settings.INGEST_DETAIL
        for message in _choice_messages(
            "INGEST_DETAIL", DETAILS, "ingest.E021", value=detail
        )
    ]
    if not TABLE.fullmatch(settings.BIGQUERY_TABLE):
        messages.append(
            Error(
                f"BIGQUERY_TABLE is {settings.BIGQUERY_TABLE!r}.",
                hint="Set it to the table's full name: project.dataset.table.",
                id="ingest.E020",
            )
        )
    if settings.BIGQUERY_KEY and not settings.BIGQUERY_KEY.startswith("{"):
        messages.append(
            Error(
                "BIGQUERY_KEY is no JSON key of a service account.",
                hint="Set it to the key's text, or BIGQUERY_KEY_FILE to its path.",
                id="ingest.E024",
            )
        )
    return messages


def _choice_messages(
    name: str, allowed: Sequence[str], check_id: str, value: str | None = None
) -> list[CheckMessage]:
    if value is None:
        value = getattr(settings, name)
    if value in allowed:
        return []
    hint = f"Set it to one of: {', '.join(allowed)}."
    return [Error(f"{name} is {value!r}.", hint=hint, id=check_id)]


def _web_messages() -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    base = urlsplit(settings.BASE_URL)
    if base.scheme not in {"http", "https"} or not base.netloc:
        messages.append(
            Error(
                f"BASE_URL is {settings.BASE_URL!r}.",
                hint="Set it to the address users see, e.g. https://stats.example.org.",
                id="ingest.E006",
            )
        )
    public = base.hostname not in LOCAL_HOSTS
    insecure = settings.SECRET_KEY == settings.INSECURE_SECRET_KEY and public
    if insecure or not settings.SECRET_KEY:
        messages.append(
            Error(
                "SECRET_KEY is empty, or the development key with a public BASE_URL.",
                hint="Set SECRET_KEY (or SECRET_KEY_FILE) to 50 random characters.",
                id="ingest.E007",
            )
        )
    return messages
