"""RSS, Atom and JSON Feed, written from what Django's syndication collects."""

from datetime import datetime
from typing import IO, Any

import orjson
from django.utils.feedgenerator import (
    Atom1Feed,
    Rss201rev2Feed,
    SyndicationFeed,
    rfc3339_date,
)
from django.utils.xmlutils import SimplerXMLGenerator

from feeds.channels import MEDIA_TYPES, Format


class StableFeed(SyndicationFeed):
    """A feed whose date never is the time of the request, even without items."""

    def latest_post_date(self) -> datetime:
        if self.items:
            return super().latest_post_date()
        built_at: datetime = self.feed["built_at"]
        return built_at


class RssFeed(StableFeed, Rss201rev2Feed):
    """RSS 2.0 with the whole text of an item beside its summary."""

    def rss_attributes(self) -> dict[str, str]:
        content = "http://purl.org/rss/1.0/modules/content/"
        return {**super().rss_attributes(), "xmlns:content": content}

    def add_item_elements(
        self, handler: SimplerXMLGenerator, item: dict[str, Any]
    ) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["html"])


class AtomFeed(StableFeed, Atom1Feed):
    """Atom with the whole text of an item beside its summary."""

    def add_item_elements(
        self, handler: SimplerXMLGenerator, item: dict[str, Any]
    ) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["html"], {"type": "html"})


class JsonFeed(StableFeed):
    """JSON Feed 1.1."""

    content_type = f"{MEDIA_TYPES[Format.JSON]}; charset=utf-8"

    def write(self, outfile: IO[Any], encoding: str) -> None:
        body = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "authors": [{"name": self.feed["author_name"]}],
            "items": [self._item(item) for item in self.items],
        }
        outfile.write(orjson.dumps(body))

    def _item(self, item: dict[str, Any]) -> dict[str, object]:
        image = {"image": item["image"]} if item["image"] else {}
        return {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "summary": item["summary"],
            "content_html": item["html"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "tags": item["categories"],
            **image,
        }


FORMATS: dict[Format, type[SyndicationFeed]] = {
    Format.RSS: RssFeed,
    Format.ATOM: AtomFeed,
    Format.JSON: JsonFeed,
}
