"""Tokens that raise a client's limits at the API."""

import hashlib
import secrets
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

PREFIX = "pypistats_"
"""Lets scanners, and people, recognise a token that has leaked."""
MOST_TIMES = 100_000
SHOWN = len(PREFIX) + 6


class ApiTokenManager(models.Manager["ApiToken"]):
    def in_force(self, digest: str) -> "ApiToken | None":
        """Return the token with the digest, unless it is revoked or never was."""
        return self.filter(digest=digest, revoked_at=None).first()


class ApiToken(models.Model):
    """A client that may have ``factor`` times the answers of an address without one.

    The secret itself is nowhere: only its hash, which needs no salt and no slowness
    because the secret is 256 random bits.
    """

    name = models.CharField(max_length=100, help_text="Whose it is, and what for.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(max_length=SHOWN, editable=False)
    factor = models.PositiveIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_TIMES)],
        help_text="How many times API_RATE_LIMITS it may use.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_on = models.DateField(null=True, blank=True, editable=False)

    objects = ApiTokenManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name

    def set_new_secret(self) -> str:
        """Return a new secret, the only one that this token will be known by."""
        secret = PREFIX + secrets.token_urlsafe(32)
        self.digest = digest_of(secret)
        self.beginning = secret[:SHOWN]
        return secret


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
