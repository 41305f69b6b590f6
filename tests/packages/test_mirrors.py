"""A mirror list is applied when a number is read."""

from datetime import date

import pytest

from packages import stats
from packages.mirrors import Dimension, category_order
from packages.models import MirrorEntry, MirrorList
from packages.stats import Recent, Row
from tests.factories import (
    MALFORMED,
    MIRROR,
    PIP_39,
    PIP_311,
    POETRY,
    UNNAMED,
    count_day,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
NEXT = date(2026, 11, 19)


def without_mirrors(mirror_list: str | None = None) -> dict[date, int]:
    rows = stats.history("django", mirror_list).overall(mirrors=False)
    return {row.day: row.downloads for row in rows}


def test_editing_the_default_list_changes_the_next_answer() -> None:
    count_day(DAY, {"django": {PIP_311: 10, POETRY: 4}})
    before = without_mirrors()

    default = MirrorList.objects.get(is_default=True)
    default.entries.create(installer="poetry")

    assert (before, without_mirrors()) == ({DAY: 14}, {DAY: 10})


def test_another_default_changes_the_next_answer() -> None:
    count_day(DAY, {"django": {PIP_311: 10, MIRROR: 5, UNNAMED: 3, MALFORMED: 2}})
    before = without_mirrors()

    MirrorList.objects.get(name="everything").become_default()

    assert (before, without_mirrors()) == ({DAY: 10}, {DAY: 20})
    assert MirrorList.objects.filter(is_default=True).count() == 1


@pytest.mark.parametrize(
    ("name", "expected"), [("pypistats", 10), ("known-mirrors", 15), ("everything", 20)]
)
def test_every_number_can_be_asked_for_by_another_list(
    name: str, expected: int
) -> None:
    count_day(DAY, {"django": {PIP_311: 10, MIRROR: 5, UNNAMED: 3, MALFORMED: 2}})

    assert without_mirrors(name) == {DAY: expected}


def test_entry_holds_between_its_days() -> None:
    for day in (DAY, NEXT):
        count_day(day, {"django": {PIP_311: 10, POETRY: 4}})
    default = MirrorList.objects.get(is_default=True)

    default.entries.create(installer="poetry", valid_from=NEXT, valid_until=NEXT)

    assert without_mirrors() == {DAY: 14, NEXT: 10}


def test_deleting_an_entry_counts_its_installer_again() -> None:
    count_day(DAY, {"django": {PIP_311: 10, MIRROR: 5}})
    before = without_mirrors()

    MirrorEntry.objects.filter(
        installer="bandersnatch", mirror_list__is_default=True
    ).delete()

    assert (before, without_mirrors()) == ({DAY: 10}, {DAY: 15})


def test_missing_pythons_and_systems_are_null() -> None:
    count_day(DAY, {"django": {PIP_311: 10, PIP_39: 2, POETRY: 4, UNNAMED: 3}})
    history = stats.history("django")

    assert history.by(Dimension.PYTHON_MINOR) == [
        Row("3.9", DAY, 2),
        Row("3.11", DAY, 10),
        Row("null", DAY, 4),
    ]
    assert history.by(Dimension.SYSTEM) == [
        Row("Darwin", DAY, 2),
        Row("Linux", DAY, 10),
        Row("Windows", DAY, 4),
    ]
    assert history.by(Dimension.PYTHON_MAJOR) == [
        Row("3", DAY, 12),
        Row("null", DAY, 4),
    ]


def test_versions_sort_by_number() -> None:
    names = ["null", "3.10", "other", "2.7", "3.9", "3"]

    ordered = sorted(names, key=category_order)

    assert ordered == ["2.7", "3", "3.9", "3.10", "null", "other"]


def test_package_of_mirrors_alone_has_no_recent_downloads() -> None:
    count_day(DAY, {"django": {MIRROR: 5}})

    assert stats.history("django").recent() == Recent(0, 0, 0, DAY)
