"""System checks of the settings: each has an id and says what to do."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from ingest.sources import LOG_FORMATS, NAMES

LONGEST_WINDOW = 30
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@register()
def check_settings(
    app_configs: Sequence[Any] | None, **kwargs: object
) -> list[CheckMessage]:
    return [*_ingest_messages(), *_web_messages()]


def _ingest_messages() -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if settings.INGEST_SOURCE not in NAMES:
        messages.append(
            Error(
                f"INGEST_SOURCE is {settings.INGEST_SOURCE!r}.",
                hint=f"Set it to one of: {', '.join(NAMES)}.",
                id="ingest.E001",
            )
        )
    if settings.INGEST_PACKAGES not in {"all", "tracked"}:
        messages.append(
            Error(
                f"INGEST_PACKAGES is {settings.INGEST_PACKAGES!r}.",
                hint="Set it to 'all' or 'tracked'.",
                id="ingest.E002",
            )
        )
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", settings.INGEST_TIME_UTC):
        messages.append(
            Error(
                f"INGEST_TIME_UTC is {settings.INGEST_TIME_UTC!r}.",
                hint="Set it to a time of day such as 03:30.",
                id="ingest.E003",
            )
        )
    if settings.INGEST_LOG_FORMAT not in LOG_FORMATS:
        messages.append(
            Error(
                f"INGEST_LOG_FORMAT is {settings.INGEST_LOG_FORMAT!r}.",
                hint=f"Set it to one of: {', '.join(LOG_FORMATS)}.",
                id="ingest.E004",
            )
        )
    if settings.INGEST_SOURCE in {"files", "access_log"} and not settings.INGEST_PATH:
        messages.append(
            checks.Warning(
                f"INGEST_SOURCE is {settings.INGEST_SOURCE} and INGEST_PATH is empty.",
                hint="Name the files, e.g. INGEST_PATH=/var/log/nginx/index.log*.",
                id="ingest.W001",
            )
        )
    if settings.RETENTION_DAYS < LONGEST_WINDOW:
        messages.append(
            Error(
                f"RETENTION_DAYS is {settings.RETENTION_DAYS}.",
                hint=f"last_month needs {LONGEST_WINDOW} days at least.",
                id="ingest.E005",
            )
        )
    return messages


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
    if public and settings.SECRET_KEY == settings.INSECURE_SECRET_KEY:
        messages.append(
            Error(
                "SECRET_KEY is the development key, and BASE_URL is public.",
                hint="Set SECRET_KEY (or SECRET_KEY_FILE) to 50 random characters.",
                id="ingest.E007",
            )
        )
    return messages
