"""Migrations of ``ingest``."""
