"""How counts come in."""
