"""Standings equal what the records say, however the days came in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
import time_machine
from django.test import Client
from django_q.models import OrmQ

from ingest.tasks import refresh_recents
from packages import recents, snapshot, stats, upkeep
from packages.mirror_changes import recorded
from packages.models import MirrorList, Package, Standing, StandingsState
from packages.shipped_lists import ship_mirror_lists
from tests.factories import MIRROR, PIP_311, UNNAMED, UV_CI, Downloads, count_day

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 18)
NAMES = ("django", "flask", "mirrored", "requests")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 19, 6, tzinfo=UTC), tick=False):
        yield


def random_day(random: Random) -> Downloads:
    chosen = random.sample(NAMES, random.randint(1, len(NAMES)))
    return {
        name: {
            key: random.randint(1, 999)
            for key in random.sample([MIRROR, PIP_311, UNNAMED, UV_CI], 2)
        }
        for name in chosen
    }


def standings() -> dict[str, tuple[int, int, int]]:
    rows = Standing.objects.values_list(
        "package__normalized_name", "last_day", "last_week", "last_month"
    )
    return {name: (day, week, month) for name, day, week, month in rows if month}


def read_from_records() -> dict[str, tuple[int, int, int]]:
    snapshot.refreshed()
    found = {name: stats.history(name).recent() for name in known_names()}
    return {
        name: (recent.last_day, recent.last_week, recent.last_month)
        for name, recent in found.items()
        if recent.last_month
    }


def totals() -> dict[str, int]:
    rows = Standing.objects.values_list("package__normalized_name", "total")
    return {name: total for name, total in rows if total}


def totals_in_records() -> dict[str, int]:
    sums = {
        name: sum(row.downloads for row in stats.history(name).overall(mirrors=False))
        for name in known_names()
    }
    return {name: total for name, total in sums.items() if total}


def known_names() -> list[str]:
    return list(Package.objects.values_list("normalized_name", flat=True))


@pytest.mark.parametrize("seed", range(6))
def test_windows_move_as_days_come_in_gaps_and_recounts(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - repeatable, nothing to protect
    day = LAST - timedelta(days=70)
    while day < LAST:
        day += timedelta(days=random.choice([1, 1, 1, 2, 9, 35]))
        day = min(day, LAST)
        count_day(day, random_day(random))
        again = day - timedelta(days=random.randint(0, 20))
        if random.random() < 0.4:
            count_day(again, random_day(random))

        assert recents.is_current()
        assert standings() == read_from_records()
    assert totals() == totals_in_records()


def test_old_day_that_was_never_counted_adds_to_the_total_alone() -> None:
    count_day(LAST, {"django": {PIP_311: 5}})
    count_day(LAST - timedelta(days=60), {"django": {PIP_311: 7}})

    assert recents.is_current()
    assert standings() == {"django": (5, 5, 5)}
    assert totals() == {"django": 12}


def test_old_day_counted_again_is_worked_out_anew() -> None:
    old = LAST - timedelta(days=60)
    count_day(old, {"django": {PIP_311: 7}})
    count_day(LAST, {"django": {PIP_311: 5}})
    count_day(old, {"django": {PIP_311: 1}})
    assert not recents.is_current()

    assert recents.recompute()

    assert recents.is_current()
    assert totals() == {"django": 6}


def test_changed_default_list_is_worked_out_anew() -> None:
    count_day(LAST, {"django": {PIP_311: 5, MIRROR: 100}})
    MirrorList.objects.get(name="everything").become_default()
    assert not recents.is_current()

    recents.recompute()

    assert standings() == {"django": (105, 105, 105)} == read_from_records()
    assert recents.is_current()


def test_day_counted_under_another_list_leaves_standings_out_of_date() -> None:
    count_day(LAST - timedelta(days=1), {"django": {PIP_311: 5}})
    MirrorList.objects.get(name="everything").become_default()

    count_day(LAST, {"django": {PIP_311: 5, MIRROR: 1}})

    assert not recents.is_current()


def test_day_stored_between_the_batches_is_in_the_standings() -> None:
    count_day(LAST - timedelta(days=1), {"django": {PIP_311: 5}})
    MirrorList.objects.get(name="everything").become_default()
    new = {"django": {PIP_311: 5, MIRROR: 1}}

    recents.recompute(on_batch=lambda _: count_day(LAST, new))

    assert recents.is_current()
    assert standings() == {"django": (6, 11, 11)} == read_from_records()


def test_client_that_is_new_between_the_batches_is_a_person_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recents, "BATCH", 1)
    day = LAST - timedelta(days=1)
    count_day(day, {"django": {PIP_311: 5}, "flask": {PIP_311: 5}})

    recents.recompute(on_batch=lambda _: count_day(LAST, {"flask": {UV_CI: 2}}))

    assert recents.is_current()
    assert standings() == read_from_records()


def test_progress_is_visible() -> None:
    count_day(LAST, {"django": {PIP_311: 5}})
    seen = []

    recents.recompute(on_batch=lambda _: seen.append(StandingsState.current()))

    assert [(state.rule, state.done > 0, state.of > 0) for state in seen] == [
        ("working", True, True)
    ]


def test_home_page_says_that_its_ranking_is_being_worked_out(client: Client) -> None:
    count_day(LAST, {"django": {PIP_311: 5}})
    assert "worked out anew" not in client.get("/").text

    MirrorList.objects.get(name="everything").become_default()
    assert "worked out anew, 0 % done" in client.get("/").text

    recents.bring_up_to_date()
    assert "worked out anew" not in client.get("/").text


@pytest.mark.django_db(transaction=True)
def test_queue_is_asked_once_for_a_changed_default_list() -> None:
    ship_mirror_lists()
    count_day(LAST, {"django": {PIP_311: 5, MIRROR: 2}})
    with recorded("ada", "a list that nobody reads"):
        MirrorList.objects.filter(name="known-mirrors").update(counts_unnamed=False)
    assert OrmQ.objects.count() == 0

    with recorded("ada", "mirrors are people too"):
        MirrorList.objects.get(name="everything").become_default()

    tasks = [queued.task["func"] for queued in OrmQ.objects.all()]
    assert tasks == ["ingest.tasks.refresh_recents"]
    assert refresh_recents() == "recents hold for the default list"
    assert standings() == {"django": (7, 7, 7)}


def test_trimmed_days_stay_in_the_total() -> None:
    count_day(LAST - timedelta(days=200), {"django": {PIP_311: 7, MIRROR: 1}})
    count_day(LAST, {"django": {PIP_311: 5}})
    upkeep.trim()

    recents.recompute()

    assert totals() == {"django": 12}


@pytest.mark.parametrize("seed", range(6))
def test_windows_hold_when_days_are_counted_before_they_are_over(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - repeatable, nothing to protect
    running = LAST - timedelta(days=40)
    while running < LAST:
        running += timedelta(days=random.choice([1, 1, 2, 9]))
        noon = datetime.combine(running, time(12), tzinfo=UTC)
        with time_machine.travel(noon, tick=False):
            day = running - timedelta(days=random.choice([0, 0, 1, 1, 2, 33]))
            count_day(day, random_day(random))
            if random.random() < 0.2:
                recents.recompute()
            recents.bring_up_to_date()
            assert standings() == read_from_records()
            assert totals() == totals_in_records()


def test_running_day_is_in_the_total_once_it_is_over() -> None:
    running = LAST + timedelta(days=1)
    count_day(LAST, {"django": {PIP_311: 10}})
    count_day(running, {"django": {PIP_311: 3}})

    recents.recompute()

    assert totals() == {"django": 10}
    with time_machine.travel(datetime(2026, 11, 20, 6, tzinfo=UTC), tick=False):
        count_day(running, {"django": {PIP_311: 5}})
        assert totals() == {"django": 15} == totals_in_records()
