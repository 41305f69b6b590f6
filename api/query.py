"""What a query string may not say on any address, before its values are read."""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, QueryDict
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from api.exceptions import WrongValue, shortened
from api.schema.operations import OPERATIONS
from api.schema.parameters import LONGEST_OF_NAMES, LONGEST_QUERY, PARAMETERS
from api.serializers import only_value

LONGEST = 1000
"""Of what nobody reads; parameters that are known have rules of their own."""
MALFORMED = re.compile("%(?![0-9A-Fa-f]{2})")
ROUTE_VARIABLE = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>[^)]*\)")
ORIGINALS = re.compile(
    r"/api/packages/[^/]+/(recent|overall|python_major|python_minor|system)"
)
"""pypistats.org's endpoints; each ignores what another takes, so ours do as well."""
IGNORED_BY_ORIGINALS = frozenset({"period", "mirrors", "version", "os"})
VOCABULARY = frozenset(
    parameter.name for parameter in PARAMETERS.values() if parameter.place == "query"
)


class TooManyNames(APIException):
    """There is another way to send as many."""

    status_code = status.HTTP_414_REQUEST_URI_TOO_LONG
    default_detail = (
        f"The query has more than {LONGEST_OF_NAMES:,} characters; send the names in"
        " the body of a POST."
    )


def check_text(request: HttpRequest, *, takes_names: bool = False) -> None:
    """Refuse a query that is too long, or no text, before it is taken apart."""
    text = request.META.get("QUERY_STRING", "")
    if not text:
        return
    if len(text) > LONGEST_QUERY and not takes_names:
        message = f"The query has more than {LONGEST_QUERY:,} characters."
        raise WrongValue(message)
    if len(text) > LONGEST_OF_NAMES:
        raise TooManyNames
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    if text.count("&") >= most:
        message = f"The query has more than {most:,} parameters."
        raise WrongValue(message)
    if not _is_text(text):
        part = next(part for part in text.split("&") if not _is_text(part))
        message = (
            f"{shortened(part)} in the query is no text: write UTF-8 without NUL, and"
            " % itself as %25."
        )
        raise WrongValue(message)


def _is_text(query: str) -> bool:
    try:
        decoded = unquote_to_bytes(query.encode("latin-1")).decode()
    except UnicodeError:
        return False
    return "\0" not in decoded and not MALFORMED.search(query)


def check_query(request: Request) -> None:
    """Refuse what would be left out of account although it was meant.

    Names that no address knows are ignored: clients add some of their own against
    caches.
    """
    if not request.query_params:
        return
    taken = _taken_by(request)
    for name, values in request.query_params.lists():
        _check_name(name)
        if name not in VOCABULARY:
            _check_stranger(name, values)
        elif not _is_ignored(name, request):
            _check_is_taken(name, taken)
        elif taken is None or name not in taken:
            only_value(request, name)  # contradictions that nobody would read


def check_strangers(query: QueryDict) -> None:
    """Do the same where no parameter is read."""
    for name, values in query.lists():
        _check_name(name)
        _check_stranger(name, values)


@lru_cache(maxsize=256)
def parameters_of(method: str, route: str) -> tuple[str, ...] | None:
    """The names that the operation at ``route`` takes; None if there is none."""
    path = ROUTE_VARIABLE.sub(r"{\1\2}", f"/{route.removesuffix('$')}")
    operation = OPERATIONS.get(f"{method} {path}")
    if operation is None:
        return None
    found = [PARAMETERS[key] for key in operation.parameters]
    return tuple(parameter.name for parameter in found if parameter.place == "query")


def _is_ignored(name: str, request: Request) -> bool:
    return name in IGNORED_BY_ORIGINALS and bool(ORIGINALS.fullmatch(request.path))


def _taken_by(request: Request) -> tuple[str, ...] | None:
    match = request.resolver_match
    if match is None:
        return None
    method = "GET" if request.method == "HEAD" else str(request.method)
    return parameters_of(method, match.route)


def _check_name(name: str) -> None:
    """Refuse lists such as ``list[]=a`` as well."""
    odd = "[" in name or not name.isprintable()
    if odd or len(name) > LONGEST:
        message = f"{shortened(name)} is no parameter; give a name alone, once."
        raise WrongValue(message)


def _check_stranger(name: str, values: Sequence[str]) -> None:
    if any(len(value) > LONGEST for value in values):
        message = f"{shortened(name)} has more than {LONGEST:,} characters."
        raise WrongValue(message)


def _check_is_taken(name: str, taken: tuple[str, ...] | None) -> None:
    if taken is None or name in taken:
        return
    which = f"allowed are: {', '.join(taken)}" if taken else "it takes none"
    message = f"{name} is no parameter of this address; {which}."
    raise WrongValue(message)
