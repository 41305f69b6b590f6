"""The pages in Chromium: charts are painted, buttons work, nothing is refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page
from pytest_django.live_server_helper import LiveServer

from packages.models import Package
from tests.browser.conftest import Visit
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UV_CI, count_day

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
LAST = date(2026, 11, 20)
DAYS = 120
UNCOUNTED = 40
LONG_NAME = "a-package-whose-name-is-much-longer-than-a-phone-is-wide-and-then-some"

DATA_OF_CHART = """canvas => {
  const { data } = Chart.getChart(canvas);
  return { days: data.labels, values: data.datasets.map((set) => set.data) };
}"""
PAINTED_PIXELS = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return data.filter((value, place) => place % 4 === 3 && value > 0).length;
}"""
# What is painted in the upper part of the chart at two days, where no line can be.
INK_OF_DAYS = """(canvas, places) => {
  const chart = Chart.getChart(canvas);
  const ratio = chart.currentDevicePixelRatio;
  const { top, bottom } = chart.chartArea;
  return places.map((place) => {
    const x = chart.scales.x.getPixelForValue(place) - 2;
    const box = [x, top + 2, 4, (bottom - top) / 12].map((n) => Math.round(n * ratio));
    const { data } = canvas.getContext("2d").getImageData(...box);
    return data.filter((value, place) => place % 4 === 3).reduce((a, b) => a + b, 0);
  });
}"""
COLOUR_OF_CHART = """canvas => {
  const chart = Chart.getChart(canvas);
  return [chart.getDatasetMeta(0).dataset.options.borderColor,
          getComputedStyle(document.body).backgroundColor];
}"""
DARKENED = f"""([line, page]) => {{
  const now = ({COLOUR_OF_CHART})(document.querySelector("canvas"));
  return now[0] !== line && now[1] !== page;
}}"""
ROWS_OF_TABLE = """section => [...section.querySelectorAll("tbody tr")].map(
  (row) => [...row.cells].map((cell) => cell.textContent))"""
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def copy() -> Iterator[sqlite3.Connection]:
    """The database once its days are counted, which takes seconds."""
    with closing(sqlite3.connect(":memory:")) as copied:
        yield copied


@pytest.fixture
def site(live_server: LiveServer, copy: sqlite3.Connection) -> str:
    connection.ensure_connection()
    database: sqlite3.Connection = connection.connection
    if copy.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        _count()
        database.backup(copy)
    else:
        copy.backup(database)
    url: str = live_server.url
    return url


def _count() -> None:
    for age in range(DAYS):
        if age == UNCOUNTED:
            continue
        size = 1000 - age
        cells = {PIP_311: size, PIP_39: 300, UV_CI: 200, POETRY: 100, MIRROR: 50}
        packages = {"django": cells, "django-filter": cells, LONG_NAME: cells}
        count_day(LAST - timedelta(days=age), packages)
    Package.objects.create(normalized_name="tracked-only", tracked=True)


def section(page: Page, key: str) -> Locator:
    return page.locator(f'[data-chart="{key}"]')


def data_of(page: Page, key: str) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = (
        section(page, key).locator("canvas").evaluate(DATA_OF_CHART)
    )
    return data


