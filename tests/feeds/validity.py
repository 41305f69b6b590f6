"""What the W3C's feed validator and RFC 4287 ask of a feed, as assertions."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from defusedxml import ElementTree
from django.test import Client
from lxml import etree

from pypistats_site import settings

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
SCHEMA = Path(__file__).parent / "atom.rng"
RFC_822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} \+0000"
)
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?\+00:00")
VOID = {"img", "br", "hr"}
HARMLESS = {
    *("p", "a", "strong", "em", "img", "ul", "ol", "li", "br", "code", "small"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def check_rss(client: Client, address: str, *, items: bool) -> None:
    content = _get(client, address, "application/rss+xml; charset=utf-8")
    root = ElementTree.fromstring(content)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = root
    for name in ("title", "link", "description", "lastBuildDate"):
        assert len(channel.findall(name)) == 1, name
    check_title(channel.findtext("title"))
    check_url(channel.findtext("link"))
    check_date(channel.findtext("lastBuildDate"), RFC_822)
    assert int(channel.findtext("ttl") or 0) > 0
    (itself,) = channel.findall(f"{ATOM}link")
    assert (itself.get("rel"), itself.get("href")) == ("self", _absolute(address))
    found = channel.findall("item")
    assert bool(found) is items
    _check_guids([item.findtext("guid") for item in found])
    for item in found:
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        check_title(item.findtext("title"))
        check_url(item.findtext("link"))
        check_date(item.findtext("pubDate"), RFC_822)
        check_html(item.findtext("description"))
        check_html(item.findtext(CONTENT))
        tags = [child.tag for child in item]
        assert tags.index("description") < tags.index(CONTENT)


def check_atom(client: Client, address: str, *, items: bool) -> None:
    content = _get(client, address, "application/atom+xml; charset=utf-8")
    document = etree.fromstring(content)
    _schema().assertValid(document)
    itself = document.xpath("/*/*[local-name()='link'][@rel='self']/@href")
    assert itself == [_absolute(address)]
    check_guid(document.findtext(f"{ATOM}id"))
    check_title(document.findtext(f"{ATOM}title"))
    check_date(document.findtext(f"{ATOM}updated"), RFC_3339)
    assert document.findtext(f"{ATOM}author/{ATOM}name")
    found = document.findall(f"{ATOM}entry")
    assert bool(found) is items
    _check_guids([entry.findtext(f"{ATOM}id") for entry in found])
    updates = {entry.findtext(f"{ATOM}updated") for entry in found}
    assert len(updates) == len(found)
    for entry in found:
        check_title(entry.findtext(f"{ATOM}title"))
        check_url(entry.find(f"{ATOM}link").get("href"))
        published = check_date(entry.findtext(f"{ATOM}published"), RFC_3339)
        assert check_date(entry.findtext(f"{ATOM}updated"), RFC_3339) >= published
        check_html(entry.findtext(f"{ATOM}summary"))
        check_html(entry.findtext(f"{ATOM}content"))


def check_json(client: Client, address: str, *, items: bool) -> None:
    content = _get(client, address, "application/feed+json; charset=utf-8")
    feed = orjson.loads(content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == _absolute(address)
    assert set(feed) == {
        *("version", "title", "home_page_url", "feed_url", "description"),
        *("language", "authors", "items"),
    }
    check_title(feed["title"])
    check_url(feed["home_page_url"])
    assert bool(feed["items"]) is items
    _check_guids([item["id"] for item in feed["items"]])
    for item in feed["items"]:
        _check_json_item(item)


def _check_json_item(item: dict[str, Any]) -> None:
    allowed = {
        *("id", "url", "title", "summary", "content_html"),
        *("date_published", "date_modified", "tags", "image"),
    }
    assert set(item) <= allowed
    check_title(item["title"])
    check_url(item["url"])
    check_html(item["content_html"])
    published = check_date(item["date_published"], RFC_3339)
    assert check_date(item["date_modified"], RFC_3339) >= published
    assert all(isinstance(tag, str) for tag in item["tags"])
    if "image" in item:
        check_url(item["image"])


def check_title(title: str | None) -> None:
    assert title
    assert title == title.strip()
    assert not re.search(r"[<>]|&\w+;", title), title


def check_url(url: str | None) -> None:
    parts = urlsplit(url or "")
    assert parts.scheme in ("http", "https"), url
    assert parts.netloc, url
    assert re.fullmatch(r"[!-;=?-~]+", url or ""), url


def check_date(text: str | None, form: re.Pattern[str]) -> datetime:
    assert form.fullmatch(text or ""), text
    parse = parsedate_to_datetime if form is RFC_822 else datetime.fromisoformat
    found: datetime = parse(text or "")
    return found


def check_guid(guid: str | None) -> None:
    """An absolute IRI that names neither host nor moment."""
    assert guid
    assert re.fullmatch(r"pypistats-site:[!-;=?-~]+", guid), guid
    assert (urlsplit(settings.BASE_URL).hostname or "?") not in guid


def check_html(html: str | None) -> None:
    assert html
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []


class _Checker(HTMLParser):
    """Refuses unbalanced or harmful elements, and addresses that are relative."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in HARMLESS, tag
        given = dict(attrs)
        for name in given:
            assert name in {"href", "src", "width", "height", "alt"}, name
        for name in {"href", "src"} & given.keys():
            check_url(given[name])
        if tag == "img":
            assert int(given["width"] or 0) > 0
            assert int(given["height"] or 0) > 0
            assert given["alt"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _check_guids(guids: list[str | None]) -> None:
    for guid in guids:
        check_guid(guid)
    assert len(set(guids)) == len(guids)


def _get(client: Client, address: str, content_type: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == content_type
    assert response["ETag"]
    assert "Vary" not in response or "Cookie" not in response["Vary"]
    return bytes(response.content)


def _absolute(address: str) -> str:
    return f"{settings.BASE_URL}{address}"


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMA))


CHECKS = {"rss": check_rss, "atom": check_atom, "json": check_json}
