"""The feed in the words of 2009: titles, descriptions and identifiers are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from feeds.channels import absolute
from feeds.pypirss.counter import Value
from feeds.words import plain

TTL_MINUTES = 60
NOT_BY_FILE = (
    "No downloads of this package's files are counted here yet; this feed begins to"
    " count with the first."
)


@dataclass(frozen=True, slots=True)
class Item:
    guid: str
    description: str
    published: datetime


def value_item(package: str, value: Value, loaded_at: datetime) -> Item:
    return Item(
        guid=f"[{package}][{value.version}][{value.downloads}]",
        description=f"Release[{value.version}] Downloads[{value.downloads}]",
        published=loaded_at,
    )


def error_item(package: str, message: str, at: datetime) -> Item:
    return Item(f"[{plain(package)}][][error]", f"ERROR: {message}", at)


def nothing_counted(package: str, since: datetime) -> Item:
    """Say so in the old words, and in plain ones; always the same, so told once."""
    message = f'Error accessing "downloads" attribute from package[{package}]'
    return error_item(package, f"{message}. {NOT_BY_FILE}", since)


def rss(package: str, query: dict[str, str], items: Sequence[Item]) -> bytes:
    """Write the feed of ``package``, which may be what somebody made up."""
    name = plain(package)
    path = reverse("pypirss:feed", args=[package])
    feed = Rss201rev2Feed(
        title=f"Pypi Statistics for Package [{name}]",
        link=absolute(path, query),
        description=f"RSS feed for PYPI package [{name}]",
        feed_url=absolute(path, query),
        ttl=TTL_MINUTES,
    )
    for item in items:
        feed.add_item(
            title=f"Pypi statistics for [{name}]",
            link=absolute(reverse("packages:detail", args=[package])),
            description=escape(item.description),
            unique_id=item.guid,
            unique_id_is_permalink=False,
            pubdate=item.published,
        )
    text: str = feed.writeString("utf-8")
    return text.encode()
