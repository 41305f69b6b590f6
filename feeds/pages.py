"""A page for people who click on a feed: what it is, and how to follow it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from feeds.channels import Channel, Format

SHOWN = 10


def page(request: HttpRequest, channel: Channel) -> HttpResponse:
    addresses = [(form, channel.address(form)) for form in Format]
    context = {
        "channel": channel,
        "addresses": addresses,
        "items": channel.items[:SHOWN],
    }
    return render(request, "feeds/page.html", context)
