"""A to-do list, on http://127.0.0.1:8080, and its database, on port 5433."""

import drillmaster
from drillmaster import Container, HostError, Output, Service, context, field, parameter

USER = "todo"
PASSWORD = "todo"
DATABASE = "todo"

# Bears running again: the data is in a volume, which outlives the container.
SCHEMA = """
    CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL);
    INSERT INTO items (text) SELECT 'Read the README' WHERE NOT EXISTS (SELECT FROM items);
"""

drillmaster.group_name("todo")


class Appdb(Service):
    name = "appdb"
    image = "todo-appdb"
    build = "appdb"
    env = {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": DATABASE}
    volumes = {"appdb-data": "/var/lib/postgresql/data"}
    stop_signal = "SIGINT"

    @field
    def ports(self) -> dict[int, int | None]:
        return {5432: parameter("appdb_port", int, default=5433)}

    def ping(self) -> bool:
        return psql(self.container, "SELECT 1").success

    def post_start_init(self) -> None:
        psql(self.container, SCHEMA).check()
        context["appdb.url"] = database_url("appdb")


class Todo(Service):
    name = "todo"
    image = "todo-app"
    build = "todo"
    dependencies = ["appdb"]
    env = {"DATABASE_URL": "{appdb.url}"}
    stop_signal = "SIGINT"

    @field
    def ports(self) -> dict[int, int | None]:
        return {8080: parameter("todo_port", int, default=8080)}

    def ping(self) -> bool:
        try:
            return self.container.http_get(8080, "/health").ok
        except HostError:
            return False


def psql(container: Container, sql: str) -> Output:
    """Runs SQL in the database's container, logged in over TCP like every other client."""
    return container.exec(["psql", database_url("127.0.0.1"), "--command", sql])


def database_url(host: str) -> str:
    return f"postgresql://{USER}:{PASSWORD}@{host}:5432/{DATABASE}"
