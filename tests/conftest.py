"""Settings and fixtures that every test shares."""

import shutil
import tempfile
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings

from packages import snapshot


def pytest_configure() -> None:
    django_settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # A real hasher takes longer than the test that logs in.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.STATIC_ROOT = tempfile.mkdtemp(prefix="pypistats-static-")


def pytest_unconfigure() -> None:
    shutil.rmtree(django_settings.STATIC_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_snapshot_from_another_test() -> Iterator[None]:
    """A rolled back database repeats generation numbers."""
    snapshot._kept.clear()
    yield
    snapshot._kept.clear()
