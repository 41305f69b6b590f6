"""Events over several simulated days, through the real store."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db.models import F

from packages import recents
from packages.clients import ClientKey
from packages.events.detect import detect_pending
from packages.events.texts import title
from packages.models import (
    CountedDay,
    Event,
    Generation,
    Incident,
    MirrorEntry,
    MirrorList,
    Package,
    StandingsState,
)
from packages.packed_day import definition_on
from tests.factories import MIRROR, PIP_39, PIP_311, UV_CI, Downloads, count_day

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 9, 7)
PIP_312 = ClientKey("pip", "3.12", "Linux", ci=False)
Kind = Event.Kind


def week(number: int) -> list[date]:
    """The days of the ``number``th week of the simulation, from 0."""
    first = MONDAY + timedelta(weeks=number)
    return [first + timedelta(days=n) for n in range(7)]


def sunday(number: int) -> date:
    return week(number)[-1]


def count(day: date, downloads: Downloads, *, hours: int = 0) -> None:
    """Count ``day`` in the night after it, or later, and look for its events."""
    with time_machine.travel(at_night(day) + timedelta(hours=hours), tick=False):
        count_day(day, downloads)
        detect_pending()


def store_days(days: Iterable[date], downloads: Downloads) -> None:
    """Count ``days`` as ones whose events have been looked for already."""
    for day in days:
        with time_machine.travel(at_night(day), tick=False):
            count_day(day, downloads)
    CountedDay.objects.update(events_at=F("counted_at"))


def store_empty(days: Iterable[date]) -> None:
    """Put days without a download into the ledger, which is all that counts them."""
    CountedDay.objects.bulk_create(
        CountedDay(
            day=day,
            status=CountedDay.Status.COMPLETE,
            source="files",
            definition=definition_on(day),
            counted_at=at_night(day),
            events_at=at_night(day),
        )
        for day in days
    )


def store_weeks(numbers: Iterable[int], downloads: Downloads) -> None:
    """Count weeks in which everything is downloaded on the last day."""
    for number in numbers:
        store_days([sunday(number)], downloads)
        store_empty(week(number)[:-1])


def count_week(number: int, downloads: Downloads) -> None:
    """The same, but for the last day, whose events are still to be looked for."""
    store_empty(week(number)[:-1])
    count(sunday(number), downloads)


def told(*, kind: Event.Kind | None = None) -> list[tuple[date, str]]:
    """Day and title of the events that stand, oldest first."""
    events = Event.objects.standing().select_related("package").order_by("day", "id")
    chosen = events.filter(kind=kind) if kind else events
    return [(event.day, title(event)) for event in chosen]


def titles(kind: Event.Kind, package: str) -> list[str]:
    return [words for _, words in told(kind=kind) if words.startswith(f"{package}:")]


def at_night(day: date) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
    return midnight + timedelta(hours=3)


def spike(
    day: date, usual: Mapping[ClientKey, int], then: Mapping[ClientKey, int]
) -> None:
    """Count four days like ``usual``, a week apart, and ``then`` the week after."""
    weekdays = [day - timedelta(weeks=weeks) for weeks in (4, 3, 2, 1)]
    store_days(weekdays, {"requests": usual})
    count(day, {"requests": then})


def test_week_that_passes_a_round_number_is_told_once() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    count_week(3, {"requests": {PIP_311: 1_050}})
    count_week(4, {"requests": {PIP_311: 910}})
    count_week(5, {"requests": {PIP_311: 1_120}})

    assert titles(Kind.MILESTONE, "requests") == [
        "requests: more than 1,000 downloads a week"
    ]
    event = Event.objects.get(kind=Kind.MILESTONE, package__isnull=False)
    assert event.key == "milestone:week:1000:up"
    assert event.day == sunday(3)
    assert event.facts == {
        "passed": 1_000,
        "downloads": 1_050,
        "before": 910,
        "week": "2026-W40",
    }
    assert event.published_at == event.updated_at == at_night(sunday(3))


def test_week_that_passes_several_numbers_tells_the_highest() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 700}})
    count_week(3, {"requests": {PIP_311: 7_000}})

    assert titles(Kind.MILESTONE, "requests") == [
        "requests: more than 5,000 downloads a week"
    ]


@pytest.mark.parametrize(
    ("weeks", "downloads", "passes"),
    [(7, 1_018, False), (7, 1_019, True), (8, 1_000, True)],
)
def test_few_weeks_on_record_must_be_passed_clearly(
    weeks: int, downloads: int, *, passes: bool
) -> None:
    store_weeks(range(weeks), {"requests": {PIP_311: 970}})

    count_week(weeks, {"requests": {PIP_311: downloads}})

    assert bool(titles(Kind.MILESTONE, "requests")) is passes


def test_first_weeks_on_record_pass_nothing() -> None:
    store_weeks([0, 1], {"requests": {PIP_311: 700}})
    count_week(2, {"requests": {PIP_311: 7_000}})

    assert told(kind=Kind.MILESTONE) == []


def test_events_of_all_packages_stand_beside_those_of_one() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 700}})
    count_week(3, {"requests": {PIP_311: 7_000}})

    assert told(kind=Kind.MILESTONE) == [
        (sunday(3), "All packages: more than 5,000 downloads a week"),
        (sunday(3), "requests: more than 5,000 downloads a week"),
    ]


def test_same_count_again_announces_nothing() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    count_week(3, {"requests": {PIP_311: 1_050}})
    before = list(Event.objects.values())

    count(sunday(3), {"requests": {PIP_311: 1_050}}, hours=1)
    CountedDay.objects.update(events_at=None)
    detect_pending()

    assert list(Event.objects.values()) == before


def test_corrected_count_keeps_the_key_and_moves_the_update() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    count_week(3, {"requests": {PIP_311: 1_050}})
    before = Event.objects.get(kind=Kind.MILESTONE, package__isnull=False)

    with time_machine.travel(at_night(sunday(3)) + timedelta(days=1), tick=False):
        count_day(sunday(3), {"requests": {PIP_311: 1_060}})
        detect_pending()

    after = Event.objects.get(id=before.id)
    assert (after.key, after.published_at) == (before.key, before.published_at)
    assert after.updated_at == before.updated_at + timedelta(days=1)
    assert after.facts == before.facts | {"downloads": 1_060}


def test_event_that_a_recount_makes_false_is_withdrawn_and_comes_back() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    count_week(3, {"requests": {PIP_311: 1_050}})

    count(sunday(3), {"requests": {PIP_311: 901}}, hours=1)
    gone = Event.objects.get(kind=Kind.MILESTONE, package__isnull=False)
    count(sunday(3), {"requests": {PIP_311: 1_051}}, hours=2)
    back = Event.objects.get(id=gone.id)

    assert gone.withdrawn_at is not None
    assert gone.facts["downloads"] == 1_050
    assert back.withdrawn_at is None
    assert back.facts["downloads"] == 1_051
    assert back.published_at == gone.published_at


def test_generation_rises_with_the_events_alone() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    before = Generation.current().number
    count_week(3, {"requests": {PIP_311: 1_050}})

    assert Generation.current().number == before + 1 + 1


def test_interrupted_detection_is_finished_by_the_next() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    store_empty(week(3)[:-1])
    count_day(sunday(3), {"requests": {PIP_311: 1_050}})
    assert told(kind=Kind.MILESTONE) == []

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        detect_pending(stop)
    detect_pending()

    assert titles(Kind.MILESTONE, "requests") == [
        "requests: more than 1,000 downloads a week"
    ]


def test_day_that_fails_waits_and_keeps_no_other_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    store_empty(week(3)[:-1])
    count_day(sunday(3), {"requests": {PIP_311: 1_050}})
    broken = CountedDay.objects.filter(day=week(3)[-2])
    broken.update(revisions=[{"what": "nobody writes"}], events_at=None)

    detect_pending()

    assert titles(Kind.MILESTONE, "requests") == [
        "requests: more than 1,000 downloads a week"
    ]
    assert broken.get().events_at is None
    (record,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert record.getMessage() == "Looking for events of 2026-10-03 failed; it waits"
    assert record.exc_info is not None

    broken.update(revisions=[])
    detect_pending()

    assert broken.get().events_at == broken.get().counted_at


def test_history_that_is_filled_at_once_is_dated_by_its_days() -> None:
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False):
        for number, downloads in enumerate((910, 910, 910, 1_050)):
            count_day(sunday(number), {"requests": {PIP_311: downloads}})
            store_empty(week(number)[:-1])
            Generation.rise()
            detect_pending()

    event = Event.objects.get(kind=Kind.MILESTONE, package__isnull=False)
    assert event.published_at == datetime(2026, 10, 5, tzinfo=UTC)
    assert event.published_at == event.updated_at


def test_mirrors_pass_nothing_and_a_change_of_lists_announces_nothing() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 700}})
    count_week(3, {"requests": {PIP_311: 700, MIRROR: 10_000}})
    default = MirrorList.objects.get(is_default=True)
    MirrorEntry.objects.filter(mirror_list=default).delete()
    detect_pending()
    assert told() == []

    recents.bring_up_to_date()
    detect_pending()

    assert told() == []
    assert StandingsState.current().rule != ""


def test_days_wait_while_the_standings_are_out_of_date() -> None:
    store_weeks(range(3), {"requests": {PIP_311: 910}})
    store_empty(week(3)[:-1])
    StandingsState.objects.update(rule="")
    count(sunday(3), {"requests": {PIP_311: 1_050}})
    assert told(kind=Kind.MILESTONE) == []

    recents.bring_up_to_date()
    detect_pending()

    assert titles(Kind.MILESTONE, "requests") == [
        "requests: more than 1,000 downloads a week"
    ]


def test_unusual_day_names_the_client_that_owns_the_rise() -> None:
    day = date(2026, 11, 19)
    usual = {PIP_311: 9_000, UV_CI: 1_000}

    spike(day, usual, {PIP_311: 10_600, UV_CI: 19_400})

    event = Event.objects.get(package__isnull=False)
    assert (event.kind, event.key) == (Kind.UNUSUAL, "unusual:2026-11-19")
    assert event.facts == {
        "downloads": 30_000,
        "usual": 10_000,
        "owner": {
            "share": 92,
            "usual_share": 10,
            "installer": "uv",
            "system": "Linux",
            "python": "3.12",
            "ci": True,
        },
    }


def test_day_after_days_without_downloads_is_not_unusual() -> None:
    day = date(2026, 11, 19)
    rest = {"rest": {PIP_311: 50_000}}
    store_days([day - timedelta(weeks=n) for n in (4, 3, 2, 1)], rest)

    count(day, rest | {"new": {PIP_311: 6_000}})

    assert told() == []


def test_all_packages_have_unusual_days_of_their_own() -> None:
    day = date(2026, 11, 19)

    spike(day, {PIP_311: 10_000}, {PIP_311: 16_000})

    assert told() == [
        (day, "All packages: 60 % more downloads than usual on 19 November 2026")
    ]


def test_what_all_packages_do_is_no_news_of_one() -> None:
    day = date(2026, 11, 19)
    weekdays = [day - timedelta(weeks=weeks) for weeks in (4, 3, 2, 1)]
    store_days(weekdays, {"a": {PIP_311: 20_000}, "b": {PIP_311: 500_000}})

    count(day, {"a": {PIP_311: 9_000}, "b": {PIP_311: 240_000}})

    assert told() == [
        (day, "All packages: 52 % fewer downloads than usual on 19 November 2026")
    ]


def test_record_week_says_the_one_before() -> None:
    store_weeks([0], {"requests": {PIP_311: 63_000}})
    store_weeks(range(1, 8), {"requests": {PIP_311: 56_000}})

    count_week(8, {"requests": {PIP_311: 66_500}})

    event = Event.objects.get(kind=Kind.RECORD, package__isnull=False)
    assert event.key == "record:2026-W45"
    assert event.facts == {
        "week": "2026-W45",
        "per": "week",
        "downloads": 66_500,
        "before": 63_000,
        "before_on": "2026-W37",
    }


def test_next_record_is_told_when_it_is_a_tenth_higher() -> None:
    store_weeks(range(8), {"requests": {PIP_311: 70_000}})

    for number, downloads in enumerate((72_000, 79_000, 80_000), start=8):
        count_week(number, {"requests": {PIP_311: downloads}})

    assert [day for day, _ in told(kind=Kind.RECORD)] == [
        day for day in (sunday(8), sunday(10)) for _ in ("all", "requests")
    ]


def test_record_day_of_a_week_that_is_none() -> None:
    for number in range(8):
        days = [week(number)[0], sunday(number)]
        store_days(days, {"requests": {PIP_311: 30_000}})
        store_empty(week(number)[1:-1])
    Event.objects.create(  # which the week is far from
        package=Package.objects.get(),
        kind=Kind.RECORD,
        key="record:2026-W44",
        day=sunday(7),
        facts={"per": "week", "downloads": 60_000},
        published_at=at_night(sunday(7)),
        updated_at=at_night(sunday(7)),
    )

    count_week(8, {"requests": {PIP_311: 50_000}})

    event = Event.objects.get(kind=Kind.RECORD, day=sunday(8), package__isnull=False)
    assert event.facts == {
        "week": "2026-W45",
        "per": "day",
        "on": "2026-11-08",
        "downloads": 50_000,
        "before": 30_000,
        "before_on": "2026-09-07",
    }


def test_small_packages_have_no_records() -> None:
    store_weeks(range(8), {"requests": {PIP_311: 4_900}})
    count_week(8, {"requests": {PIP_311: 49_000}})

    assert told(kind=Kind.RECORD) == []


def test_python_that_passes_a_share_is_told_once() -> None:
    shares = (7_000, 9_000, 10_000, 10_400, 10_200)
    for number, of_312 in enumerate(shares):
        mix = {PIP_311: 100_000 - of_312, PIP_312: of_312}
        store_weeks([number], {"requests": mix})
    count_week(5, {"requests": {PIP_311: 89_000, PIP_312: 11_000}})
    count_week(6, {"requests": {PIP_311: 90_100, PIP_312: 9_900}})

    assert titles(Kind.PYTHON_SHARE, "requests") == [
        "requests: Python 3.12 passes 10 % of downloads"
    ]
    event = Event.objects.get(kind=Kind.PYTHON_SHARE, package__isnull=False)
    assert event.key == "python-share:3.12:10:up:2026-W42"
    assert (event.facts["share"], event.facts["before"]) == (11.0, 10.2)


def test_python_that_falls_below_a_share_is_told_for_all_packages_too() -> None:
    store_weeks(range(5), {"requests": {PIP_311: 140_000, PIP_39: 60_000}})
    count_week(5, {"requests": {PIP_311: 191_000, PIP_39: 9_000}})

    assert told(kind=Kind.PYTHON_SHARE) == [
        (sunday(5), f"{name}: Python 3.9 falls below 5 % of downloads")
        for name in ("All packages", "requests")
    ]


def test_package_that_begins_passes_no_shares() -> None:
    rest = {PIP_311: 900_000}
    store_weeks(range(4), {"rest": rest})
    count_week(4, {"rest": rest, "new": {PIP_311: 99_999}})
    count_week(5, {"rest": rest, "new": {PIP_39: 150_000}})
    assert told(kind=Kind.PYTHON_SHARE) == [
        (sunday(5), "All packages: Python 3.9 passes 10 % of downloads")
    ]

    count_week(6, {"rest": rest, "new": {PIP_39: 75_000, PIP_311: 75_000}})

    assert titles(Kind.PYTHON_SHARE, "new") == [
        "new: Python 3.11 passes 25 % of downloads"
    ]


def test_first_download_is_told_once_history_is_long_enough() -> None:
    store_days([MONDAY - timedelta(days=90)], {"old": {PIP_311: 5}})
    count(MONDAY - timedelta(days=1), {"early": {PIP_311: 5}})
    count(MONDAY, {"old": {PIP_311: 5}, "new": {PIP_311: 3}, "copied": {MIRROR: 3}})
    count(MONDAY + timedelta(days=1), {"new": {PIP_311: 3}})

    assert told() == [(MONDAY, "new: first download")]
    assert Event.objects.get().facts == {"downloads": 3, "since": "2026-06-09"}


def test_total_that_passes_a_round_number_is_told_once() -> None:
    passed = [(MONDAY + timedelta(days=1), "requests: 10,000 downloads in all")]
    store_days([MONDAY - timedelta(days=90)], {"requests": {PIP_311: 9_900}})
    days = [MONDAY + timedelta(days=n) for n in range(3)]
    for day in days:
        count(day, {"requests": {PIP_311: 60}})
    assert told() == passed

    count(days[0], {"requests": {PIP_311: 200}}, hours=90)
    assert told(kind=Kind.TOTAL) == passed

    count(days[0], {"requests": {PIP_311: 1}}, hours=91)
    count(days[1], {"requests": {PIP_311: 1}}, hours=92)
    assert told(kind=Kind.TOTAL) == []


def test_silence_and_return_are_told_once_each() -> None:
    rest = {"other": {PIP_311: 10}}
    store_weeks([0, 1], rest | {"requests": {PIP_311: 1_050}})
    store_days(week(2) + week(3)[:-1], rest)
    for day in (sunday(3), *week(4)[:3]):
        count(day, rest)
    assert told() == [(sunday(3), "requests: no downloads since 20 September 2026")]

    for day in week(4)[3:6]:
        count(day, rest | {"requests": {PIP_311: 600}})

    assert told()[1:] == [(week(4)[3], "requests: downloads again")]
    assert Event.objects.get(kind=Kind.RETURN).facts == {
        "silent_after": "2026-09-20",
        "downloads": 600,
    }


def test_silence_needs_days_that_were_counted() -> None:
    rest = {"other": {PIP_311: 10}}
    store_weeks([0, 1], rest | {"requests": {PIP_311: 1_050}})
    store_days(week(2) + week(3)[:-2], rest)

    count(sunday(3), rest)

    assert told() == []


def test_revision_is_told_of_the_packages_that_moved_much() -> None:
    big, small = {PIP_311: 100_000}, {PIP_311: 9_000}
    store_days([MONDAY], {"big": big, "small": small, "same": big, "gone": big})
    count(
        MONDAY,
        {"big": {PIP_311: 80_000}, "small": {PIP_311: 100}, "same": {PIP_311: 99_000}},
        hours=1,
    )

    day = "7 September 2026"
    assert told() == [
        (MONDAY, f"gone: {day} counted anew: 100,000 fewer (100 %)"),
        (MONDAY, f"big: {day} counted anew: 20,000 fewer (20 %)"),
        (MONDAY, f"All packages: {day} counted anew: 129,900 fewer (42 %)"),
    ]


def test_day_of_all_packages_that_settles_by_a_little_is_no_event() -> None:
    store_days([MONDAY], {"big": {PIP_311: 100_000}})
    count(MONDAY, {"big": {PIP_311: 100_999}}, hours=1)
    assert told() == []

    count(MONDAY, {"big": {PIP_311: 101_000}}, hours=2)

    assert told() == [
        (MONDAY, "All packages: 7 September 2026 counted anew: 1,000 more (1.0 %)")
    ]


def test_second_revision_corrects_the_first_and_a_third_withdraws_it() -> None:
    store_days([MONDAY], {"big": {PIP_311: 100_000}})
    count(MONDAY, {"big": {PIP_311: 80_000}}, hours=1)
    first = Event.objects.get(package__isnull=False)
    count(MONDAY, {"big": {PIP_311: 79_000}}, hours=2)
    second = Event.objects.get(package__isnull=False)
    count(MONDAY, {"big": {PIP_311: 100_000}}, hours=3)

    assert first.facts == {"before": 100_000, "after": 80_000, "mirrors": False}
    assert second.facts == {"before": 100_000, "after": 79_000, "mirrors": False}
    assert second.published_at == first.published_at
    assert second.updated_at == first.published_at + timedelta(hours=1)
    assert told() == []


def test_incident_withdraws_the_unusual_day_it_explains() -> None:
    day = date(2026, 11, 19)
    spike(day, {PIP_311: 10_000}, {PIP_311: 30_000})
    assert len(told()) == 2

    incident = Incident.objects.create(title="Doubled", first_day=day, last_day=day)
    detect_pending()
    assert told() == []

    incident.delete()
    detect_pending()
    assert len(told()) == 2


def test_change_of_the_definition_is_no_unusual_day() -> None:
    spike(date(2026, 8, 27), {PIP_311: 30_000}, {PIP_311: 10_000})

    assert told() == []


def test_day_that_seems_doubled_is_unusual_for_all_packages_alone() -> None:
    day = date(2026, 11, 19)
    spike(day, {PIP_311: 10_000}, {PIP_311: 10_000})
    with time_machine.travel(at_night(day) + timedelta(hours=1), tick=False):
        count_day(day, {"requests": {PIP_311: 30_000}})
        CountedDay.objects.filter(day=day).update(checks=[CountedDay.Check.LARGE])
        detect_pending()

    assert titles(Kind.UNUSUAL, "All packages") != []
    assert titles(Kind.UNUSUAL, "requests") == []


def test_second_unusual_day_in_a_row_is_no_news() -> None:
    day = date(2026, 11, 19)
    store_days(
        [day - timedelta(weeks=n, days=-m) for n in (4, 3, 2, 1) for m in (0, 1)],
        {"requests": {PIP_311: 10_000}, "rest": {PIP_311: 900_000}},
    )
    for n in (0, 1):
        count(
            day + timedelta(days=n),
            {"requests": {PIP_311: 40_000}, "rest": {PIP_311: 900_000}},
        )

    assert told() == [
        (day, "requests: 4.0 times the usual downloads on 19 November 2026")
    ]


def test_real_days_forget_the_events_of_made_up_ones() -> None:
    with time_machine.travel(at_night(MONDAY), tick=False):
        count_day(MONDAY, {"requests": {PIP_311: 5}}, source="sample")
        Event.objects.create(
            kind=Kind.FIRST,
            day=MONDAY,
            key="first",
            facts={},
            published_at=at_night(MONDAY),
            updated_at=at_night(MONDAY),
        )
        count_day(MONDAY, {"requests": {PIP_311: 6}})

    assert not Event.objects.exists()
