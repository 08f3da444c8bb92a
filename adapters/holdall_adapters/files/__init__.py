"""
Blobs as files in a folder, which other programs can read and add to; settings in a file are in `config`.

    file:///dir            a folder named from the root
    file://./dir           a folder beside the working directory of the moment when it is opened

Parameters:
    create: "false" refuses a folder that is not there, instead of making it when something is put.
    fsync: "false" doesn't wait for the disk: faster, and what was put last may be gone after a power cut.
"""

from .driver import open_blobs as open_blobs

__all__ = ["open_blobs"]
