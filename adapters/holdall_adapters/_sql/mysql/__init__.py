"""The ways of MySQL and MariaDB."""

from .catalog import MysqlCatalog as MysqlCatalog
from .flavor import Mysql as Mysql
