"""Requests that reach the service as a server's do, not through Django's client."""

import pytest


@pytest.fixture(autouse=True)
def _as_a_server_asks(_connection_outlives_requests: None) -> None:
    pass
