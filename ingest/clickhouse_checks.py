"""System checks of ClickHouse's settings, and what the source knows of its service."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from packages.addresses import web_address

PUBLIC_HOST = "sql-clickhouse.clickhouse.com"
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

LACKS = (
    "ClickHouse's table has neither CI nor file names: every download counts as one"
    " outside of CI, and what was not sent cannot be told from what was sent empty."
)
NOT_ALL = (
    "The public ClickHouse cannot count all of PyPI: its user may take 10 MB an answer"
    " and 60 answers an hour, and the table has neither CI nor file names. Track"
    " packages (INGEST_PACKAGES=tracked, manage.py track NAME), name a ClickHouse of"
    " your own in CLICKHOUSE_URL, or count from BigQuery."
)

_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?", re.ASCII)


def is_table(name: str) -> bool:
    """Say whether ``name`` can stand in SQL as a table, optionally of a database."""
    return _TABLE.fullmatch(name) is not None


def is_public(url: str) -> bool:
    return urlsplit(url).hostname == PUBLIC_HOST


@register()
def check_clickhouse(
    app_configs: Sequence[Any] | None, **kwargs: object
) -> list[CheckMessage]:
    return [*_url_messages(), *_table_messages(), *_source_messages()]


def _url_messages() -> list[CheckMessage]:
    if web_address(settings.CLICKHOUSE_URL):
        return []
    return [
        Error(
            "CLICKHOUSE_URL is no plain http or https address.",
            hint="Set it to e.g. https://clickhouse.example.org:8443, without a user,"
            " a query or a fragment: those are CLICKHOUSE_USER, CLICKHOUSE_PASSWORD"
            " and CLICKHOUSE_TABLE.",
            id="ingest.E030",
        )
    ]


def _table_messages() -> list[CheckMessage]:
    if is_table(settings.CLICKHOUSE_TABLE):
        return []
    return [
        Error(
            f"CLICKHOUSE_TABLE is {settings.CLICKHOUSE_TABLE!r}.",
            hint="Set it to a table's name, or database.table: ASCII letters, digits"
            " and underscores, e.g. pypi.pypi.",
            id="ingest.E031",
        )
    ]


def _source_messages() -> list[CheckMessage]:
    if settings.INGEST_SOURCE != "clickhouse" or not web_address(
        settings.CLICKHOUSE_URL
    ):
        return []
    messages: list[CheckMessage] = []
    if settings.INGEST_PACKAGES == "all" and is_public(settings.CLICKHOUSE_URL):
        messages.append(
            Error(
                "INGEST_PACKAGES is 'all' and INGEST_SOURCE the public ClickHouse.",
                hint=NOT_ALL,
                id="ingest.E032",
            )
        )
    url = urlsplit(settings.CLICKHOUSE_URL)
    open_line = url.scheme == "http" and url.hostname not in LOCAL_HOSTS
    if settings.CLICKHOUSE_PASSWORD and open_line:
        messages.append(
            checks.Warning(
                "CLICKHOUSE_PASSWORD travels unencrypted: CLICKHOUSE_URL is http.",
                hint="Use https.",
                id="ingest.W030",
            )
        )
    return messages
