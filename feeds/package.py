"""A package's feed: its weeks (or days, or months) and its events, newest first."""

from dataclasses import dataclass
from datetime import date
from itertools import islice, takewhile
from operator import attrgetter

from feeds import words
from feeds.bodies import body
from feeds.channels import Channel, Item, path_to
from feeds.choices import Choice
from feeds.events import event_items
from feeds.figures import Figures, figures
from feeds.followed import Followed
from feeds.periods import Every
from feeds.recounts import NONE, recounts
from packages.coverage import begun_at
from packages.stats import History

LIMITS = {Every.DAY: 30, Every.WEEK: 13, Every.MONTH: 12}
KINDS = {Every.DAY: "Daily", Every.WEEK: "Weekly", Every.MONTH: "Monthly"}


@dataclass(frozen=True, slots=True)
class Extent:
    """How many items there are, and how much is in each."""

    periods: int
    since: date = date.min
    """The first day of the oldest period; those before it are not read whole."""
    year_ago: bool = True
    clients: bool = True


def package_channel(history: History, choice: Choice) -> Channel:
    told = recounts([history.package], history.state) if choice.period else {}
    known = told.get(history.package, NONE)
    followed = Followed(history, choice.mirror_list, known)
    items = period_items(followed, choice.period) if choice.period else []
    if choice.with_events:
        items += event_items([followed])
    return Channel(
        guid=followed.guid(choice.kind),
        title=f"{title(choice)} of {followed.name}{followed.by}",
        description=_description(followed, choice),
        link=followed.page,
        path=path_to("feeds:package-page", followed.package),
        query=choice.query(),
        choice=choice,
        items=newest_first(items),
        begun_at=begun_at(history.state),
    )


def newest_first(items: list[Item]) -> list[Item]:
    return sorted(items, key=attrgetter("published", "guid"), reverse=True)


def period_items(
    followed: Followed, every: Every, extent: Extent | None = None
) -> list[Item]:
    wanted = extent or Extent(LIMITS[every])
    found = figures(
        followed.history, every, followed.recounts, year_ago=wanted.year_ago
    )
    whole = takewhile(lambda one: one.period.first >= wanted.since, found)
    newest = islice(whole, wanted.periods)
    return [_item(followed, one, clients=wanted.clients) for one in newest]


def title(choice: Choice) -> str:
    if choice.only_events:
        return "Events"
    return f"{KINDS[choice.every]} downloads" if choice.every else "Downloads"


def _item(followed: Followed, one: Figures, *, clients: bool) -> Item:
    period = one.period
    picture = followed.chart(period.key)
    return Item(
        guid=followed.guid(f"{period.every.value}:{period.key}"),
        title=words.title(followed.heading, one),
        link=followed.item_page(period.key, period.every),
        summary=words.summary(followed.name, one),
        html=body(followed, one, picture, clients=clients),
        published=one.told.published_at,
        updated=one.told.updated_at,
        tags=(period.every.value,),
        image=picture,
    )


def _description(followed: Followed, choice: Choice) -> str:
    name, state = followed.name, followed.history.state
    if followed.history.is_empty or state.window is None:
        return f"There are no downloads of {name} yet; they will appear here."
    if choice.period is None:
        return f"What happened to the downloads of {name}."
    events = ", and what happened to them" if choice.with_events else ""
    return f"{KINDS[choice.period]} downloads of {name}{events}."
