"""Channels written in the three formats."""

from datetime import UTC, datetime

import feedparser
import orjson
import pytest
from django.test import RequestFactory
from django.utils.safestring import SafeString

from feeds.channels import Channel, Format, Item
from feeds.syndication import ChannelFeed

AT = datetime(2026, 10, 19, tzinfo=UTC)


def channel(*items: Item) -> Channel:
    return Channel(
        guid="pypistats-site:a",
        title="a & b",
        description="<c>",
        link="https://stats.example.org/a?x=1&y=2",
        path="/feeds/a",
        query={"packages": "a,b", "list": "&"},
        items=items,
        begun_at=AT,
    )


def written(shown: Channel, form: Format) -> bytes:
    request = RequestFactory().get("/feeds/a")
    content: bytes = ChannelFeed(form)(request, channel=shown).content
    return content


def item(html: str) -> Item:
    return Item(
        guid="pypistats-site:a:1",
        title="1 < 2 & 3",
        link="https://stats.example.org/a?x=1&y=2#1",
        summary="1 < 2 & 3.",
        html=SafeString(html),
        published=AT,
        updated=AT,
        tags=("a & b",),
    )


@pytest.mark.parametrize("form", [Format.RSS, Format.ATOM])
def test_values_arrive_as_they_were(form: Format) -> None:
    html = '<p title="a &amp; b">1 &lt; 2</p>'

    feed = feedparser.parse(written(channel(item(html)), form))

    assert not feed.bozo
    assert feed.feed.title == "a & b"
    assert feed.feed.link == "https://stats.example.org/a?x=1&y=2"
    (entry,) = feed.entries
    assert entry.link == "https://stats.example.org/a?x=1&y=2#1"
    assert entry.summary == "1 &lt; 2 &amp; 3."
    assert entry.content[0].value == html
    assert [tag.term for tag in entry.tags] == ["a & b"]


@pytest.mark.parametrize("form", [Format.RSS, Format.ATOM])
def test_what_xml_cannot_hold_is_left_out(form: Format) -> None:
    text = item("<p>a\x00\x0b\x1f\ufffe\uffff\t\U0001f4c9</p>")

    feed = feedparser.parse(written(channel(text), form))

    assert not feed.bozo
    assert feed.entries[0].content[0].value == "<p>a\t\U0001f4c9</p>"


@pytest.mark.parametrize("form", [Format.RSS, Format.ATOM])
def test_text_does_not_end_the_section_that_holds_it(form: Format) -> None:
    feed = feedparser.parse(written(channel(item("<p>a]]><b>b</b></p>")), form))

    assert not feed.bozo
    assert feed.entries[0].content[0].value == "<p>a]]&gt;<b>b</b></p>"


def test_json_needs_no_escaping() -> None:
    feed = orjson.loads(written(channel(item("<p>&amp;</p>")), Format.JSON))

    assert feed["title"] == "a & b"
    assert feed["feed_url"].endswith("/feeds/a.json?packages=a,b&list=%26")
    assert feed["items"] == [
        {
            "id": "pypistats-site:a:1",
            "url": "https://stats.example.org/a?x=1&y=2#1",
            "title": "1 < 2 & 3",
            "summary": "1 < 2 & 3.",
            "content_html": "<p>&amp;</p>",
            "date_published": "2026-10-19T00:00:00+00:00",
            "date_modified": "2026-10-19T00:00:00.173173+00:00",
            "tags": ["a & b"],
        }
    ]
