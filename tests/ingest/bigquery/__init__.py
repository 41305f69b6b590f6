"""Tests of the BigQuery source, with the real client over HTTP."""
