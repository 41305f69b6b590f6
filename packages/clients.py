"""Clients: how what a downloader says of itself is bounded and given a small id.

Installer, Python and system are strings from the network. Here they become values of
bounded length and number, so that no sender can fill the table.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction

from packages.models import Client, MirrorEntry

MAX_CLIENTS = 20_000
"""Beyond so many, the installers of new clients are counted as ``other``."""

OTHER = "other"
INVALID = "invalid"

SYSTEMS = frozenset(
    [
        *("Linux", "Darwin", "Windows"),
        *("FreeBSD", "OpenBSD", "NetBSD", "DragonFly", "GNU/kFreeBSD"),
        *("iOS", "iPadOS", "tvOS", "watchOS", "visionOS", "Android"),
        *("AIX", "SunOS", "HP-UX", "OS400", "Haiku", "Java", "Emscripten", "WASI"),
    ]
)
_INSTALLER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+/-]{0,63}", re.ASCII)
_PYTHON = re.compile(r"([0-9])\.([0-9]+)", re.ASCII)


class ClientKey(NamedTuple):
    """What tells one client from another; None is what was not sent."""

    installer: str | None
    python: str | None
    system: str | None
    ci: bool


def bounded(key: ClientKey) -> ClientKey:
    """Return ``key`` with every part within bounds, ``""`` for what was not sent."""
    return ClientKey(
        installer=_installer(key.installer),
        python=_python(key.python),
        system=_system(key.system),
        ci=bool(key.ci),
    )


def register(keys: Iterable[ClientKey]) -> dict[ClientKey, int]:
    """Return the id of each client, making those that are new.

    ``keys`` come in order of importance: when the table is full, those that come last
    are counted under the installer ``other``.
    """
    wanted = {key: bounded(key) for key in keys}
    ids = _ids()
    missing = [key for key in dict.fromkeys(wanted.values()) if key not in ids]
    if not missing:
        return {key: ids[kept] for key, kept in wanted.items()}
    folded = _fold(missing)
    ids = _create(missing, folded)
    return {key: ids.get(kept) or ids[folded[kept]] for key, kept in wanted.items()}


def _ids() -> dict[ClientKey, int]:
    rows = Client.objects.order_by().values_list(
        "installer", "python", "system", "ci", "id"
    )
    return {ClientKey(*row[:4]): row[4] for row in rows.iterator()}


def _create(
    missing: list[ClientKey], folded: dict[ClientKey, ClientKey]
) -> dict[ClientKey, int]:
    room = max(0, MAX_CLIENTS - Client.objects.count())
    new = {*missing[:room], *(folded[key] for key in missing[room:])}
    with transaction.atomic():
        Client.objects.bulk_create(
            [Client(**key._asdict()) for key in sorted(new)],
            ignore_conflicts=True,
            batch_size=1000,
        )
    return _ids()


def _fold(keys: list[ClientKey]) -> dict[ClientKey, ClientKey]:
    """Name the few clients that others count as once the table is full.

    A mirror stays a mirror, and a malformed Python malformed, whoever filled it.
    """
    mirrors = set(MirrorEntry.objects.values_list("installer", flat=True))
    return {
        key: ClientKey(
            installer=key.installer if key.installer in {"", *mirrors} else OTHER,
            python=INVALID if key.python == INVALID else "",
            system="",
            ci=False,
        )
        for key in keys
    }


def is_installer(name: str) -> bool:
    """Say whether a client may be kept under that name, or counts as ``other``."""
    return _INSTALLER.fullmatch(name) is not None


def _installer(name: str | None) -> str:
    if name is None:
        return ""
    return name if is_installer(name) else OTHER


def _python(version: str | None) -> str:
    if version is None:
        return ""
    found = _PYTHON.match(version)
    if found is None:
        return INVALID
    return found[0] if len(found[2]) <= 2 else OTHER


def _system(name: str | None) -> str:
    if name is None:
        return ""
    return name if name in SYSTEMS else OTHER
