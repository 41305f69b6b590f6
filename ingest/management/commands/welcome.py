"""Say what is here and where to look."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from packages import snapshot, standings
from packages.models import Package


class Command(BaseCommand):
    help = "Say what is counted and where to look at it."

    def handle(self, **options: object) -> None:
        state = snapshot.current()
        if state.window is None:
            self.stdout.write("Nothing is counted yet.")
            example = "requests"
        else:
            self.stdout.write(
                f"{len(state.days)} days are counted, {min(state.days)} to"
                f" {state.window.last}, of {Package.objects.count()} packages."
            )
            largest = standings.largest(1)
            example = largest[0][0] if largest else "requests"
        for title, path in _places(example).items():
            self.stdout.write(f"  {title:<13}{settings.BASE_URL}{path}")
        self.stdout.write("  A login for the admin: make admin")


def _places(package: str) -> dict[str, str]:
    return {
        "Home": reverse("packages:home"),
        "A package": reverse("packages:detail", args=[package]),
        "Its feed": reverse("feeds:package-page", args=[package]),
        "An API call": reverse("api:package-recent", args=[package]),
        "API manual": reverse("api:documentation"),
        "Admin": reverse("admin:index"),
    }
