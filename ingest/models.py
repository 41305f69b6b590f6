"""Every attempt at a day, and the sign of life of the queue's worker."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ingest.exceptions import Reason

MAX_ERROR_LENGTH = 2000


class IngestRun(models.Model):
    """One attempt at one day; its row is written before the work begins."""

    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        ABANDONED = "abandoned"

    day = models.DateField()
    source = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    packages = models.PositiveIntegerField(default=0)
    downloads = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(
        default=0, help_text="Rows or lines that could not be counted."
    )
    bytes_estimated = models.BigIntegerField(default=0)
    bytes_billed = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)

    class Meta:
        ordering: ClassVar = ["-started_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["day", "-started_at"], name="run_day_started"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="running") | Q(finished_at__isnull=False),
                name="run_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} from {self.source}: {self.state}"

    @classmethod
    def begin(
        cls, day: date, source: str, *, started_at: datetime | None = None
    ) -> IngestRun:
        return cls.objects.create(
            day=day, source=source, started_at=started_at or timezone.now()
        )

    def scanned(self, *, estimated: int, billed: int) -> None:
        """Record what is read, and paid for, while the run goes on."""
        self.bytes_estimated, self.bytes_billed = estimated, billed
        self.save(update_fields=["bytes_estimated", "bytes_billed"])

    @classmethod
    def abandon_running(cls) -> int:
        """Mark runs that died with their process; call while holding the lock."""
        return cls.objects.filter(state=cls.State.RUNNING).update(
            state=cls.State.ABANDONED,
            finished_at=timezone.now(),
            error="The process died before the run ended.",
            reason=Reason.CUT_OFF,
        )

    def succeed(self, *, packages: int, downloads: int, skipped: int) -> None:
        self.packages, self.downloads, self.skipped = packages, downloads, skipped
        self._finish(self.State.SUCCEEDED)

    def fail(self, error: BaseException) -> None:
        self.error = (str(error) or type(error).__name__)[:MAX_ERROR_LENGTH]
        self.reason = getattr(error, "reason", Reason.OTHER)
        self._finish(self.State.FAILED)

    def abandon(self, reason: str) -> None:
        """End a run that somebody stopped."""
        self.error, self.reason = reason, Reason.CUT_OFF
        self._finish(self.State.ABANDONED)

    def _finish(self, state: IngestRun.State) -> None:
        self.state, self.finished_at = state, timezone.now()
        self.save()


class WorkerHeartbeat(models.Model):
    """When the queue's worker last ran a task: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="heartbeat_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.seen_at.isoformat()

    @classmethod
    def beat(cls) -> None:
        cls.objects.update_or_create(id=1, defaults={"seen_at": timezone.now()})

    @classmethod
    def last_seen(cls) -> datetime | None:
        return cls.objects.values_list("seen_at", flat=True).first()
