"""From real installers and a real access log to every place that shows the numbers."""

import re
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import orjson
import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from packages.models import DownloadRecord
from tests.end_to_end.clients import (
    install_with_pip,
    install_with_uv,
    pips,
    this_python,
    this_system,
)
from tests.end_to_end.package_index import PACKAGE, build_package, served

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.end_to_end,
    pytest.mark.once,
]


def test_downloads_of_real_clients_are_read_back_everywhere(
    tmp_path: Path, live_server: LiveServer, settings: Settings, admin_client: Client
) -> None:
    settings.SPOOL_DIR = tmp_path / "spool"
    pythons = use_real_clients(tmp_path)
    by_uv = fetches(tmp_path / "access.log", "uv/")
    assert by_uv >= 1

    call_command("ingest", source="access_log", path=str(tmp_path / "access.log"))

    expected_pythons = Counter(pythons) + Counter({this_python(): by_uv})
    total = expected_pythons.total()
    check_api(live_server.url, total, expected_pythons)
    check_feed(live_server.url, total, sum(pythons.values()), by_uv)
    check_page(live_server.url, total)
    check_admin(admin_client, total)


def use_real_clients(folder: Path) -> dict[str, int]:
    """Let every installer fetch the package; return pip's fetches by Python."""
    fetched: Counter[str] = Counter()
    with served(build_package(folder), folder) as index:
        for number, pip in enumerate(pips()):
            target = folder / f"pip-{number}"
            target.mkdir()
            pip.download(index, target, "--only-binary", ":all:", ci=False)
            fetched[pip.python] += 1
        install_with_pip(index, folder, "--no-binary", ":all:", ci=True)
        fetched[this_python()] += 1
        install_with_uv(index, folder)
        fetch(f"{index.url}/packages/e2e_demo-9.9.9.tar.gz", missing=True)
        fetch(f"{index.url}/simple/{PACKAGE}/")
    redate(folder / "access.log")
    return dict(fetched)


def fetch(url: str, *, missing: bool = False) -> bytes:
    if missing:
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(url)
        return b""
    with urllib.request.urlopen(url) as response:
        content: bytes = response.read()
    return content


def redate(log: Path) -> None:
    """Let everything have happened yesterday: that day is over, whatever the hour."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    stamp = yesterday.strftime("[%d/%b/%Y:12:00:00 +0000]")
    log.write_text(re.sub(r"\[\d\d/\w+/\d{4}:[^]]+\]", stamp, log.read_text()))


def fetches(log: Path, agent: str) -> int:
    """Count an agent's fetches, apart from the product's way of reading a log."""
    lines = log.read_text().splitlines()
    return sum(
        f'"{agent}' in line
        and '"GET /packages/e2e_demo-1.2.3' in line
        and ('" 200 ' in line or '" 206 ' in line)
        for line in lines
    )


def check_api(url: str, total: int, pythons: Counter[str]) -> None:
    def rows(endpoint: str) -> dict[str, int]:
        answer: Any = orjson.loads(fetch(f"{url}/api/packages/E2E_Demo/{endpoint}"))
        return {row["category"]: row["downloads"] for row in answer["data"]}

    assert rows("python_minor") == dict(pythons)
    assert rows("system") == {this_system(): total}
    assert rows("overall") == {"with_mirrors": total, "without_mirrors": total}
    recent = orjson.loads(fetch(f"{url}/api/packages/{PACKAGE}/recent"))["data"]
    assert recent == {"last_day": total, "last_month": total, "last_week": total}


def check_feed(url: str, total: int, by_pip: int, by_uv: int) -> None:
    address = f"{url}/feeds/packages/{PACKAGE}.rss?every=day"
    feed = feedparser.parse(fetch(address))

    assert not feed.bozo
    [entry] = feed.entries
    assert entry.title.startswith(f"{PACKAGE}: {total} downloads on ")
    html = entry.content[0].value
    assert f"<td>pip</td><td>{by_pip}</td>" in html
    assert f"<td>uv</td><td>{by_uv}</td>" in html
    assert f"<td>{this_system()}</td><td>{total}</td>" in html


def check_page(url: str, total: int) -> None:
    page = fetch(f"{url}/packages/{PACKAGE}").decode()
    data = re.search(r'type="application/json">(.*?)</script>', page)

    assert data is not None
    charts = {chart["key"]: chart for chart in orjson.loads(data[1])["charts"]}
    assert charts["overall"]["values"]["without_mirrors"] == [total]
    assert charts["system"]["values"] == {this_system(): [total]}


def check_admin(admin: Client, total: int) -> None:
    record = DownloadRecord.objects.get(package__normalized_name=PACKAGE)

    page = admin.get(f"/admin/packages/downloadrecord/{record.pk}/change/")

    assert f"<td>{total}</td>" in page.content.decode()
    assert " / CI: 1" in page.content.decode()
