"""The known incidents ship as data that an admin may change."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from packages.models import CountedDay, Incident
from packages.shipped_incidents import ship_incidents
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db


def public_on(day: date) -> list[str]:
    concerned = Incident.objects.on(day).concerning("bigquery")
    return list(concerned.values_list("title", flat=True))


@pytest.mark.parametrize(
    ("day", "hit"),
    [
        (date(2018, 7, 25), True),
        (date(2018, 7, 26), False),
        (date(2021, 11, 26), True),
        (date(2021, 12, 11), False),
        (date(2024, 6, 18), True),
        (date(2024, 6, 22), False),
        (date(2025, 8, 10), False),
    ],
)
def test_shipped_incidents_hit_the_public_data_on_known_days(
    day: date, hit: bool
) -> None:
    assert bool(public_on(day)) is hit


def test_incidents_of_other_sites_are_on_record_and_mark_nothing() -> None:
    other = Incident.objects.filter(whose=Incident.Whose.OTHER_SITE)

    assert other.on(date(2025, 8, 10)).count() == 1
    assert not other.concerning("bigquery").exists()


def test_what_an_admin_removed_stays_removed() -> None:
    Incident.objects.exclude(first_day=date(2024, 6, 15)).delete()

    ship_incidents()

    assert Incident.objects.count() == 1


def test_days_counted_before_the_incidents_shipped_are_marked() -> None:
    Incident.objects.all().delete()
    count_day(date(2024, 6, 18), {"django": {PIP_311: 5}})

    ship_incidents()

    assert CountedDay.objects.get().status == CountedDay.Status.INCIDENT


@pytest.mark.parametrize("field", ["title", "effect", "evidence"])
@pytest.mark.parametrize("text", ["a\x0bb", "a\x00b", "a\x1bb", "a\ufffeb"])
def test_text_that_no_feed_can_hold_is_refused(field: str, text: str) -> None:
    incident = Incident(title="Loss", first_day=date(2026, 10, 18))
    setattr(incident, field, text)

    with pytest.raises(ValidationError) as error:
        incident.clean()

    assert error.value.message_dict == {
        field: ["It has a control character: remove it."]
    }


def test_text_of_several_lines_and_scripts_is_accepted() -> None:
    effect = "Zu wenig.\r\n\tToo low. \U0001f4c9 \u00e4"

    Incident(title="Loss", effect=effect, first_day=date(2026, 10, 18)).full_clean()
