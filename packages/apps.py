"""App configuration of ``packages``."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PackagesConfig(AppConfig):
    name = "packages"
    verbose_name = "Packages"

    def ready(self) -> None:
        from packages import signals  # noqa: F401 - connects the receivers
        from packages.shipped_incidents import ship_incidents
        from packages.shipped_lists import ship_mirror_lists

        post_migrate.connect(ship_mirror_lists, sender=self)
        post_migrate.connect(ship_incidents, sender=self)
