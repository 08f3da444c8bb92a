"""The engine of blob stores: checks, streams, uploads, lists; once for all of them."""
