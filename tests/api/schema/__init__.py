"""The OpenAPI document, and what it promises."""
