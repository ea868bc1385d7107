//! A to-do list, on <http://127.0.0.1:8080>, and its database, on port 5433.

use drillmaster_sdk::{Container, Fields, Group, Output, Parameters, Result, Service, StopSignal, context};

const USER: &str = "todo";
const PASSWORD: &str = "todo";
const DATABASE: &str = "todo";

/// Bears running again: the data is in a volume, which outlives the container.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL);
    INSERT INTO items (text) SELECT 'Read the README' WHERE NOT EXISTS (SELECT FROM items);
";

struct Appdb;

impl Service for Appdb {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        Ok(Fields::new("todo-appdb")
            .build("appdb")
            .env("POSTGRES_USER", USER)
            .env("POSTGRES_PASSWORD", PASSWORD)
            .env("POSTGRES_DB", DATABASE)
            .port(5432, parameters.parse("appdb_port")?.unwrap_or(5433))
            .volume("appdb-data", "/var/lib/postgresql/data")
            .stop_signal(StopSignal::Int))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(psql(container, "SELECT 1")?.success())
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        psql(container, SCHEMA)?.check()?;
        context::set("appdb.url", database_url("appdb"))
    }
}

struct Todo;

impl Service for Todo {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        Ok(Fields::new("todo-app")
            .build("todo")
            .depends_on("appdb")
            .env("DATABASE_URL", "{appdb.url}")
            .port(8080, parameters.parse("todo_port")?.unwrap_or(8080))
            .stop_signal(StopSignal::Int))
    }

    fn ping(&self, container: &Container) -> Result<bool> {
        Ok(container.http_get(8080, "/health").is_ok_and(|answer| answer.ok()))
    }
}

/// Runs SQL in the database's container, logged in over TCP like every other client.
fn psql(container: &Container, sql: &str) -> Result<Output> {
    container.exec(["psql", &database_url("127.0.0.1"), "--command", sql])
}

fn database_url(host: &str) -> String {
    format!("postgresql://{USER}:{PASSWORD}@{host}:5432/{DATABASE}")
}

fn group() -> Group {
    Group::named("todo").service("appdb", Appdb).service("todo", Todo)
}

drillmaster_sdk::export_group!(group());

#[cfg(test)]
mod tests;
