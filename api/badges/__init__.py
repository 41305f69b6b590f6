"""Badges: a package's downloads as a small picture for its readme."""
