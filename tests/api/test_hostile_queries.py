"""Query strings that nobody means: each is a 400 that says what may be said."""

import pytest
from django.test import Client

from tests.api.answers import refusal

pytestmark = pytest.mark.django_db
SERIES = ["overall", "python_major", "python_minor", "system", "installer", "ci"]


@pytest.mark.parametrize("name", [*SERIES, ""])
@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "start_date=2026-02-30",
            "start_date is '2026-02-30'; give one day as YYYY-MM-DD.",
        ),
        ("end_date=", "end_date is ''; give one day as YYYY-MM-DD."),
        (
            "end_date=٢٠٢٦-٠٨-٢٢",
            "end_date is '٢٠٢٦-٠٨-٢٢'; give one day as YYYY-MM-DD.",
        ),
        (
            "start_date=2026-11-09&start_date=2026-11-09",
            "start_date is '2026-11-09, 2026-11-09'; give one day as YYYY-MM-DD.",
        ),
        (
            "start_date=2026-11-10&end_date=2026-11-09",
            "start_date 2026-11-10 lies after end_date 2026-11-09.",
        ),
        (
            f"start_date={'9' * 10_000}",
            f"start_date is '{'9' * 40}...'; give one day as YYYY-MM-DD.",
        ),
        ("granularity=year", "granularity is 'year'; allowed are: day, week, month."),
        (
            "granularity=week%00",
            "granularity is 'week\\x00'; allowed are: day, week, month.",
        ),
        (
            "granularity=day&granularity=week",
            "granularity is 'day, week'; allowed are: day, week, month.",
        ),
        ("partial=1", "partial is '1'; allowed are: true, false."),
        ("list=", "list is ''; allowed are: pypistats, everything, known-mirrors."),
    ],
)
def test_hostile_query_is_refused_in_a_sentence(
    client: Client, name: str, query: str, detail: str
) -> None:
    assert refusal(
        client, f"/api/packages/django/{name}?{query}".replace("/?", "?")
    ) == (detail)


def test_query_of_too_many_parameters(client: Client) -> None:
    query = "&".join(f"p{n}=1" for n in range(1001))

    assert refusal(client, f"/api/packages/django/recent?{query}") == (
        "The request could not be understood."
    )
