"""
Records, blobs and parameters in the memory of the process, for tests and for programs that keep nothing.

    memory://              private to the repository, blob store or configuration that is opened
    memory://name          shared by every one of the process that names it

Parameters:
    table: The table of records; by default the record class's name in snake_case.
    max_age: Of parameters, seconds that what was read serves; by default 0, so that each call sees the newest.
    max_stale: Has no effect, since memory can always be read.
    versions: "true" keeps versions of blobs that are replaced or removed.
"""

from .driver import open_records as open_records

__all__ = ["open_records"]
