"""The mirror lists that ship with the service."""

from django.db import connection

from packages.models import MirrorList

_PYPISTATS = {
    "bandersnatch": "Full mirror",
    "z3c.pypimirror": "Full mirror",
    "Artifactory": "Caching proxy: one row stands for many installs",
    "devpi": "Caching proxy and mirror",
}
_MORE_MIRRORS = {
    "Nexus": "Caching proxy: one row stands for many installs",
    "pep381client": "Full mirror",
}
_LISTS: list[tuple[str, str, dict[str, bool], dict[str, str]]] = [
    (
        "pypistats",
        (
            "The rule of pypistats.org: four installers are mirrors, unnamed "
            "installers count with mirrors only, malformed Pythons do not count."
        ),
        {"is_default": True, "counts_unnamed": False, "counts_malformed": False},
        _PYPISTATS,
    ),
    (
        "known-mirrors",
        (
            "Every mirror and caching proxy that names itself; who names nothing is "
            "counted as people."
        ),
        {"counts_unnamed": True, "counts_malformed": True},
        _PYPISTATS | _MORE_MIRRORS,
    ),
    (
        "everything",
        "No installer is a mirror: every download counts.",
        {"counts_unnamed": True, "counts_malformed": True},
        {},
    ),
]


def ship_mirror_lists(**kwargs: object) -> None:
    """Fill a database that has no mirror list; what an admin removed stays removed."""
    if not _has_table() or MirrorList.objects.exists():
        return
    for name, description, flags, installers in _LISTS:
        made = MirrorList.objects.create(name=name, description=description, **flags)
        for installer, reason in installers.items():
            made.entries.create(installer=installer, reason=reason)


def _has_table() -> bool:
    """Migrating backwards ends with the signal too, and without the table."""
    return MirrorList._meta.db_table in connection.introspection.table_names()
