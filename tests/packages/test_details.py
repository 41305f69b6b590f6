"""Files are stored beside the cells of the same day, and share its fate."""

from datetime import date

import pytest
from pytest_django import Settings

from packages import details, releases, upkeep
from packages.cells import read_days
from packages.exceptions import NotByVersionError
from packages.models import DownloadRecord, File, Generation
from packages.stats import Row, rows_of
from tests.factories import MIRROR, PIP_39, PIP_311, UV_CI, count_day, count_files

pytestmark = pytest.mark.django_db
DAY, NEXT = date(2026, 11, 18), date(2026, 11, 19)
WHEEL, SDIST = ("django-5.2-py3-none-any.whl", "5.2"), ("django-5.2.tar.gz", "5.2")
OLD = ("django-4.2-py3-none-any.whl", "4.2")


def by_file(package: str = "django") -> dict[str, int]:
    found = releases.of_package(package, "everything").by_file()
    return {row.filename: row.downloads for row in found}


def details_of(package: str = "django") -> str:
    return DownloadRecord.objects.get(package__normalized_name=package).details


def test_days_of_a_month_add_up_by_file() -> None:
    count_files(DAY, {"django": {WHEEL: {PIP_311: 3, UV_CI: 1}, OLD: {PIP_39: 2}}})
    count_files(NEXT, {"django": {WHEEL: {PIP_311: 5}, SDIST: {MIRROR: 7}}})

    assert by_file() == {OLD[0]: 2, WHEEL[0]: 9, SDIST[0]: 7}
    assert {line[0]: line[1] for line in read_days(details_of())} == {18: 6, 19: 12}


def test_details_keep_no_more_of_a_client_than_lists_judge_by() -> None:
    count_files(DAY, {"django": {WHEEL: {PIP_311: 3, PIP_39: 4}}})

    (line,) = read_days(details_of())
    assert (line[:2], len(line), line[3]) == ([18, 7], 4, 7)


def test_counting_a_day_again_replaces_its_files() -> None:
    count_files(
        DAY, {"django": {WHEEL: {PIP_311: 3}}, "flask": {("", "3.0"): {UV_CI: 1}}}
    )
    count_files(NEXT, {"django": {OLD: {PIP_311: 1}}})

    count_files(DAY, {"django": {SDIST: {PIP_311: 4}}})

    assert by_file() == {OLD[0]: 1, SDIST[0]: 4}
    assert by_file("flask") == {}


def test_counting_a_day_again_without_files_forgets_them() -> None:
    count_files(DAY, {"django": {WHEEL: {PIP_311: 3}}})
    count_files(NEXT, {"django": {OLD: {PIP_311: 1}}})

    count_day(DAY, {"django": {PIP_311: 3}})

    assert by_file() == {OLD[0]: 1}


def test_files_come_to_a_day_that_was_counted_without() -> None:
    count_day(DAY, {"django": {PIP_311: 3}})

    count_files(DAY, {"django": {WHEEL: {PIP_311: 3}}})

    assert by_file() == {WHEEL[0]: 3}


def test_same_files_again_write_nothing() -> None:
    files = {"django": {WHEEL: {PIP_311: 3}, OLD: {PIP_39: 2}}}
    count_files(DAY, files)
    before = Generation.current().number, list(DownloadRecord.objects.values())

    count_files(DAY, files)

    assert (
        Generation.current().number,
        list(DownloadRecord.objects.values()),
    ) == before


def test_other_files_of_the_same_cells_are_written() -> None:
    count_files(DAY, {"django": {WHEEL: {PIP_311: 3}}})

    count_files(DAY, {"django": {OLD: {PIP_311: 3}}})

    assert by_file() == {OLD[0]: 3}


def test_settled_month_keeps_its_files_and_takes_a_late_revision() -> None:
    early = date(2026, 9, 30)
    count_files(early, {"django": {WHEEL: {PIP_311: 3}, OLD: {PIP_39: 2}}})
    count_files(early.replace(day=29), {"django": {WHEEL: {PIP_311: 1}}})
    count_day(DAY, {"django": {PIP_311: 1}})

    assert upkeep.settle_months() == 1
    settled = DownloadRecord.objects.get(month=date(2026, 9, 1))
    assert (settled.settled, settled.details[:2]) == (True, "[[")
    assert by_file() == {OLD[0]: 2, WHEEL[0]: 4}

    count_files(early, {"django": {SDIST: {PIP_311: 9}}})
    assert by_file() == {WHEEL[0]: 1, SDIST[0]: 9}


def test_trim_clears_the_files_of_a_month(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    count_files(date(2026, 9, 30), {"django": {WHEEL: {PIP_311: 3}}})
    count_files(DAY, {"django": {OLD: {PIP_311: 1}}})

    assert upkeep.trim() == (1, 1)

    assert by_file() == {OLD[0]: 1}
    assert DownloadRecord.objects.get(month=date(2026, 9, 1)).details == ""


def test_invented_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "MAX_FILES", 2)
    count_files(
        DAY,
        {
            "django": {(f"{n}.whl", "1"): {PIP_311: n} for n in range(1, 5)},
            "flask": {("flask.whl", "1"): {PIP_311: 1}},
        },
    )

    count_files(
        NEXT, {"django": {("4.whl", "1"): {UV_CI: 1}, ("5.whl", "1"): {UV_CI: 8}}}
    )

    assert by_file() == {"": 1 + 2 + 8, "3.whl": 3, "4.whl": 4 + 1}
    assert by_file("flask") == {"flask.whl": 1}
    assert File.objects.count() == 4


def test_day_without_files_makes_none() -> None:
    count_day(DAY, {"django": {PIP_311: 3}})
    count_day(DAY, {"django": {PIP_311: 4}})

    assert not File.objects.exists()
    with pytest.raises(NotByVersionError):
        releases.of_package("django")


def test_forgotten_package_takes_its_files_along() -> None:
    count_files(DAY, {"django": {WHEEL: {PIP_311: 3}}}, source="sample")

    count_files(DAY, {"flask": {("", "3.0"): {PIP_311: 1}}})

    found = releases.of_package("flask")
    assert rows_of(found.by_version()) == [Row("3.0", DAY, 1)]
    assert File.objects.count() == 1
