"""The database's backend; the name of this module is Django's."""

from select import POLLIN, poll
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Trusts a connection on which nothing has come in since the last answer.

    A server that ends a connection says so, or its system does, and then there is
    something to be read. Only in that case is the server asked, as Django asks it
    before each request: that costs a small answer a tenth of its time.
    """

    prepared: set[str]
    """Names of what the connection has prepared; see ``packages.statements``."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.prepared = set()
        return super().get_new_connection(conn_params)

    def is_usable(self) -> bool:
        connection = self.connection
        if connection is None or connection.closed:
            return False
        return not _has_input(connection.fileno()) or super().is_usable()


def _has_input(socket: int) -> bool:
    watched = poll()
    watched.register(socket, POLLIN)
    return bool(watched.poll(0))
