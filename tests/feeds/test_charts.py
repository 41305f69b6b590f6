"""The pictures in feeds."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image
from pytest_django import Settings

from feeds import charts, limits
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


def test_client_that_asks_for_too_many_waits_and_others_do_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(monkeypatch)
    monkeypatch.setattr(limits, "CHARTS", 2)
    monkeypatch.setattr(limits, "SECONDS", 86_400)  # or the test may see two windows
    for age in range(3):
        count_day(DAY - timedelta(days=2 - age), {"django": {PIP_311: 7}})
    addresses = [f"/feeds/charts/django/2026-10-{n}.png" for n in (16, 17, 18)]

    answers = [client.get(address) for address in addresses]
    kept = client.get(addresses[0])
    other = client.get(addresses[2], REMOTE_ADDR="192.0.2.7")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 86_401
    assert answers[2]["Cache-Control"] == "no-store"
    assert "At most 2 charts a minute" in answers[2].content.decode()
    assert (kept.status_code, other.status_code) == (200, 200)


def test_charts_have_no_limit_where_all_are_off(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    noted(monkeypatch)
    monkeypatch.setattr(limits, "CHARTS", 0)
    settings.API_RATE_LIMITS = "off"
    count_day(DAY, {"django": {PIP_311: 7}})

    assert client.get("/feeds/charts/django/2026-10-18.png").status_code == 200


def test_charts_are_drawn_while_the_counter_is_down(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("down")

    noted(monkeypatch)
    monkeypatch.setattr(limits, "get_usage", fail)
    monkeypatch.setattr(limits._counter, "failed", lambda error: None)
    count_day(DAY, {"django": {PIP_311: 7}})

    assert client.get("/feeds/charts/django/2026-10-18.png").status_code == 200


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
