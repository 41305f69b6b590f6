"""Which packages a user follows, and the secret address of the feed of them."""

from __future__ import annotations

import secrets
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models

from packages.models.downloads import Package

MOST_FOLLOWED = 1000
"""By one user: as many as one OPML file has."""


def new_key() -> str:
    return secrets.token_hex(16)


class Watchlist(models.Model):
    """The packages that one user follows.

    ``id`` names the feed for ever and is no secret. ``key``, in the feed's address, is
    one: whoever has it reads the feed, because feed readers cannot log in.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watchlist"
    )
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    packages = models.ManyToManyField(Package, related_name="watchlists")

    class Meta:
        # Whoever may look at packages may follow them: there is nothing to grant.
        default_permissions: ClassVar = ()
        verbose_name = "list of followed packages"
        verbose_name_plural = "packages I follow"

    def __str__(self) -> str:
        return f"Packages that {self.user} follows"

    def renew_key(self) -> None:
        """End the feed's address, and give it another."""
        self.key = new_key()
        self.save(update_fields=["key"])
