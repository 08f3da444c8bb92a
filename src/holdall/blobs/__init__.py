"""What programs see of blobs: stores, files, lists, transfers; each shell beside its twin."""
