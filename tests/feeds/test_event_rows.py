"""Events are read without the ORM, on a connection like that of a request."""

from datetime import UTC, date, datetime

import pytest

from feeds.events import _newest_of
from packages.models import Event, Package


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("withdrawn_at", [None, datetime(2026, 10, 21, 4, tzinfo=UTC)])
def test_event_is_read_as_it_was_stored(withdrawn_at: datetime | None) -> None:
    stored = Event.objects.create(
        package=Package.objects.create(normalized_name="django"),
        kind=Event.Kind.MILESTONE,
        day=date(2026, 10, 18),
        key="milestone:500",
        facts={"passed": 500, "week": "2026-W42"},
        published_at=datetime(2026, 10, 19, 4, 0, 0, 120, tzinfo=UTC),
        updated_at=datetime(2026, 10, 20, 4, tzinfo=UTC),
        withdrawn_at=withdrawn_at,
    )

    for _ in range(2):  # prepared, then run again
        (found,) = _newest_of("django")
        assert found.name == "django"
        assert values(found) == values(stored)


def values(event: Event) -> dict[str, object]:
    names = [field.attname for field in Event._meta.concrete_fields]
    return {name: getattr(event, name) for name in names}
