"""An edited mirror list changes figures, so it starts a new generation."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from packages.models import Generation, MirrorEntry, MirrorList


@receiver([post_save, post_delete], sender=MirrorList)
@receiver([post_save, post_delete], sender=MirrorEntry)
def start_generation(sender: object, **kwargs: object) -> None:
    Generation.rise()
