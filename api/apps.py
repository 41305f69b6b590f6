"""App configuration of ``api``."""

from django.apps import AppConfig


class APIConfig(AppConfig):
    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        from api import checks  # noqa: F401 - registers them
