"""Where an item's chart lives, and how an item shows it."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.safestring import SafeString

from feeds.channels import absolute
from feeds.markup import markup
from feeds.periods import Period

WIDTH, HEIGHT = 640, 320
"""The size on a page; the picture has twice as many pixels each way."""


def address(package: str, period: Period, query: Mapping[str, str]) -> str:
    return absolute(reverse("feeds:chart", args=[package, period.key]), query)


def element(address: str, name: str, period: Period) -> SafeString:
    return markup(
        '<p><img src="{}" width="{}" height="{}" alt="{}"></p>',
        address,
        WIDTH,
        HEIGHT,
        f"Downloads of {name} by {period.every}, up to {period.words}",
    )
