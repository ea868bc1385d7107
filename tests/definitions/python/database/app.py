"""A PostgreSQL, `appdb`, that hooks talk with in its own protocol, through WASI's names and sockets; `reader`, which
depends on it; and `stranger`, which starts after both and declares `reader` alone.
"""

import logging
import socket
from contextlib import closing

import pg8000.native
from drillmaster import Service, context

# As in the example, whose image it is.
USER = PASSWORD = DATABASE = "todo"
POSTGRES = 5432
# The tests' service, its port, and one that nobody publishes.
SERVICE = "drillmaster-test-service:latest"
PORT = 8080
UNPUBLISHED = 9090
# A network that is nobody's: for documentation alone.
ELSEWHERE = "192.0.2.1"
PATIENCE_S = 5

VISIT = "INSERT INTO visits VALUES (:way)"


class Appdb(Service):
    name = "appdb"
    image = "drillmaster-test-todo-appdb"
    build = "appdb"
    env = {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": DATABASE}
    ports = {POSTGRES: None}
    stop_signal = "SIGINT"

    def ping(self) -> bool:
        return answers()

    def post_start_init(self) -> None:
        query("appdb", POSTGRES, "CREATE TABLE visits (way text)")
        context["appdb.published"] = str(self.container.address(POSTGRES).port)


class Reader(Service):
    name = "reader"
    image = SERVICE
    ports = {PORT: None}
    dependencies = ["appdb"]

    def ping(self) -> bool:
        return answers()

    def post_start_init(self) -> None:
        query("appdb", POSTGRES, VISIT, way="by name")
        query(*self.container.dependency("appdb").address(POSTGRES), VISIT, way="by host port")


class Stranger(Service):
    name = "stranger"
    image = SERVICE
    ports = {PORT: None}
    dependencies = ["reader"]

    def post_start_init(self) -> None:
        published = int(context["appdb.published"])
        logging.info("appdb: %s", attempt("appdb", POSTGRES))
        logging.info("its host port: %s", attempt("127.0.0.1", published))
        logging.info("an unpublished port: %s", attempt("stranger", UNPUBLISHED))
        logging.info("elsewhere: %s", attempt(ELSEWHERE, POSTGRES))
        logging.info("reader: %s", attempt("reader", PORT))


def answers() -> bool:
    try:
        return query("appdb", POSTGRES, "SELECT 1") == [[1]]
    except pg8000.native.Error as error:
        if isinstance(error.__cause__, PermissionError | socket.gaierror):
            # It would be no better the next time.
            raise
        return False


def query(host: str, port: int, sql: str, **values: object) -> list[list[object]]:
    # There is no TLS in the sandbox.
    connection = pg8000.native.Connection(
        USER, host=host, port=port, database=DATABASE, password=PASSWORD, timeout=PATIENCE_S, ssl_context=False
    )
    with closing(connection):
        return connection.run(sql, **values)


def attempt(host: str, port: int) -> str:
    """What comes of a connection."""
    try:
        with socket.create_connection((host, port), PATIENCE_S):
            return "connected"
    except OSError as error:
        return f"{type(error).__name__}: {error}"
