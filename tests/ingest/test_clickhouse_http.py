"""A ClickHouse that refuses, is busy or away ends in one sentence, and no numbers."""

import pytest

from ingest.exceptions import SourceError, SpoolError
from ingest.sources import clickhouse
from ingest.sources.clickhouse import ClickHouseSource
from ingest.spool import Spool
from tests.canned_server import Answer, canned
from tests.ingest.clickhouse_answers import (
    DAY,
    ONE_DAY,
    cells,
    exception,
    failure,
    filled,
    held,
    lines,
    source_at,
)

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("pauses")]


QUOTA = (
    "Quota for user `demo` for 3600s has been exceeded: queries = 61/60. Interval will"
    " end at 2026-11-25 10:00:00. Name of quota template: `demo`. (QUOTA_EXCEEDED)"
)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_used_up_quota_says_when_to_come_back(status: int, pauses: list[float]) -> None:
    assert failure(exception(201, QUOTA, status)) == (
        "The quota of the user 'demo' at SERVER is used up: come back after 2026-11-25"
        " 10:00:00 by its clock. Fewer days or packages at a time need fewer queries."
    )
    assert pauses == []


@pytest.mark.parametrize("answer", [exception(201, QUOTA), Answer("", 503)])
def test_server_that_answers_nothing_is_left_alone(answer: Answer) -> None:
    with canned(answer) as server, Spool() as spool:
        source = source_at(server.url)
        sentences = set()
        for _ in range(2):
            with pytest.raises(SourceError) as error:
                source.fill(spool, ONE_DAY, ["django"])
            sentences.add(str(error.value))

    assert len(sentences) == 1
    assert len(server.requests) == (1 if answer.status == 500 else 4)


def test_exception_without_its_header_is_known_by_its_text() -> None:
    body = "Code: 201. DB::Exception: Quota exceeded."

    assert "come back in an hour" in failure(Answer(body, 503))


def test_exception_behind_a_good_status_is_none_the_less_one() -> None:
    assert "is used up" in failure(exception(201, QUOTA, 200))


@pytest.mark.parametrize("status", [429, 502, 503])
def test_busy_server_is_asked_again(status: int, pauses: list[float]) -> None:
    busy = Answer("slow down", status)
    with canned(busy, busy, held(DAY), busy, lines(*cells())) as server:
        days, _ = filled(server)

    assert days == [DAY]
    assert pauses == [1, 5, 1]


def test_server_that_stays_busy_is_given_up(pauses: list[float]) -> None:
    assert failure(Answer("slow down", 503)) == (
        "SERVER is busy, or its quota is used up (HTTP 503): slow down."
        " Come back in an hour."
    )
    assert pauses == [1, 5, 20]


def test_busy_server_may_say_when() -> None:
    answer = Answer("", 429, {"Retry-After": "77"})

    assert failure(answer) == (
        "SERVER is busy, or its quota is used up (HTTP 429): no reason given."
        " Come back in 77 seconds."
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            exception(60, "No such table.", 404),
            (
                "SERVER refused the query (code 60): No such table. Is CLICKHOUSE_TABLE"
                " right?"
            ),
        ),
        (
            exception(516, "demo: Authentication failed.", 403),
            (
                "SERVER refused the query (code 516): demo: Authentication failed."
                " Are CLICKHOUSE_USER and CLICKHOUSE_PASSWORD right, and may the user"
                " read the table?"
            ),
        ),
        (
            Answer("Moved", 302, {"Location": "http://elsewhere.example"}),
            "SERVER refused the query (HTTP 302): Moved",
        ),
        (Answer("", 500), "SERVER refused the query (HTTP 500): no reason given"),
    ],
)
def test_refusal_is_final(answer: Answer, sentence: str, pauses: list[float]) -> None:
    assert failure(answer) == sentence
    assert pauses == []


def test_broken_off_answer_is_asked_for_again(pauses: list[float]) -> None:
    whole = lines(*cells())
    part = Answer(whole.body[:100], breaks_off=True)
    with canned(held(DAY), part, whole) as server:
        days, rows = filled(server)

    assert (days, len(rows), pauses) == ([DAY], 2, [1])


def test_nobody_listens(pauses: list[float]) -> None:
    with canned(Answer()) as server:
        url = server.url
    with Spool() as spool, pytest.raises(SourceError) as error:
        source_at(url).fill(spool, ONE_DAY, ["django"])

    host = url.removeprefix("http://")
    assert str(error.value) == (
        f"{host} cannot be reached, or broke off: [Errno 111] Connection refused."
        " Is CLICKHOUSE_URL right?"
    )
    assert pauses == [1, 5, 20]


def test_silent_server_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    monkeypatch.setattr(clickhouse, "OWN_TIMEOUT", 0.05)

    assert failure(Answer(hangs=True)) == "SERVER did not answer within 0.05 seconds."
    assert pauses == []


def test_full_disk_is_no_fault_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with canned(held(DAY)) as server, Spool() as spool:
        monkeypatch.setattr(spool, "folder", spool.folder / "gone")
        with pytest.raises(SpoolError, match="cannot be written"):
            source_at(server.url).fill(spool, ONE_DAY, ["django"])


def test_little_memory_is_no_fault_of_the_server() -> None:
    answer = lines(*({"date": str(DAY), "downloads": n} for n in range(200_000)))
    with canned(answer) as server, Spool() as spool:
        spool.db.execute("SET memory_limit = '1MB'")
        with pytest.raises(SpoolError, match="INGEST_MEMORY_MB"):
            source_at(server.url).fill(spool, ONE_DAY, ["django"])


def test_password_may_have_any_letters() -> None:
    with canned(held()) as server, Spool() as spool:
        source = ClickHouseSource(server.url, "möller", "пароль", "t")
        source.fill(spool, ONE_DAY, ["django"])

    assert server.requests[0].authorization == "Basic bcO2bGxlcjrQv9Cw0YDQvtC70Yw="
