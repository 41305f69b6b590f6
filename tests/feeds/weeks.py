"""Weeks of downloads, and feeds as a feed reader sees them."""

from datetime import date, timedelta
from typing import Any

import feedparser
from django.test import Client

from tests.factories import PIP_311, POETRY, count_day

SUNDAY = date(2026, 10, 18)
"""The last day of week 42."""
ADDRESS = "/feeds/packages/django.rss"


def read(client: Client, address: str = ADDRESS) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed


def titles(client: Client, address: str = ADDRESS) -> list[str]:
    return [entry.title for entry in read(client, address).entries]


def updated(entry: Any) -> str:
    """To the second: the fraction is the item's own, whatever happens to it."""
    date, dot, fraction = entry.updated.partition(".")
    assert (dot, fraction[6:]) == (".", "+00:00")
    return f"{date}+00:00"


def count_week(sunday: date, downloads: int, package: str = "django") -> None:
    """Count each day of a week with so many downloads."""
    for age in range(6, -1, -1):
        day = sunday - timedelta(days=age)
        count_day(day, {package: {PIP_311: downloads}, "other": {POETRY: 1}})


def count_two_weeks() -> None:
    count_week(SUNDAY - timedelta(days=7), 100)
    count_week(SUNDAY, 103)
