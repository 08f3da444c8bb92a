"""
Real servers for the tests (dynalite, ministack, moto, PostgreSQL, MariaDB, versitygw, Valkey alone and as a cluster,
Redis, memcached): installed below `.servers/`, on free ports of the loopback device.

    python -m tests.servers install [NAME ...]    installs what is not there yet (dynalite needs npm; MariaDB, Redis and
                                                  memcached apt-get; versitygw Go)
    python -m tests.servers start [NAME ...]      starts servers that stay, and prints `export` lines for the tests
    python -m tests.servers status
    python -m tests.servers stop [NAME ...]

pytest needs none of these commands: the fixtures of `tests/conftest.py` install and start a server when the first test
asks for it, all workers share it, and it ends with the session, however that ends. A server that is running already is
used when its address is in `HOLDALL_TEST_DYNALITE`, `HOLDALL_TEST_MINISTACK`, `HOLDALL_TEST_MOTO`,
`HOLDALL_TEST_POSTGRESQL`, `HOLDALL_TEST_MARIADB`, `HOLDALL_TEST_VERSITYGW`, `HOLDALL_TEST_VALKEY`,
`HOLDALL_TEST_VALKEY_CLUSTER`, `HOLDALL_TEST_REDIS` or `HOLDALL_TEST_MEMCACHED`.

Valkey has the users `reader` and `app`, whose passwords are `reader-password` and `app-password`: one reads all keys,
the other does all with those that begin with `holdall:` or `shop:`. Redis speaks TLS only; its address names the file
of the certificate authority: `rediss://localhost:6379?ca=/path/to/client.pem`.

moto's requirements are those that its Parameter Store needs, not all that `moto[server]` asks for.
"""

from .answering import answers_http
from .catalogue import SERVERS, Server
from .installing import ServerMissing, install
from .running import Session

__all__ = ["SERVERS", "Server", "ServerMissing", "Session", "answers_http", "install"]
