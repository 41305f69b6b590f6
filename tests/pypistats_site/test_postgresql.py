"""A connection is trusted while it is quiet, and asked once it is not."""

from collections.abc import Iterator
from select import POLLIN, poll

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from tests.processes import server_of_tests, wait_until


@pytest.fixture(autouse=True)
def _on_postgresql(db: None) -> None:
    if not server_of_tests():
        pytest.skip("SQLite has no connections.")


@pytest.fixture
def used(_on_postgresql: None) -> Iterator[DatabaseWrapper]:
    """A connection besides the test's own."""
    yield from new_connection()


@pytest.fixture
def other(_on_postgresql: None) -> Iterator[DatabaseWrapper]:
    yield from new_connection()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What a server said that was asked as Django asks it."""
    answers: list[bool] = []
    ask = DatabaseWrapper.is_usable

    def spied(self: DatabaseWrapper) -> bool:
        answers.append(ask(self))
        return answers[-1]

    monkeypatch.setattr(DatabaseWrapper, "is_usable", spied)
    return answers


def new_connection() -> Iterator[DatabaseWrapper]:
    made = connections.create_connection("default")
    made.ensure_connection()
    assert isinstance(made, DatabaseWrapper)
    yield made
    made.close()


def wait_for_input(used: DatabaseWrapper) -> None:
    watched = poll()
    watched.register(used.connection.fileno(), POLLIN)
    wait_until(lambda: watched.poll(0), "something comes in")


def test_quiet_connection_is_used_without_asking(
    used: DatabaseWrapper, asked: list[bool]
) -> None:
    assert used.is_usable()
    assert asked == []


def test_connection_that_was_ended_is_not_used(
    used: DatabaseWrapper, other: DatabaseWrapper, asked: list[bool]
) -> None:
    process = used.connection.get_backend_pid()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [process])
    wait_for_input(used)

    assert not used.is_usable()
    assert asked == [False]


def test_connection_with_news_is_asked_and_used(
    used: DatabaseWrapper, other: DatabaseWrapper, asked: list[bool]
) -> None:
    with used.cursor() as cursor:
        cursor.execute("LISTEN news")
    with other.cursor() as cursor:
        cursor.execute("NOTIFY news")
    wait_for_input(used)

    assert used.is_usable()
    assert asked == [True]


def test_connection_that_is_closed_is_not_used(used: DatabaseWrapper) -> None:
    used.connection.close()

    assert not used.is_usable()
    used.connection = None
    assert not used.is_usable()
