"""Mirror lists: named rules that say which clients count as people."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q

MAX_ENTRIES = 100
"""More would not fit the admin's form, nor a reader's patience."""


class MirrorList(models.Model):
    """A named rule: whose downloads are left out when mirrors are."""

    name = models.SlugField(unique=True)
    description = models.TextField(blank=True)
    is_default = models.BooleanField(
        default=False, help_text="The list behind every number that names no other."
    )
    counts_unnamed = models.BooleanField(
        default=True,
        verbose_name="count unnamed installers",
        help_text="Count downloads whose installer is unknown as people's.",
    )
    counts_malformed = models.BooleanField(
        default=True,
        verbose_name="count malformed Pythons",
        help_text="Count downloads that name an impossible Python version at all.",
    )

    class Meta:
        ordering: ClassVar = ["-is_default", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="mirror_list_one_default",
                violation_error_message="Another list is the default already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def become_default(self) -> None:
        """Make this the list behind every number that names no other."""
        with transaction.atomic():
            for other in MirrorList.objects.filter(is_default=True).exclude(pk=self.pk):
                other.is_default = False
                other.save()
            self.is_default = True
            self.save()


class MirrorEntry(models.Model):
    """One installer that a list takes for a mirror, from a first to a last day."""

    mirror_list = models.ForeignKey(
        MirrorList, on_delete=models.CASCADE, related_name="entries"
    )
    installer = models.CharField(
        max_length=64, help_text="Exactly as the client sends it, e.g. bandersnatch."
    )
    reason = models.CharField(max_length=200, blank=True)
    evidence = models.URLField(blank=True)
    valid_from = models.DateField(null=True, blank=True, help_text="First day.")
    valid_until = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering: ClassVar = ["installer", "valid_from"]
        verbose_name_plural = "mirror entries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mirror_list", "installer", "valid_from"],
                name="mirror_entry_once",
            ),
            models.UniqueConstraint(
                fields=["mirror_list", "installer"],
                condition=Q(valid_from=None),
                name="mirror_entry_once_from_ever",
            ),
            models.CheckConstraint(
                condition=~Q(installer=""), name="mirror_entry_is_named"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="mirror_entry_dates_in_order",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return self.installer

    def clean(self) -> None:
        """Refuse a name that no client is ever counted under."""
        from packages.clients import is_installer

        if self.installer and not is_installer(self.installer):
            message = (
                f"{self.installer!r} is no installer's name: letters, digits, blanks"
                " and . _ + / - are allowed, the first a letter or digit."
            )
            raise ValidationError({"installer": message})
