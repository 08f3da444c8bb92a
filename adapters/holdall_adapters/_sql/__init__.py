"""
What the SQL adapters share: how a model lies in a table, what conditions and changes become, and the work of each verb.

Everything is said in SQLAlchemy Core and compiled once per shape. What differs between databases is a `Flavor`; how
a statement reaches the database is a `Session`. Nothing here opens a connection.
"""
