"""Settings of the bare view."""

from pypistats_site import settings

globals().update({name: getattr(settings, name) for name in dir(settings)})

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.bare"
