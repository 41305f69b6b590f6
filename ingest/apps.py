"""App configuration of ``ingest``."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"
    verbose_name = "Ingest"

    def ready(self) -> None:
        from ingest import checks, clickhouse_checks  # noqa: F401 - registers them
