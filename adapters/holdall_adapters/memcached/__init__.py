"""
A cache in memcached, such as ElastiCache for Memcached.

    memcached://127.0.0.1:11211                            one server
    memcached://10.0.0.1:11211,10.0.0.2:11211              several; each key lies on one of them
    memcacheds://shop.serverless.euw1.cache.amazonaws.com  with TLS, as ElastiCache Serverless needs it
    memcacheds://shop.cfg.euw1.cache.amazonaws.com?discovery=true   the nodes that the endpoint names

All processes must name the same servers in the same words: a key's server follows from them. None takes another's place
while it is down, since a key that moves and comes back would show what was long replaced.

Parameters:
    ca: A file of the certificate authorities to trust; by default the system's. For memcacheds://.
    discovery: "true" asks the configuration endpoint of ElastiCache for the nodes, every minute.
"""

from .driver import open_cache as open_cache

__all__ = ["open_cache"]
