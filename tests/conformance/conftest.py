"""The kit's plugin, for the tests of this folder."""
