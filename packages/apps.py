"""App configuration of ``packages``."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    name = "packages"
    verbose_name = "Packages"

    def ready(self) -> None:
        from packages import signals  # noqa: F401 - connects the receivers
