"""A database, which `api.js` depends on."""

import drillmaster

# Bears running again: the data is in a volume, which outlives the container.
SCHEMA = "CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL)"


def url(host: str) -> str:
    return f"postgresql://postgres:secret@{host}/postgres"


class Database(drillmaster.Service):
    name = "database"
    image = "postgres:17"
    env = {"POSTGRES_PASSWORD": "secret"}
    ports = {5432: None}
    volumes = {"data": "/var/lib/postgresql/data"}

    def ping(self) -> bool:
        return self.container.exec(["pg_isready", "--host", "127.0.0.1"]).success

    def post_start_init(self) -> None:
        self.container.exec(["psql", url("127.0.0.1"), "--command", SCHEMA]).check()
        drillmaster.context["database.url"] = url("database")
