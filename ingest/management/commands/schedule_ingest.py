"""Make the queue's schedules; safe to run at every start."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django_q.models import Schedule

DAILY = "ingest-daily"
HEARTBEAT = "worker-heartbeat"


class Command(BaseCommand):
    help = "Schedule the daily ingest at INGEST_TIME_UTC, and the worker's heartbeat."

    def handle(self, **options: object) -> None:
        hour, minute = settings.INGEST_TIME_UTC.split(":")
        Schedule.objects.update_or_create(
            name=DAILY,
            defaults={
                "func": "ingest.tasks.ingest_daily",
                "schedule_type": Schedule.CRON,
                "cron": f"{int(minute)} {int(hour)} * * *",
                "repeats": -1,
            },
        )
        Schedule.objects.update_or_create(
            name=HEARTBEAT,
            defaults={
                "func": "ingest.tasks.beat",
                "schedule_type": Schedule.MINUTES,
                "minutes": 1,
                "repeats": -1,
            },
        )
        self.stdout.write(f"Daily ingest at {settings.INGEST_TIME_UTC} UTC.")
