"""Where an item's chart lives, and how an item shows it."""

from collections.abc import Mapping

from feeds.channels import absolute, path_to, relative
from feeds.markup import escaped
from feeds.periods import Period

WIDTH, HEIGHT = 640, 320
"""The size on a page; the picture has twice as many pixels each way."""


_KEY = "@"
"""Stands for a period in an address, where nothing else of it can be this."""


def addresses(package: str, query: Mapping[str, str]) -> tuple[str, str]:
    """Return what comes before and after a period's key in its chart's address."""
    path = path_to("feeds:chart", package, _KEY)
    before, _, after = path.partition(_KEY)
    return absolute(before), relative(after, query)


def element(address: str, name: str, period: Period) -> str:
    return (
        f'<p><img src="{escaped(address)}" width="{WIDTH}" height="{HEIGHT}"'
        f' alt="Downloads of {escaped(name)} by {period.every.value},'
        f' up to {period.words}"></p>\n'
    )
