"""Configuration: sources in layers, typed values, and how long they serve."""
