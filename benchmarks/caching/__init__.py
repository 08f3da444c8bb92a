"""The contenders on caches, and what is counted of many readers and of a cache that is gone."""
