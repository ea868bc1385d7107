"""A PostgreSQL, `appdb`, that hooks talk with in its own protocol, through WASI's names and sockets; `reader`, which
depends on it; and `stranger`, which starts after both and declares `reader` alone.
"""

import encodings.idna  # noqa: F401, sockets look it up by its name, and what is not imported here is not there then
import socket
from contextlib import closing

import pg8000.native
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import context, definition, log
from wit_world.imports.container import Container

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


class Lifecycle(exports.Lifecycle):
    def fields(self, group: definition.Group) -> None:
        appdb = group.add_service("appdb", "todo-appdb")
        appdb.set_build("appdb", None)
        for name, value in (("USER", USER), ("PASSWORD", PASSWORD), ("DB", DATABASE)):
            appdb.set_env(f"POSTGRES_{name}", value)
        appdb.add_port(POSTGRES, None)
        appdb.set_stop_signal("SIGINT")
        for name, dependency in (("reader", "appdb"), ("stranger", "reader")):
            service = group.add_service(name, SERVICE)
            service.add_port(PORT, None)
            service.add_dependency(dependency)

    def ping(self, container: Container) -> bool:
        if container.service_name() == "stranger":
            return True
        try:
            return query("appdb", POSTGRES, "SELECT 1") == [[1]]
        except pg8000.native.Error as error:
            if isinstance(error.__cause__, (PermissionError, socket.gaierror)):
                # It would be no better the next time.
                raise Err(told(error)) from error
            return False

    def post_start_init(self, container: Container) -> None:
        match container.service_name():
            case "appdb":
                query("appdb", POSTGRES, "CREATE TABLE visits (way text)")
                _, published = container.address(POSTGRES)
                context.set("appdb.published", str(published))
            case "reader":
                visit = "INSERT INTO visits VALUES (:way)"
                query("appdb", POSTGRES, visit, way="by name")
                query(*container.dependency("appdb").address(POSTGRES), visit, way="by host port")
            case "stranger":
                published = int(context.get("appdb.published"))
                log.info(f"appdb: {attempt('appdb', POSTGRES)}")
                log.info(f"its host port: {attempt('127.0.0.1', published)}")
                log.info(f"an unpublished port: {attempt('stranger', UNPUBLISHED)}")
                log.info(f"elsewhere: {attempt(ELSEWHERE, POSTGRES)}")
                log.info(f"reader: {attempt('reader', PORT)}")


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
        return told(error)


def told(error: BaseException) -> str:
    """An error with its causes: libraries hide what was refused behind one of their own."""
    said = f"{type(error).__name__}: {error}"
    return f"{said}: {told(error.__cause__)}" if error.__cause__ else said
