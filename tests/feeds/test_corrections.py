"""What moves an item that readers have: not every figure that settles does."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from packages.clients import ClientKey
from packages.mirror_changes import recorded
from packages.models import CountedDay, Incident, MirrorList
from tests.factories import PIP_39, PIP_311, POETRY, count_day
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import SUNDAY, read, updated

pytestmark = pytest.mark.django_db
WEEKS, DAYS = "/feeds/packages/django.atom", "/feeds/days.atom"
EARLIER = "2026-10-19T04:00:00+00:00"
LATER = "2026-10-21T05:00:00+00:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Two weeks were counted long before the moment at which they change."""
    with time_machine.travel(
        datetime(2026, 10, 19, 4, tzinfo=UTC), tick=False
    ) as clock:
        for day in (SUNDAY - timedelta(days=7), SUNDAY):
            count(day, 1)
        clock.move_to(datetime.fromisoformat(LATER))
        yield clock


def count(day: date, other: int, django: int = 1000) -> None:
    count_day(day, {"django": {PIP_311: django}, "other": {POETRY: other}})


def updates(client: Client, address: str) -> list[tuple[str, str]]:
    entries: list[Any] = read(client, address).entries
    return [(entry.id.rpartition(":")[2], updated(entry)) for entry in entries]


def test_re_count_of_others_changes_no_text_of_a_package(client: Client) -> None:
    before = client.get(WEEKS).content

    count(SUNDAY, 900)

    assert client.get(WEEKS).content == before


def test_re_count_is_told_of_a_package_while_the_total_hardly_moves(
    client: Client,
) -> None:
    count(SUNDAY, 9)

    newest, second = read(client, "/feeds/packages/other.atom").entries

    assert newest.title == "other: 9 downloads in week 42 (1 of 7 days counted)"
    assert updated(newest) == LATER
    assert updated(second) == EARLIER
    assert (
        "<p>2026-10-18 was counted again on 2026-10-21. Its downloads, mirrors"
        " included: 1 before, 9 since.</p>"
    ) in newest.content[0].value


def test_day_that_settles_by_little_moves_no_date(client: Client) -> None:
    count(SUNDAY, 1, django=1009)

    newest = read(client, WEEKS).entries[0]

    assert newest.title == "django: 1,009 downloads in week 42 (1 of 7 days counted)"
    assert updated(newest) == EARLIER
    assert "counted again" not in newest.content[0].value


def test_little_re_counts_after_a_told_one_add_up(
    client: Client, clock: time_machine.Traveller
) -> None:
    found = []
    for django in (1020, 1025, 1031):
        count(SUNDAY, 1, django=django)
        found.append(updates(client, WEEKS)[0][1])
        clock.shift(timedelta(hours=1))

    assert found == [LATER, LATER, "2026-10-21T07:00:00+00:00"]


@pytest.mark.parametrize("downloads", [{"other": {POETRY: 1}}, {"django": {PIP_39: 9}}])
def test_package_that_a_re_count_brings_or_takes_has_a_new_date(
    client: Client, downloads: dict[str, dict[ClientKey, int]]
) -> None:
    name = "other" if "django" in downloads else "django"
    count_day(SUNDAY, downloads)
    clock = dict(updates(client, f"/feeds/packages/{name}.atom?every=day"))

    assert "2026-10-18" not in clock
    count(SUNDAY, 1)
    assert updates(client, f"/feeds/packages/{name}.atom?every=day")[0] == (
        "2026-10-18",
        LATER,
    )


def test_day_that_is_counted_for_others_too_has_a_new_date(client: Client) -> None:
    CountedDay.objects.filter(day=SUNDAY).update(counted_for=",other,")
    count(SUNDAY, 1, django=1001)

    assert updates(client, WEEKS) == [("2026-W42", LATER), ("2026-W41", EARLIER)]


def test_list_has_the_dates_of_its_packages(client: Client) -> None:
    count(SUNDAY, 2)

    found = read(client, "/feeds/list.atom?packages=django,other&every=day").entries

    assert {entry.id.split(":", 1)[1]: updated(entry) for entry in found} == {
        "django:day:2026-10-18": EARLIER,
        "django:day:2026-10-11": EARLIER,
        "other:day:2026-10-18": LATER,
        "other:day:2026-10-11": EARLIER,
    }


