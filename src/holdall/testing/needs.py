"""What the tests of the kit may need of a backend, by the names that `needs` and `lacks` use."""

from __future__ import annotations

from typing import Final

NEEDS: Final[dict[str, str]] = {
    "transactions": "all-or-nothing write sets",
    "idempotency_tokens": "a transaction repeated under its token is applied once",
    "unique": "unique fields",
    "consistent_reads": "reads by the table's key that see every write before",
    "consistent_index_reads": "the same through a secondary index",
    "missing_tables": "a table that is not there is an error, not empty",
    "shared": "two repositories opened on one URL see the same records",
    "processes": "so do repositories of two processes",
    "any_type": "a field of a table may hold values of another type than the record class declares",
    "wide_decimals": "a Decimal field holds any number of 38 digits from 1E-130 to 9E+125",
    "nul": "strings may hold the character NUL",
    "current": "a refused write says what is stored now",
    "conditional_puts": "blobs are put on conditions",
    "conditional_deletes": "blobs are removed on conditions",
    "conditional_copies": "blobs are copied on conditions",
    "nested_keys": "a blob's key may lie below another's",
    "tags": "blobs have tags",
    "versions": "what is replaced or removed is kept as a version",
    "resumable_uploads": "an unfinished upload of a blob is gone on with",
    "presigned": "URLs by which anybody can do one thing with one blob, for a while",
    "odd_keys": "keys like ../x, a//b and a/./b",
    "long_keys": "keys of 1,024 bytes",
    "missing_stores": "a bucket or folder that is not there is an error",
    "writable": "parameters are put and deleted",
    "parameter_versions": "what is replaced of a parameter is kept as a version",
    "labels": "versions of parameters have labels",
    "parameter_tags": "parameters have tags",
    "exact_names": "parameters' names are told apart by capitals, and \"-\" from \"_\"",
    "native_values": "a parameter may be a number, a boolean, a list or null by itself",
}
