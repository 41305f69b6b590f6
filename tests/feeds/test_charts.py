"""The pictures in feeds."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from feeds import charts
from feeds.drawing import Bar, BarChart, nice_step, png, short
from packages.models import MirrorList
from tests.factories import PIP_311, POETRY, count_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 18)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_picture_has_twice_the_pixels_that_items_give_it(client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 1000}})

    response = client.get("/feeds/charts/django/2026-10-18.png")

    assert response["Content-Type"] == "image/png"
    assert opened(response.content).size == (1280, 640)
    assert len(response.content) < 20_000


def noted(monkeypatch: pytest.MonkeyPatch) -> list[BarChart]:
    """Note what is drawn instead of drawing it."""
    drawn: list[BarChart] = []

    def note(chart: BarChart) -> bytes:
        drawn.append(chart)
        return b"png"

    monkeypatch.setattr(charts, "png", note)
    return drawn


@pytest.mark.parametrize(
    "path",
    [
        *(
            "django/2026-W43",
            "django/2026-11",
            "django/2025-01-01",
            "Django/2026-10-18",
        ),
        *("django/2026-W99", "django/0000-W01", "django/9999-12", "django/2026-10-1"),
        *("nobody/2026-10-18", "django/x", "django/2026-W42-1", "sp%20ace/2026-10-18"),
    ],
)
def test_picture_of_nothing_is_404(client: Client, path: str) -> None:
    count_day(DAY, {"django": {PIP_311: 1000}})

    assert client.get(f"/feeds/charts/{path}.png").status_code == 404


def test_picture_follows_the_list_that_is_asked_for(client: Client) -> None:
    count_day(DAY, {"django": {PIP_311: 1000, POETRY: 1}})
    MirrorList.objects.create(name="no-pip").entries.create(installer="pip")
    address = "/feeds/charts/django/2026-10-18.png"

    default, other = client.get(address), client.get(f"{address}?list=no-pip")

    assert default.content != other.content


def test_picture_is_drawn_once_a_generation(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = noted(monkeypatch)
    count_day(DAY, {"django": {PIP_311: 1000}})

    for _ in range(2):
        client.get("/feeds/charts/django/2026-10-18.png")
    count_day(DAY, {"django": {PIP_311: 1001}})
    client.get("/feeds/charts/django/2026-10-18.png")

    assert [chart.bars[-1].value for chart in drawn] == [1000, 1001]


def test_bars_tell_days_not_counted_from_days_without_downloads(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = noted(monkeypatch)
    count_day(DAY - timedelta(days=3), {"django": {PIP_311: 5}})
    count_day(DAY - timedelta(days=1), {"other": {PIP_311: 5}})
    count_day(DAY, {"django": {PIP_311: 7}})

    client.get("/feeds/charts/django/2026-10-18.png")

    assert drawn == [
        BarChart(
            title="django: downloads by day",
            subtitle="Without mirrors, up to Sunday, 2026-10-18",
            bars=[
                Bar("15 Oct", 5),
                Bar("16 Oct", None, whole=False),
                Bar("17 Oct", 0),
                Bar("18 Oct", 7),
            ],
        )
    ]


def test_crowd_is_asked_to_come_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_day(DAY, {"django": {PIP_311: 1000}})
    monkeypatch.setattr(charts, "PATIENCE_SECONDS", 0)

    with charts._rendering:
        response = client.get("/feeds/charts/django/2026-10-18.png")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "ETag" not in response


def test_any_title_and_any_number_can_be_drawn() -> None:
    bars = [Bar("W1", 0), Bar("W2", None), Bar("W3", 10**18), Bar("W4", 1, whole=False)]

    for chart in (BarChart("a" * 255, "b", bars), BarChart("", "", [])):
        assert opened(png(chart)).size == (1280, 640)


@pytest.mark.parametrize(
    ("largest", "step"),
    [(0, 1), (5, 1), (6, 2), (11, 5), (100, 20), (101, 25), (214_302_118, 50_000_000)],
)
def test_axis_has_round_numbers(largest: int, step: int) -> None:
    assert nice_step(largest) == step


def test_round_numbers_are_short() -> None:
    assert [short(n) for n in (0, 25, 2500, 5_000_000, 2_500_000_000)] == [
        *("0", "25", "2.5 k", "5 M", "2.5 bn")
    ]
