"""Where downloads are counted: one module per kind of source."""
