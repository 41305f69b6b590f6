"""A channel as RSS 2.0, Atom and JSON Feed 1.1.

XML is written as text, in which every value is escaped: a generator of SAX events takes
ten times as long for the same bytes.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from html import escape as escape_html
from xml.sax.saxutils import escape, quoteattr

import orjson
from django.utils.encoding import iri_to_uri
from django.utils.feedgenerator import rfc2822_date, rfc3339_date

from feeds.channels import Channel, Format, Item

AUTHOR = "Download statistics"
LANGUAGE = "en"
TTL_MINUTES = 12 * 60

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/">'
)
_ATOM = f'<feed xml:lang="{LANGUAGE}" xmlns="http://www.w3.org/2005/Atom">'
_NOT_IN_XML = bytes({*range(0x20)} - {*b"\t\n\r"})


def written(channel: Channel, form: Format) -> bytes:
    return _WRITERS[form](channel)


def _rss(channel: Channel) -> bytes:
    return _encoded(
        f"{_DECLARATION}{_RSS}<channel><title>{escape(channel.title)}</title>"
        f"<link>{_address(channel.link)}</link>"
        f"<description>{escape(channel.description)}</description>"
        f"<atom:link href={_quoted(channel.address(Format.RSS))}"
        f' rel="self"/><language>{LANGUAGE}</language>'
        f"<lastBuildDate>{_rfc2822(_changed_at(channel))}</lastBuildDate>"
        f"<ttl>{TTL_MINUTES}</ttl>",
        map(_rss_item, channel.items),
        "</channel></rss>",
    )


def _rss_item(item: Item) -> str:
    """An item with its whole text beside the summary, which readers take for HTML."""
    return (
        f"<item><title>{escape(item.title)}</title><link>{_address(item.link)}</link>"
        f"<description>{escape(escape_html(item.summary))}</description>"
        f"<pubDate>{_rfc2822(item.published)}</pubDate>"
        f'<guid isPermaLink="false">{escape(item.guid)}</guid>{_rss_tags(item.tags)}'
        f"<content:encoded>{_html(item)}</content:encoded></item>"
    )


def _atom(channel: Channel) -> bytes:
    return _encoded(
        f"{_DECLARATION}{_ATOM}<title>{escape(channel.title)}</title>"
        f'<link href={_quoted(channel.link)} rel="alternate"/>'
        f'<link href={_quoted(channel.address(Format.ATOM))} rel="self"/>'
        f"<id>{escape(channel.guid)}</id>"
        f"<updated>{rfc3339_date(_changed_at(channel))}</updated>"
        f"<author><name>{AUTHOR}</name></author>"
        f"<subtitle>{escape(channel.description)}</subtitle>",
        map(_atom_entry, channel.items),
        "</feed>",
    )


def _atom_entry(item: Item) -> str:
    return (
        f"<entry><title>{escape(item.title)}</title>"
        f'<link href={_quoted(item.link)} rel="alternate"/>'
        f"<published>{_rfc3339(item.published)}</published>"
        f"<updated>{_rfc3339(item.updated)}</updated><id>{escape(item.guid)}</id>"
        f'<summary type="html">{escape(escape_html(item.summary))}</summary>'
        f"{_atom_tags(item.tags)}"
        f'<content type="html">{_html(item)}</content></entry>'
    )


def _json(channel: Channel) -> bytes:
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": channel.title,
            "home_page_url": iri_to_uri(channel.link),
            "feed_url": iri_to_uri(channel.address(Format.JSON)),
            "description": channel.description,
            "language": LANGUAGE,
            "authors": [{"name": AUTHOR}],
            "items": list(map(_json_item, channel.items)),
        }
    )


def _json_item(item: Item) -> dict[str, object]:
    image = {"image": item.image} if item.image else {}
    return {
        "id": item.guid,
        "url": iri_to_uri(item.link),
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "date_published": _rfc3339(item.published),
        "date_modified": _rfc3339(item.updated),
        "tags": item.tags,
        **image,
    }


def _encoded(beginning: str, items: Iterator[str], end: str) -> bytes:
    """Encode a document; what XML cannot hold at all is left out of it."""
    text = "".join((beginning, *items, end))
    text = text.replace("\ufffe", "").replace("\uffff", "")
    return text.encode().translate(None, _NOT_IN_XML)


def _changed_at(channel: Channel) -> datetime:
    """The newest item's date; never the time of the request, even without items."""
    dates = [max(item.published, item.updated) for item in channel.items]
    return max(dates, default=channel.begun_at)


def _html(item: Item) -> str:
    """An item's text in XML; it has a thousand characters that would be escaped."""
    text = item.html.replace("]]>", "]]&gt;")
    return f"<![CDATA[{text}]]>"


def _address(address: str) -> str:
    return escape(iri_to_uri(address))


def _quoted(address: str) -> str:
    return f'"{_address(address)}"'  # an address has its own way to write a quote


# What the items of all packages share is written once.
_rfc2822 = lru_cache(maxsize=1000)(rfc2822_date)
_rfc3339 = lru_cache(maxsize=1000)(rfc3339_date)


@lru_cache(maxsize=100)
def _rss_tags(tags: tuple[str, ...]) -> str:
    return "".join(f"<category>{escape(tag)}</category>" for tag in tags)


@lru_cache(maxsize=100)
def _atom_tags(tags: tuple[str, ...]) -> str:
    return "".join(f"<category term={quoteattr(tag)}/>" for tag in tags)


_WRITERS: dict[Format, Callable[[Channel], bytes]] = {
    Format.RSS: _rss,
    Format.ATOM: _atom,
    Format.JSON: _json,
}
