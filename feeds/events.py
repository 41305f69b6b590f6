"""Events as items: told once, corrected in place."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import quote

from django.db.models import Q

from feeds.channels import Item
from feeds.followed import Followed
from feeds.markup import joined, markup
from packages.events import texts
from packages.models import Event
from packages.names import ALL_PACKAGES

MOST_EVENTS = 30
MOST_NEWS = 800
"""As many as a list has other items at most."""


def event_items(
    followed: Collection[Followed], *, since: datetime | None = None
) -> list[Item]:
    """The newest events of these packages, in one query; with all told ``since``."""
    by_name = {one.package: one for one in followed}
    wanted = Q(package__normalized_name__in=set(by_name) - {ALL_PACKAGES})
    if ALL_PACKAGES in by_name:
        wanted |= Q(package=None)
    found = Event.objects.filter(wanted).order_by("-published_at", "-id")
    newest = found[:MOST_EVENTS]
    if since:
        told = Q(published_at__gte=since) | Q(id__in=newest.values("id"))
        newest = found.filter(told)[:MOST_NEWS]
    events = newest.select_related("package")
    return [_item(by_name[event.name], event) for event in events]


def _item(followed: Followed, event: Event) -> Item:
    sentences = texts.sentences(event)
    paragraphs = joined(markup("<p>{}</p>", text) for text in sentences)
    return Item(
        guid=followed.guid(f"event:{quote(event.key, safe=':')}"),
        title=texts.title(event),
        link=followed.item_page(f"event-{event.pk}"),
        summary=" ".join(sentences),
        html=joined([paragraphs, followed.links]),
        published=event.published_at,
        updated=max(
            event.published_at,
            event.updated_at,
            event.withdrawn_at or event.updated_at,
        ),
        tags=("event", str(event.kind)),
    )
