"""Statements are planned once for a connection, and run in any case."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from packages.statements import Statement
from tests.processes import server_of_tests

SUM = Statement("sum_of_two", "SELECT CAST(%s AS integer) + CAST(%s AS integer)")


@pytest.fixture
def ran(transactional_db: None) -> Iterator[CaptureQueriesContext]:
    """The statements that ran, on a connection that has prepared nothing."""
    connection.close()
    with CaptureQueriesContext(connection) as ran:
        yield ran


@pytest.fixture
def on_postgresql() -> None:
    if not server_of_tests():
        pytest.skip("SQLite's driver keeps statements itself.")


def verbs(ran: CaptureQueriesContext) -> list[str]:
    return [query["sql"].split()[0] for query in ran.captured_queries]


def test_rows_are_the_statements(ran: CaptureQueriesContext) -> None:
    assert [SUM.rows("1", "2"), SUM.rows("30", "4")] == [[(3,)], [(34,)]]


@pytest.mark.usefixtures("on_postgresql")
def test_connection_prepares_once(ran: CaptureQueriesContext) -> None:
    SUM.rows("1", "2")
    SUM.rows("1", "2")

    assert verbs(ran) == ["PREPARE", "EXECUTE", "EXECUTE"]


@pytest.mark.usefixtures("on_postgresql")
def test_new_connection_prepares_anew(ran: CaptureQueriesContext) -> None:
    SUM.rows("1", "2")
    connection.close()

    assert SUM.rows("1", "2") == [(3,)]
    assert verbs(ran) == ["PREPARE", "EXECUTE", "PREPARE", "EXECUTE"]


@pytest.mark.usefixtures("on_postgresql")
def test_session_that_has_not_prepared_runs_it_plainly(
    ran: CaptureQueriesContext,
) -> None:
    SUM.rows("1", "2")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert SUM.rows("1", "2") == [(3,)]
    assert SUM.rows("1", "2") == [(3,)]
    expected = ["EXECUTE", "SELECT", "PREPARE", "EXECUTE"]
    assert [verb for verb in verbs(ran) if verb != "DEALLOCATE"][2:] == expected


@pytest.mark.usefixtures("on_postgresql")
def test_session_that_has_prepared_already_runs_it_plainly(
    ran: CaptureQueriesContext,
) -> None:
    SUM.rows("1", "2")
    vars(connections["default"])["prepared"].clear()

    assert SUM.rows("1", "2") == [(3,)]
    assert verbs(ran)[2:] == ["PREPARE", "SELECT"]


@pytest.mark.django_db
@pytest.mark.usefixtures("on_postgresql")
def test_within_a_transaction_nothing_is_prepared() -> None:
    with CaptureQueriesContext(connection) as ran:
        assert SUM.rows("1", "2") == [(3,)]

    assert verbs(ran) == ["SELECT"]


def test_wrong_parameters_are_the_databases_error(ran: CaptureQueriesContext) -> None:
    with pytest.raises(DatabaseError):
        Statement("no_table", "SELECT * FROM no_such_table WHERE a = %s").rows("1")

    assert SUM.rows("1", "2") == [(3,)]


@pytest.mark.usefixtures("on_postgresql", "ran")
def test_lost_connection_is_the_databases_error() -> None:
    SUM.rows("1", "2")
    process = connection.connection.get_backend_pid()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [process])
    other.close()

    with pytest.raises(OperationalError):
        SUM.rows("1", "2")
    connection.close()
    assert SUM.rows("1", "2") == [(3,)]
