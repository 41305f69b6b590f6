"""Events as items: told once, corrected in place."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from urllib.parse import quote

import orjson
from django.db.models import Q

from feeds.channels import Item
from feeds.followed import Followed
from feeds.markup import joined, markup
from packages.events import texts
from packages.models import Event, Package
from packages.names import ALL_PACKAGES
from packages.statements import Statement, in_utc

MOST_EVENTS = 30
MOST_NEWS = 800
"""As many as a list has other items at most."""


# The ORM takes six times as long to make this query as both need to run it, and a join
# takes the database twice as long to plan. Every feed of one package asks it.
_OF_ONE_PACKAGE = Statement(
    "newest_events",
    """
SELECT package_id, id, kind, day, key, facts, published_at, updated_at, withdrawn_at
FROM packages_event
WHERE package_id = (SELECT id FROM packages_package WHERE normalized_name = %s)
ORDER BY published_at DESC, id DESC
LIMIT %s
""",
)


def event_items(
    followed: Collection[Followed], *, since: datetime | None = None
) -> list[Item]:
    """The newest events of these packages, in one query; with all told ``since``."""
    by_name = {one.package: one for one in followed}
    newest = _newest(set(by_name), since)
    return [_item(by_name[event.name], event) for event in newest]


def _newest(names: set[str], since: datetime | None) -> Iterable[Event]:
    if len(names) == 1 and ALL_PACKAGES not in names:
        return _newest_of(*names)
    wanted = Q(package__normalized_name__in=names - {ALL_PACKAGES})
    if ALL_PACKAGES in names:
        wanted |= Q(package=None)
    found = Event.objects.filter(wanted).order_by("-published_at", "-id")
    newest = found[:MOST_EVENTS]
    if since:
        told = Q(published_at__gte=since) | Q(id__in=newest.values("id"))
        newest = found.filter(told)[:MOST_NEWS]
    return newest.select_related("package")


def _newest_of(package: str) -> Iterator[Event]:
    for row in _OF_ONE_PACKAGE.rows(package, str(MOST_EVENTS)):
        package_id, pk, kind, day, key, facts, *moments = row
        published_at, updated_at, withdrawn_at = moments
        yield Event(
            id=pk,
            package=Package(id=package_id, normalized_name=package),
            kind=kind,
            day=day,
            key=key,
            facts=orjson.loads(facts),
            published_at=in_utc(published_at),
            updated_at=in_utc(updated_at),
            withdrawn_at=withdrawn_at and in_utc(withdrawn_at),
        )


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
