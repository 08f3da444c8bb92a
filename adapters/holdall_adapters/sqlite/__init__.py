"""
Records in a SQLite database, the durable store that needs no server.

    sqlite:///orders.db          a file, relative to the directory where the program was started
    sqlite:////var/lib/shop.db   a file
    sqlite://                    in memory, private to the repository that is opened

Parameters:
    table: The table; by default the record class's name in snake_case.
    timeout: Seconds to wait for another writer; 5 by default.
    create: "false" refuses a table, column or unique index that is not there, instead of making it when it is needed.

`client=` takes a SQLAlchemy Engine of yours, which stays yours to close.
"""

from .driver import open_records as open_records

__all__ = ["open_records"]
