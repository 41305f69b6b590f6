"""Pages for people who click on a feed: what it is, and how to follow it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from feeds.channels import Channel, Format
from feeds.listing import MOST_PACKAGES, PARAMETER

SHOWN = 10


def page(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Show a feed's addresses and last items."""
    return render(
        request,
        "feeds/page.html",
        {
            "channel": channel,
            "addresses": [(form, channel.address(form)) for form in Format],
            "items": channel.items[:SHOWN],
            "opml": _opml(channel),
        },
    )


def index_page(request: HttpRequest) -> HttpResponse:
    """Show which feeds there are, and a form that makes one of many packages."""
    return render(request, "feeds/index.html", {"most": MOST_PACKAGES})


def _opml(channel: Channel) -> str | None:
    """Where the packages of this feed are to be had one by one."""
    if PARAMETER in channel.query:
        return f"{reverse('feeds:opml')}{channel.ending}"
    if channel.path == reverse("feeds:tracked-page"):
        return f"{reverse('feeds:tracked-opml')}{channel.ending}"
    return None
