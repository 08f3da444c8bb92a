"""How fast holdall is, as ratios to its peers in one run. `python -m benchmarks`; see README.md."""
