"""One feed of many packages: those a reader names, the tracked, or a user's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import F
from django.http import QueryDict
from django.urls import reverse

from feeds.channels import Channel, Item, absolute
from feeds.choices import PACKAGES, Choice
from feeds.events import event_items
from feeds.exceptions import FeedQueryError
from feeds.followed import Followed
from feeds.package import LIMITS, Extent, newest_first, period_items, title
from feeds.periods import Every, Period, finished
from feeds.recounts import NONE, recounts
from packages.coverage import begun_at
from packages.histories import histories
from packages.models import Package, Watchlist
from packages.names import WrongNameError, normalize_packages
from packages.snapshot import Snapshot

MOST_PACKAGES = 100
ITEMS = 40
LEAST_PERIODS = {Every.DAY: 8, Every.WEEK: 3, Every.MONTH: 2}
"""Of each package, so that a reader who comes once a week misses none."""
NEWS = timedelta(days=8)
MOST_IN_FULL = 20
"""Items of more packages have no tables of clients, which are most of their text."""
SHOWN_NAMES = 4


@dataclass(frozen=True, slots=True)
class Listed:
    """Packages that are followed together."""

    names: Sequence[str]
    about: str
    guid: str
    path: str
    query: dict[str, str]
    opml: str
    note: str = ""
    nothing: str = "None of these packages is known here."
    """What is said while there is no package."""


def asked_names(query: QueryDict, most: int = MOST_PACKAGES) -> list[str]:
    """Return the normalized names that ``packages`` asks for, once each, in order.

    Raise ``FeedQueryError`` for none, for too many, and for what can be no name.
    """
    texts = (text.split(",") for text in query.getlist(PACKAGES))
    asked = {name.strip(): None for names in texts for name in names if name.strip()}
    try:
        found = normalize_packages(asked)
    except WrongNameError as error:
        shown = error.name if len(error.name) <= 40 else f"{error.name[:40]}..."
        message = f"packages has {shown!r}, which no package can be called."
        raise FeedQueryError(message) from error
    if not asked:
        message = "packages names none; give some, as in packages=django,flask."
        raise FeedQueryError(message)
    if len(asked) > most:
        message = f"packages has {len(asked)} names; at most {most} are allowed."
        raise FeedQueryError(message)
    return sorted(found)


def named(names: Sequence[str]) -> Listed:
    joined = ",".join(names)
    return Listed(
        names,
        about=_shortened(names),
        guid=f"pypistats-site:list:{joined}",
        path=reverse("feeds:list-page"),
        query={PACKAGES: joined},
        opml=reverse("feeds:opml"),
    )


def tracked(most: int) -> Listed:
    """The tracked packages; of too many, those most downloaded."""
    by_size = F("standing__last_month").desc(nulls_last=True)
    packages = Package.objects.tracked().order_by(by_size, "normalized_name")
    names = list(packages.values_list("normalized_name", flat=True)[: most + 1])
    return Listed(
        sorted(names[:most]),
        about="the tracked packages",
        guid="pypistats-site:tracked",
        path=reverse("feeds:tracked-page"),
        query={},
        opml=reverse("feeds:tracked-opml"),
        nothing="No package is tracked here yet; those that are will appear here.",
        note=_note(names, most),
    )


def of_user(key: str, most: int) -> Listed | None:
    """What the user of that key follows, read in one query; of too many, the same.

    Nothing in it tells who that is: readers are shown the feed's title and id.
    """
    by_size = F("packages__standing__last_month").desc(nulls_last=True)
    lists = Watchlist.objects.filter(key=key, user__is_active=True)
    ordered = lists.order_by(by_size, "packages__normalized_name")
    rows = list(ordered.values_list("id", "packages__normalized_name")[: most + 1])
    if not rows:
        return None
    names = [name for _, name in rows if name]  # a list without any has one row
    return Listed(
        sorted(names[:most]),
        about="the followed packages",
        guid=f"pypistats-site:user:{rows[0][0]}",
        path=reverse("feeds:user-page", args=[key]),
        query={},
        opml=reverse("feeds:user-opml", args=[key]),
        nothing="No package is followed yet; those that are will appear here.",
        note=_note(names, most),
    )


def list_channel(listed: Listed, choice: Choice, state: Snapshot) -> Channel:
    """Return the feed of those of the packages that are known here."""
    told = _told_periods(choice.period, len(listed.names), state)
    last_days = _days_since(told[-1].before(), state) if told else 1
    found = histories(listed.names, choice.mirror_list, last_days=last_days)
    recounted = recounts(listed.names, state) if told else {}
    followed = [
        Followed(one, choice.mirror_list, recounted.get(one.package, NONE))
        for one in found
    ]
    items: list[Item] = []
    if told:
        extent = Extent(
            len(told),
            since=told[-1].first,
            year_ago=False,
            clients=len(found) <= MOST_IN_FULL,
        )
        for one in followed:
            items += period_items(one, told[-1].every, extent)
    if choice.with_events:
        items += event_items(followed, since=_news_since(state))
    return Channel(
        guid=f"{listed.guid}:{choice.ending}",
        title=f"{title(choice)} of {listed.about}{choice.by}",
        description=_description(listed, {one.package for one in followed}),
        link=absolute(listed.path, listed.query),
        path=listed.path,
        query=listed.query | choice.query(),
        choice=choice,
        items=newest_first(items),
        begun_at=begun_at(state),
        opml=listed.opml,
    )


def _told_periods(every: Every | None, packages: int, state: Snapshot) -> list[Period]:
    """The periods that the feed is about, newest first, whoever was downloaded in them.

    So many items of each package would reach further, where it has none in some of the
    periods: to days that are not read.
    """
    if every is None:
        return []
    number = max(LEAST_PERIODS[every], ITEMS // max(1, packages))
    periods = finished(every, state.days, state.window)
    return list(islice(periods, min(number, LIMITS[every])))


def _days_since(period: Period, state: Snapshot) -> int:
    last = max(state.days)
    return (last - period.first).days + 1


def _news_since(state: Snapshot) -> datetime | None:
    """From when on all events are told, however many packages share the feed.

    Counted from the last known day: while no other comes, news do not age.
    """
    if state.window is None:
        return None
    return Period.around(Every.DAY, state.window.last).over_at - NEWS


def _description(listed: Listed, known: set[str]) -> str:
    unknown = [name for name in listed.names if name not in known]
    if not known:
        return listed.nothing
    gone = f" Not known here: {', '.join(unknown)}." if unknown else ""
    number = "1 package" if len(known) == 1 else f"{len(known)} packages"
    return f"The downloads of {number} in one feed.{listed.note}{gone}"


def _note(names: Sequence[str], most: int) -> str:
    return f" Only the {most} most downloaded are here." if len(names) > most else ""


def _shortened(names: Sequence[str]) -> str:
    if len(names) <= SHOWN_NAMES:
        return ", ".join(names)
    shown = ", ".join(names[: SHOWN_NAMES - 1])
    return f"{shown} and {len(names) - SHOWN_NAMES + 1} more packages"
