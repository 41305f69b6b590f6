"""Requests that reach the service as a server's do, not through Django's client."""

from collections.abc import Iterator

import pytest
from django.core import signals
from django.db import close_old_connections

SIGNALS = (signals.request_started, signals.request_finished)


@pytest.fixture(autouse=True)
def _connection_outlives_a_request() -> Iterator[None]:
    """The test's transaction would end with it."""
    for signal in SIGNALS:
        signal.disconnect(close_old_connections)
    yield
    for signal in SIGNALS:
        signal.connect(close_old_connections)
