"""Feeds of download counts."""
