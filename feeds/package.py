"""A package's downloads as a feed: one item a day on which it was downloaded."""

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


class PackageRssFeed(Feed):
    """The last days of one package, newest first.

    Identifiers depend on package and day alone, so a corrected figure keeps its item
    and neither host nor time makes a new one. Feed objects are shared by requests and
    hold no state.
    """

    feed_type = StableRssFeed
    item_guid_is_permalink = False
    language = "en"
    ttl = 12 * 60

    def get_object(self, request: HttpRequest, name: str) -> History:
        try:
            return stats.history(name)
        except UnknownPackageError as error:
            raise Http404(str(error)) from error

    def title(self, history: History) -> str:
        return f"Downloads of {_shown(history.package)}"

    def link(self, history: History) -> str:
        return page_url(history.package)

    def feed_url(self, history: History) -> str:
        return absolute(reverse("feeds:package-rss", args=[history.package]))

    def description(self, history: History) -> str:
        name = _shown(history.package)
        window = history.state.window
        if not history.latest_days(1):
            return f"{name} has no downloads yet; they will appear here."
        last = window.last if window else ""
        return f"Daily downloads of {name}, up to {last}."

    def feed_guid(self, history: History) -> str:
        return f"pypistats-site:{history.package}:downloads"

    def feed_extra_kwargs(self, history: History) -> dict[str, datetime]:
        return {"built_at": history.state.changed_at}

    def items(self, history: History) -> list[tuple[History, DaySummary]]:
        return [(history, day) for day in history.latest_days(ITEMS)]

    def item_title(self, item: tuple[History, DaySummary]) -> str:
        history, day = item
        name = _shown(history.package)
        return f"{name}: {day.without_mirrors:,} downloads on {day.counted.day}"

    def item_description(self, item: tuple[History, DaySummary]) -> str:
        history, day = item
        breakdowns = {
            title: day.breakdowns[dimension][:TOP]
            for dimension, title in BREAKDOWNS.items()
        }
        context = {
            "package": history.package,
            "day": day,
            "breakdowns": breakdowns,
            "incidents": incidents_on(
                day.counted.day, day.counted.source, shown_incidents(history.state)
            ),
            "page_url": page_url(history.package),
            "api_url": api_url(history.package),
        }
        return render_to_string("feeds/_day.html", context)

    def item_link(self, item: tuple[History, DaySummary]) -> str:
        history, day = item
        return f"{page_url(history.package)}#{day.counted.day}"

    def item_guid(self, item: tuple[History, DaySummary]) -> str:
        history, day = item
        return f"pypistats-site:{history.package}:day:{day.counted.day}"

    def item_pubdate(self, item: tuple[History, DaySummary]) -> datetime:
        day = item[1].counted
        return min(end_of(day.day), day.first_counted_at or end_of(day.day))

    def item_updateddate(self, item: tuple[History, DaySummary]) -> datetime:
        """When the day was counted, so that a corrected figure is sent again."""
        return item[1].counted.counted_at or end_of(item[1].counted.day)


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def page_url(package: str) -> str:
    return absolute(reverse("packages:detail", args=[package]))


def api_url(package: str) -> str:
    return absolute(f"{reverse('api:documentation')}packages/{quote(package)}/recent")


def end_of(day: date) -> datetime:
    """Return the instant at which a UTC day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def _shown(package: str) -> str:
    return "all packages" if package == ALL_PACKAGES else package
