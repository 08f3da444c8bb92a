"""The adapters of holdall, one folder a backend, each with the same inner files."""
