"""Migrations of ``packages``."""
