"""A day of some packages says so, and never loses one that it was counted for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from ingest import runner
from ingest.runner import Order, Outcome
from ingest.sources.base import DayRange
from packages import coverage, stats, tracking
from packages.charts import chart_marks, package_charts
from packages.models import CountedDay
from tests.fakes import ListSource

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 19)


@pytest.fixture(autouse=True)
def _tracked(settings: Settings) -> Iterator[None]:
    settings.INGEST_PACKAGES = "tracked"
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC), tick=False):
        yield


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


def count(*ages: int, downloads: dict[str, int], force: bool = False) -> Outcome:
    source = ListSource({ago(age): downloads for age in ages})
    source.name = "files"
    return runner.ingest(source, Order(days=list(source.days), force=force))


def held(age: int) -> dict[str, int]:
    """What is counted of the packages on one day."""
    rows = {
        name: stats.history(name).overall(mirrors=True) for name in ("django", "flask")
    }
    return {
        name: row.downloads
        for name, of_all_days in rows.items()
        for row in of_all_days
        if row.day == ago(age)
    }


def test_day_read_again_keeps_a_package_that_is_tracked_no_longer() -> None:
    tracking.track(["django", "flask"])
    count(1, downloads={"django": 5, "flask": 7})
    tracking.untrack(["flask"])

    count(1, 0, downloads={"django": 6, "flask": 8})

    assert held(1) == {"django": 6, "flask": 8}
    assert held(0) == {"django": 6}


def test_portion_of_many_days_asks_for_all_and_keeps_them_apart() -> None:
    class Whole(ListSource):
        """A source that is read from end to end."""

        def chunks(self, days: object) -> Iterator[DayRange]:
            yield DayRange()

    tracking.track(["django", "flask"])
    count(1, downloads={"django": 5, "flask": 7})
    tracking.untrack(["flask"])
    source = Whole({ago(age): {"django": 6, "flask": 8} for age in (1, 0)})
    source.name = "files"

    runner.ingest(source, Order())

    assert source.asked_packages == [["django", "flask"]]
    assert (held(1), held(0)) == ({"django": 6, "flask": 8}, {"django": 6})


def test_day_of_all_packages_is_not_replaced_by_one_of_a_few(
    settings: Settings,
) -> None:
    tracking.track(["django"])
    settings.INGEST_PACKAGES = "all"
    count(0, downloads={"django": 5, "flask": 1})
    settings.INGEST_PACKAGES = "tracked"

    outcome = count(0, downloads={"django": 6, "flask": 1})

    assert outcome.failed[LAST] == (
        "2026-11-19 was counted for all packages and INGEST_PACKAGES is 'tracked' now;"
        " the day stays as it was (--force counts the tracked packages alone)."
    )
    assert held(0) == {"django": 5, "flask": 1}

    count(0, downloads={"django": 6, "flask": 1}, force=True)

    assert held(0) == {"django": 6}


def test_all_packages_may_follow_a_few(settings: Settings) -> None:
    tracking.track(["django"])
    count(0, downloads={"django": 5, "flask": 1})
    settings.INGEST_PACKAGES = "all"

    count(0, downloads={"django": 5, "flask": 1})

    assert held(0) == {"django": 5, "flask": 1}
    assert CountedDay.objects.get().packages_counted is None


def test_days_before_tracking_are_not_counted_and_quiet_days_are_zero() -> None:
    tracking.track(["django"])
    count(9, 8, 7, 6, 5, 4, 3, downloads={"django": 1, "flask": 1})
    tracking.track(["flask"])
    count(2, 0, downloads={"django": 1, "flask": 1})
    count(1, downloads={"django": 1})

    history = stats.history("flask")

    [chart, *_] = package_charts(history)
    assert chart.days == [ago(2), ago(1), ago(0)]
    assert chart.values["with_mirrors"] == [1, 0, 1]
    assert chart_marks(history).missing == []
    week = coverage.windows(history.state, history.counted)["last_week"]
    assert week.note() == "3 of 7 days counted: counting began on 2026-11-17"
    assert chart_marks(stats.history("django")).missing == []
    assert len(package_charts(stats.history("__all__"))[0].days) == 10


def test_days_between_two_times_of_tracking_are_hatched(client: Client) -> None:
    tracking.track(["django", "flask"])
    count(3, downloads={"django": 1, "flask": 1})
    tracking.untrack(["flask"])
    count(2, 1, downloads={"django": 1, "flask": 1})
    tracking.track(["flask"])
    count(0, downloads={"django": 1, "flask": 1})

    history = stats.history("flask")

    assert chart_marks(history).missing == [ago(2), ago(1)]
    assert package_charts(history)[0].values["with_mirrors"] == [1, None, None, 1]
    data = client.get("/api/packages/flask").json()["data"]
    assert data["windows"]["last_week"]["missing"][-2:] == [
        "2026-11-17",
        "2026-11-18",
    ]
    page = client.get("/packages/flask").text
    assert "2 of 7 days counted" in page


def test_week_with_a_day_on_which_it_was_not_tracked_is_left_out(
    client: Client,
) -> None:
    tracking.track(["django"])
    monday = 10  # 2026-11-09
    count(*range(monday, 7, -1), downloads={"django": 1, "flask": 1})
    tracking.track(["flask"])
    count(*range(7, -1, -1), downloads={"django": 1, "flask": 1})

    def weeks(package: str) -> list[str]:
        answer = client.get(f"/api/packages/{package}/overall?granularity=week")
        return sorted({row["date"] for row in answer.json()["data"]})

    assert weeks("django") == ["2026-11-09"]
    assert weeks("flask") == []


def test_same_numbers_for_more_packages_are_no_revision() -> None:
    tracking.track(["django"])
    count(0, downloads={"django": 5})
    tracking.track(["flask"])

    count(0, downloads={"django": 5})

    day = CountedDay.objects.get()
    assert (day.packages_counted, day.revisions) == (
        frozenset(["django", "flask"]),
        [],
    )


def test_small_days_follow_when_a_large_package_is_tracked_no_longer() -> None:
    tracking.track(["django", "flask"])
    for age in (28, 21, 14, 7):
        count(age, downloads={"django": 9, "flask": 10_000})
    tracking.untrack(["flask"])

    outcome = count(0, downloads={"django": 9, "flask": 10_000})

    assert outcome.failed == {}
    assert CountedDay.objects.get(day=LAST).checks == ["nothing-usual"]


def test_name_within_another_name_is_not_counted_by_it() -> None:
    tracking.track(["django-extra", "my-django"])
    count(0, downloads={"django-extra": 1})
    tracking.track(["django"])

    assert not stats.history("django").counted
