"""Configuration and secrets: what `open_config` returns, and what reads settings classes of pydantic's out of it."""
