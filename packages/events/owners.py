"""Which kind of client owns a rise or a fall, and what passes a share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

from packages.clients import INVALID, OTHER
from packages.events.texts import Facts
from packages.events.thresholds import OWNER_LEAST, OWNER_SHARE
from packages.models import Client

PARTS = ("installer", "system", "python", "ci")
UNNAMED = ("", INVALID, OTHER, False)
"""Values that name no kind: not sent, not readable, rare, or no sign of CI."""

Kind = tuple[tuple[str, str | bool], ...]
"""What a kind of client has in common: pairs of a part and its value."""

ByClient = Mapping[int, int]


def owner(
    day: ByClient, before: Sequence[ByClient], clients: Mapping[int, Client]
) -> Facts | None:
    """The most narrow kind of client that owns most of the day's change, or None.

    ``before`` are the days that are usual. Kinds are judged by their part of the whole
    change; the most narrow one with ``OWNER_SHARE`` of it is named, failing that the
    one with the largest share above ``OWNER_LEAST``.
    """
    usual = {client: int(median(_of(client, before))) for client in _any(before)}
    changes = {c: day.get(c, 0) - usual.get(c, 0) for c in day.keys() | usual.keys()}
    whole, size = sum(changes.values()), sum(usual.values())
    if not whole:
        return None
    shares = {kind: n / whole for kind, n in _by_kind(changes, clients).items()}
    kind = _most_narrow(shares)
    if kind is None:
        return None
    held = _by_kind(usual, clients)[kind]
    return {
        "share": min(100, round(100 * shares[kind])),
        "usual_share": round(100 * held / size) if size else 0,
        **dict(kind),
    }


def _most_narrow(shares: Mapping[Kind, float]) -> Kind | None:
    owning = [kind for kind, share in shares.items() if share >= OWNER_SHARE]
    if owning:
        return max(owning, key=lambda kind: (len(kind), shares[kind]))
    largest = max(shares, key=lambda kind: (shares[kind], len(kind)), default=None)
    if largest is None or shares[largest] < OWNER_LEAST:
        return None
    return largest


def _by_kind(numbers: ByClient, clients: Mapping[int, Client]) -> Counter[Kind]:
    """Add up by every kind that a client belongs to, of one part up to all four."""
    sums = Counter[Kind]()
    for client, number in numbers.items():
        for kind in _kinds(clients[client]):
            sums[kind] += number
    return sums


def _kinds(client: Client) -> list[Kind]:
    named = [(part, getattr(client, part)) for part in PARTS]
    known = [(part, value) for part, value in named if value not in UNNAMED]
    return [
        kind
        for number in range(1, len(known) + 1)
        for kind in combinations(known, number)
    ]


def _any(days: Sequence[ByClient]) -> set[int]:
    return set().union(*days)


def _of(client: int, days: Sequence[ByClient]) -> list[int]:
    return [day.get(client, 0) for day in days]
