"""A package's feed: its weeks (or days, or months) and its events, newest first."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from feeds import pictures, words
from feeds.bodies import body
from feeds.channels import Channel, Item, absolute
from feeds.choices import Choice
from feeds.figures import Figures, figures
from feeds.periods import Every
from packages.list_choice import PARAMETER
from packages.names import ALL_PACKAGES
from packages.stats import History

LIMITS = {Every.DAY: 30, Every.WEEK: 13, Every.MONTH: 12}
KINDS = {Every.DAY: "Daily", Every.WEEK: "Weekly", Every.MONTH: "Monthly"}


@dataclass(frozen=True, slots=True)
class Followed:
    """One package under one mirror list, with its addresses and identifiers."""

    history: History
    mirror_list: str | None

    @property
    def package(self) -> str:
        return self.history.package

    @property
    def name(self) -> str:
        return "all packages" if self.package == ALL_PACKAGES else self.package

    @property
    def query(self) -> dict[str, str]:
        return {PARAMETER: self.mirror_list} if self.mirror_list else {}

    @property
    def page(self) -> str:
        return absolute(reverse("packages:detail", args=[self.package]), self.query)

    @property
    def api(self) -> str:
        return absolute(reverse("api:package-recent", args=[self.package]), self.query)

    @property
    def by(self) -> str:
        return f", by the mirror list {self.mirror_list}" if self.mirror_list else ""

    def guid(self, what: str) -> str:
        """An identifier for ever; another list has others, as its figures are others.

        Neither host nor time is part of it.
        """
        suffix = f":list:{self.mirror_list}" if self.mirror_list else ""
        return f"pypistats-site:{self.package}:{what}{suffix}"

    def links(self) -> SafeString:
        return format_html(
            '<p><a href="{}">Charts and tables</a> · <a href="{}">JSON</a></p>',
            self.page,
            self.api,
        )


def package_channel(history: History, choice: Choice) -> Channel:
    followed = Followed(history, choice.mirror_list)
    return Channel(
        guid=followed.guid(_kind(choice)),
        title=f"{_title(choice)} of {followed.name}{followed.by.replace(',', '')}",
        description=_description(followed, choice),
        link=followed.page,
        path=reverse("feeds:package-page", args=[followed.package]),
        query=choice.query(),
        items=package_items(followed, choice),
        changed_at=history.state.changed_at,
    )


def package_items(
    followed: Followed, choice: Choice, limit: int | None = None
) -> list[Item]:
    every = choice.period
    if every is None:
        return []
    found = figures(followed.history, every)
    return [period_item(followed, one) for one in islice(found, limit or LIMITS[every])]


def period_item(followed: Followed, one: Figures) -> Item:
    period = one.period
    picture = pictures.address(followed.package, period, followed.query)
    shown = pictures.element(picture, followed.name, period)
    return Item(
        guid=followed.guid(f"{period.every}:{period.key}"),
        title=words.title(followed.name, one),
        link=f"{followed.page}#{period.key}",
        summary=words.summary(followed.name, one),
        html=body(followed.name, one, shown, followed.links(), followed.by),
        published=_published(one),
        updated=one.updated_at,
        tags=(str(period.every),),
        image=picture,
    )


def _published(one: Figures) -> datetime:
    """When the period was over, however late it was counted; a running day earlier."""
    first_counted = [d.first_counted_at for d in one.counted.days if d.first_counted_at]
    return min(one.period.over_at, max(first_counted, default=one.period.over_at))


def _kind(choice: Choice) -> str:
    if choice.only_events:
        return "events"
    return f"every-{choice.every}" if choice.every else "downloads"


def _title(choice: Choice) -> str:
    if choice.only_events:
        return "Events"
    return f"{KINDS[choice.every]} downloads" if choice.every else "Downloads"


def _description(followed: Followed, choice: Choice) -> str:
    name, state = followed.name, followed.history.state
    if followed.history.is_empty:
        return f"{name} has no downloads yet; they will appear here."
    last = state.window.last if state.window else ""
    if choice.only_events:
        return f"What happened to the downloads of {name}, up to {last}."
    events = ", and what happened to them" if choice.with_events else ""
    kind = KINDS[choice.period or Every.WEEK]
    return f"{kind} downloads of {name}{events}, up to {last}."
