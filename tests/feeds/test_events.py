"""Events in feeds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from feeds import events
from packages.models import Event, Package
from tests.feeds.validity import CHECKS
from tests.feeds.weeks import ADDRESS, SUNDAY, read, titles, updated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_weeks")]
TOLD_AT = datetime(2026, 10, 19, 4, tzinfo=UTC)


def tell(name: str | None = "django", **changes: Any) -> Event:
    """Store that ``name`` passed a milestone; None is all packages."""
    package = Package.objects.get(normalized_name=name) if name else None
    event = {
        "kind": Event.Kind.MILESTONE,
        "day": SUNDAY,
        "key": "milestone:500",
        "facts": {"passed": 500, "downloads": 721, "before": 400, "week": "2026-W42"},
        "published_at": TOLD_AT,
        "updated_at": TOLD_AT,
    }
    return Event.objects.create(package=package, **(event | changes))


def test_event_stands_among_the_weeks(client: Client) -> None:
    tell()

    entries = read(client).entries

    assert [entry.title for entry in entries] == [
        "django: more than 500 downloads a week",
        "django: 721 downloads in week 42, up 3.0 %",
        "django: 700 downloads in week 41",
    ]
    event = entries[0]
    assert event.id == "pypistats-site:django:event:milestone:500"
    assert event.published == "Mon, 19 Oct 2026 04:00:00 +0000"
    assert event.summary == (
        "721 downloads in week 42 of 2026. The weeks on record before had 400 at most."
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("events=only", ["django: more than 500 downloads a week"]),
        (
            "every=week",
            [
                "django: 721 downloads in week 42, up 3.0 %",
                "django: 700 downloads in week 41",
            ],
        ),
    ],
)
def test_events_or_figures_alone(
    client: Client, query: str, expected: list[str]
) -> None:
    tell()

    assert titles(client, f"{ADDRESS}?{query}") == expected


def test_events_are_not_told_by_another_list(client: Client) -> None:
    """They are found in the default list's figures."""
    tell()

    assert len(titles(client, f"{ADDRESS}?list=everything")) == 2
    answer = client.get(f"{ADDRESS}?list=everything&events=only")
    assert answer.status_code == 400
    assert "events are found by the default mirror list" in answer.content.decode()


@pytest.mark.usefixtures("_nothing_kept")
def test_withdrawn_event_keeps_its_place_and_moves_its_update(client: Client) -> None:
    event = tell()
    before = read(client, "/feeds/packages/django.atom").entries[0]

    event.withdrawn_at = datetime(2026, 10, 21, 4, tzinfo=UTC)
    event.save()
    after = read(client, "/feeds/packages/django.atom").entries[0]

    assert (after.id, after.published) == (before.id, before.published)
    assert updated(after) == "2026-10-21T04:00:00+00:00"
    assert after.title == "Withdrawn: django: more than 500 downloads a week"


def test_newest_events_of_one_package_are_told_alone_and_in_a_list(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_EVENTS", 2)
    for number in (3, 1, 2):
        published_at = TOLD_AT + number * timedelta(days=1)
        tell(key=f"milestone:{number}", published_at=published_at)
    tell("other", published_at=TOLD_AT + timedelta(days=4))

    alone = read(client, f"{ADDRESS}?events=only").entries
    listed = read(client, "/feeds/list.rss?packages=django&events=only").entries

    assert [entry.id for entry in alone] == [
        "pypistats-site:django:event:milestone:3",
        "pypistats-site:django:event:milestone:2",
    ]
    assert [entry.id for entry in listed] == [entry.id for entry in alone]


def test_events_of_all_packages_together(client: Client) -> None:
    tell(None)
    tell("django")

    found = titles(client, "/feeds/packages/__all__.rss?events=only")

    assert found == ["All packages: more than 500 downloads a week"]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_hostile_facts_stay_text(client: Client, form: str) -> None:
    owner = {
        "installer": "<script>alert(1)</script>",
        "share": 92,
        "usual_share": 1,
    }
    tell(
        kind=Event.Kind.UNUSUAL,
        key="unusual:<&>:2026-10-18",
        facts={"downloads": 300, "usual": 100, "owner": owner},
    )

    CHECKS[form](client, f"/feeds/packages/django.{form}?events=only", items=True)
