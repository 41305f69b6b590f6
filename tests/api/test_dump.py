"""The dump as it is downloaded."""

import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from packages import dump
from tests.factories import PIP_311, count_day

pytestmark = pytest.mark.django_db
CSV = b"date,package,last_day,last_week,last_month,total\n2026-11-18,django,5,5,5,5\n"


@pytest.fixture(autouse=True)
def _dump(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DUMP_DIR = tmp_path
    settings.BASE_URL = "https://stats.example.org"
    with time_machine.travel(datetime(2026, 11, 19, 6, tzinfo=UTC), tick=False):
        count_day(date(2026, 11, 18), {"django": {PIP_311: 5}})
        yield


def test_index_before_the_first_dump(client: Client) -> None:
    assert client.get("/api/dump").content == (
        b'{"data":[],"data_through":null,"packages":null,"type":"dump",'
        b'"written_at":null}\n'
    )


def test_index_names_the_files(client: Client) -> None:
    files = {file.name: file.path.read_bytes() for file in dump.write().files}

    assert client.get("/api/dump").json() == {
        "data": [
            {
                "name": name,
                "url": f"https://stats.example.org/api/dump/{name}",
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in files.items()
        ],
        "data_through": "2026-11-18",
        "packages": 1,
        "type": "dump",
        "written_at": "2026-11-19T06:00:00+00:00",
    }
    assert list(files) == ["recent.jsonl.gz", "recent.csv.gz"]


def test_file_is_downloaded(client: Client) -> None:
    dump.write()

    response = client.get("/api/dump/recent.csv.gz")

    content = response.getvalue()
    response.close()
    assert gzip.decompress(content) == CSV
    assert response["Content-Type"] == "application/gzip"
    assert response["Accept-Ranges"] == "none"
    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(content))
    assert response["Last-Modified"] == "Thu, 19 Nov 2026 06:00:00 GMT"
    assert response["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert response["Content-Disposition"] == (
        'attachment; filename="recent-2026-11-18.csv.gz"'
    )


@pytest.mark.parametrize("path", ["/api/dump", "/api/dump/recent.jsonl.gz"])
def test_what_did_not_change_is_not_sent_again_nor_counted(
    client: Client, settings: Settings, path: str
) -> None:
    settings.API_RATE_LIMITS = "default=1/m, expensive=1/m"
    dump.write()
    first = client.get(path)
    first.getvalue()  # and so close it

    for name, value in {
        "If-None-Match": first["ETag"],
        "If-Modified-Since": first["Last-Modified"],
    }.items():
        again = client.get(path, headers={name: value})
        assert (again.status_code, again.content) == (304, b"")
        for kept in ("Cache-Control", "ETag", "Last-Modified"):
            assert again[kept] == first[kept]
        assert "Content-Length" not in again
    assert client.get(path).status_code == 429


@pytest.mark.parametrize("path", ["/api/dump", "/api/dump/recent.jsonl.gz"])
@pytest.mark.parametrize(
    "condition",
    [
        {"If-Match": '"x"'},
        {"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"If-Match": '"x"', "If-None-Match": '"y"'},
    ],
)
def test_conditions_of_writing_are_ignored_as_everywhere(
    client: Client, path: str, condition: dict[str, str]
) -> None:
    dump.write()

    answer = client.get(path, headers=condition)

    assert answer.getvalue()
    assert answer.status_code == 200


def test_new_dump_is_another_answer(client: Client) -> None:
    dump.write()
    first = client.get("/api/dump")
    count_day(date(2026, 11, 17), {"django": {PIP_311: 7}})
    dump.write()

    second = client.get("/api/dump", headers={"If-None-Match": first["ETag"]})

    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]


@pytest.mark.parametrize("path", ["/api/dump", "/api/dump/recent.jsonl.gz"])
def test_dump_is_kept_until_the_next_is_expected(client: Client, path: str) -> None:
    dump.write()
    # The next day is expected at 3:35, 21 hours and 35 minutes from now.
    current = client.get(path)["Cache-Control"]
    count_day(date(2026, 11, 17), {"django": {PIP_311: 7}})
    behind = client.get(path)["Cache-Control"]

    assert current == "public, max-age=77700"
    assert behind == "public, max-age=60"


def test_index_before_the_first_dump_is_soon_asked_again(client: Client) -> None:
    response = client.get("/api/dump")

    assert response["Cache-Control"] == "public, max-age=60"
    assert "ETag" not in response


def test_dump_needs_no_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump.write()

    def gone() -> None:
        raise OperationalError

    monkeypatch.setattr("packages.snapshot._of_database", gone)
    response = client.get("/api/dump/recent.csv.gz")

    assert gzip.decompress(response.getvalue()) == CSV
    assert response["Cache-Control"] == "public, max-age=60"


def test_scripts_read_what_to_save_a_file_as(client: Client) -> None:
    exposed = client.get("/api/dump")["Access-Control-Expose-Headers"]

    assert "Content-Disposition" in exposed.split(", ")


@pytest.mark.parametrize(
    "name", ["recent.csv", "index.json", "..%2Findex.json", "%00", "recent-x.csv.gz"]
)
@pytest.mark.parametrize("is_written", [True, False])
def test_other_names_are_no_files(client: Client, name: str, is_written: bool) -> None:
    if is_written:
        dump.write()

    response = client.get(f"/api/dump/{name}")

    assert response.status_code == 404
    assert response.json()["error"]["status"] == 404


def test_dump_is_only_read(client: Client) -> None:
    assert client.post("/api/dump").status_code == 405
    assert client.delete("/api/dump/recent.csv.gz").status_code == 405
