"""Settings and fixtures that every test shares."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import signals
from django.core.cache import caches
from django.db import close_old_connections
from pytest_django import Settings

from api import limits, middleware, tokens
from packages import shape, snapshot
from packages.kept_answers import kept_answers
from pypistats_site import public_handler


def pytest_configure() -> None:
    django_settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # What a test has just counted is what the next request shows.
    django_settings.GENERATION_CHECK_SECONDS = 0
    # Else no answer has a date before the tests' own process is a second old.
    shape.STARTED = 0
    # A real hasher takes longer than the test that logs in.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests run in several processes at once, each with what it writes to itself.
    folder = Path(tempfile.mkdtemp(prefix="pypistats-tests-"))
    django_settings.VAR_DIR = folder
    django_settings.SPOOL_DIR = folder / "spool"
    django_settings.DUMP_DIR = folder / "dump"
    django_settings.STATIC_ROOT = folder / "static"
    django_settings.STATIC_ROOT.mkdir()
    # The same on every database, so that an answer has the same number of queries.
    django_settings.CACHES["counters"] = django_settings.COUNTERS["file"] | {
        "LOCATION": str(folder / "counters.table")
    }


def pytest_unconfigure() -> None:
    shutil.rmtree(django_settings.VAR_DIR, ignore_errors=True)


@pytest.fixture
def _nothing_kept(settings: Settings) -> None:
    """Every answer is worked out, as the first of its kind is."""
    settings.ANSWER_CACHE_MB = 0


@pytest.fixture
def _connection_outlives_requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For requests that reach Django as a server's do, not through its client.

    The test's transaction would end with the first of them.
    """
    monkeypatch.setattr(public_handler, "close_old_connections", lambda: None)
    both = (signals.request_started, signals.request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _no_snapshot_from_another_test() -> Iterator[None]:
    """A rolled back database repeats generation numbers."""
    snapshot._kept.clear()
    kept_answers.cache_clear()
    yield
    snapshot._kept.clear()


@pytest.fixture(autouse=True)
def _no_client_from_another_test() -> None:
    caches["counters"].clear()
    limits.forget()
    middleware.scope_at.cache_clear()  # some tests have addresses of their own
    tokens.forget()
