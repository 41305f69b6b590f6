"""Wrong settings about clients are named, each by an id and with a hint."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from api.checks import check_clients


def found(settings: Settings, name: str, value: object) -> list[tuple[str | None, str]]:
    setattr(settings, name, value)
    return [(message.id, message.msg) for message in check_clients(None)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_RATE_LIMITS", ""),
        ("API_RATE_LIMITS", "off"),
        ("API_RATE_LIMITS", "default=5/s 30/m"),
        ("API_RATE_LIMITS", "expensive=off"),
        ("API_RATE_LIMITS", " default = 100/2h , expensive=1/d "),
        ("TRUSTED_PROXIES", ["127.0.0.1", "10.0.0.0/8", "fd00::/8", "unix"]),
        ("REDIS_URL", "redis://127.0.0.1:6379/0"),
        ("REDIS_URL", "unix:///run/redis.sock"),
    ],
)
def test_right_setting(settings: Settings, name: str, value: object) -> None:
    assert found(settings, name, value) == []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("5/s", "'5/s' is no scope with rates; write"),
        ("pages=5/s", "'pages=5/s' is no scope with rates"),
        ("default=5/s, default=6/s", "'default=6/s' is no scope with rates"),
        ("default=", "'default' has no rate."),
        ("default=5", "'5' is no rate."),
        ("default=5/fortnight", "'5/fortnight' is no rate."),
        ("default=5/s;30/m", "'5/s;30/m' is no rate."),
        ("default=\u0665/s", "'\u0665/s' is no rate."),
        ("default=-5/s", "'-5/s' is no rate."),
        ("default=0/s", "'0/s' is out of range"),
        ("default=5/0s", "'5/0s' is out of range"),
        ("default=5/2d", "'5/2d' is out of range"),
        ("default=5/m 6/60s", "'default' has two rates of one length"),
    ],
)
def test_wrong_rates(settings: Settings, value: str, sentence: str) -> None:
    [(check_id, message)] = found(settings, "API_RATE_LIMITS", value)

    assert check_id == "api.E001"
    assert message.startswith(f"API_RATE_LIMITS: {sentence}")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TRUSTED_PROXIES", ["proxy.example.org"], "api.E002"),
        ("TRUSTED_PROXIES", ["10.0.0.1/8"], "api.E002"),
        ("TRUSTED_PROXIES", ["0.0.0.0/0"], "api.E003"),
        ("TRUSTED_PROXIES", ["::/0"], "api.E003"),
        ("REDIS_URL", "127.0.0.1:6379", "api.E004"),
        ("REDIS_URL", "redis://[::1", "api.E004"),
        ("REDIS_URL", "redis://127.0.0.1:port/0", "api.E004"),
    ],
)
def test_wrong_setting(
    settings: Settings, name: str, value: object, expected: str
) -> None:
    assert [check_id for check_id, _ in found(settings, name, value)] == [expected]


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_the_counting_library_finds_no_fault(settings: Settings, kind: str) -> None:
    settings.CACHES = settings.CACHES | {"counters": settings.COUNTERS[kind]}

    call_command("check", tags=["caches"], fail_level="WARNING")


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "db.DatabaseCache"])
def test_cache_that_does_not_count_exactly_is_refused(
    settings: Settings, backend: str
) -> None:
    counter = {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "x"}
    settings.CACHES = settings.CACHES | {"counters": counter}

    with pytest.raises(SystemCheckError, match=r"django_ratelimit\.E003"):
        call_command("check", tags=["caches"])
