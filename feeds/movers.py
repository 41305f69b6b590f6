"""The feed of the packages whose week grew and shrank most: one item a week."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.safestring import SafeString

from feeds.channels import Channel, Item, absolute
from feeds.counted import Counted, counted, counted_periods, list_changed_at
from feeds.markup import joined, markup, table
from feeds.periods import Every
from feeds.recounts import recounts_of_all
from feeds.words import change
from packages.coverage import begun_at
from packages.movers import Moved, Movers, movers
from packages.snapshot import Snapshot

NEW = "none before"


def movers_channel(state: Snapshot) -> Channel:
    return Channel(
        guid="pypistats-site:movers",
        title="Top movers of the week",
        description=(
            "The Python packages whose downloads grew and shrank most, week by week,"
            " without mirrors."
        ),
        link=absolute(reverse("feeds:movers-page")),
        path=reverse("feeds:movers-page"),
        query={},
        items=list(_items(state)),
        begun_at=begun_at(state),
    )


def _items(state: Snapshot) -> Iterator[Item]:
    recounts = recounts_of_all(state)
    for week in counted_periods(Every.WEEK, state.days, recounts, state):
        # None where a day is missing, and before the days that standings hold.
        found = movers(week.period.first, state)
        if found and (found.up or found.down):
            yield _item(week, found, state)


def _item(week: Counted, found: Movers, state: Snapshot) -> Item:
    first = (found.up or found.down)[0]
    recounts = recounts_of_all(state)
    before = counted(week.period.before(), state.days, recounts, state)
    changed_at = list_changed_at(state.rule().name, state) or week.counted_at
    tables = joined(_table(head, rows) for head, rows in _parts(found))
    return Item(
        guid=f"pypistats-site:movers:week:{week.period.key}",
        title=f"Top movers {week.period.when}: {_told(first)}",
        link=f"{absolute(reverse('feeds:movers-page'))}#{week.period.key}",
        summary=f"{'; '.join(map(_told, [*found.up[:3], *found.down[:3]]))}.",
        html=markup("<p>{}, without mirrors.</p>{}", week.period.words, tables),
        published=week.period.over_at,
        updated=max(
            week.period.over_at, week.counted_at, before.counted_at, changed_at
        ),
        tags=("movers",),
    )


def _parts(found: Movers) -> list[tuple[str, list[Moved]]]:
    parts = [("Up", found.up), ("Down", found.down)]
    return [(head, rows) for head, rows in parts if rows]


def _table(head: str, rows: list[Moved]) -> SafeString:
    lines = [
        (_link(moved), f"{moved.now:,}", f"{moved.before:,}", _change(moved))
        for moved in rows
    ]
    return table((head, "Downloads", "The week before", "Change"), lines)


def _link(moved: Moved) -> SafeString:
    address = absolute(reverse("packages:detail", args=[moved.package]))
    return markup('<a href="{}">{}</a>', address, moved.package)


def _told(moved: Moved) -> str:
    return f"{moved.package}, {_change(moved)}"


def _change(moved: Moved) -> str:
    return change(moved.now, moved.before) if moved.before else NEW
