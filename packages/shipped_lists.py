"""The mirror lists that ship with the service."""

from typing import NamedTuple

from django.db import connection

from packages.models import MirrorList

RULE_OF_PYPISTATS = (
    "https://github.com/psf/pypistats.org/blob/HEAD/pypistats/tasks/pypi.py"
)
NAMES_OF_INSTALLERS = (
    "https://github.com/pypi/linehaul-cloud-function/blob/HEAD/linehaul/ua/parser.py"
)


class ShippedList(NamedTuple):
    name: str
    description: str
    flags: dict[str, bool]
    reasons: dict[str, str]
    """Installer -> why it is a mirror."""
    evidence: str = ""


_FULL = "Full mirror: copies every file, wanted or not"
_PROXY = "Caching proxy: one download stands for many installs"
_PYPISTATS = {
    "bandersnatch": _FULL,
    "z3c.pypimirror": _FULL,
    "Artifactory": _PROXY,
    "devpi": _PROXY,
}
LISTS = [
    ShippedList(
        "pypistats",
        (
            "The rule of pypistats.org: four installers are mirrors, unnamed "
            "installers count with mirrors only, malformed Pythons do not count."
        ),
        {"is_default": True, "counts_unnamed": False, "counts_malformed": False},
        _PYPISTATS,
        RULE_OF_PYPISTATS,
    ),
    ShippedList(
        "known-mirrors",
        (
            "Every mirror and caching proxy that names itself; who names nothing is "
            "counted as people."
        ),
        {"counts_unnamed": True, "counts_malformed": True},
        _PYPISTATS | {"pep381client": _FULL, "Nexus": _PROXY},
        NAMES_OF_INSTALLERS,
    ),
    ShippedList(
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
    for shipped in LISTS:
        made = MirrorList.objects.create(
            name=shipped.name, description=shipped.description, **shipped.flags
        )
        for installer, reason in shipped.reasons.items():
            made.entries.create(
                installer=installer, reason=reason, evidence=shipped.evidence
            )


def _has_table() -> bool:
    """Migrating backwards ends with the signal too, and without the table."""
    return MirrorList._meta.db_table in connection.introspection.table_names()
