"""Settings of the site to compare with: bare views on the reference layout."""

from pypistats_site import settings

globals().update({name: getattr(settings, name) for name in dir(settings)})

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.reference_views"
