"""SQLite's ways."""

from .catalog import SqliteCatalog as SqliteCatalog
from .flavor import TEST_FUNCTION as TEST_FUNCTION
from .flavor import Sqlite as Sqlite
