"""Tests of pypirss."""
