"""A day is replaced as a whole, or stays as it was."""

from datetime import date

import pytest

from packages import stats
from packages.models import CountedDay, DownloadRecord
from packages.stats import Row
from tests.factories import MALFORMED, MIRROR, PIP_39, PIP_311, UNNAMED, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
NEXT = date(2026, 11, 19)


def test_default_list_is_the_rule_of_pypistats_org() -> None:
    cells = {PIP_311: 10, MIRROR: 5, UNNAMED: 3, MALFORMED: 2}
    count_day(DAY, {"django": cells})

    rows = stats.history("Django").overall()

    assert rows == [Row("with_mirrors", DAY, 18), Row("without_mirrors", DAY, 10)]


def test_counting_a_day_again_replaces_it() -> None:
    count_day(DAY, {"django": {PIP_311: 10}, "flask": {PIP_39: 7}})
    count_day(NEXT, {"django": {PIP_311: 1}})

    count_day(DAY, {"django": {PIP_39: 4}})

    assert stats.history("django").overall(mirrors=True) == [
        Row("with_mirrors", DAY, 4),
        Row("with_mirrors", NEXT, 1),
    ]
    assert stats.history("flask").overall() == []
    record = DownloadRecord.objects.get()
    assert record.downloads == 5
    assert CountedDay.objects.get(day=DAY).revisions[0]["downloads"] == [17, 4]
