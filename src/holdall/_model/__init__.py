"""Declaring record types: markers, kinds of values, schemas, and the families of classes that can be records."""
