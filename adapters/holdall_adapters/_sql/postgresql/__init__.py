"""PostgreSQL's ways."""

from .catalog import PostgresqlCatalog as PostgresqlCatalog
from .flavor import Postgresql as Postgresql
