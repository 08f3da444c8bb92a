"""Helpers for the tests of holdall, and of programs that use it."""
