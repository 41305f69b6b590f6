"""What caches and browsers are told: validators, ages, encodings, origins."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from packages import snapshot
from packages.encodings import SMALLEST
from packages.kept_answers import kept_answers
from packages.models import CountedDay, Generation, MirrorList, StandingsState
from packages.public_answers import normalized_query
from packages.store import mark_missing
from pypistats_site import slow_clients
from pypistats_site.answers import PublicAnswers
from pypistats_site.slow_clients import Places, SlowClients
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, count_day

pytestmark = pytest.mark.django_db
DAY, LAST = date(2026, 11, 17), date(2026, 11, 18)
COUNTED_AT = datetime(2026, 11, 19, 4, tzinfo=UTC)
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)

API = [
    f"/api/packages/django/{name}"
    for name in ("recent", "overall", "python_major", "python_minor", "system")
]
PUBLIC = [
    *API,
    "/api/packages/django/recent?period=day&list=everything",
    "/api/packages/__all__/overall",
    "/api/",
    "/",
    "/about",
    "/packages/django",
    "/feeds/packages/django.rss",
]
TAGGED = [*PUBLIC, "/api/coverage"]
"""Days become missing with time, so the ledger is asked for what has its tag."""

SECURITY_HEADERS = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
ANYTHING_PUBLIC = [*TAGGED, "/status", "/search?q=d", "/packages/nothing", "/healthz"]


@pytest.fixture(autouse=True)
def _counted() -> None:
    with time_machine.travel(COUNTED_AT):
        count_day(DAY, {"django": {PIP_311: 3, MIRROR: 2}})
        count_day(LAST, {"django": {PIP_311: 5, PIP_39: 1, MIRROR: 2, POETRY: 1}})


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def tag_of(client: Client, path: str) -> str:
    return client.get(path)["ETag"]


@pytest.mark.parametrize("path", PUBLIC)
def test_unchanged_answer_costs_the_generation_alone(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get(path)
    kept_answers.cache_clear()

    with django_assert_num_queries(1):
        again = client.get(path, headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Last-Modified", "Vary"):
        assert again[name] == first[name]


@pytest.mark.parametrize("path", PUBLIC)
def test_answer_given_before_costs_the_generation_alone(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = client.get(path)

    with django_assert_num_queries(1):
        again = client.get(path)

    assert again.content == first.content
    assert dict(again.headers) == dict(first.headers)


def test_generation_that_was_just_looked_at_is_trusted(
    client: Client,
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.GENERATION_CHECK_SECONDS = 60
    tag = tag_of(client, API[0])

    with django_assert_num_queries(0):
        again = client.get(API[0], headers={"if-none-match": tag})

    assert again.status_code == 304


def test_generation_is_looked_at_again_in_time(
    client: Client, settings: Settings
) -> None:
    settings.GENERATION_CHECK_SECONDS = 1
    before = client.get(API[0]).content
    count_day(LAST, {"django": {PIP_311: 50}})
    still = client.get(API[0]).content
    snapshot._looked_at[0] -= 1

    assert still == before
    assert client.get(API[0]).json()["data"]["last_day"] == 50


@pytest.mark.parametrize("path", TAGGED)
def test_counted_day_changes_the_tag(client: Client, path: str) -> None:
    tag = tag_of(client, path)

    count_day(LAST, {"django": {PIP_311: 6}})

    again = client.get(path, headers={"if-none-match": tag})
    assert again.status_code == 200
    assert again["ETag"] != tag


@pytest.mark.parametrize("path", TAGGED)
def test_edited_mirror_list_changes_the_tag(client: Client, path: str) -> None:
    tag = tag_of(client, path)

    MirrorList.objects.get(is_default=True).entries.create(installer="poetry")

    assert client.get(path, headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("setting", "value"), [("VERSION", "9.9"), ("BASE_URL", "https://s.example.org")]
)
def test_other_settings_change_the_tag(
    client: Client, settings: Settings, setting: str, value: str
) -> None:
    tag = tag_of(client, "/feeds/packages/django.rss")

    setattr(settings, setting, value)
    snapshot._kept.clear()  # as in a process that starts

    assert tag_of(client, "/feeds/packages/django.rss") != tag


def test_missing_day_changes_the_tag_of_the_ledger(client: Client) -> None:
    before = tag_of(client, "/api/coverage")

    mark_missing(date(2026, 11, 16))
    after = tag_of(client, "/api/coverage")
    mark_missing(date(2026, 11, 16))

    assert before != after == tag_of(client, "/api/coverage")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{tag}", 304),
        ("{strong}", 304),
        ('"other", {tag}', 304),
        ('W/"x",{strong} , "y"', 304),
        ("*", 304),
        (" * ", 304),
        ('"other"', 200),
        ("{unquoted}", 200),
        ("", 200),
        ("nonsense, ,", 200),
    ],
)
def test_tags_are_compared_weakly(client: Client, condition: str, status: int) -> None:
    tag = tag_of(client, API[0])
    strong = tag.removeprefix("W/")
    header = condition.format(tag=tag, strong=strong, unquoted=strong.strip('"'))

    answer = client.get(API[0], headers={"if-none-match": header})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-modified-since": "Thu, 19 Nov 2026 04:00:00 GMT"}, 304),
        ({"if-modified-since": "Thu, 19 Nov 2026 05:00:00 GMT"}, 304),
        ({"if-modified-since": "Thu, 19 Nov 2026 03:59:59 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        (
            {
                "if-modified-since": "Thu, 19 Nov 2026 05:00:00 GMT",
                "if-none-match": '"other"',
            },
            200,
        ),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_date_counts_where_no_tag_is_named(
    client: Client, headers: dict[str, str], status: int, method: str
) -> None:
    answer = getattr(client, method)(API[0], headers=headers)

    assert answer.status_code == status
    assert answer["Last-Modified"] == "Thu, 19 Nov 2026 04:00:00 GMT"


@pytest.mark.parametrize(
    "path",
    ["/api/packages/no/recent", "/packages/no", "/feeds/packages/no.rss", "/api/no"],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"if-none-match": "*"},
        {"if-modified-since": "Thu, 19 Nov 2026 05:00:00 GMT"},
        {},
    ],
)
def test_unknown_is_neither_unchanged_nor_kept(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    client.get(path)

    answer = client.get(path, headers=headers)

    assert answer.status_code == 404
    assert answer["Cache-Control"] == "public, max-age=60"
    assert not answer.has_header("ETag")
    count_day(LAST, {"no": {PIP_311: 1}})
    assert client.get(path).status_code == (404 if path == "/api/no" else 200)


def test_wrong_parameter_is_kept_by_nobody(client: Client) -> None:
    answer = client.get(f"{API[0]}?period=year", headers={"if-none-match": "*"})

    assert answer.status_code == 400
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PUBLIC)
def test_head_tells_what_get_would_send(client: Client, path: str) -> None:
    head, got = client.head(path), client.get(path)

    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(got.headers)
    assert head["Content-Length"] == str(len(got.content))
    tag = {"if-none-match": head["ETag"]}
    assert client.head(path, headers=tag).status_code == 304


@pytest.mark.parametrize("path", TAGGED)
def test_answer_holds_until_the_next_day_is_expected(client: Client, path: str) -> None:
    expected = (
        "public, max-age=56100, stale-while-revalidate=300, stale-if-error=432000"
    )
    assert client.get(path)["Cache-Control"] == expected


def test_ranking_under_way_is_kept_for_seconds(client: Client) -> None:
    client.get("/")
    StandingsState.objects.update(rule="")
    snapshot._kept.clear()
    kept_answers.cache_clear()

    answer = client.get("/")

    assert answer["Cache-Control"] == "public, max-age=10"
    assert not answer.has_header("ETag")


def test_status_depends_on_the_clock_as_well(
    client: Client, settings: Settings
) -> None:
    settings.INGEST_SOURCE = "files"
    first = client.get("/status")
    unchanged = client.get("/status", headers={"if-none-match": first["ETag"]})
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        late = client.get("/status", headers={"if-none-match": first["ETag"]})

    assert unchanged.status_code == 304
    assert late.status_code == 200
    assert b"should have been counted by now" in late.content


@pytest.mark.parametrize("path", ANYTHING_PUBLIC)
@pytest.mark.parametrize("known", [True, False])
def test_no_public_answer_knows_cookies(
    client: Client, admin_client: Client, path: str, known: bool
) -> None:
    answer = (admin_client if known else client).get(path)

    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies


@pytest.mark.parametrize("path", ANYTHING_PUBLIC)
def test_everything_tells_its_length(client: Client, path: str) -> None:
    for encoding in ("", "gzip"):
        answer = client.get(path, headers={"accept-encoding": encoding})
        assert answer["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize("path", [*TAGGED, "/status"])
def test_what_has_no_body_tells_no_length(client: Client, path: str) -> None:
    tag = tag_of(client, path)
    preflight = {"access-control-request-method": "GET"}

    unchanged = client.get(path, headers={"if-none-match": tag})
    allowed = client.options(API[0], headers=preflight)

    assert (unchanged.status_code, allowed.status_code) == (304, 204)
    assert not unchanged.has_header("Content-Length")
    assert not allowed.has_header("Content-Length")


@pytest.mark.parametrize("path", ANYTHING_PUBLIC)
def test_every_answer_keeps_the_security_headers(client: Client, path: str) -> None:
    for _ in range(2):
        answer = client.get(path)
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"


def security_headers(answer: Any) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name in SECURITY_HEADERS}


def test_what_is_refused_before_the_views_is_secured_as_they_are(
    client: Client, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = security_headers(client.get(API[0]))
    monkeypatch.setattr(slow_clients, "PLACES", Places(0, 0))
    too_many = SlowClients(lambda _: HttpResponse())
    busy = too_many(rf.post("/api/recent", b"{}", "application/json"))
    token = {"authorization": "Bearer pypistats_wrong"}
    guesser = [client.get(API[0], headers=token) for _ in range(2)]
    host = [client.get(path, headers={"host": "else.where"}) for path in (API[0], "/")]

    for refused, status in [
        *[(answer, 401) for answer in guesser],
        *[(answer, 400) for answer in host],
        (busy, 503),
    ]:
        assert refused.status_code == status
        assert security_headers(refused) == usual
    assert None not in usual.values()


def test_same_answer_in_the_encoding_that_each_client_reads(client: Client) -> None:
    path = "/packages/django"
    plain = client.get(path)
    zipped = client.get(path, headers={"accept-encoding": "gzip, deflate"})
    again = client.get(path, headers={"accept-encoding": "gzip"})
    zstd = client.get(path, headers={"accept-encoding": "gzip, deflate, br, zstd"})

    assert not plain.has_header("Content-Encoding")
    assert zipped["Content-Encoding"] == "gzip"
    assert zstd["Content-Encoding"] == "zstd"
    assert gzip.decompress(zipped.content) == plain.content
    assert again.content == zipped.content
    assert len({plain["ETag"], zipped["ETag"], zstd["ETag"]}) == 1
    for answer in (plain, zipped, zstd):
        assert answer["Vary"] == "Accept-Encoding"


def test_small_answer_is_sent_as_it_is(client: Client) -> None:
    answer = client.get(API[0], headers={"accept-encoding": "gzip"})

    assert not answer.has_header("Content-Encoding")
    assert answer.json()["package"] == "django"


@pytest.mark.parametrize("between", ["|", "\n", "', '", "\\', \\'", "\\"])
def test_what_a_client_sends_cannot_move_from_one_part_of_the_key_to_another(
    client: Client, between: str
) -> None:
    def ask(query: str, accept: str = "") -> HttpResponse:
        path, headers = "/badge/django/month.json", {"accept": accept}
        answer = client.get(path, QUERY_STRING=query, headers=headers)
        assert isinstance(answer, HttpResponse)
        return answer

    in_the_query = ask(f"label=A{between}text/csv,")
    in_a_header = ask("label=A", f"text/csv,{between}")

    assert in_the_query.headers.get("ETag") != in_a_header["ETag"]
    assert json.loads(in_a_header.content)["label"] == "A"


@pytest.mark.parametrize("named", ["text/csv", "Text/CSV"])
def test_format_is_part_of_the_tag(client: Client, named: str) -> None:
    csv = client.get(API[1], headers={"accept": named})
    json = client.get(API[1], headers={"accept": "application/json"})

    assert csv["Content-Type"] == "text/csv; charset=utf-8"
    assert json["Content-Type"] == "application/json"
    assert json["ETag"] != csv["ETag"]
    assert json["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("query", "normalized"),
    [
        ("", ""),
        ("b=1", "b=1"),
        ("b=1&a=2", "a=2&b=1"),
        ("&period=day", "period=day"),
        ("a=2&b=1&a=1", "a=2&a=1&b=1"),
    ],
)
def test_order_of_parameters_does_not_matter(query: str, normalized: str) -> None:
    assert normalized_query(query) == normalized


@pytest.mark.parametrize(
    "path", [*API, "/api/coverage", "/api/", "/feeds/packages/django.rss"]
)
def test_scripts_of_any_site_may_read(client: Client, path: str) -> None:
    tag = tag_of(client, path)
    answers = [
        client.get(path),
        client.get(path, headers={"if-none-match": tag}),
        client.get(f"{path}/no"),
        client.post(path),
    ]

    assert [a.status_code for a in answers][:3] == [200, 304, 404]
    for answer in answers:
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in answer["Access-Control-Expose-Headers"]
        assert "Retry-After" in answer["Access-Control-Expose-Headers"]


def test_preflight_asks_no_view(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asking = {
        "origin": "https://dashboard.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    with django_assert_num_queries(0):
        answer = client.options(API[0], headers=asking)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    assert answer["Access-Control-Max-Age"] == "86400"
    assert not answer.has_header("Allow")  # it stands for every address


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_nobody_keeps_is_compressed_as_well(client: Client, encoding: str) -> None:
    names = [f"package-{number}" for number in range(40)]
    wanted = {"accept-encoding": encoding}
    for answer in (
        client.post(
            "/api/recent", {"packages": names}, "application/json", headers=wanted
        ),
        client.get("/badge/nope/day.svg", headers=wanted),
    ):
        assert answer["Content-Encoding"] == encoding
        assert "Accept-Encoding" in answer["Vary"]
        assert answer["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("path", "headers", "encoding"),
    [
        ("/feeds/x", {"Content-Type": "text/plain"}, "gzip"),
        ("/feeds/x", {"Content-Type": "text/plain", "ETag": '"own"'}, None),
        ("/feeds/x", {"Content-Type": "image/png"}, None),
        ("/secret", {"Content-Type": "text/plain"}, None),
    ],
)
def test_only_open_texts_without_a_tag_are_compressed(
    rf: RequestFactory, path: str, headers: dict[str, str], encoding: str | None
) -> None:
    view = PublicAnswers(lambda _: HttpResponse(b"x" * 2000, headers=headers))

    answer = view(rf.get(path, headers={"accept-encoding": "gzip"}))

    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.has_header("Vary") is (encoding is not None)


def test_pages_of_the_admin_are_not_compressed(admin_client: Client) -> None:
    """What holds a secret would be told by its length (BREACH)."""
    answer = admin_client.get("/admin/", headers={"accept-encoding": "gzip"})

    assert len(answer.content) > SMALLEST
    assert not answer.has_header("Content-Encoding")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_only_who_asks_is_told_what_an_address_allows(
    client: Client, method: str
) -> None:
    for path in (API[0], "/api/packages/nope/recent", f"{API[0]}?period=x"):
        assert not client.generic(method, path).has_header("Allow")


def test_options_say_what_an_address_allows(client: Client) -> None:
    answer = client.options(API[0])

    assert answer.status_code == 204
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_pages_and_admin_are_for_their_own_site(client: Client) -> None:
    for path in ("/", "/admin/login/"):
        assert not client.get(path).has_header("Access-Control-Allow-Origin")


def test_admin_keeps_its_sessions_and_is_kept_by_nobody(admin_client: Client) -> None:
    answer = admin_client.get("/admin/")

    assert answer.status_code == 200
    assert "Cookie" in answer["Vary"]
    assert "no-store" in answer["Cache-Control"]
    assert not answer.has_header("ETag")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_admin_form_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/admin/login/", {"username": "a", "password": "b"})

    assert answer.status_code == 403


def test_one_snapshot_answers_a_page(client: Client, settings: Settings) -> None:
    settings.ANSWER_CACHE_MB = 0
    client.get("/packages/django")

    with CaptureQueriesContext(connection) as queries:
        client.get("/packages/django")

    asked = [q for q in queries if "packages_generation" in q["sql"]]
    assert len(asked) == 1


def test_nothing_is_kept_where_that_is_turned_off(
    client: Client,
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.ANSWER_CACHE_MB = 0
    client.get(API[0])

    with django_assert_num_queries(2):
        client.get(API[0])


def test_day_counted_again_without_a_change_keeps_the_tag(client: Client) -> None:
    tag = tag_of(client, API[0])

    count_day(LAST, {"django": {PIP_311: 5, PIP_39: 1, MIRROR: 2, POETRY: 1}})

    assert CountedDay.objects.count() == 2
    assert client.get(API[0], headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    ["/api/top", "/api/packages?search=d", "/api/recent?packages=django", "/"],
)
def test_day_counted_by_another_process_is_not_mixed_in(
    client: Client, settings: Settings, path: str
) -> None:
    settings.GENERATION_CHECK_SECONDS = 60
    client.get("/about")
    [seen] = snapshot._kept
    with time_machine.travel(datetime(2026, 11, 20, 4, tzinfo=UTC), tick=False):
        count_day(date(2026, 11, 19), {"django": {PIP_311: 70}})
    snapshot._kept[:] = [seen]  # as it is in a process that was not told

    answer = client.get(path).content.decode()

    assert "70" in answer
    assert "2026-11-18" not in answer
    assert "18 November" not in answer


def test_answer_given_before_outlives_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    badge = client.get("/badge/django/day.svg")
    new = client.get("/badge/django/week.svg?label=x")

    def gone() -> None:
        message = "secret host name"
        raise OperationalError(message)

    monkeypatch.setattr(Generation, "current", gone)

    assert client.get("/badge/django/day.svg").content == badge.content
    assert client.get("/badge/django/week.svg?label=x").content == new.content
    unknown = client.get("/badge/django/month.svg")
    assert (unknown.status_code, unknown["Cache-Control"]) == (503, "no-store")


@pytest.mark.parametrize(
    ("query", "accept", "kept"),
    [
        ("", "*/*", 1),
        ("?period=day", "*/*", 1),
        ("?format=csv", "text/csv", 1),
        ("?x=1", "*/*", 0),
        ("?period=day&period2=1", "*/*", 0),
        ("", "text/csv;x=1", 0),
    ],
)
def test_addresses_that_anybody_can_make_up_are_not_kept(
    client: Client, query: str, accept: str, kept: int
) -> None:
    answer = client.get(API[1] + query, headers={"accept": accept})

    assert answer.status_code in {200, 400}
    memory = kept_answers()
    assert memory is not None
    assert len(memory._local) == (kept if answer.status_code == 200 else 0)


@pytest.mark.parametrize(
    "path",
    [
        "/badge/django/day.svg?label=x&label_color=red&color=blue&style=flat-square",
        "/feeds/packages/django.rss?every=day&list=everything",
        "/api/packages/django/overall?start_date=2026-11-17&granularity=day",
    ],
)
def test_addresses_of_known_parameters_are_kept(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200

    memory = kept_answers()
    assert memory is not None
    assert len(memory._local) == 1


@pytest.mark.parametrize("path", ["/status", "/api/coverage"])
def test_answer_that_is_not_found_again_is_not_kept(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get(path, headers={"if-none-match": "*"}).status_code == 304

    memory = kept_answers()
    assert memory is not None
    assert len(memory._local) == 0


def test_answer_is_not_told_to_another_host(client: Client) -> None:
    assert client.get(API[0]).status_code == 200

    assert client.get(API[0], headers={"host": "evil.example"}).status_code == 400
