"""The contenders on SQL databases."""
