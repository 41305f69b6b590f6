"""What a query string may not say on any address, before its values are read."""

import re
from functools import lru_cache

from rest_framework.request import Request

from api.exceptions import WrongValue, shortened
from api.schema.operations import OPERATIONS
from api.schema.parameters import PARAMETERS

LONGEST = 1000
"""Of what nobody reads; parameters that are known have rules of their own."""
UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
ROUTE_VARIABLE = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>[^)]*\)")
ORIGINALS = re.compile(
    r"/api/packages/[^/]+/(recent|overall|python_major|python_minor|system)"
)
"""pypistats.org's endpoints; each ignores what another takes, so ours do as well."""
IGNORED_BY_ORIGINALS = frozenset({"period", "mirrors", "version", "os"})
VOCABULARY = frozenset(
    parameter.name for parameter in PARAMETERS.values() if parameter.place == "query"
)


def check_query(request: Request) -> None:
    """Refuse what would be left out of account although it was meant.

    Names that no address knows are ignored: clients add some of their own against
    caches.
    """
    taken = _taken_by(request)
    for name, values in request.query_params.lists():
        _check_name(name)
        if name in VOCABULARY:
            if not _is_ignored(name, request):
                _check_is_taken(name, taken)
        elif any(len(value) > LONGEST for value in values):
            message = f"{shortened(name)} has more than {LONGEST:,} characters."
            raise WrongValue(message)


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
    odd = "[" in name or UNDECODABLE in name or not name.isprintable()
    if odd or len(name) > LONGEST:
        message = f"{shortened(name)} is no parameter; give a name alone, once."
        raise WrongValue(message)


def _check_is_taken(name: str, taken: tuple[str, ...] | None) -> None:
    if taken is None or name in taken:
        return
    which = f"allowed are: {', '.join(taken)}" if taken else "it takes none"
    message = f"{name} is no parameter of this address; {which}."
    raise WrongValue(message)
