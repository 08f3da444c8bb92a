"""Caches over durable stores, written once for every cache, every kind of store and both shells."""