def test_every_chart_is_painted_without_a_complaint(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")

    canvases = page.locator("canvas").all()
    assert len(canvases) == 4
    assert all(canvas.evaluate(PAINTED_PIXELS) > 2000 for canvas in canvases)
    assert visit.errors == []


def test_chart_has_the_numbers_of_its_table(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")

    for key in ("overall", "python_major", "python_minor", "system"):
        data = data_of(page, key)
        rows = section(page, key).evaluate(ROWS_OF_TABLE)
        lines = zip(data["days"], *data["values"], strict=True)
        drawn = [
            [line[0], "not counted"]
            if line[1] is None
            else [line[0], *(f"{value:,}" for value in line[1:])]
            for line in lines
        ]
        assert rows == drawn[::-1]
        assert len(rows) == DAYS


def test_day_never_counted_is_a_gap(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")

    data = data_of(page, "overall")

    gap = data["days"].index((LAST - timedelta(days=UNCOUNTED)).isoformat())
    assert [column[gap] for column in data["values"]] == [None, None]


def test_day_never_counted_is_hatched(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")
    canvas = section(page, "overall").locator("canvas")

    gap, counted = canvas.evaluate(INK_OF_DAYS, [DAYS - 1 - UNCOUNTED, 3])

    assert gap > 10 * counted
    assert "Hatched, because never counted: 1 day." in (
        canvas.get_attribute("aria-label") or ""
    )
    assert visit.errors == []


def test_shares_and_counts_are_switched(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")
    counts = data_of(page, "system")["values"]
    assert [column[-1] for column in counts] == [300, 1200, 100]

    section(page, "system").get_by_role("button", name="Shares").click()

    shares = data_of(page, "system")["values"]
    assert [column[-1] for column in shares] == pytest.approx([3 / 16, 12 / 16, 1 / 16])
    assert data_of(page, "python_minor")["values"][0][-1] == 300

    section(page, "system").get_by_role("button", name="Counts").click()

    assert data_of(page, "system")["values"] == counts
    assert section(page, "overall").get_by_role("button", name="Shares").count() == 0
    assert visit.errors == []


@pytest.mark.parametrize(("label", "shown"), [("30 days", 30), ("90 days", 90)])
def test_range_buttons_end_with_the_last_day(
    visit: Visit, site: str, label: str, shown: int
) -> None:
    page = visit.open(f"{site}/packages/django")

    page.get_by_role("button", name=label).click()

    for key in ("overall", "system"):
        data = data_of(page, key)
        assert len(data["days"]) == len(data["values"][0]) == shown
        assert data["days"][-1] == LAST.isoformat()
    pressed = page.locator('[data-ranges] [aria-pressed="true"]')
    assert pressed.all_text_contents() == [label]

    page.get_by_role("button", name="All days").click()

    assert len(data_of(page, "overall")["days"]) == DAYS
    assert visit.errors == []


def test_legend_hides_and_shows_a_category_by_keyboard(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")
    button = section(page, "python_minor").locator("[data-legend] button").first

    button.press("Enter")

    assert button.get_attribute("aria-pressed") == "false"
    visible = "canvas => Chart.getChart(canvas).isDatasetVisible(0)"
    canvas = section(page, "python_minor").locator("canvas")
    assert canvas.evaluate(visible) is False

    button.press("Enter")

    assert canvas.evaluate(visible) is True


def test_categories_of_a_chart_have_distinct_colours(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours = page.evaluate(
            """() => [...Array(24).keys(), "null", "other", "rest"].map((name) =>
              getComputedStyle(document.documentElement).getPropertyValue(
                `--chart-${Number.isInteger(name) ? name + 1 : name}`))"""
        )
        assert len(set(colours)) == 27


def test_charts_follow_the_colour_scheme(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/packages/django")
    canvas = section(page, "overall").locator("canvas")
    light = canvas.evaluate(COLOUR_OF_CHART)

    page.emulate_media(color_scheme="dark")

    page.wait_for_function(DARKENED, arg=light)
    assert visit.errors == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=d",
        "/packages/django",
        f"/packages/{LONG_NAME}",
        "/packages/tracked-only",
        "/packages/__all__",
        "/about",
        "/status",
        "/api/",
    ],
)
def test_no_page_is_wider_than_a_phone(visit: Visit, site: str, path: str) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})

    page = visit.open(f"{site}{path}")
    for summary in page.locator("summary").all():
        summary.click()

    assert page.evaluate(WIDTH) == 390
    assert visit.errors == []


@pytest.mark.parametrize("path", ["/packages/no-such-package", "/nothing/here"])
def test_page_of_404_complains_only_of_being_one(
    visit: Visit, site: str, path: str
) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})

    page = visit.open(f"{site}{path}")

    assert page.evaluate(WIDTH) == 390
    assert ["status of 404" in error for error in visit.errors] == [True]


def test_search_leads_to_the_package(visit: Visit, site: str) -> None:
    page = visit.open(site)

    page.get_by_label("Package name").fill("Django_F")
    page.get_by_role("button", name="Search").click()

    page.wait_for_url("**/packages/django-filter")
    assert page.get_by_role("heading", level=1).text_content() == "django-filter"


def test_skip_link_is_the_first_stop(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/about")

    page.keyboard.press("Tab")

    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("link => link === document.activeElement")
    box = skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0


def test_login_of_the_admin_is_within_the_policy(visit: Visit, site: str) -> None:
    page = visit.open(f"{site}/admin/login/")

    assert page.get_by_label("Password").is_visible()
    assert [error for error in visit.errors if "CSP" in error] == []
    assert [error for error in visit.errors if "Content Security" in error] == []
