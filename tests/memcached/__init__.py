"""The cache in memcached."""