def test_all_packages_have_the_dates_of_the_ledger(client: Client) -> None:
    everyone = "/feeds/packages/__all__.atom"
    count(SUNDAY, 6)
    settled = updates(client, everyone)[0]
    count(SUNDAY, 15)

    assert (settled, updates(client, everyone)[0]) == (
        ("2026-W42", EARLIER),
        ("2026-W42", LATER),
    )


def test_week_that_is_compared_with_a_corrected_one_moves_too(client: Client) -> None:
    count(SUNDAY - timedelta(days=7), 1, django=900)

    assert updates(client, WEEKS) == [("2026-W42", LATER), ("2026-W41", LATER)]


def test_day_of_the_ledger_is_called_counted_again_by_the_same_measure(
    client: Client,
) -> None:
    count(SUNDAY, 6)

    settled = read(client, DAYS).entries[0]
    count(SUNDAY, 15)
    moved = read(client, DAYS).entries[0]

    assert (settled.title, updated(settled)) == (
        "2026-10-18: 1,006 downloads of 2 packages",
        "2026-10-19T04:00:00+00:00",
    )
    assert (moved.title, updated(moved)) == (
        "2026-10-18: 1,015 downloads of 2 packages, counted again",
        LATER,
    )


def test_week_keeps_its_date_when_its_last_day_comes_late(client: Client) -> None:
    CountedDay.objects.filter(day=SUNDAY).delete()
    count(SUNDAY - timedelta(days=1), 1)
    count(SUNDAY + timedelta(days=1), 1)
    CountedDay.objects.filter(day__lt=SUNDAY).update(
        first_counted_at=datetime(2026, 10, 18, 4, tzinfo=UTC)
    )

    before = read(client, WEEKS).entries[0]
    count(SUNDAY, 1)
    after = read(client, WEEKS).entries[0]

    assert before.id == after.id == "pypistats-site:django:week:2026-W42"
    assert before.published == after.published == "2026-10-19T00:00:00+00:00"
    assert before.title != after.title


def test_incident_moves_the_items_that_name_it_and_no_other(
    client: Client, clock: time_machine.Traveller
) -> None:
    incident = Incident.objects.create(title="Loss", first_day=SUNDAY, last_day=SUNDAY)
    earlier = "2026-10-19T04:00:00+00:00"

    assert updates(client, WEEKS) == [("2026-W42", LATER), ("2026-W41", earlier)]

    clock.shift(timedelta(hours=1))
    incident.effect = "Too low."
    incident.save()

    changed = "2026-10-21T06:00:00+00:00"
    assert updates(client, WEEKS) == [("2026-W42", changed), ("2026-W41", earlier)]
    found = dict(updates(client, DAYS))
    assert found[str(incident.pk)] == found["2026-10-18"] == changed
    assert found["2026-10-11"] == earlier


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("address", ["packages/django", "list", "days"])
def test_incident_with_what_xml_cannot_hold_breaks_no_feed(
    client: Client, address: str, form: str
) -> None:
    """The admin's form refuses it; a row may come from elsewhere, or from before."""
    Incident.objects.create(
        title="Lo\x0bss\ufffe",
        effect="line one\x0bline two\x1b",
        evidence="https://status.example/\x01",
        first_day=SUNDAY,
        last_day=SUNDAY,
    )
    query = "?packages=django" if address == "list" else ""

    CHECKS[form](client, f"/feeds/{address}.{form}{query}", items=True)
    html = client.get(f"/feeds/{address}.{form}{query}").content.decode()
    assert "Loss. line oneline two" in html
    assert client.get(f"/feeds/{address}{query}").status_code == 200


def test_changed_list_moves_the_items_of_its_own_feeds_alone(
    client: Client, clock: time_machine.Traveller
) -> None:
    before = updates(client, WEEKS)
    clock.shift(timedelta(hours=1))
    everything = MirrorList.objects.get(name="everything")
    with recorded("admin", "A mirror that nobody knew."):
        everything.entries.create(installer="mirror", reason="Copies everything.")

    assert updates(client, WEEKS) == before
    changed = dict(updates(client, f"{WEEKS}?list=everything"))
    assert set(changed.values()) == {"2026-10-21T06:00:00+00:00"}
