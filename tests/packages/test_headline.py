"""One number of a package: read from its standing or summed, it is the same."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from packages import headline, snapshot, stats, upkeep
from packages.exceptions import UnknownMirrorListError, UnknownPackageError
from packages.headline import Period
from packages.models import MirrorList, Package, Standing
from tests.factories import MALFORMED, MIRROR, PIP_311, UNNAMED, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
CELLS = {PIP_311: 10, MIRROR: 100, UNNAMED: 1000, MALFORMED: 10_000}
LISTS = ("pypistats", "known-mirrors", "everything")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 19, 6, tzinfo=UTC), tick=False):
        yield


def count(*ages: int) -> None:
    for age in sorted(ages, reverse=True):
        count_day(LAST - timedelta(days=age), {"django": CELLS})


def of_all_periods(name: str, mirror_list: str | None = None) -> list[int]:
    return [headline.downloads(name, period, mirror_list) for period in Period]


def test_periods_are_of_people_by_the_default_list() -> None:
    count(0, 3, 20, 100)

    assert of_all_periods("django") == [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("mirror_list", "day"),
    [("pypistats", 10), ("known-mirrors", 11_010), ("everything", 11_110)],
)
def test_another_list_is_summed_by_its_own_rule(mirror_list: str, day: int) -> None:
    count(0, 3, 20, 100)

    numbers = of_all_periods("django", mirror_list)

    assert numbers == [day, 2 * day, 3 * day, 4 * day]


@pytest.mark.parametrize("mirror_list", LISTS)
def test_recents_are_those_of_the_history(mirror_list: str) -> None:
    count(0, 1, 6, 7, 29, 30, 60)

    recent = stats.history("django", mirror_list).recent()

    assert of_all_periods("django", mirror_list)[:3] == [
        recent.last_day,
        recent.last_week,
        recent.last_month,
    ]


def test_trimmed_days_stay_in_the_total_of_every_list() -> None:
    count(400, 200, 0)
    before = [headline.downloads("django", Period.TOTAL, name) for name in LISTS]

    upkeep.trim()

    after = [headline.downloads("django", Period.TOTAL, name) for name in LISTS]
    assert before == after == [30, 33_030, 33_330]


def test_settled_months_stay_in_the_total() -> None:
    count(100, 70, 0)

    assert upkeep.settle_months() == 2

    assert headline.downloads("django", Period.TOTAL, "everything") == 33_330


def test_total_has_no_day_that_is_not_over() -> None:
    count(0, -1)

    assert headline.downloads("django", Period.TOTAL) == 10
    assert headline.downloads("django", Period.TOTAL, "everything") == 11_110


def test_total_has_no_past_day_that_was_counted_before_it_was_over() -> None:
    noon = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC)
    with time_machine.travel(noon - timedelta(days=1), tick=False):
        count(2, 1)
    count(0)

    assert headline.downloads("django", Period.TOTAL) == 20
    assert headline.downloads("django", Period.TOTAL, "everything") == 2 * 11_110


def test_changed_default_list_is_summed_until_standings_hold() -> None:
    count(0, 3, 20, 100)
    MirrorList.objects.get(name="everything").become_default()
    assert Standing.objects.get().last_day == 10

    assert of_all_periods("django") == [11_110, 22_220, 33_330, 44_440]


def test_standing_is_what_is_read_while_it_holds() -> None:
    count(0)
    Standing.objects.update(last_day=77, total=99)

    assert of_all_periods("django") == [77, 10, 10, 99]


def test_known_package_without_downloads_has_none() -> None:
    Package.objects.create(normalized_name="tracked-only", tracked=True)
    assert of_all_periods("tracked-only") == [0, 0, 0, 0]
    count(0)

    assert of_all_periods("tracked-only") == [0, 0, 0, 0]
    assert of_all_periods("tracked-only", "everything") == [0, 0, 0, 0]


def test_package_that_was_not_downloaded_lately_has_a_total_still() -> None:
    count(40)
    count_day(LAST, {"flask": CELLS})

    assert of_all_periods("django") == [0, 0, 0, 10]


def test_sum_of_all_packages_has_recents() -> None:
    count(0)
    count_day(LAST - timedelta(days=1), {"flask": CELLS})

    recents = (Period.DAY, Period.WEEK, Period.MONTH)
    assert [headline.downloads("__all__", period) for period in recents] == [10, 20, 20]


def test_total_of_all_packages_is_not_known() -> None:
    count(0)

    with pytest.raises(UnknownPackageError):
        headline.downloads("__all__", Period.TOTAL)


@pytest.mark.parametrize("mirror_list", [None, "everything"])
@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("name", ["nope", "-nope", "", "no\x00pe", "n" * 10_000])
def test_unknown_package(name: str, period: Period, mirror_list: str | None) -> None:
    count(0)

    with pytest.raises(UnknownPackageError, match="No package named"):
        headline.downloads(name, period, mirror_list)


def test_unknown_list() -> None:
    count(0)

    with pytest.raises(UnknownMirrorListError):
        headline.downloads("django", Period.DAY, "nope")


def test_name_is_taken_in_any_spelling() -> None:
    count_day(LAST, {"zope-interface": CELLS})

    assert headline.downloads("Zope__Interface", Period.DAY) == 10


@pytest.mark.parametrize("period", Period)
def test_standing_costs_two_queries(
    django_assert_num_queries: DjangoAssertNumQueries, period: Period
) -> None:
    count(0, 1, 60, 120)
    snapshot.refreshed()
    headline.downloads("django", period)

    with django_assert_num_queries(2):
        headline.downloads("django", period)
