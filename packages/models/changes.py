"""The history of the mirror lists."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone


class MirrorChange(models.Model):
    """One change of one mirror list: who made it, when, why, and both states.

    It names its list and user as text, so it outlives them. ``before`` is null for a
    list that was created, ``after`` for one that was deleted; ``packages.list_states``
    reads both.
    """

    list_name = models.CharField(max_length=50)
    changed_at = models.DateTimeField(default=timezone.now)
    user_name = models.CharField(max_length=150, verbose_name="user")
    reason = models.CharField(max_length=500)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="mirror_change_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_name}, {self.changed_at:%Y-%m-%d %H:%M}"
