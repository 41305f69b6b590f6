"""Pages for people who click on a feed: what it is, and how to follow it."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from feeds.channels import Channel, Format, relative
from feeds.choices import PACKAGES, Choice
from feeds.listing import MOST_PACKAGES
from feeds.periods import Every

SHOWN = 100
"""All items of a package's feed, so that links find them; not all of a long list's."""


def page(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Show a feed's addresses and last items."""
    return render(
        request,
        "feeds/page.html",
        {
            "channel": channel,
            "addresses": [(form, channel.address(form)) for form in Format],
            "items": [(one, channel.anchor(one)) for one in channel.items[:SHOWN]],
            "variants": list(_variants(channel)),
        },
    )


def index_page(request: HttpRequest) -> HttpResponse:
    """Show which feeds there are, and a form that makes one of many packages."""
    return render(request, "feeds/index.html", {"most": MOST_PACKAGES})


def _variants(channel: Channel) -> Iterator[tuple[str, str, bool]]:
    """What else there is to be had of this: name, address, and whether it is this."""
    if channel.choice is None:
        return
    asked = channel.choice.mirror_list
    named = {name: channel.query[name] for name in {PACKAGES} & channel.query.keys()}
    for name, choice in _ways(asked).items():
        address = relative(channel.path, named | choice.query())
        yield name, address, choice == channel.choice


def _ways(mirror_list: str | None) -> dict[str, Choice]:
    """By a list that is asked for there are no events, so no week without them."""
    days, weeks, months = (Choice(every, mirror_list=mirror_list) for every in Every)
    figures = {"Days": days, "Months": months}
    if mirror_list:
        return {"Weeks": Choice(mirror_list=mirror_list), **figures}
    events = Choice(only_events=True)
    return {"Weeks and events": Choice(), "Weeks": weeks, **figures, "Events": events}
