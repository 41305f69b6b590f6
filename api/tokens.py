"""Who asks: the bearer of a token, or an address."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest
from rest_framework import status
from rest_framework.exceptions import APIException

from api import limits
from api.exceptions import refuse_if_exceeded
from api.limits import ApiClient
from api.rates import EXPENSIVE
from packages.client_address import client_key
from packages.models import ApiToken
from packages.models.tokens import digest_of

SCHEME = "bearer"
KEPT_SECONDS = 10
"""How long a process believes what it read of a token: so long a revoked one works."""
MOST_KEPT = 1_000
WRONG = "wrong tokens"


class WrongToken(APIException):
    """The request has a token that is not in force."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_detail = (
        "The token is wrong or revoked; send 'Authorization: Bearer <token>' with one"
        " that is in force, or no such header."
    )
    auth_header = 'Bearer realm="api", error="invalid_token"'


def identify(request: HttpRequest) -> ApiClient:
    """Return whom the request is counted for.

    Raise ``WrongToken``, or ``TooManyRequests`` once an address sent too many of them:
    then no token is looked up, so that guessing costs the database nothing.
    Other schemes than Bearer are none of our business: a proxy in front may want them.
    """
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != SCHEME:
        return by_address(request)
    digest = digest_of(secret.strip())
    known_until, client = _kept.get(digest, (0.0, None))
    if client is None or known_until < time.monotonic():
        client = _look_up_for(request, digest)
    return client


def by_address(request: HttpRequest) -> ApiClient:
    return ApiClient(f"address:{client_key(request)}")


def guesser(request: HttpRequest) -> ApiClient:
    """Whom wrong tokens are counted for, apart from the answers of the address."""
    return ApiClient(f"{WRONG}:{client_key(request)}")


def _look_up_for(request: HttpRequest, digest: str) -> ApiClient:
    guessing = guesser(request)
    refuse_if_exceeded(limits.peek(request, guessing, EXPENSIVE), WRONG)
    try:
        return _look_up(digest)
    except WrongToken:
        refuse_if_exceeded(limits.count(request, guessing, EXPENSIVE), WRONG)
        raise


_kept: dict[str, tuple[float, ApiClient]] = {}


def _look_up(digest: str) -> ApiClient:
    _kept.pop(digest, None)
    token = ApiToken.objects.in_force(digest)
    if token is None:
        raise WrongToken
    _note_use(token)
    client = ApiClient(f"token:{token.pk}", token.factor)
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[digest] = time.monotonic() + KEPT_SECONDS, client
    return client


def _note_use(token: ApiToken) -> None:
    """Note the day, once a day; if that is not possible now, a later request will."""
    today = datetime.now(UTC).date()
    if token.last_used_on != today:
        with suppress(DatabaseError), _nobody_waited_for():
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


@contextmanager
def _nobody_waited_for() -> Iterator[None]:
    """On SQLite, fail at once where a statement would wait for a day's write."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {waits}")


def forget() -> None:
    _kept.clear()
