"""Channels through Django's syndication framework, one object for each format."""

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.html import escape

from feeds.channels import Channel, Format, Item
from feeds.formats import FORMATS

AUTHOR = "Download statistics"


class ChannelFeed(Feed):
    """Any channel in one format. Feed objects are shared by requests: no state."""

    item_guid_is_permalink = False
    author_name = AUTHOR
    language = "en"
    ttl = 12 * 60

    def __init__(self, form: Format) -> None:
        self.form = form
        self.feed_type = FORMATS[form]

    def get_object(self, request: HttpRequest, channel: Channel) -> Channel:
        return channel

    def title(self, channel: Channel) -> str:
        return channel.title

    def link(self, channel: Channel) -> str:
        return channel.link

    def feed_url(self, channel: Channel) -> str:
        return channel.address(self.form)

    def description(self, channel: Channel) -> str:
        return channel.description

    def subtitle(self, channel: Channel) -> str:
        return channel.description

    def feed_guid(self, channel: Channel) -> str:
        return channel.guid

    def feed_extra_kwargs(self, channel: Channel) -> dict[str, datetime]:
        return {"built_at": channel.begun_at}

    def items(self, channel: Channel) -> list[Item]:
        return list(channel.items)

    def item_title(self, item: Item) -> str:
        return item.title

    def item_description(self, item: Item) -> str:
        """A summary; readers take it for HTML."""
        return escape(item.summary)

    def item_link(self, item: Item) -> str:
        return item.link

    def item_guid(self, item: Item) -> str:
        return item.guid

    def item_pubdate(self, item: Item) -> datetime:
        return item.published

    def item_updateddate(self, item: Item) -> datetime:
        return item.updated

    def item_categories(self, item: Item) -> tuple[str, ...]:
        return item.tags

    def item_extra_kwargs(self, item: Item) -> dict[str, object]:
        return {"html": item.html, "summary": item.summary, "image": item.image}
