"""A settled month tells the same, and still takes a late revision."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from packages import stats, upkeep
from packages.cells import is_settled, unpack_cells
from packages.mirrors import Dimension
from packages.models import CountedDay, DownloadRecord, Generation
from packages.turns import take_turns
from tests.factories import MIRROR, PIP_39, PIP_311, UV_CI, count_day

pytestmark = pytest.mark.django_db
OLD = date(2026, 9, 14)
LAST = date(2026, 11, 18)


def count_months() -> None:
    for offset in range(3):
        day = OLD + timedelta(days=offset)
        count_day(
            day, {"django": {PIP_311: 10 + offset, MIRROR: 5}, "flask": {UV_CI: 1}}
        )
    count_day(LAST, {"django": {PIP_311: 1, PIP_39: 2}})


def settled() -> dict[tuple[str, date], bool]:
    records = DownloadRecord.objects.select_related("package")
    return {(str(r.package), r.month): is_settled(r.days) for r in records}


def figures() -> list[object]:
    history = stats.history("django")
    return [history.overall(), *(history.by(name) for name in Dimension)]


def test_months_settle_without_a_change_of_figures() -> None:
    count_months()
    before, generation = figures(), Generation.current().number

    assert upkeep.settle_months() == 2

    assert settled() == {
        ("django", date(2026, 9, 1)): True,
        ("flask", date(2026, 9, 1)): True,
        ("django", date(2026, 11, 1)): False,
    }
    assert figures() == before
    assert Generation.current().number == generation
    assert upkeep.settle_months() == 0


def test_month_stays_open_while_its_last_days_may_be_counted_again() -> None:
    count_day(date(2026, 10, 31), {"django": {PIP_311: 1}})
    count_day(date(2026, 11, 10), {"django": {PIP_311: 1}})
    assert upkeep.settle_months() == 0

    count_day(date(2026, 11, 11), {"django": {PIP_311: 1}})

    assert upkeep.settle_months() == 1


def test_late_revision_of_a_settled_day_works() -> None:
    count_months()
    upkeep.settle_months()

    count_day(OLD, {"django": {PIP_311: 4}, "newcomer": {UV_CI: 3}})

    rows = stats.history("django").overall(mirrors=True)
    assert [row.downloads for row in rows] == [4, 16, 17, 3]
    assert (
        DownloadRecord.objects.get(
            package__normalized_name="django", month=date(2026, 9, 1)
        ).downloads
        == 4 + 16 + 17
    )
    assert [r.downloads for r in stats.history("flask").overall(mirrors=True)] == [1, 1]
    assert CountedDay.objects.get(day=OLD).revisions[0]["downloads"] == [16, 7]


def test_settled_month_is_trimmed_like_any_other() -> None:
    count_months()
    upkeep.settle_months()
    later = OLD.replace(day=30) + timedelta(days=181)
    with time_machine.travel(datetime(2027, 4, 2, tzinfo=UTC)):
        count_day(later, {"django": {PIP_311: 1}})
        assert upkeep.trim() == (3, 2)

    record = DownloadRecord.objects.get(
        package__normalized_name="django", month=date(2026, 9, 1)
    )
    assert (record.days, record.downloads) == ("", 48)
    assert sorted(unpack_cells(record.trimmed).values()) == [15, 33]


def test_same_numbers_again_change_nothing() -> None:
    count_months()
    before = list(CountedDay.objects.values()), Generation.current().number

    count_day(LAST, {"django": {PIP_311: 1, PIP_39: 2}})

    assert (list(CountedDay.objects.values()), Generation.current().number) == before


def test_month_that_settles_while_a_day_waits_for_its_turn_is_reopened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count_months()

    def wait_for_turn() -> None:
        upkeep.settle_months()
        take_turns()

    monkeypatch.setattr("packages.store.take_turns", wait_for_turn)

    count_day(OLD, {"django": {PIP_311: 4}, "newcomer": {UV_CI: 3}})

    rows = stats.history("django").overall(mirrors=True)
    assert [row.downloads for row in rows] == [4, 16, 17, 3]
    rows = stats.history("flask").overall(mirrors=True)
    assert [row.downloads for row in rows] == [1, 1]


def test_day_counted_alike_leaves_its_month_settled() -> None:
    count_months()
    upkeep.settle_months()

    count_day(OLD, {"django": {PIP_311: 10, MIRROR: 5}, "flask": {UV_CI: 1}})

    assert upkeep.settle_months() == 0
