"""
Records in PostgreSQL, MySQL or MariaDB, over a connection of SQLAlchemy's.

    postgresql+psycopg://user:password@host:5432/database
    mysql+pymysql://user:password@host:3306/database
    mariadb+pymysql://user:password@host:3306/database

The part behind "+" is the driver's, as SQLAlchemy names it (https://docs.sqlalchemy.org/en/20/dialects/); without one,
it is psycopg or pymysql. With `open_async_repository`, an asynchronous driver (psycopg, asyncpg, aiomysql) is awaited,
and another is run in threads.

Parameters:
    table: The table; by default the record class's name in snake_case.
    timeout: Seconds that a statement, or the wait for a lock or a connection, may take; 30 by default.
    pool_size: Connections that are kept; 5 by default, and 1 in a Lambda function.
    replica: The address of a read replica, as host or host:port, for reads that need not be consistent.
    iam: "true" takes a token of RDS for the password, made anew before it ends.
    tls: "verify" checks the server's certificate, "require" only encrypts, "off" neither, "driver" leaves it to the
        driver's own parameters; by default "verify", and "off" on this machine.
    ca: A file with the certificates to check by, such as the one AWS gives for RDS; by default the system's.

All others go to the driver. `client=` takes a SQLAlchemy Engine or AsyncEngine of yours, which stays yours to close.
"""

from .driver import open_records as open_records

__all__ = ["open_records"]
