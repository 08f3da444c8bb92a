"""
Blobs as files in a folder, which other programs can read and add to; and parameters in a file of settings.

    file:///dir            a folder named from the root
    file://./dir           a folder beside the working directory of the moment when it is opened
    file:///settings.toml  settings: TOML, JSON, YAML or .env, by the file's ending

Parameters of a folder:
    create: "false" refuses a folder that is not there, instead of making it when something is put.
    fsync: "false" doesn't wait for the disk: faster, and what was put last may be gone after a power cut.

Parameters of a file of settings:
    optional: "true" takes a file that is not there for an empty one.
    max_age: Seconds that what was read serves; by default "never" is it read anew.
    max_stale: Seconds beyond it that it still serves while it can't be read anew; by default a day.
"""

from .driver import open_blobs as open_blobs

__all__ = ["open_blobs"]
