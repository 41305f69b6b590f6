"""RSS 2.0, Atom and JSON Feed 1.1: what Django's syndication collects, as text.

Every value is escaped where it is written: Django's generator of SAX events takes ten
times as long for the same bytes.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from html import escape as escape_html
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import orjson
from django.utils.feedgenerator import (
    Atom1Feed,
    Rss201rev2Feed,
    SyndicationFeed,
    rfc2822_date,
    rfc3339_date,
)

from feeds.channels import MEDIA_TYPES, Format

Values = dict[str, Any]
"""What a generator knows of the feed, or of an item; addresses are encoded already."""

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/">'
)
_NOT_IN_XML = bytes({*range(0x20)} - {*b"\t\n\r"})


class ChannelGenerator(SyndicationFeed):
    """A feed whose date never is the time of the request, even without items."""

    def latest_post_date(self) -> datetime:
        if self.items:
            return super().latest_post_date()
        built_at: datetime = self.feed["built_at"]
        return built_at

    def write(self, outfile: IO[Any], encoding: str) -> None:
        outfile.write(self.written())

    def written(self) -> bytes:
        raise NotImplementedError


class RssFeed(ChannelGenerator, Rss201rev2Feed):
    def written(self) -> bytes:
        feed = self.feed
        return _encoded(
            f"{_DECLARATION}{_RSS}<channel><title>{escape(feed['title'])}</title>"
            f"<link>{escape(feed['link'])}</link>"
            f"<description>{escape(feed['description'])}</description>"
            f'<atom:link href={_quoted(feed["feed_url"])} rel="self"/>'
            f"<language>{feed['language']}</language>"
            f"<lastBuildDate>{_rfc2822(self.latest_post_date())}</lastBuildDate>"
            f"<ttl>{feed['ttl']}</ttl>",
            map(_rss_item, self.items),
            "</channel></rss>",
        )


def _rss_item(item: Values) -> str:
    """An item with its whole text beside the summary, which readers take for HTML."""
    return (
        f"<item><title>{escape(item['title'])}</title>"
        f"<link>{escape(item['link'])}</link>"
        f"<description>{escape(escape_html(item['description']))}</description>"
        f"<pubDate>{_rfc2822(item['pubdate'])}</pubDate>"
        f'<guid isPermaLink="false">{escape(item["unique_id"])}</guid>'
        f"{_rss_tags(tuple(item['categories']))}"
        f"<content:encoded>{_html(item['html'])}</content:encoded></item>"
    )


class AtomFeed(ChannelGenerator, Atom1Feed):
    def written(self) -> bytes:
        feed = self.feed
        return _encoded(
            f"{_DECLARATION}{_atom_root(feed['language'])}"
            f"<title>{escape(feed['title'])}</title>"
            f'<link href={_quoted(feed["link"])} rel="alternate"/>'
            f'<link href={_quoted(feed["feed_url"])} rel="self"/>'
            f"<id>{escape(feed['id'])}</id>"
            f"<updated>{_rfc3339(self.latest_post_date())}</updated>"
            f"<author><name>{escape(feed['author_name'])}</name></author>"
            f"<subtitle>{escape(feed['description'])}</subtitle>",
            map(_atom_entry, self.items),
            "</feed>",
        )


def _atom_root(language: str) -> str:
    return f'<feed xml:lang="{language}" xmlns="http://www.w3.org/2005/Atom">'


def _atom_entry(item: Values) -> str:
    return (
        f"<entry><title>{escape(item['title'])}</title>"
        f'<link href={_quoted(item["link"])} rel="alternate"/>'
        f"<published>{_rfc3339(item['pubdate'])}</published>"
        f"<updated>{_rfc3339(item['updateddate'])}</updated>"
        f"<id>{escape(item['unique_id'])}</id>"
        f'<summary type="html">{escape(escape_html(item["description"]))}</summary>'
        f"{_atom_tags(tuple(item['categories']))}"
        f'<content type="html">{_html(item["html"])}</content></entry>'
    )


class JsonFeed(ChannelGenerator):
    content_type = f"{MEDIA_TYPES[Format.JSON]}; charset=utf-8"

    def written(self) -> bytes:
        return orjson.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": self.feed["title"],
                "home_page_url": self.feed["link"],
                "feed_url": self.feed["feed_url"],
                "description": self.feed["description"],
                "language": self.feed["language"],
                "authors": [{"name": self.feed["author_name"]}],
                "items": list(map(_json_item, self.items)),
            }
        )


def _json_item(item: Values) -> dict[str, object]:
    image = {"image": item["image"]} if item["image"] else {}
    return {
        "id": item["unique_id"],
        "url": item["link"],
        "title": item["title"],
        "summary": item["description"],
        "content_html": item["html"],
        "date_published": _rfc3339(item["pubdate"]),
        "date_modified": _rfc3339(item["updateddate"]),
        "tags": item["categories"],
        **image,
    }


FORMATS: dict[Format, type[ChannelGenerator]] = {
    Format.RSS: RssFeed,
    Format.ATOM: AtomFeed,
    Format.JSON: JsonFeed,
}


def _encoded(beginning: str, items: Iterator[str], end: str) -> bytes:
    """Encode a document; what XML cannot hold at all is left out of it."""
    text = "".join((beginning, *items, end))
    text = text.replace("\ufffe", "").replace("\uffff", "")
    return text.encode().translate(None, _NOT_IN_XML)


def _html(html: str) -> str:
    """An item's text in XML; it has a thousand characters that would be escaped."""
    return f"<![CDATA[{html.replace(']]>', ']]&gt;')}]]>"


def _quoted(address: str) -> str:
    return f'"{escape(address)}"'  # an address has its own way to write a quote


# What the items of all packages share is written once.
_rfc2822 = lru_cache(maxsize=1000)(rfc2822_date)
_rfc3339 = lru_cache(maxsize=1000)(rfc3339_date)


@lru_cache(maxsize=100)
def _rss_tags(tags: tuple[str, ...]) -> str:
    return "".join(f"<category>{escape(tag)}</category>" for tag in tags)


@lru_cache(maxsize=100)
def _atom_tags(tags: tuple[str, ...]) -> str:
    return "".join(f"<category term={quoteattr(tag)}/>" for tag in tags)
