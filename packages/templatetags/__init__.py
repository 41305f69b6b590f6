"""Template tags of ``packages``."""
