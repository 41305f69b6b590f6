"""Charts: gaps are not zeros, and a table has the chart's own numbers."""

from datetime import date, timedelta

import pytest

from packages import stats
from packages.charts import (
    MAX_CATEGORIES,
    REST,
    Change,
    Chart,
    chart_marks,
    definition_changes,
    package_charts,
)
from packages.clients import ClientKey
from packages.models import CountedDay, Incident
from packages.templatetags.tables import table_body, whole_days
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day

ARTIFACTS = "wheels and sdists only"

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 16)


def day(offset: int) -> date:
    return DAY + timedelta(days=offset)


def chart(package: str, key: str) -> Chart:
    charts = package_charts(stats.history(package))
    return next(chart for chart in charts if chart.key == key)


def test_day_never_counted_is_a_gap_and_day_without_downloads_a_zero() -> None:
    count_day(day(0), {"django": {PIP_311: 10}})
    count_day(day(1), {"flask": {PIP_311: 1}})
    count_day(day(3), {"django": {PIP_311: 12}})

    overall = chart("django", "overall")

    assert overall.days == [day(0), day(1), day(2), day(3)]
    assert overall.values == {
        "with_mirrors": [10, 0, None, 12],
        "without_mirrors": [10, 0, None, 12],
    }


def test_charts_of_a_package_and_whether_they_have_shares() -> None:
    count_day(day(0), {"django": {PIP_311: 10, PIP_39: 4, UV_CI: 3, POETRY: 2}})

    charts = package_charts(stats.history("django"))

    assert [(one.key, one.shares, one.categories) for one in charts] == [
        ("overall", False, ["with_mirrors", "without_mirrors"]),
        ("python_major", True, ["3", "null"]),
        ("python_minor", True, ["3.9", "3.11", "3.12", "null"]),
        ("system", True, ["Darwin", "Linux", "Windows"]),
    ]


def test_package_without_downloads_has_no_charts() -> None:
    count_day(day(0), {"django": {PIP_311: 10}})
    count_day(day(0), {"flask": {PIP_311: 10}})

    assert package_charts(stats.history("django")) == []


def test_package_that_only_mirrors_copied_has_the_overall_chart_alone() -> None:
    count_day(day(0), {"django": {MIRROR: 10}})

    charts = package_charts(stats.history("django"))

    assert [(one.key, one.categories) for one in charts] == [
        ("overall", ["with_mirrors"])
    ]


def test_lines_run_from_the_newest_day() -> None:
    count_day(day(0), {"django": {PIP_311: 10, PIP_39: 4}})
    count_day(day(1), {"django": {PIP_311: 11}})

    minor = chart("django", "python_minor")

    assert minor.lines() == [(day(1), [0, 11]), (day(0), [4, 10])]


def test_table_body_has_numbers_and_names_days_never_counted() -> None:
    count_day(day(0), {"django": {PIP_311: 1234567}})
    count_day(day(2), {"django": {PIP_311: 5}})

    assert table_body(chart("django", "overall")).splitlines() == [
        '<tr><th scope="row">2026-11-18</th><td>5</td><td>5</td></tr>',
        (
            '<tr><th scope="row">2026-11-17</th>'
            '<td colspan="2" class="gap">not counted</td></tr>'
        ),
        '<tr><th scope="row">2026-11-16</th><td>1,234,567</td><td>1,234,567</td></tr>',
    ]


def test_many_categories_keep_the_largest_and_sum_up_the_rest() -> None:
    cells = {
        ClientKey("pip", f"3.{minor}", "Linux", ci=False): 100 - minor
        for minor in range(30)
    }
    count_day(day(0), {"django": cells})
    count_day(day(2), {"django": cells})

    minor = chart("django", "python_minor")

    assert minor.categories == [f"3.{n}" for n in range(MAX_CATEGORIES - 1)] + [REST]
    rest = sum(100 - minor for minor in range(MAX_CATEGORIES - 1, 30))
    assert minor.values[REST] == [rest, None, rest]


def test_data_has_labels_that_people_read() -> None:
    count_day(day(0), {"django": {PIP_311: 10}})

    assert chart("django", "overall").data() == {
        "key": "overall",
        "title": "Downloads",
        "shares": False,
        "categories": ["with_mirrors", "without_mirrors"],
        "labels": ["with mirrors", "without mirrors"],
        "values": {"with_mirrors": [10], "without_mirrors": [10]},
    }


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (
            [date(2026, 8, 22), date(2026, 8, 25)],
            [Change(date(2026, 8, 25), ARTIFACTS)],
        ),
        ([date(2026, 8, 24), date(2026, 8, 25)], []),
        ([], []),
    ],
)
def test_change_of_definition_is_the_first_day_counted_anew(
    days: list[date], expected: list[Change]
) -> None:
    for counted in days:
        count_day(counted, {"django": {PIP_311: 10}})

    assert definition_changes(stats.history("__all__").state) == expected


def test_each_change_of_definition_is_a_line_of_its_own() -> None:
    for offset in range(4):
        count_day(date(2026, 8, 21) + timedelta(days=offset), {"a": {PIP_311: 1}})
    day = CountedDay.objects.get(day=date(2026, 8, 22))
    day.definition = CountedDay.Definition.ARTIFACTS  # as by an access log
    day.save()

    marks = chart_marks(stats.history("a"))

    assert marks.changes == [
        Change(date(2026, 8, 22), ARTIFACTS),
        Change(date(2026, 8, 23), "every file, sidecars included"),
        Change(date(2026, 8, 24), ARTIFACTS),
    ]
    assert marks.data()["changed_on"] == [change.day for change in marks.changes]
    assert marks.description() == (
        "Dashed lines: change of definition on 2026-08-22, 2026-08-23, 2026-08-24."
    )


def test_marks_of_a_whole_ledger_say_nothing() -> None:
    count_day(day(0), {"django": {PIP_311: 10}})

    marks = chart_marks(stats.history("django"))

    assert marks.description() == ""
    assert marks.data() == {
        "changed_on": [],
        "missing": [],
        "incidents": [],
        "incident_days": [],
    }


def test_marks_have_what_is_missing_what_changed_and_what_went_wrong() -> None:
    first = date(2026, 8, 22)
    for offset in (0, 2, 3, 5):
        count_day(first + timedelta(days=offset), {"django": {PIP_311: 10}})
    Incident.objects.create(
        title="Loss",
        first_day=first + timedelta(days=3),
        last_day=first + timedelta(days=4),
    )

    marks = chart_marks(stats.history("django"))

    assert marks.data() == {
        "changed_on": [date(2026, 8, 24)],
        "missing": [date(2026, 8, 23), date(2026, 8, 26)],
        "incidents": [
            {"first": date(2026, 8, 25), "last": date(2026, 8, 26), "title": "Loss"}
        ],
        "incident_days": [date(2026, 8, 25)],
    }
    assert marks.description() == (
        "Hatched, because never counted: 2 days. Dashed line: change of definition on"
        " 2026-08-24. Tinted, for an incident: 1 day."
    )


def test_table_names_the_days_within_an_incident() -> None:
    count_day(day(0), {"django": {PIP_311: 5}})

    assert table_body(chart("django", "overall"), {day(0)}) == (
        '<tr><th scope="row">2026-11-16 <small class="tag tag-warn">incident</small>'
        "</th><td>5</td><td>5</td></tr>"
    )


def test_days_in_a_text_are_kept_whole_and_the_rest_is_escaped() -> None:
    assert whole_days("<b> 2026-11-16") == "&lt;b&gt; <time>2026-11-16</time>"
