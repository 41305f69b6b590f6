"""The mirror lists that ship with the service."""

from django.db import migrations

PYPISTATS = {
    "bandersnatch": "Full mirror",
    "z3c.pypimirror": "Full mirror",
    "Artifactory": "Caching proxy: one row stands for many installs",
    "devpi": "Caching proxy and mirror",
}
MORE_MIRRORS = {
    "Nexus": "Caching proxy: one row stands for many installs",
    "pep381client": "Full mirror",
}
LISTS = [
    (
        "pypistats",
        "The rule of pypistats.org: four installers are mirrors, unnamed installers "
        "count with mirrors only, malformed Pythons do not count at all.",
        {"is_default": True, "counts_unnamed": False, "counts_malformed": False},
        PYPISTATS,
    ),
    (
        "known-mirrors",
        "Every mirror and caching proxy that names itself; whoever names nothing is "
        "counted as people.",
        {"counts_unnamed": True, "counts_malformed": True},
        PYPISTATS | MORE_MIRRORS,
    ),
    (
        "everything",
        "No installer is a mirror: every download counts.",
        {"counts_unnamed": True, "counts_malformed": True},
        {},
    ),
]


def ship_lists(apps, schema_editor):
    mirror_list = apps.get_model("packages", "MirrorList")
    entry = apps.get_model("packages", "MirrorEntry")
    for name, description, flags, installers in LISTS:
        made = mirror_list.objects.create(name=name, description=description, **flags)
        for installer, reason in installers.items():
            entry.objects.create(mirror_list=made, installer=installer, reason=reason)


class Migration(migrations.Migration):
    dependencies = [("packages", "0001_initial")]

    operations = [
        migrations.RunPython(ship_lists, migrations.RunPython.noop, elidable=False)
    ]
