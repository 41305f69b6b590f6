"""A package's downloads as a feed: one item a day on which it was downloaded."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from packages import stats
from packages.exceptions import UnknownPackageError
from packages.incidents import incidents_on, shown_incidents
from packages.list_choice import asked_list, with_list
from packages.mirrors import Dimension
from packages.names import ALL_PACKAGES
from packages.stats import DaySummary, History

ITEMS = 30
TOP = 5
BREAKDOWNS = {
    Dimension.PYTHON_MINOR: "Python",
    Dimension.SYSTEM: "System",
    Dimension.INSTALLER: "Installer",
}


class StableRssFeed(Rss201rev2Feed):
    """RSS whose build date never is the time of the request, even without items."""

    def latest_post_date(self) -> datetime:
        if self.items:
            return super().latest_post_date()
        built_at: datetime = self.feed["built_at"]
        return built_at


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for: a package's history, maybe by a list of their choice."""

    history: History
    mirror_list: str | None

    @property
    def name(self) -> str:
        package = self.history.package
        return "all packages" if package == ALL_PACKAGES else package

    @property
    def page_url(self) -> str:
        return self._absolute(reverse("packages:detail", args=[self.history.package]))

    @property
    def api_url(self) -> str:
        package = quote(self.history.package)
        return self._absolute(
            f"{reverse('api:documentation')}packages/{package}/recent"
        )

    @property
    def feed_url(self) -> str:
        return self._absolute(reverse("feeds:package-rss", args=[self.history.package]))

    def guid(self, what: str) -> str:
        """An identifier; another list has others, as its figures are others."""
        suffix = f":list:{self.mirror_list}" if self.mirror_list else ""
        return f"pypistats-site:{self.history.package}:{what}{suffix}"

    def _absolute(self, path: str) -> str:
        return with_list(f"{settings.BASE_URL}{path}", self.mirror_list)


class PackageRssFeed(Feed):
    """The last days of one package, newest first.

    Identifiers depend on package, list asked for and day alone, so a corrected figure
    keeps its item and neither host nor time makes a new one. Feed objects are shared by
    requests and hold no state.
    """

    feed_type = StableRssFeed
    item_guid_is_permalink = False
    language = "en"
    ttl = 12 * 60

    def get_object(self, request: HttpRequest, name: str) -> Asked:
        mirror_list = asked_list(request.GET)
        try:
            return Asked(stats.history(name, mirror_list), mirror_list)
        except UnknownPackageError as error:
            raise Http404(str(error)) from error

    def title(self, asked: Asked) -> str:
        by = f" by the mirror list {asked.mirror_list}" if asked.mirror_list else ""
        return f"Downloads of {asked.name}{by}"

    def link(self, asked: Asked) -> str:
        return asked.page_url

    def feed_url(self, asked: Asked) -> str:
        return asked.feed_url

    def description(self, asked: Asked) -> str:
        window = asked.history.state.window
        if not asked.history.latest_days(1):
            return f"{asked.name} has no downloads yet; they will appear here."
        last = window.last if window else ""
        return f"Daily downloads of {asked.name}, up to {last}."

    def feed_guid(self, asked: Asked) -> str:
        return asked.guid("downloads")

    def feed_extra_kwargs(self, asked: Asked) -> dict[str, datetime]:
        return {"built_at": asked.history.state.changed_at}

    def items(self, asked: Asked) -> list[tuple[Asked, DaySummary]]:
        return [(asked, day) for day in asked.history.latest_days(ITEMS)]

    def item_title(self, item: tuple[Asked, DaySummary]) -> str:
        asked, day = item
        return f"{asked.name}: {day.without_mirrors:,} downloads on {day.counted.day}"

    def item_description(self, item: tuple[Asked, DaySummary]) -> str:
        asked, day = item
        breakdowns = {
            title: day.breakdowns[dimension][:TOP]
            for dimension, title in BREAKDOWNS.items()
        }
        context = {
            "package": asked.history.package,
            "day": day,
            "breakdowns": breakdowns,
            "incidents": incidents_on(
                day.counted.day,
                day.counted.source,
                shown_incidents(asked.history.state),
            ),
            "mirror_list": asked.mirror_list,
            "page_url": asked.page_url,
            "api_url": asked.api_url,
        }
        return render_to_string("feeds/_day.html", context)

    def item_link(self, item: tuple[Asked, DaySummary]) -> str:
        asked, day = item
        return f"{asked.page_url}#{day.counted.day}"

    def item_guid(self, item: tuple[Asked, DaySummary]) -> str:
        asked, day = item
        return asked.guid(f"day:{day.counted.day}")

    def item_pubdate(self, item: tuple[Asked, DaySummary]) -> datetime:
        day = item[1].counted
        return min(end_of(day.day), day.first_counted_at or end_of(day.day))

    def item_updateddate(self, item: tuple[Asked, DaySummary]) -> datetime:
        """When the day was counted, so that a corrected figure is sent again."""
        return item[1].counted.counted_at or end_of(item[1].counted.day)


def end_of(day: date) -> datetime:
    """Return the instant at which a UTC day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
