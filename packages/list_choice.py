"""Which mirror list a reader asks for by ``?list=`` at the end of an address."""

from urllib.parse import urlencode

from django.http import QueryDict

from packages import snapshot
from packages.exceptions import AskedListError
from packages.models import MirrorList
from packages.snapshot import Snapshot

PARAMETER = "list"


def asked_list(query: QueryDict) -> str | None:
    """Return the list that ``query`` names, in any case; None if it names none.

    Raise ``AskedListError`` for a list that is not there and for more than one.
    """
    values = query.getlist(PARAMETER)
    if not values:
        return None
    names = list_names(snapshot.current())
    known = {name.lower(): name for name in names}
    if len(values) > 1 or values[0].lower() not in known:
        raise AskedListError(", ".join(values), names)
    return known[values[0].lower()]


def list_names(state: Snapshot) -> list[str]:
    """The names of all lists, the default first."""
    names = MirrorList.objects.values_list("name", flat=True)
    return state.remembered("list names", lambda: list(names))


def with_list(address: str, mirror_list: str | None) -> str:
    """Return ``address`` asking for that list; as it is when none is asked for."""
    if mirror_list is None:
        return address
    return f"{address}?{urlencode({PARAMETER: mirror_list})}"
