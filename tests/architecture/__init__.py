"""What the source must look like, read as text: layers, sizes, names, docstrings."""
