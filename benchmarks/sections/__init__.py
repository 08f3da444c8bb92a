"""What is measured; each module has `run(settings)`, which gives rows."""
