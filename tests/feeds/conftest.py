"""Days that a module's tests share: counting them takes longer than reading a feed."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.feeds.weeks import count_two_weeks


@pytest.fixture(scope="module")
def two_weeks(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Weeks 41 and 42 of 2026; what a test adds to them is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        count_two_weeks()
        yield
        transaction.set_rollback(True)
