"""The public table of PyPI's downloads in BigQuery, or one's own of the same schema."""
