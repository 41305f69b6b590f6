"""Channels through Django's syndication framework, one object for each format."""

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.feedgenerator import SyndicationFeed

from feeds.channels import Channel, Format
from feeds.formats import FORMATS

AUTHOR = "Download statistics"
LANGUAGE = "en"
TTL_MINUTES = 12 * 60


class ChannelFeed(Feed):
    """Any channel in one format. Feed objects are shared by requests: no state."""

    def __init__(self, form: Format) -> None:
        self.form = form
        self.feed_type = FORMATS[form]

    def get_object(self, request: HttpRequest, channel: Channel) -> Channel:
        return channel

    def get_feed(self, obj: Channel, request: HttpRequest) -> SyndicationFeed:
        """Collect the channel at once; Django asks for twenty attributes of an item."""
        feed = self.feed_type(
            title=obj.title,
            link=obj.link,
            description=obj.description,
            language=LANGUAGE,
            author_name=AUTHOR,
            feed_url=obj.address(self.form),
            feed_guid=obj.guid,
            ttl=TTL_MINUTES,
            built_at=obj.begun_at,
        )
        for item in obj.items:
            feed.add_item(
                title=item.title,
                link=item.link,
                description=item.summary,
                unique_id=item.guid,
                pubdate=item.published,
                updateddate=item.updated,
                categories=item.tags,
                html=item.html,
                image=item.image,
            )
        return feed
