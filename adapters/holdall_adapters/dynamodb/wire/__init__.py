"""The wire form: attribute values, and the expressions of conditions, changes and keys. Pure."""

from .form import DynamoForm as DynamoForm

__all__ = ["DynamoForm"]
