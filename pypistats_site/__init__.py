"""The Django project: settings, URL map and the servers' entry points."""
